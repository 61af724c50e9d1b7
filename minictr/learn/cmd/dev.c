/*
 * cmd/dev.c - `lab dev check N [--full] [--only TASK]`: is this lab's grading itself right? Exit status 0
 * only when the reference passes every check, the starter is all `todo`, each mutant fails the check it names
 * for the reason it names, each unusual solution passes, the stock mutants fail, no text is missing and
 * nothing stays on the host.
 * --runs N runs the reference alone, N times.
 * --full runs for each mutant the checks before the named one too: none of them may fail first.
 */
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/mutant.h"
#include "learn/starter.h"
#include "learn/work_state.h"

struct proof {
	struct lab *lab;
	bool full;
	const char *only; /* one task */
	int runs; /* the reference alone, so many times: does a right solution ever fail under load? */
	int good, bad;
	char *expected[LAB_TASKS]; /* what the reference's records expected: the words that `prints` prints */
};

static bool say(struct proof *p, bool ok, const char *fmt, ...) PRINTF_LIKE(3, 4);
static bool say(struct proof *p, bool ok, const char *fmt, ...)
{
	__builtin_va_list ap;
	__builtin_va_start(ap, fmt);
	printf("  %-4s ", ok ? "ok" : "BAD");
	vprintf(fmt, ap);
	printf("\n");
	fflush(stdout);
	__builtin_va_end(ap);
	*(ok ? &p->good : &p->bad) += 1;
	return ok;
}

/* Builds the lab with `text` in place of owned file i (-1: the reference alone) and runs the checks. */
static bool grade_text(
	struct proof *p, const char *text, int file, const char *only, struct grading *g, const char *name)
{
	static struct build b;
	struct mc_err err = { 0 };
	struct complaint c = { 0 };
	char *ref = NULL;
	_cleanup_free_ char *dir = xasprintf("%s/mine/dev/%s", build_folder(), p->lab->number);
	_cleanup_free_ char *source = file < 0 ? NULL : xasprintf("%s/%s.c", dir, p->lab->file[file].stem);
	grading_init(g, p->lab);
	g->only = only;
	g->word = "violet";
	int rc = build_reference(p->lab, &ref, &err);
	if (rc == 0)
		rc = build_open(&b, dir, &err);
	if (rc == 0 && source)
		rc = person_write(source, text, &err);
	for (int i = 0; rc == 0 && i < p->lab->files; i++) /* into a build that was opened */
		build_add(&b, p->lab, i, i == file ? source : NULL);
	if (rc == 0)
		rc = build_run(&b, p->lab, p->lab->programs, &c, &err);
	g->paths.mine = realpath(dir, NULL);
	g->paths.ref = ref ? realpath(ref, NULL) : NULL;
	if (rc != 0)
		return say(p, false, "%s does not build: %s", name, rc > 0 ? c.text.data : err.what);
	g->build = NULL; /* every check runs, begun or not: the rest is reference */
	grade_run(g);
	if (g->leftovers.len)
		say(p, false, "%s left on the host: %s", name, g->leftovers.data);
	return true;
}

static const struct record *record_of(const struct grading *g, const char *task)
{
	for (int i = 0; i < g->lab->tasks; i++)
		if (str_eq(g->lab->task[i].id, task))
			return &g->record[i];
	return NULL;
}

static void prove_reference(struct proof *p)
{
	struct grading g;
	if (!grade_text(p, NULL, -1, p->only, &g, "reference"))
		return;
	for (int i = 0; i < p->lab->tasks; i++) {
		const struct record *r = &g.record[i];
		bool env = r->verdict == VERDICT_ENV;
		if (!r->task[0] || p->lab->task[i].as_is) /* as-is: the reference is what has to be changed */
			continue;
		p->expected[i] = xasprintf("%s\n%s\nok %s", r->expected, r->got, r->task);
		say(p, r->verdict == VERDICT_OK || env, "reference %s: %s %s%s%s   %.2f s", r->task,
			verdict_name(r->verdict), r->reason, r->verdict == VERDICT_FAIL ? r->got : "",
			r->verdict == VERDICT_FAIL ? " instead" : "", r->ms / 1000);
	}
}

static void prove_starter(struct proof *p)
{
	struct build b;
	struct mc_err err = { 0 };
	struct complaint c = { 0 };
	_cleanup_free_ char *dir = xasprintf("%s/mine/dev/%s", build_folder(), p->lab->number);
	int rc = build_open(&b, dir, &err), done = 0;
	for (int i = 0; rc == 0 && i < p->lab->files; i++) {
		_cleanup_free_ char *text = NULL, *path = xasprintf("%s/%s.c", dir, p->lab->file[i].stem);
		rc = starter_text(p->lab, i, &text, &err);
		if (rc == 0)
			rc = person_write(path, text, &err);
		build_add(&b, p->lab, i, path);
	}
	if (rc == 0)
		rc = build_run(&b, p->lab, p->lab->programs, &c, &err);
	for (int i = 0; rc == 0 && i < p->lab->tasks; i++)
		done += !build_is_todo(&b, p->lab, &p->lab->task[i]);
	say(p, rc == 0 && done == 0, "starter: all of it is todo%s%s", rc ? ": " : "",
		rc > 0   ? c.text.data
		: rc < 0 ? err.what
			 : "");
	build_close(&b);
}

/* Which owned file holds the task, and the starter with the mutant in it. */
static char *mutated(struct proof *p, const char *task, const char *text, int *ret_file)
{
	struct mc_err err = { 0 };
	char *whole = NULL;
	const struct lab_task *t = lab_task(p->lab, task);
	*ret_file = t ? t->file : -1;
	if (*ret_file >= 0)
		starter_variant(p->lab, *ret_file, text, &whole, &err);
	return whole;
}

static void prove_mutant(struct proof *p, const char *path)
{
	struct mutant m;
	struct mc_err err = { 0 };
	struct grading g;
	int file;
	if (mutant_read(path, &m, &err) < 0) {
		say(p, false, "%s", err.what);
		return;
	}
	if (p->only && !str_eq(p->only, m.task))
		return;
	const char *missing = m.needs[0] ? feature_missing(m.needs) : NULL;
	if (missing) {
		say(p, true, "mutant %s: env, %s", strrchr(path, '/') + 1, missing);
		mutant_release(&m);
		return;
	}
	if (m.misread[0] && !str_eq(m.misread, "-") && !lab_misread(p->lab, m.misread))
		say(p, false, "%s/misread.ini has no text for %s", p->lab->dir, m.misread);
	_cleanup_free_ char *text = mutated(p, m.task, m.text, &file);
	if (!text) {
		say(p, false, "%s: there is no task %s", path, m.task);
		return;
	}
	if (!grade_text(p, text, file, p->full ? NULL : m.task, &g, path))
		return;
	const struct record *r = record_of(&g, m.task), *first = r;
	for (int i = 0; i < p->lab->tasks && p->full; i++)
		if (g.record[i].verdict == VERDICT_FAIL) {
			first = &g.record[i];
			break;
		}
	const char *base = strrchr(path, '/') + 1;
	if (r->verdict == VERDICT_ENV)
		say(p, true, "%s: env, %s", base, r->reason);
	else if (!m.misread[0])
		say(p, r->verdict == VERDICT_OK, "right %s: %s %s%s", base, verdict_name(r->verdict),
			r->reason, r->verdict == VERDICT_FAIL ? r->got : "");
	else
		say(p,
			first == r && r->verdict == VERDICT_FAIL &&
				(str_eq(m.misread, "-") || str_eq(m.misread, r->misread)),
			"mutant %s: %s %s %s%s%s%s", base, first->task, verdict_name(first->verdict),
			first->misread,
			str_eq(m.misread, r->misread) || str_eq(m.misread, "-") ? "" : " instead of ",
			str_eq(m.misread, r->misread) || str_eq(m.misread, "-") ? "" : m.misread,
			first->verdict == VERDICT_TROUBLE ? first->reason : "");
	mutant_release(&m);
}

static void prove_folder(struct proof *p, const char *folder)
{
	struct mc_err err;
	char **names = NULL;
	_cleanup_free_ char *dir = xasprintf("%s/%s", p->lab->dir, folder);
	if (dir_list(AT_FDCWD, dir, &names, &err) < 0)
		return;
	for (char **n = names; *n; n++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, *n);
		if (str_ends(*n, ".c"))
			prove_mutant(p, path);
	}
	strv_free(names);
}

static void prove_stock(struct proof *p, int i, enum stock kind)
{
	const struct lab_task *t = &p->lab->task[i];
	struct grading g;
	int file;
	_cleanup_free_ char *body = mutant_stock(p->lab, t, kind, p->expected[i] ? p->expected[i] : "ok");
	_cleanup_free_ char *text = body ? mutated(p, t->id, body, &file) : NULL;
	if (!text || !grade_text(p, text, file, t->id, &g, stock_names[kind]))
		return;
	const struct record *r = record_of(&g, t->id);
	bool env = r->verdict == VERDICT_ENV;
	say(p, r->verdict == VERDICT_FAIL || env, "stock %s %s: %s %s%s", stock_names[kind], t->id,
		verdict_name(r->verdict), r->misread, r->reason);
}

/* Three hints, a reason, a sentence for each misconception that a mutant names. */
static void prove_texts(struct proof *p)
{
	int missing = 0;
	for (int i = 0; i < p->lab->tasks; i++) {
		const char *id = p->lab->task[i].id;
		for (int k = 0; k <= 3; k++) {
			_cleanup_free_ char *path = k ? xasprintf("%s/hints/%s.%d", p->lab->dir, id, k)
						      : xasprintf("%s/why/%s", p->lab->dir, id);
			if (!path_exists(AT_FDCWD, path)) {
				say(p, false, "%s is missing", path);
				missing++;
			}
		}
		if (p->lab->task[i].file < 0)
			say(p, false, "%s: %s() is in none of the lab's files", id, p->lab->task[i].function);
	}
	if (!missing)
		say(p, true, "texts: three hints and a why for each task");
}

static int prove(struct proof *p)
{
	printf("lab %s  %s\n", p->lab->number, p->lab->title);
	for (int i = 1; i <= p->runs; i++)
		prove_reference(p);
	if (p->runs) {
		printf("%d right, %d wrong in %d runs\n", p->good, p->bad, p->runs);
		return p->bad ? 1 : 0;
	}
	prove_texts(p);
	prove_reference(p);
	prove_starter(p);
	prove_folder(p, "mutants");
	prove_folder(p, "right");
	for (int i = 0; i < p->lab->tasks; i++)
		for (int kind = 0; kind < STOCK_COUNT; kind++)
			if (!p->only || str_eq(p->only, p->lab->task[i].id))
				prove_stock(p, i, (enum stock)kind);
	printf("%d right, %d wrong\n", p->good, p->bad);
	return p->bad ? 1 : 0;
}

int cmd_dev(int argc, char **argv)
{
	static const struct option longs[] = { { "full", no_argument, NULL, 'f' },
		{ "only", required_argument, NULL, 'o' }, { "runs", required_argument, NULL, 'r' }, { 0 } };
	struct proof p = { 0 };
	int c;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) >= 0)
		switch (c) {
		case 'f': p.full = true; break;
		case 'o': p.only = optarg; break;
		case 'r': p.runs = atoi(optarg); break;
		default: return 2;
		}
	if (!str_eq(argv[optind], "check") || !argv[optind + 1]) {
		fprintf(stderr, "usage: lab dev check LAB [--full] [--only TASK] [--runs N]\n");
		return 2;
	}
	p.lab = lab_argument(argv[optind + 1]);
	return p.lab ? prove(&p) : 2;
}
