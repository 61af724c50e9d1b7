/*
 * cmd/box.c - `lab box [--ms N] [--copy FILE] -- PROGRAM [ARG...]`: one program in a crash box, its output
 * and exit status. For tests of the box (the hostile catalogue) and for the curious: "what can root do in
 * there?"
 */
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/work_state.h"

static struct box_options box_options;
static struct run wanted;
static char **copies;

static void check_box(struct check *c)
{
	struct box *b = box_open(c, &box_options);
	for (char **f = copies; f && *f; f++)
		box_copy(
			b, *f, check_text(c, "/work/%s", strrchr(*f, '/') ? strrchr(*f, '/') + 1 : *f), 0755);
	struct run *r = box_run(b, &wanted);
	if (isatty(1))
		text_plain(r->out);
	fwrite(r->out, 1, r->out_len, stdout);
	printf("%s status %d%s, %d left in the box\n",
		box_in_outer() ? "subids"
		: b->ids > 1   ? "root"
			       : "user",
		r->timed_out ? 137 : r->code, r->timed_out ? ", time is up" : "", box_processes(b, NULL));
	fflush(stdout);
	c->record->look_line = r->timed_out ? 137 : r->code;
}

/* /lab/mine is what the last `lab check` of the current lab linked, so that a `ran` line can be pasted. */
static void use_current_lab(struct grading *g)
{
	const char *number = state_current_lab();
	_cleanup_free_ char *mine = xasprintf("%s/mine/%s", build_folder(), number ? number : "none");
	_cleanup_free_ char *ref = xasprintf("%s/mine/ref/%s", build_folder(), number ? number : "none");
	char *built = realpath(mine, NULL), *reference = realpath(ref, NULL);
	if (reference)
		g->paths.ref = reference;
	g->paths.mine = built ? built : g->paths.ref;
}

int cmd_box(int argc, char **argv)
{
	static const struct option longs[] = { { "ms", required_argument, NULL, 'm' },
		{ "copy", required_argument, NULL, 'c' }, { "pids", required_argument, NULL, 'p' },
		{ "memory", required_argument, NULL, 'M' }, { 0 } };
	struct lab lab = { .number = "--",
		.title = "box",
		.tasks = 1,
		.task = { { .id = "box.", .seconds = 20, .file = -1, .check = check_box } } };
	struct grading g;
	int c;
	optind = 1;
	while ((c = getopt_long(argc, argv, "+", longs, NULL)) >= 0)
		switch (c) {
		case 'm': wanted.ms = (unsigned)atoi(optarg); break;
		case 'c':
			strv_pushf(&copies, "%s%s%s", *optarg == '/' ? "" : caller_directory,
				*optarg == '/' ? "" : "/", optarg);
			break;
		case 'p': box_options.pids = (uint32_t)atoi(optarg); break;
		case 'M': box_options.memory = strtoull(optarg, NULL, 10); break;
		default: return 2;
		}
	if (!argv[optind]) {
		fprintf(stderr, "usage: lab box [--ms N] [--pids N] [--memory BYTES] [--copy FILE] PROGRAM "
				"[ARG...]\n");
		return 2;
	}
	wanted.argv = (const char *const *)argv + optind;
	lab.task[0].needs = lab.task[0].features = xcalloc(1, sizeof(char *));
	grading_init(&g, &lab);
	use_current_lab(&g);
	grade_run(&g);
	if (g.leftovers.len)
		printf("left on the host: %s\n", g.leftovers.data);
	if (g.record[0].verdict == VERDICT_OK)
		return g.record[0].look_line;
	fprintf(stderr, "lab box: %s %s\n", verdict_name(g.record[0].verdict), g.record[0].reason);
	return g.record[0].verdict == VERDICT_ENV ? 77 : 3;
}
