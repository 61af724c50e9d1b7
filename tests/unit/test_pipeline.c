/* test_pipeline.c - the language of pipeline files: conditions, patterns, variables, path sets, verdicts. No engine, no root. */
#include <check.h>
#include <stdlib.h>

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
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
