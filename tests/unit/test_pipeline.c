/* test_pipeline.c - the language of pipeline files: conditions, patterns, variables, path sets, verdicts; and jobs: which start, what each sees and hands on. No engine, no root. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/warn.h"
#include "pipeline/ci_if.h"
#include "pipeline/ci_regex.h"
#include "pipeline/ci_values.h"
#include "pipeline/jobs.h"
#include "pipeline/path_set.h"

static struct ci_vars vars;

static void set_up(void)
{
	ci_vars_set(&vars, "BRANCH", "feature/x-1");
	ci_vars_set(&vars, "EMPTY", "");
	ci_vars_set(&vars, "PATTERN", "/^feature/");
	ci_vars_set(&vars, "OTHER", "$BRANCH");
}

static void tear_down(void) { ci_vars_release(&vars); }

static int holds(const char *text)
{
	struct mc_err err = { 0 };
	return ci_if(text, &vars, &err);
}

START_TEST(conditions)
{
	static const struct {
		const char *text;
		int want;
	} rows[] = { { "$BRANCH", 1 }, { "$EMPTY", 0 }, { "$UNSET", 0 }, { "$UNSET == null", 1 }, { "$EMPTY == null", 0 },
		{ "$EMPTY == \"\"", 1 }, { "$UNSET == \"\"", 0 }, { "$BRANCH == 'feature/x-1'", 1 }, { "\"a\" != $BRANCH", 1 },
		{ "$BRANCH =~ /^feature\\//", 1 }, { "$BRANCH =~ /^FEATURE/i", 1 }, { "$BRANCH =~ /^FEATURE/", 0 },
		{ "$BRANCH !~ /x-\\d+$/", 0 }, { "$BRANCH =~ $PATTERN", 1 }, { "$OTHER == $BRANCH", 1 },
		{ "$UNSET =~ /.*/", 0 }, { "$UNSET !~ /a/", 1 },
		{ "$EMPTY || $BRANCH && $UNSET", 0 }, { "($EMPTY || $BRANCH) && $BRANCH", 1 }, { "$EMPTY && $UNSET || $BRANCH", 1 },
		{ "${BRANCH}", -22 }, { "$BRANCH ==", -22 }, { "$BRANCH = 'x'", -22 }, { "($BRANCH", -22 }, { "$BRANCH)", -22 },
		{ "", -22 }, { "/x/", -22 }, { "$BRANCH || ${X}", -22 }, { "\"open", -22 }, { "BRANCH == 'x'", -22 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(holds(rows[i].text) == rows[i].want, "%s: %d", rows[i].text, holds(rows[i].text));
}
END_TEST

START_TEST(patterns)
{
	static const struct {
		const char *pattern, *text;
		int want;
	} rows[] = { { "/^v\\d+\\.\\d+(\\.\\d+)?$/", "v1.20", 1 }, { "/^v\\d+\\.\\d+$/", "v1x20", 0 },
		{ "/^(?:main|master)$/", "master", 1 }, { "/[\\w\\-.]+@[^\\s\\/]+/", "a-b@c", 1 }, { "/[\\]a]/", "]", 1 },
		{ "/a.*?b/", "axxb", 1 }, { "/(?i)ABC/", "xabcx", 1 }, { "/^\\/x$/", "/x", 1 }, { "/a{2,3}b/", "aab", 1 },
		{ "/a{2,3}b/", "ab", 0 }, { "/\\bword\\b/", "a word.", 1 }, { "/^(?P<n>x)+$/", "xx", 1 }, { "/[a\\d^]/", "^", 1 },
		{ "/(?=x)/", "x", -22 }, { "/(/", "x", -22 }, { "/[a/", "x", -22 }, { "/a{300}/", "x", -22 }, { "/\\q/", "x", -22 },
		{ "/\\$VAR/", "$VAR", 1 }, { "/x{/", "x{", 1 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct mc_err err = { 0 };
		int got = ci_regex_match(rows[i].pattern, rows[i].text, &err);
		ck_assert_msg(got == rows[i].want, "%s on %s: %d", rows[i].pattern, rows[i].text, got);
	}
	char *n = ci_regex_last_number("/TOTAL.*\\d+%/", "TOTAL 10%\nx\nTOTAL 812 40 95.1%\nend 3\n");
	ck_assert_str_eq(n, "95.1");
	free(n);
}
END_TEST

static char *expanded(const char *text)
{
	struct mc_err err = { 0 };
	char *out = NULL;
	return ci_vars_expand(&vars, text, &out, &err) < 0 ? strdup("ERROR") : out;
}

START_TEST(variables)
{
	static const char *const rows[][2] = { { "a$OTHER-b", "afeature/x-1-b" }, { "${OTHER}b", "feature/x-1b" }, { "$$OTHER", "$OTHER" },
		{ "$UNSET.", "." }, { "${A_${EMPTY}}", "${A_}" }, { "$", "$" }, { "$1", "$1" }, { "${", "${" }, { "$LOOP", "$LOOP" },
		{ "%OTHER%", "%OTHER%" } };
	ci_vars_set(&vars, "LOOP", "$LOOP2");
	ci_vars_set(&vars, "LOOP2", "$LOOP");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = expanded(rows[i][0]);
		ck_assert_msg(!strcmp(got, rows[i][1]), "%s: %s", rows[i][0], got);
		free(got);
	}
	for (int i = 0; i < 45; i++) { /* doubles with each name, and is empty at the end */
		char name[8], value[20];
		snprintf(name, sizeof(name), "D%d", i);
		snprintf(value, sizeof(value), "$D%d$D%d", i + 1, i + 1);
		ci_vars_set(&vars, name, value);
	}
	char *bomb = expanded("$D0");
	ck_assert_str_eq(bomb, "ERROR");
	free(bomb);
}
END_TEST

START_TEST(dotenv)
{
	struct mc_err err = { 0 };
	struct ci_vars v = { 0 };
	ck_assert_int_eq(ci_vars_read_dotenv("A=1\r\nB=\"two $A\"\n\n C='x'\n", &v, &err), 0);
	ck_assert_str_eq(ci_vars_get(&v, "B"), "two $A");
	ck_assert_str_eq(ci_vars_get(&v, "C"), "x");
	ck_assert_int_lt(ci_vars_read_dotenv("# no\n", &v, &err), 0);
	ck_assert_int_lt(ci_vars_read_dotenv("a b=1\n", &v, &err), 0);
	ci_vars_release(&v);
}
END_TEST

START_TEST(path_sets)
{
	struct mc_err err = { 0 };
	struct path_set s = { 0 };
	static const char *const in[] = { "out/", "*.log", "src/**/*.{o,a}", "/builds/p/abs", "../up", "/etc/passwd", "a/../../b" };
	for (size_t i = 0; i < ARRAY_LEN(in); i++)
		strv_push(&s.include, in[i]);
	strv_push(&s.exclude, "out/**/*.tmp");
	ck_assert_int_ge(path_set_compile(&s, "/builds/p", "artifacts", &err), 0);
	static const char *const yes[] = { "out", "out/a", "out/a/b", "x.log", "src/a/b/c.o", "src/lib.a", "abs" };
	static const char *const no[] = { "outer", "a/x.log", "src/a.c", "out/x.tmp", "out/a/x.tmp", "etc/passwd", "up", "b" };
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		ck_assert_msg(path_set_has(&s, yes[i]), "%s", yes[i]);
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		ck_assert_msg(!path_set_has(&s, no[i]), "%s", no[i]);
	path_set_release(&s);
}
END_TEST

START_TEST(durations)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = { { "90", 90 }, { "1h 30m", 5400 }, { "1 hour and 5 min", 3900 }, { "2 days", 172800 }, { "0.5h", 1800 }, { "soon", -1 },
		{ "-1", -1 }, { "1 parsec", -1 } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct mc_err err = { 0 };
		struct yaml y = { .kind = YAML_SCALAR, .text = (char *)rows[i].text, .file = "t", .line = 1, .column = 1 };
		int64_t ns = -1000000000;
		int rc = ci_duration(&y, "timeout", &ns, &err);
		ck_assert_msg((rc < 0 ? -1 : ns / 1000000000) == rows[i].seconds, "%s", rows[i].text);
	}
}
END_TEST

START_TEST(verdicts)
{
	struct job j = { .allowed = { 3, 4 }, .n_allowed = 2 };
	ck_assert_int_eq(job_verdict(&j, (const int[]){ 0, 0 }, 2), JOB_SUCCESS);
	ck_assert_int_eq(job_verdict(&j, NULL, 0), JOB_SUCCESS);
	ck_assert_int_eq(job_verdict(&j, (const int[]){ 0, 1, 0 }, 3), JOB_FAILED);
	ck_assert_int_eq(job_verdict(&j, (const int[]){ 4 }, 1), JOB_WARNING);
	j.allow_failure = true;
	ck_assert_int_eq(job_verdict(&j, (const int[]){ 9 }, 1), JOB_WARNING);
}
END_TEST

static int work_ends_with_its_index(struct pipeline *p, struct job *j) { return (int)j->index; }

/* build, then test beside lint; report only after a failure; deploy needs test by name. */
START_TEST(jobs_start_when_they_may)
{
	struct mc_err err = { 0 };
	struct job_need need = { 1, true };
	struct job jobs[] = { { .index = 0 }, { .index = 1, .stage = 1 }, { .index = 2, .stage = 1 },
		{ .index = 3, .stage = 2, .when = WHEN_ON_FAILURE }, { .index = 4, .stage = 3, .by_needs = true, .needs = &need, .n_needs = 1 } };
	struct pipeline p = { .jobs = jobs, .n_jobs = 5, .at_once = 2, .work = work_ends_with_its_index };
	struct job *ready[5];
	int status;
	ck_assert(job_waits_for(&p, &jobs[1], &jobs[0]) && !job_waits_for(&p, &jobs[1], &jobs[2]));
	ck_assert(job_waits_for(&p, &jobs[4], &jobs[1]) && !job_waits_for(&p, &jobs[4], &jobs[0]));
	ck_assert_int_eq(jobs_start(&p, ready, &err), 1);
	ck_assert(ready[0] == &jobs[0] && jobs[0].status == JOB_RUNNING && !job_is_over(&jobs[0], false));
	ck_assert_int_eq(jobs_start(&p, ready, &err), 0);
	ck_assert(waitpid(jobs[0].pid, &status, 0) == jobs[0].pid && WEXITSTATUS(status) == 0);
	jobs[0].status = JOB_SUCCESS;
	ck_assert_int_eq(jobs_start(&p, ready, &err), 2);
	ck_assert(ready[0] == &jobs[1] && ready[1] == &jobs[2]);
	ck_assert(waitpid(jobs[2].pid, &status, 0) == jobs[2].pid && WEXITSTATUS(status) == 2);
	ck_assert(waitpid(jobs[1].pid, &status, 0) == jobs[1].pid);
	jobs[1].status = JOB_FAILED;
	jobs[2].status = JOB_SUCCESS;
	ck_assert_int_eq(jobs_start(&p, ready, &err), 1);
	ck_assert(ready[0] == &jobs[3] && jobs[4].status == JOB_SKIPPED);
	waitpid(jobs[3].pid, &status, 0);
	struct job manual = { .status = JOB_MANUAL, .allow_failure = true };
	ck_assert(job_is_over(&manual, false) && !job_is_over(&manual, true));
	for (int s = JOB_WAITING; s <= JOB_CANCELED; s++)
		ck_assert_ptr_nonnull(job_status_name((enum job_status)s));
}
END_TEST

static int asked;

static int find_moving(struct pipeline *p, const char *name, char ret[PIN_MAX], struct mc_err *err)
{
	if (strcmp(name, "none") == 0)
		return err_set(err, ENOENT, "no such image");
	snprintf(ret, PIN_MAX, "sha256:%d", ++asked);
	return 0;
}

/* A tag that moves during a run does not matter: the first answer is kept in a file. */
START_TEST(an_image_is_pinned)
{
	char dir[] = "/tmp/minictr-test-jobs-XXXXXX";
	struct mc_err err = { 0 };
	struct job a = { .image = (char *)"app:1" }, b = a, none = { .image = (char *)"none" };
	_cleanup_free_ char *other = job_pin_name("app:2"), *name = job_pin_name("app:1"), *missing = job_pin_name("none");
	ck_assert_str_ne(other, name);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	struct pipeline p = { .dir = dir_open(AT_FDCWD, dir, &err), .find_image = find_moving };
	ck_assert_int_eq(mkdirat(p.dir, "images", 0700), 0);
	ck_assert_int_ge(job_pin_image(&p, &a, &err), 0);
	ck_assert_int_ge(job_pin_image(&p, &b, &err), 0);
	ck_assert(asked == 1 && strcmp(a.pinned, "sha256:1") == 0 && strcmp(b.pinned, "sha256:1") == 0);
	ck_assert_int_eq(job_pin_image(&p, &none, &err), -ENOENT);
	ck_assert(path_exists(p.dir, name) && !path_exists(p.dir, missing));
	close(p.dir);
	dir_remove(AT_FDCWD, dir, &err);
}
END_TEST

/* The work tree is a copy of its own; what was named goes to the store, and no link that leads out. */
START_TEST(a_job_has_its_own_tree)
{
	char dir[] = "/tmp/minictr-test-jobs-XXXXXX";
	struct mc_err err = { 0 };
	struct job j = { .name = (char *)"j", .dir = (char *)"jobs/0" };
	struct stat st;
	int work = -1;
	warn_to(warn_drop);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	int run = dir_open(AT_FDCWD, dir, &err), source = dir_make_open(run, "source/out", 0700, &err), store = dir_make_open(run, "store", 0700, &err);
	ck_assert_int_eq(file_write_atomic(source, "a.log", "1", 1, 0600, 0, &err), 0);
	ck_assert_int_eq(symlinkat("/etc/passwd", source, "b.log"), 0);
	close(source);
	source = dir_open(run, "source", &err);
	ck_assert_int_eq(dir_make(run, "jobs/0/work/left", 0700, &err), 0);
	ck_assert_int_ge(job_workspace(&j, run, source, &work, &err), 0);
	ck_assert(!path_exists(work, "left") && fstatat(work, "out/a.log", &st, 0) == 0 && (st.st_mode & 07777) == 0666);
	ck_assert(fstatat(work, "out", &st, 0) == 0 && (st.st_mode & 07777) == 0777);
	strv_push(&j.artifacts.include, "out/*.log");
	strv_push(&j.artifacts.include, "missing/");
	ck_assert_int_ge(path_set_compile(&j.artifacts, "/builds/p", "artifacts", &err), 0);
	ck_assert_int_eq(job_artifacts(&j, work, store, &err), 1);
	ck_assert(path_exists(store, "out/a.log") && fstatat(store, "out/b.log", &st, AT_SYMLINK_NOFOLLOW) < 0);
	path_set_release(&j.artifacts);
	close(work);
	close(source);
	close(store);
	close(run);
	dir_remove(AT_FDCWD, dir, &err);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pipeline");
	TCase *t = tcase_create("language");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, conditions);
	tcase_add_test(t, patterns);
	tcase_add_test(t, variables);
	tcase_add_test(t, dotenv);
	tcase_add_test(t, path_sets);
	tcase_add_test(t, durations);
	tcase_add_test(t, verdicts);
	tcase_add_test(t, jobs_start_when_they_may);
	tcase_add_test(t, an_image_is_pinned);
	tcase_add_test(t, a_job_has_its_own_tree);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
