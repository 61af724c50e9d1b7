/*
 * vm/compare_command.c - `compare`: measure, show, keep; guess first; show again what was kept.
 */
#include "base/result_file.h"
#include "cli/vm/compare_show.h"
#include "cli/vm/machine.h"

#include <fcntl.h>

#include "base/file.h"

enum { REPLAY_MAX = 1 << 20 };

struct compare_values {
	const char *kernel, *accel, *svg, *json, *replay;
	int runs, seconds;
	int64_t memory, budget;
	bool quick, predict, quiet;
};

static const struct compare_values defaults = {
	.runs = 3, .seconds = 60, .memory = 128 << 20, .budget = 256 << 20
};

static const struct option_def options[] = {
	{ 0, "accel", OPT_STRING, offsetof(struct compare_values, accel), "string",
		"kvm, tcg (emulation) or auto" },
	{ 0, "budget", OPT_BYTES, offsetof(struct compare_values, budget), "bytes",
		"Memory for \"how many fit\" (256m)" },
	{ 0, "json", OPT_STRING, offsetof(struct compare_values, json), "file",
		"Keep all numbers (- is standard output)" },
	{ 0, "kernel", OPT_STRING, offsetof(struct compare_values, kernel), "path", "The machine's kernel" },
	{ 'm', "memory", OPT_BYTES, offsetof(struct compare_values, memory), "bytes",
		"Memory of the machine (128m)" },
	{ 0, "predict", OPT_FLAG, offsetof(struct compare_values, predict), NULL,
		"Ask for your guesses first" },
	{ 0, "quick", OPT_FLAG, offsetof(struct compare_values, quick), NULL,
		"Without neighbours, without \"how many fit\"" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct compare_values, quiet), NULL,
		"Nothing on what is being measured" },
	{ 0, "replay", OPT_STRING, offsetof(struct compare_values, replay), "file",
		"Show a comparison that was kept with --json, on any machine" },
	{ 0, "runs", OPT_INT, offsetof(struct compare_values, runs), "int", "Starts of each (3)" },
	{ 0, "seconds", OPT_INT, offsetof(struct compare_values, seconds), "int",
		"Longest time for \"how many fit\" (60)" },
	{ 0, "svg", OPT_STRING, offsetof(struct compare_values, svg), "file",
		"Draw the chart into this file" },
	{ 0 },
};

static void tell_progress(const char *what) { fprintf(stderr, "compare: %s\n", what); }

/* --- guesses --- */

/* "5", "5 x", "0.5". An empty line is no guess: 0. Asks again for anything else. */
static double ask_ratio(const struct compare_row *r)
{
	char answer[64], *end;
	for (;;) {
		fprintf(stderr, "%s: the machine's number is how many times the container's? ", r->title);
		if (!fgets(answer, sizeof(answer), stdin) || !answer[strspn(answer, " \t\n")])
			return 0;
		double guess = strtod(answer, &end);
		if (end != answer && guess > 0 && guess < 1e9 && !end[strspn(end, " xX\t\n")])
			return guess;
		fprintf(stderr, "A number is wanted: 5 for five times as much, 0.5 for half. Enter skips.\n");
	}
}

/* kept: only the rows that it has are asked for. Caller frees. */
static struct json *ask_guesses(const struct json *kept, bool quick)
{
	static const char *const slow[] = { "ten", "fit", NULL };
	struct json *guesses = json_new_object();
	fprintf(stderr, "Guess first; 1 means the same, 0.5 half of it. Enter skips a row.\n");
	for (size_t i = 0; i < compare_rows_count; i++) {
		const struct compare_row *r = &compare_rows[i];
		bool shown = kept ? compare_find(kept, r->key) != NULL
				  : !quick || !strv_has((char *const *)slow, r->key);
		if (!r->guess || !shown)
			continue;
		double guess = ask_ratio(r);
		if (guess > 0)
			json_set(guesses, r->key, json_new_double(guess));
	}
	return guesses;
}

/* --- documents --- */

static int load_kept(const char *path, struct json **ret, struct mc_err *err)
{
	int rc = json_parse_file(AT_FDCWD, path, REPLAY_MAX, ret, err);
	if (rc >= 0)
		rc = compare_check(*ret, err);
	return rc < 0 ? err_wrap(err, "--replay %s", path) : 0;
}

static int measure(struct cli *cli, const struct compare_values *v, int argc, char **argv, struct json **ret,
	struct mc_err *err)
{
	_cleanup_machine_ struct machine_use u = { .engine.dir = -1, .host.machines.dir = -1 };
	_cleanup_image_ struct image image = { 0 };
	_cleanup_close_ int pin = -1;
	struct image_wish wish = { .name = argv[0] };
	const struct compare_options o = { .image = argv[0],
		.command = argc > 1 ? argv + 1 : NULL,
		.kernel = v->kernel,
		.accel = v->accel,
		.runs = v->runs,
		.memory = (uint64_t)v->memory,
		.budget = (uint64_t)v->budget,
		.seconds = v->seconds,
		.quick = v->quick,
		.tell = v->quiet ? NULL : tell_progress };
	int rc = machine_open(cli, &u, err);
	/* Fetched before anything is timed. */
	if (rc >= 0)
		rc = ensure_image(&u.engine, &wish, &image, &pin, err);
	return rc < 0 ? rc : compare_measure(&u.host, &o, ret, err);
}

static int keep(const struct compare_values *v, const struct json *doc, struct mc_err *err)
{
	_cleanup_buf_ struct buf svg = { 0 };
	int rc = 0;
	if (v->json && str_eq(v->json, "-")) {
		_cleanup_free_ char *text = json_dump(doc, true);
		printf("%s\n", text);
	} else if (v->json) {
		rc = output_write_json(v->json, doc, 0644, err);
	}
	if (rc >= 0 && v->svg) {
		compare_svg(doc, &svg);
		rc = output_write(v->svg, svg.data, svg.len, 0644, err);
	}
	return rc;
}

static int check_values(const struct compare_values *v, int argc, struct mc_err *err)
{
	if (v->replay && argc) {
		err_set(err, EINVAL, "--replay shows what was kept: no image is measured beside it");
		return err_exit(err, 125);
	}
	if (!v->replay && !argc) {
		err_set(err, EINVAL, "'minictr compare' requires an image, or --replay FILE");
		return err_exit(err, 1);
	}
	if (v->runs < 1 || v->runs > SERIES_MAX || v->seconds < 1 || v->budget < 1 << 20 ||
		v->memory < (int64_t)VM_MEMORY_MIN << 20) {
		err_set(err, EINVAL, "--runs is 1 to %d, --seconds 1 at least, --budget 1m, --memory %dm",
			SERIES_MAX, VM_MEMORY_MIN);
		return err_exit(err, 125);
	}
	return 0;
}

static int compare_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct compare_values *v = values;
	_cleanup_json_ struct json *doc = NULL, *guesses = NULL;
	int rc = check_values(v, argc, err);
	/* Before minutes of measuring, not after them. */
	if (rc >= 0 && v->json && !str_eq(v->json, "-"))
		rc = file_can_write(v->json, err);
	if (rc >= 0)
		rc = file_can_write(v->svg, err);
	if (rc >= 0 && v->replay)
		rc = load_kept(v->replay, &doc, err);
	if (rc >= 0 && v->predict)
		guesses = ask_guesses(doc, v->quick);
	if (rc >= 0 && !v->replay)
		rc = measure(cli, v, argc, argv, &doc, err);
	if (rc >= 0)
		rc = keep(v, doc, err);
	if (rc >= 0 && !str_eq(v->json, "-"))
		compare_print(stdout, doc, guesses);
	return rc < 0 ? rc : 0;
}

const struct command cmd_compare = {
	.name = "compare",
	.group = GROUP_MANY,
	.usage = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
	.summary = "Measure a container and a virtual machine side by side",
	.example = "minictr compare busybox\n"
		   "minictr compare --predict --svg chart.svg --json kept.json busybox\n"
		   "minictr compare --replay kept.json",
	.takes = TAKES_IMAGES,
	.min_args = 0,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.error_status = 125,
	.options = options,
	.values_size = sizeof(struct compare_values),
	.defaults = &defaults,
	.run = compare_run,
};
