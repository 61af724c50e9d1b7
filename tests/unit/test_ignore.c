/*
 * test_ignore.c - .dockerignore by docker's rules, and the patterns of COPY's sources by Go's.
 */
#include <check.h>
#include <time.h>

#include "base/ignore.h"

static const struct {
	const char *file, *path;
	bool ignored;
} rows[] = {
	/* the text */
	{ "\xef\xbb\xbf" "a\n", "a", true },
	{ "# a\n", "# a", false },
	{ " # a\n", "# a", true },
	{ "  a  \r\n", "a", true },
	{ "./a\n", "a", true },
	{ "/a\n", "a", true },
	{ "a/\n", "a", true },
	{ "a//b/./c/\n", "a/b/c", true },
	{ "a/x/../b\n", "a/b", true },
	{ "../a\n", "a", false },
	{ "! a\n", "a", false },
	{ "a\n! a\n", "a", false },
	{ "", "a", false },
	{ "/\n.\n", "a", false },
	/* matching */
	{ "*.log\n", "x.log", true },
	{ "*.log\n", "d/x.log", false },
	{ "**/*.log\n", "x.log", true },
	{ "**/*.log\n", "d/e/x.log", true },
	{ "d\n", "d/e/x", true },
	{ "d/*\n", "d", false },
	{ "d/*\n", "d/e/f", true },
	{ "d/**\n", "d", false },
	{ "d/**\n", "d/e/f", true },
	{ "**\n", "a/b", true },
	{ "**/\n", "a", true },
	{ "**/d\n", "a/b/d/x", true },
	{ "a/**/z\n", "a/z", true },
	{ "a/**/z\n", "a/b/c/z", true },
	{ "a/**/z\n", "ab/z", false },
	{ "**z\n", "a/z", true },
	{ "**z\n", "a/yz", false },
	{ "a**/z\n", "ab/z", true },
	{ "a**z\n", "ab/c/z", true },
	{ "a?c\n", "abc", true },
	{ "a?c\n", "a/c", false },
	{ "a?c\n", "a\xc3\xa4" "c", true },
	{ "a[b-d]e\n", "ace", true },
	{ "a[^b-d]e\n", "ace", false },
	{ "a\\*b\n", "a*b", true },
	{ "a\\*b\n", "axb", false },
	{ "a.c\n", "abc", false },
	{ "a(b)$+c\n", "a(b)$+c", true },
	{ ".*\n", ".git", true },
	{ ".*\n", "x", false },
	{ "A\n", "a", false },
	/* the last one wins, also below an excluded directory */
	{ "*.md\n!README.md\n", "README.md", false },
	{ "!README.md\n*.md\n", "README.md", true },
	{ "d\n!d/x\n", "d/x", false },
	{ "d\n!d/x\n", "d/y", true },
	{ "*\n!docker/*/Dockerfile\n", "docker/web/Dockerfile", false },
	{ "*\n!d\n", "d/x", false },
	{ "**\n!u/d/w\nu/d/w/foo\n", "u/d/w/foo", true },
	{ "*\n!*.c\n", "s/a.c", true },
	{ "*\n!**/*.c\n", "s/a.c", false },
};

START_TEST(paths_are_ignored_as_docker_does)
{
	_cleanup_ignore_ struct ignore ig = { 0 };
	struct mc_err err = { 0 };
	ck_assert_int_eq(ignore_parse(rows[_i].file, strlen(rows[_i].file), "f", &ig, &err), 0);
	ck_assert_msg(ignore_match(&ig, rows[_i].path, NULL) == rows[_i].ignored, "%s against %s", rows[_i].path, rows[_i].file);
}
END_TEST

static const struct {
	const char *file, *says;
} bad[] = {
	{ "a\n!\n", "f:2: a ! without a pattern behind it" },
	{ "[\n", "f:1: broken pattern \"[\": a [ needs its ], a \\ something behind it" },
	{ "x\\\n", "f:1: broken pattern \"x\\\": a [ needs its ], a \\ something behind it" },
};

START_TEST(broken_patterns_name_their_line)
{
	struct ignore ig = { 0 };
	struct mc_err err = { 0 };
	ck_assert_int_eq(ignore_parse(bad[_i].file, strlen(bad[_i].file), "f", &ig, &err), -EINVAL);
	ck_assert_str_eq(err.what, bad[_i].says);
	ck_assert_int_eq(ignore_parse("a\0b\n", 4, "f", &ig, &err), -EINVAL);
}
END_TEST

START_TEST(the_deciding_line_is_told)
{
	_cleanup_ignore_ struct ignore ig = { 0 };
	struct mc_err err = { 0 };
	const struct ignore_pattern *which;
	static const char file[] = "# c\n\n*.o\n!keep.o\n";
	ck_assert_int_eq(ignore_parse(file, strlen(file), "f", &ig, &err), 0);
	ck_assert(ignore_match(&ig, "x.o", &which) && which->line == 3 && !strcmp(which->text, "*.o"));
	ck_assert(!ignore_match(&ig, "keep.o", &which) && which->line == 4 && which->negated);
	ck_assert(!ignore_match(&ig, "a", &which) && !which);
}
END_TEST

static const struct {
	const char *file, *dir;
	bool prune;
} prunes[] = {
	{ "d\n", "d", true },
	{ "d\n", "e", false },
	{ "d\n!d/x\n", "d", false },
	{ "d\n!d/x\n", "d/e", true },
	{ "d\n!e/x\n", "d", true },
	{ "d\n!**/x\n", "d", false },
	{ "d\n!*/x\n", "d", false },
	{ "d\n!*/x\n", "d/e", true },
	{ "!d/x\nd\n", "d", true },
	{ "*\n!docker/*/Dockerfile\n", "docker", false },
	{ "*\n!docker/*/Dockerfile\n", "src", true },
	{ "*\n!docker/*/Dockerfile\n", "docker/web", false },
	{ "*\n!docker/*/Dockerfile\n", "docker/web/src", true },
};

START_TEST(a_directory_is_left_out_only_when_nothing_below_could_return)
{
	_cleanup_ignore_ struct ignore ig = { 0 };
	struct mc_err err = { 0 };
	ck_assert_int_eq(ignore_parse(prunes[_i].file, strlen(prunes[_i].file), "f", &ig, &err), 0);
	ck_assert_msg(ignore_may_prune(&ig, prunes[_i].dir) == prunes[_i].prune, "%s against %s", prunes[_i].dir, prunes[_i].file);
}
END_TEST

static const struct {
	const char *pattern, *text;
	int match; /* -1: the pattern is broken */
} globs[] = {
	{ "*.go", "x.go", 1 }, { "*", ".x", 1 }, { "*", "a/b", 0 }, { "a*/b", "axx/b", 1 }, { "a*b*c", "axbxbxc", 1 },
	{ "a**c", "abc", 1 }, { "[a-c]", "b", 1 }, { "[^a-c]", "b", 0 }, { "[!a]", "a", 1 }, { "[\\]a]", "]", 1 },
	{ "[\\-x]", "-", 1 }, { "[]a]", "]", -1 }, { "[-]", "-", -1 }, { "[x-]", "x", -1 }, { "[a-b-c]", "a", -1 },
	{ "[", "a", -1 }, { "a[", "a", -1 }, { "[^", "a", -1 }, { "\\", "a", -1 }, { "", "", 1 }, { "", "a", 0 },
	{ "{a,b}", "a", 0 }, { "{a,b}", "{a,b}", 1 }, { "?", "\xe2\x98\xba", 1 }, { "?", "/", 0 }, { "[^a]", "/", 0 },
};

START_TEST(sources_match_as_in_go)
{
	ck_assert_int_eq(glob_valid(globs[_i].pattern), globs[_i].match >= 0);
	ck_assert_msg(glob_match(globs[_i].pattern, globs[_i].text) == (globs[_i].match > 0), "%s on %s", globs[_i].pattern,
		globs[_i].text);
}
END_TEST

/* Backtracking would need longer than the universe lasts for these. */
START_TEST(hostile_patterns_cost_no_more_than_others)
{
	char pattern[401] = "", text[4001];
	for (int i = 0; i < 200; i++)
		strcat(pattern, i % 2 ? "*" : "a");
	strcat(pattern, "b");
	memset(text, 'a', 4000);
	text[4000] = '\0';
	uint64_t before = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	ck_assert(!glob_match(pattern, text));
	for (int i = 0; i < 66; i++)
		memcpy(pattern + 3 * i, "**/", 3);
	for (int i = 1; i < 4000; i += 2)
		text[i] = '/';
	ck_assert(!glob_match_deep(pattern, text));
	ck_assert(now_ns(CLOCK_PROCESS_CPUTIME_ID) - before < 2000000000ULL);
	/* Too many parts are refused, not cut. */
	char longer[2000];
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert(!glob_valid(longer));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ignore");
	TCase *t = tcase_create("ignore");
	tcase_add_loop_test(t, paths_are_ignored_as_docker_does, 0, (int)ARRAY_LEN(rows));
	tcase_add_loop_test(t, broken_patterns_name_their_line, 0, (int)ARRAY_LEN(bad));
	tcase_add_test(t, the_deciding_line_is_told);
	tcase_add_loop_test(
		t, a_directory_is_left_out_only_when_nothing_below_could_return, 0, (int)ARRAY_LEN(prunes));
	tcase_add_loop_test(t, sources_match_as_in_go, 0, (int)ARRAY_LEN(globs));
	tcase_add_test(t, hostile_patterns_cost_no_more_than_others);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
