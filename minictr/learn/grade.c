/*
 * grade.c - runs the checks of a lab and gives verdicts.
 *
 * Each check is one forked libcheck test: it may crash or hang without taking the grader along. libcheck's
 * own verdict is not believed (a test that calls exit(0) counts as passed there): only the record counts,
 * and a test without a record is the grader's own trouble.
 * Left out: checks side by side; a lab's checks take a second, and their order is the learner's.
 */
#include "learn/grade.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/crash.h"

static struct check *running; /* what the forked test is about: libcheck's functions take no argument */
static check_function *running_check;

START_TEST(run_one)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* the box dies with us, and we with the tool */
	struct mc_err err = { 0 };
	if (box_ids_enter(&err) < 0)
		check_trouble(running, "%s", err.what);
	running_check(running);
	check_finish(running);
}
END_TEST

/* How libcheck saw the end of a test that left no record. */
static void explain_trouble(struct record *r, SRunner *runner)
{
	TestResult **results = srunner_results(runner);
	const char *how = results && srunner_ntests_run(runner) ? tr_msg(results[0]) : "it did not run";
	r->verdict = VERDICT_TROUBLE;
	snprintf(r->reason, sizeof(r->reason), "the check ended without a verdict: %s", how);
	free(results);
}

static const char *find_busybox(void)
{
	static const char *const places[] = { "/bin/busybox", "/usr/bin/busybox" };
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

/* The libcheck side, in a child of its own. */
static void run_suite(struct check *c, struct lab_task *t)
{
	Suite *suite = suite_create(t->id);
	TCase *tcase = tcase_create(t->id);
	tcase_set_timeout(tcase, t->seconds * 3); /* a slow machine is no wrong answer */
	tcase_add_test(tcase, run_one);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	running = c;
	running_check = t->check;
	srunner_run_all(runner, CK_SILENT);
	if (c->record->verdict == VERDICT_NONE)
		explain_trouble(c->record, runner);
}

static volatile sig_atomic_t interrupted; /* the signal, 0: none */

static void on_signal(int sig) { interrupted = sig; }

/*
 * libcheck answers SIGINT by killing its whole process group, which would be the learner's prompt: it gets
 * a group of its own, and we pass the interruption on. Everything below dies with its parent
 * (PR_SET_PDEATHSIG), down to the box.
 */
static void run_apart(struct check *c, struct lab_task *t)
{
	struct sigaction act = { .sa_handler = on_signal }, old_int, old_term, old_hup;
	sigaction(SIGINT, &act, &old_int);
	sigaction(SIGTERM, &act, &old_term);
	sigaction(SIGHUP, &act, &old_hup);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run_suite(c, t);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		if (interrupted)
			kill(pid, SIGKILL);
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	sigaction(SIGHUP, &old_hup, NULL);
}

static void run_check(struct grading *g, struct lab_task *t, struct record *r)
{
	struct check c = { .task = t->id,
		.record = r,
		.paths = &g->paths,
		.seed = g->seed,
		/* Each task has its own values, whichever ran before. */
		.random = g->seed ^ fnv1a(t->id, strlen(t->id)),
		.predicted = g->predicted,
		.lab_word = g->word,
		.runner = getpid(),
		.busybox = find_busybox() };
	uint64_t begin = now_ns(CLOCK_MONOTONIC);
	run_apart(&c, t);
	r->ms = (double)(now_ns(CLOCK_MONOTONIC) - begin) / 1e6;
	if (r->verdict == VERDICT_FAIL)
		crash_find(g, r);
	/* A check that was killed cannot have removed its own. */
	g->unremoved += box_cgroup_sweep(getpid(), false) != 0;
	if (!interrupted)
		return;
	fprintf(stderr, "\nlab: interrupted; nothing is recorded\n");
	exit(128 + interrupted);
}

static const char *missing_feature(const struct lab_task *t)
{
	for (char **f = t->features; *f; f++)
		if (feature_missing(*f))
			return feature_missing(*f);
	return NULL;
}

/* An earlier task that did not pass and that this one cannot do without. */
static const char *unmet_need(const struct grading *g, const struct lab_task *t)
{
	for (char **need = t->needs; *need; need++)
		for (int i = 0; i < g->lab->tasks; i++) {
			enum verdict v = g->record[i].verdict;
			if (str_eq(g->lab->task[i].id, *need) && (v == VERDICT_FAIL || v == VERDICT_WAIT))
				return *need;
		}
	return NULL;
}

char *todo_text(const struct lab *l, const struct lab_task *t, const char *word)
{
	struct buf text = { 0 };
	const char *work = t->file >= 0 ? l->file[t->file].work : "";
	if (!t->todo)
		return xstrdup("not begun: the reference does it");
	for (const char *p = t->todo; *p; p++) {
		if (p[0] == '%' && p[1] == 'w')
			buf_adds(&text, word);
		else if (p[0] == '%' && p[1] == 'f')
			buf_addf(&text, "%s:%d", strrchr(work, '/') ? strrchr(work, '/') + 1 : work, t->line);
		else {
			buf_addc(&text, *p);
			continue;
		}
		p++;
	}
	return text.data;
}

static void judge(struct grading *g, int i)
{
	struct lab_task *t = &g->lab->task[i];
	struct record *r = &g->record[i];
	const char *missing = missing_feature(t), *need = unmet_need(g, t);
	snprintf(r->task, sizeof(r->task), "%s", t->id);
	if (g->build && build_is_todo(g->build, g->lab, t)) {
		r->verdict = VERDICT_TODO;
		_cleanup_free_ char *todo = todo_text(g->lab, t, g->word);
		snprintf(r->reason, sizeof(r->reason), "%s", todo ? todo : "");
	} else if (missing) {
		r->verdict = VERDICT_ENV;
		snprintf(r->reason, sizeof(r->reason), "%s", missing);
	} else if (need) {
		r->verdict = VERDICT_WAIT;
		snprintf(r->reason, sizeof(r->reason), "needs %s", need);
	} else if (!t->check) {
		r->verdict = VERDICT_TROUBLE;
		snprintf(r->reason, sizeof(r->reason), "%s/checks.c has no check of it", g->lab->dir);
	} else {
		run_check(g, t, r);
	}
}

void grade_run(struct grading *g)
{
	g->record = records_new((size_t)g->lab->tasks);
	box_cgroup_sweep(getpid(), true);
	struct host *before = host_look();
	for (int i = 0; i < g->lab->tasks; i++) {
		if (g->only && !str_eq(g->only, g->lab->task[i].id))
			continue;
		judge(g, i);
		if (g->told)
			g->told(g, i);
	}
	host_compare(before, g);
	host_forget(before);
}

int grade_count(const struct grading *g, enum verdict v)
{
	int n = 0;
	for (int i = 0; i < g->lab->tasks; i++)
		n += g->record[i].task[0] && g->record[i].verdict == v;
	return n;
}

int grade_points(const struct grading *g)
{
	int sum = 0;
	for (int i = 0; i < g->lab->tasks; i++)
		if (g->record[i].verdict == VERDICT_OK)
			sum += g->lab->task[i].points;
	return sum;
}

int grade_status(const struct grading *g)
{
	int ok = grade_count(g, VERDICT_OK), fail = grade_count(g, VERDICT_FAIL);
	int rest = grade_count(g, VERDICT_TODO) + grade_count(g, VERDICT_WAIT);
	if (grade_count(g, VERDICT_TROUBLE))
		return 3;
	if (fail || rest)
		return 1;
	return ok ? 0 : 77;
}

void grade_release(struct grading *g)
{
	buf_release(&g->leftovers);
	buf_release(&g->changes);
}
