/*
 * test_options.c - flags: docker's conventions, the errors' words, durations and CPUs.
 */
#include <check.h>
#include <inttypes.h>

#include "base/clock.h"
#include "cli/command.h"

struct values {
	bool detach, interactive, tty;
	const char *name, *workdir;
	char **env;
	int tail;
	int64_t pids, memory, cpus, interval;
};

static const struct option_def options[] = {
	{ 'd', "detach", OPT_FLAG, offsetof(struct values, detach), NULL, "x" },
	{ 'i', "interactive", OPT_FLAG, offsetof(struct values, interactive), NULL, "x" },
	{ 't', "tty", OPT_FLAG, offsetof(struct values, tty), NULL, "x" },
	{ 0, "name", OPT_STRING, offsetof(struct values, name), "string", "x" },
	{ 'w', "workdir", OPT_STRING, offsetof(struct values, workdir), "string", "x" },
	{ 'e', "env", OPT_LIST, offsetof(struct values, env), "list", "x" },
	{ 0, "tail", OPT_INT, offsetof(struct values, tail), "n", "x" },
	{ 0, "pids-limit", OPT_I64, offsetof(struct values, pids), "n", "x" },
	{ 'm', "memory", OPT_BYTES, offsetof(struct values, memory), "bytes", "x" },
	{ 0, "cpus", OPT_CPUS, offsetof(struct values, cpus), "n", "x" },
	{ 0, "interval", OPT_DURATION, offsetof(struct values, interval), "time", "x" },
	{ 0 },
};

static const struct command run = { .name = "run", .options = options, .stop_at_operand = true };
static const struct command free_order = { .name = "rm", .options = options };

static struct values v;
static struct mc_err err;
static bool help;
static char *words[16];

/* Splits text at blanks and parses it. */
static int parse(const struct command *cmd, const char *text)
{
	static char room[256];
	int n = 0;
	options_release(options, &v);
	memset(&v, 0, sizeof(v));
	memset(&err, 0, sizeof(err));
	help = false;
	snprintf(room, sizeof(room), "%s", text);
	for (char *p = strtok(room, " "); p && n < 15; p = strtok(NULL, " "))
		words[n++] = p;
	words[n] = NULL;
	return options_parse(cmd, n, words, &v, &help, &err);
}

START_TEST(flags_bundle_and_take_values)
{
	ck_assert_int_eq(parse(&run, "-itw /tmp --name=web -e A=1 -eB=2 --env C busybox sh -c x"), 4);
	ck_assert(v.interactive && v.tty && !v.detach);
	ck_assert_str_eq(v.workdir, "/tmp");
	ck_assert_str_eq(v.name, "web");
	ck_assert_uint_eq(strv_len(v.env), 3);
	ck_assert_str_eq(v.env[1], "B=2");
	ck_assert_str_eq(words[0], "busybox");
	ck_assert_str_eq(words[2], "-c"); /* belongs to the program, not to us */
	ck_assert_ptr_null(words[4]);
}
END_TEST

START_TEST(flags_stand_anywhere_unless_told)
{
	ck_assert_int_eq(parse(&free_order, "web -d db --name x"), 2);
	ck_assert(v.detach);
	ck_assert_str_eq(words[1], "db");
	ck_assert_int_eq(parse(&free_order, "-- -d"), 1);
	ck_assert(!v.detach);
	ck_assert_str_eq(words[0], "-d");
	ck_assert_int_eq(parse(&free_order, "-"), 1); /* a lone dash is an operand */
}
END_TEST

START_TEST(kinds)
{
	ck_assert_int_eq(
		parse(&run, "-m 64m --cpus 1.5 --pids-limit -1 --tail 7 --interval 1m30s --detach=false"), 0);
	ck_assert_int_eq(v.memory, 64 << 20);
	ck_assert_int_eq(v.cpus, 1500000000);
	ck_assert_int_eq(v.pids, -1);
	ck_assert_int_eq(v.tail, 7);
	ck_assert_int_eq(v.interval, 90000000000);
	ck_assert(!v.detach);
	ck_assert_int_eq(parse(&run, "--memory=-1"), 0);
	ck_assert_int_eq(v.memory, -1);
}
END_TEST

START_TEST(errors_are_dockers)
{
	static const struct {
		const char *typed, *says, *hint;
	} cases[] = {
		{ "--detatch", "unknown flag: --detatch", "did you mean --detach?" },
		{ "-z", "unknown shorthand flag: 'z' in -z", "" },
		{ "-itz", "unknown shorthand flag: 'z' in -itz", "" },
		{ "--name", "flag needs an argument: --name", "" },
		{ "-m", "flag needs an argument: 'm' in -m", "" },
		{ "-m lots", "invalid argument \"lots\" for \"-m, --memory\" flag", "" },
		{ "--tail 99999999999", "out of range", "" },
		{ "--detach=maybe", "true or false", "" },
		{ "--cpus 1,5", "a number of CPUs", "" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		ck_assert_msg(parse(&run, cases[i].typed) < 0, "%s", cases[i].typed);
		ck_assert_msg(strstr(err.what, cases[i].says), "%s: %s", cases[i].typed, err.what);
		ck_assert_msg(strstr(err.hint, cases[i].hint), "%s: %s", cases[i].typed, err.hint);
		ck_assert_int_eq(err.exit_status, 125);
	}
}
END_TEST

START_TEST(help_wins)
{
	ck_assert_int_ge(parse(&run, "-it --help"), 0);
	ck_assert(help);
	parse(&run, "busybox ls --help"); /* the program's own --help */
	ck_assert(!help);
}
END_TEST

START_TEST(durations)
{
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = { { "1.5s", 1500000000 }, { "200ms", 200000000 },
		{ "2h", 7200000000000 }, { "1h1m1s", 3661000000000 }, { "5us", 5000 }, { "0", 0 } };
	static const char *const bad[] = { "", "s", "1x", "1s2", "-5s", "1.5.s2", "1 s", "10", "0x1s", "inf", "nan" };
	int64_t ns;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		ck_assert_int_eq(parse_duration(good[i].text, &ns), 0);
		ck_assert_msg(ns == good[i].ns, "%s gave %" PRId64, good[i].text, ns);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(parse_duration(bad[i], &ns) < 0, "%s", bad[i]);
	ck_assert_int_eq(parse(&run, "--interval 10"), 0); /* a flag takes a bare number of seconds, too */
	ck_assert_int_eq(v.interval, 10000000000);
}
END_TEST

static const struct command *const table[] = { &run,
	&(const struct command){ .name = "ps", .aliases = "container ls, container ps" }, NULL };

START_TEST(commands_are_found_by_alias)
{
	int n;
	char *a[] = { "container", "ls", "-a" }, *b[] = { "ps" }, *c[] = { "container" };
	ck_assert_str_eq(command_find(table, 3, a, &n)->name, "ps");
	ck_assert_int_eq(n, 2);
	ck_assert_str_eq(command_find(table, 1, b, &n)->name, "ps");
	ck_assert_int_eq(n, 1);
	ck_assert_ptr_null(command_find(table, 1, c, &n));
	ck_assert_str_eq(command_nearest(table, "rnu"), "run");
	ck_assert_ptr_null(command_nearest(table, "elephant"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("options");
	TCase *t = tcase_create("options");
	tcase_add_test(t, flags_bundle_and_take_values);
	tcase_add_test(t, flags_stand_anywhere_unless_told);
	tcase_add_test(t, kinds);
	tcase_add_test(t, errors_are_dockers);
	tcase_add_test(t, help_wins);
	tcase_add_test(t, durations);
	tcase_add_test(t, commands_are_found_by_alias);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
