/* Unit tests of the lab machinery's readers: ini files, C sources, starters. */
#include <check.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/attacks.h"
#include "learn/checking.h"
#include "learn/ini.h"
#include "learn/lab.h"
#include "learn/markdown.h"
#include "learn/mutant.h"
#include "learn/source.h"
#include "learn/starter.h"
#include "learn/workshop.h"

/* No lab's checks are linked here. */
const struct check_entry *lab_checks(const char *number) { return NULL; }

static const char text[] = "/* file.c - what it is for. */\n"
			   "#include <stdio.h>\n"
			   "#define TWICE(x) \\\n\t((x) * 2) /* { */\n\n"
			   "static const char *const words[] = { \"a{\", \"}\" };\n"
			   "struct s { int a; };\n\n"
			   "/* Helps. */\nstatic int help(int a)\n{\n\treturn a + '{';\n}\n\n"
			   "static int lonely(void) { return 1; }\n\n"
			   "/*\n * Adds.\n * Lab 07.2: a sum is a sum.\n */\n"
			   "int add(const char *name, int list[2], int (*f)(int), struct s *ret_s)\n{\n"
			   "\tif (list[0]) { /* } */\n\t\treturn help(1);\n\t}\n\treturn f(2);\n}\n\n"
			   "int other(void)\n{\n\treturn lonely();\n}\n";

START_TEST(source_functions)
{
	struct source *s = source_parse("file.c", text);
	ck_assert_uint_eq(s->n, 4);
	const struct function *f = source_function(s, "add");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->task, "07.2");
	ck_assert_str_eq(f->sentence, "a sum is a sum.");
	ck_assert_int_eq(f->body_lines, 4);
	ck_assert(!f->is_static);
	ck_assert_int_eq((int)strv_len(f->parameters), 4);
	ck_assert_str_eq(f->parameters[0], "name");
	ck_assert_str_eq(f->parameters[1], "list");
	ck_assert_str_eq(f->parameters[3], "ret_s");
	ck_assert(source_function(s, "help")->is_static);
	ck_assert(strncmp(s->text + f->comment, "/*\n * Adds", 10) == 0);
	source_free(s);
}
END_TEST

/* What a student's program printed must not drive a terminal. */
START_TEST(text_is_made_plain)
{
	char escape[] = "a\033[2Jb\nc\td\177e\302\233f", umlaut[] = "gr\303\274n";
	ck_assert_str_eq(text_plain(escape), "a?[2Jb\nc\td?e??f");
	ck_assert_str_eq(text_plain(umlaut), "gr\303\274n");
	/* bytes that no JSON and no XML may hold, a character cut off, an order to read backwards */
	char broken[] = "\377a\303", backwards[] = "ok \342\200\256 0/2", dash[] = "a \342\200\223 b";
	ck_assert_str_eq(text_plain(broken), "?a?");
	ck_assert_str_eq(text_plain(backwards), "ok ??? 0/2");
	ck_assert_str_eq(text_plain(dash), "a \342\200\223 b");
}
END_TEST

/* A work file is a plain file, read without waiting and without following. */
START_TEST(work_files_are_plain)
{
	char dir[] = "/tmp/test-learn-XXXXXX", path[64], link[64];
	struct mc_err err;
	_cleanup_buf_ struct buf bytes = { 0 };
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	snprintf(link, sizeof(link), "%s/l", dir);
	ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, "hello", 5, 0644, 0, &err), 0);
	ck_assert_int_eq(work_read(path, 5, &bytes, &err), 0);
	ck_assert_str_eq(bytes.data, "hello");
	ck_assert_int_eq(work_read(path, 4, &bytes, &err), -EFBIG);
	ck_assert_int_eq(symlink(path, link), 0);
	ck_assert_int_eq(work_read(link, 100, &bytes, &err), -ELOOP);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	ck_assert_int_eq(work_read(path, 100, &bytes, &err), -EINVAL);
	ck_assert_int_eq(work_read(dir, 100, &bytes, &err), -EINVAL);
	dir_remove(AT_FDCWD, dir, &err);
}
END_TEST

/* Every attack names a task, and says how a standing wall is told. */
START_TEST(attacks_are_whole)
{
	ck_assert_uint_ge(attacks_count, 20);
	for (size_t i = 0; i < attacks_count; i++) {
		ck_assert_ptr_nonnull(attacks[i].name);
		ck_assert_ptr_nonnull(attacks[i].known);
		ck_assert_int_eq(attacks[i].task[2], '.');
		ck_assert_ptr_nonnull(attacks[i].args[0]);
	}
}
END_TEST

/* Learners' files may be anything: no text may upset the reader. */
START_TEST(source_survives)
{
	static const char *const odd[] = { "", "{", "}", "int f(", "int f() {", "\"", "/*",
		"int f(int a) { return '", "#\\", "a(b){\"\\", "int main(){}}}}{", "//",
		"int f(int){return 0;}" };
	for (size_t i = 0; i < ARRAY_LEN(odd); i++)
		source_free(source_parse("odd", odd[i]));
	struct source *s = source_parse("cut", text);
	for (size_t len = 0; len < s->len; len++) {
		char *part = xstrndup(text, len);
		source_free(source_parse("part", part));
		free(part);
	}
	source_free(s);
}
END_TEST

static char *in_temporary(const char *name, const char *content)
{
	struct mc_err err;
	char *path = xasprintf("/tmp/minictr-unit-%d-%s", (int)getpid(), name);
	ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, content, strlen(content), 0644, 0, &err), 0);
	return path;
}

START_TEST(starter_keeps_and_drops)
{
	struct mc_err err;
	char *path = in_temporary("file.c", text), *out = NULL;
	struct lab l = { .number = "07", .interface = 3, .files = 1, .tasks = 1 };
	l.file[0] = (struct lab_file){ .source = path, .stem = "file" };
	l.task[0] = (struct lab_task){ .id = "07.2", .function = "add" };
	ck_assert_int_eq(starter_text(&l, 0, &out, &err), 0);
	ck_assert(strstr(out, "\treturn TODO(07.2, add, name, list, f, ret_s);\n") != NULL);
	ck_assert(strstr(out, "Lab 07.2: a sum") != NULL);
	ck_assert(strstr(out, "static int help") != NULL); /* given: add uses it */
	ck_assert(strstr(out, "lonely") == NULL);          /* only other() uses it */
	ck_assert(strstr(out, "int other") == NULL);       /* public, no task: the reference's alone */
	ck_assert(strstr(out, "LAB_STARTER(file_3);") != NULL);
	free(out);
	ck_assert_int_eq(
		starter_variant(&l, 0,
			"int add(const char *n, int l[2], int (*f)(int), struct s *r) { return 9; }\n", &out,
			&err),
		0);
	ck_assert(strstr(out, "return 9;") != NULL);
	ck_assert(strstr(out, "TODO(07.2") == NULL);
	free(out);
	char *leaks = mutant_stock(&l, &l.task[0], STOCK_LEAKS, "");
	ck_assert(strstr(leaks, "leave_something();") != NULL);
	ck_assert_ptr_null(mutant_stock(&l, &l.task[0], STOCK_ERRORS, "")); /* has no err */
	free(leaks);
	unlink(path);
	free(path);
}
END_TEST

START_TEST(ini_round)
{
	struct mc_err err;
	struct ini *f = NULL;
	char *path = in_temporary(
		"x.ini", "a = 0\n[one]\n# note\nkey = some words = more\n\n[two]\nkey=  2 \nkey = 3\n");
	ck_assert_int_eq(ini_read(path, &f, &err), 0);
	ck_assert_str_eq(ini_get(f, "one", "key"), "some words = more");
	ck_assert_int_eq(ini_number(f, "two", "key", 0), 3);
	ck_assert_int_eq(ini_number(f, "two", "none", 7), 7);
	ck_assert_str_eq(ini_get(f, "", "a"), "0");
	ck_assert_str_eq(ini_section(f, 1), "two");
	ini_set(f, "one", "new", "x");
	ini_set(f, "three", "k", "v");
	char *dump = ini_dump(f);
	char *again = in_temporary("y.ini", dump);
	struct ini *g = NULL;
	ck_assert_int_eq(ini_read(again, &g, &err), 0);
	ck_assert_str_eq(ini_get(g, "one", "new"), "x");
	ck_assert_str_eq(ini_get(g, "three", "k"), "v");
	ck_assert_str_eq(ini_get(g, "two", "key"), "3");
	unlink(path);
	unlink(again);
	path = in_temporary("bad.ini", "[a]\nnonsense\n");
	ck_assert_int_eq(ini_read(path, &f, &err), -EINVAL);
	ck_assert(strstr(err.what, ":2:") != NULL);
	unlink(path);
}
END_TEST

static const char chapter[] =
	"# One *big* head\n\nA **bold** word, `a|b *x*` and\n[a page](https://x.example/) or [one](of-us.md).\n"
	"<!-- not seen -->\n- first\n  goes on\n- second: 2 * 3 * 4\n\n| what | why |\n|---|:--|\n"
	"| `x|y` | because it is **so** long |\n| \xc3\xa4 | \\| |\n\n### Small\n```c\nint **p; /* `as it is` */\n\tx\n```\n";

START_TEST(a_chapter_is_drawn)
{
	char *out = markdown_text(chapter, 30, false);
	ck_assert_str_eq(out, "One big head\n============\n\nA bold word, a|b *x* and a\npage (https://x.example/) or\n"
			      "one.\n- first goes on\n- second: 2 * 3 * 4\n\n"
			      "what  why\n----  ---------------------\nx|y   because it is so long\n\xc3\xa4     |\n\n"
			      "Small\n  int **p; /* `as it is` */\n      x\n");
	free(out);
	out = markdown_text(chapter, 20, false);
	ck_assert_ptr_nonnull(strstr(out, "x|y   because it is\n      so long\n"));
	free(out);
	/* The lines of a quotation belong together, as those of a paragraph do; code that goes on is set in. */
	out = markdown_text("> one\n> two\n>\n> three\n```\nlong line of code\n```\n", 13, false);
	ck_assert_str_eq(out, "  one two\n\n  three\n  long line\n      of code\n");
	free(out);
	out = markdown_text(chapter, 0, true);
	ck_assert_ptr_nonnull(strstr(out, "A \033[1mbold\033[0m word, \033[36ma|b *x*\033[0m and \033[4ma page\033[0m (http"));
	for (const char *p = out; (p = strchr(p, '\n')); p++) /* no style goes on over the end of a line */
		ck_assert(p == out || p[-1] != 'm' || strncmp(p - 4, "\033[0m", 4) == 0);
	free(out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("learn");
	TCase *t = tcase_create("readers");
	tcase_add_test(t, source_functions);
	tcase_add_test(t, source_survives);
	tcase_add_test(t, starter_keeps_and_drops);
	tcase_add_test(t, ini_round);
	tcase_add_test(t, text_is_made_plain);
	tcase_add_test(t, work_files_are_plain);
	tcase_add_test(t, attacks_are_whole);
	tcase_add_test(t, a_chapter_is_drawn);
	suite_add_tcase(suite, t);
	SRunner *r = srunner_create(suite);
	srunner_run_all(r, CK_ENV);
	return srunner_ntests_failed(r) != 0;
}
