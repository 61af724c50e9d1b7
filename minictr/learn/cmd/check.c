/*
 * cmd/check.c - `lab check [N[.T]] [--mine] [--watch] [--tap|--junit|--json] [--seed HEX]`: compile, link,
 * grade, say what next.
 *
 * `check N` links lab N's files of the learner and the reference for all else. `check --mine` links every
 * file whose lab the learner has passed, and N's: the integration grade.
 */
#include <fcntl.h>
#include <getopt.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/cmd/cmd.h"
#include "learn/grade.h"
#include "learn/starter.h"
#include "learn/work_state.h"

struct check_options {
	const char *what;
	bool mine, watch;
	enum report_format format;
	const char *seed;
};

static int parse(int argc, char **argv, struct check_options *o)
{
	static const struct option longs[] = { { "mine", no_argument, NULL, 'm' },
		{ "watch", no_argument, NULL, 'w' }, { "tap", no_argument, NULL, 't' },
		{ "junit", no_argument, NULL, 'j' }, { "json", no_argument, NULL, 'J' },
		{ "seed", required_argument, NULL, 's' }, { 0 } };
	int c;
	optind = 1;
	while ((c = getopt_long(argc, argv, "", longs, NULL)) >= 0)
		switch (c) {
		case 'm': o->mine = true; break;
		case 'w': o->watch = true; break;
		case 't': o->format = REPORT_TAP; break;
		case 'j': o->format = REPORT_JUNIT; break;
		case 'J': o->format = REPORT_JSON; break;
		case 's': o->seed = optarg; break;
		default: return 2;
		}
	o->what = argv[optind];
	return argc - optind > 1 ? 2 : 0;
}

/* Every other lab that is wholly passed joins the integration grade. */
static void add_passed(struct build *b, const struct lab *but)
{
	char **names = lab_names();
	for (char **n = names; *n; n++) {
		struct lab *l = NULL;
		struct mc_err err;
		if (str_eq(*n, but->name) || lab_load(*n, &l, &err) < 0)
			continue;
		if (!next_task(l) && lab_started(l))
			build_add_lab(b, l);
	}
	strv_free(names);
}

static int grading_build(struct grading *g, struct build *b, struct complaint *c, struct mc_err *err)
{
	char *ref = NULL;
	_cleanup_strv_ char **programs = strv_copy(g->lab->programs);
	_cleanup_strv_ char **engine = g->mine ? build_engine_programs(b) : NULL;
	for (char **p = engine; p && *p; p++)
		if (!strv_has(programs, *p))
			strv_push(&programs, *p);
	int rc = build_reference(g->lab, &ref, err);
	if (rc == 0)
		rc = build_run(b, g->lab, programs, c, err);
	g->build = b;
	g->paths.mine = realpath(b->dir, NULL);
	g->paths.ref = realpath(ref, NULL);
	return rc;
}

static bool newly_passed(const struct grading *g)
{
	for (int i = 0; i < g->lab->tasks; i++)
		if (g->record[i].verdict == VERDICT_OK && !state_passed(g->record[i].task))
			return true;
	return false;
}

static int grade(struct lab *l, const struct check_options *o, const char *only)
{
	struct grading g;
	struct build b;
	struct complaint c = { 0 };
	struct mc_err err = { 0 };
	uint64_t begin = now_ns(CLOCK_MONOTONIC);
	_cleanup_free_ char *dir = o->mine ? xasprintf("%s/mine", build_folder())
					   : xasprintf("%s/mine/%s", build_folder(), l->number);
	grading_init(&g, l);
	g.mine = o->mine;
	g.only = only;
	if (o->seed)
		g.seed = (uint32_t)strtoul(o->seed, NULL, 16);
	if (build_open(&b, dir, &err) < 0)
		return fail(&err, 3);
	build_add_lab(&b, l);
	if (o->mine)
		add_passed(&b, l);
	int rc = grading_build(&g, &b, &c, &err);
	if (rc < 0)
		return fail(&err, 3);
	if (rc > 0) {
		fprintf(o->format == REPORT_LEARNER ? stdout : stderr, "lab %s  %s\n%s", l->number, l->title,
			c.text.data);
		state_log("check %s does not build", l->number);
		return 1;
	}
	if (o->format == REPORT_LEARNER) {
		print_head(&g);
		g.told = print_task;
	}
	grade_run(&g);
	g.seconds = (double)(now_ns(CLOCK_MONOTONIC) - begin) / 1e9;
	bool better = newly_passed(&g);
	state_record(&g); /* first: what comes next depends on what is passed by now */
	if (o->format == REPORT_LEARNER)
		print_end(&g);
	else
		report(&g, o->format);
	if (better && o->format == REPORT_LEARNER)
		engine_tell();
	return grade_status(&g);
}

/* Once now, then each time a work file is saved, until interrupted. Each round is a process of its own, as
 * if typed anew. */
static int watch(struct lab *l, const struct check_options *o, const char *only)
{
	for (;;) {
		int status = 0;
		fflush(NULL);
		pid_t pid = fork();
		if (pid == 0)
			exit(grade(l, o, only));
		while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (pid < 0 || WIFSIGNALED(status) || WEXITSTATUS(status) >= 128)
			return pid < 0 ? 3 : 130;
		printf("-- watching work/%s; checked again when you save, Ctrl-C ends\n", l->name);
		fflush(stdout);
		watch_wait(l);
	}
}

int cmd_check(int argc, char **argv)
{
	int status;
	if (exercise_takes(argc, argv, &status))
		return status;
	struct check_options o = { 0 };
	struct mc_err err = { 0 };
	if (parse(argc, argv, &o) != 0) {
		fprintf(stderr, "usage: lab check [LAB[.TASK]] [--mine] [--watch] [--tap | --junit | --json] "
				"[--seed HEX]\n");
		return 2;
	}
	struct lab *l = NULL;
	const char *only = NULL;
	if (o.what && strchr(o.what, '.')) {
		struct lab_task *t = task_argument(o.what, &l);
		if (!t)
			return 2;
		only = t->id;
	} else {
		l = lab_argument(o.what);
	}
	if (!l)
		return 2;
	state_set("learner", "current", "%s", l->number);
	if (!lab_started(l) && o.format == REPORT_LEARNER)
		printf("Lab %s is not started: all of it is the reference. Type: lab start %s\n", l->number,
			l->number);
	if (state_save(&err) < 0)
		return fail(&err, 3);
	return o.watch ? watch(l, &o, only) : grade(l, &o, only);
}

/* `lab engine`: build/mine/minictr, with every begun task of every lab in it. `minictr` itself is never
 * touched. */
int cmd_engine(int argc, char **argv)
{
	struct build b;
	struct complaint c = { 0 };
	struct mc_err err = { 0 };
	struct lab *last = NULL;
	char **names = lab_names();
	if (build_open(&b, xasprintf("%s/mine", build_folder()), &err) < 0)
		return fail(&err, 3);
	for (char **n = names; *n; n++) {
		struct lab *l = NULL;
		if (lab_load(*n, &l, &err) == 0 && lab_started(l))
			build_add_lab(&b, last = l);
	}
	strv_free(names);
	if (!last) {
		printf("No lab is started: the engine is all reference. Type: start 0\n");
		return 1;
	}
	_cleanup_strv_ char **programs = build_engine_programs(&b);
	int rc = build_run(&b, last, programs, &c, &err);
	if (rc != 0) {
		printf("%s", rc > 0 ? c.text.data : "");
		return rc > 0 ? 1 : fail(&err, 3);
	}
	for (char **p = programs; *p; p++)
		printf("build/mine/%s   with your files\n", *p);
	printf("Try: sudo build/mine/minictr version; sudo build/mine/minictr run --rm busybox echo mine\n");
	return 0;
}
