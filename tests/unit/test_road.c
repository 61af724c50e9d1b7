/*
 * test_road.c - the ground floor's machinery: tables of steps, the warning sink, programs of the host, signals by name.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/road.h"
#include "base/signals.h"
#include "base/spawn.h"
#include "base/warn.h"
#include "qemu.h"

/* What the steps below did, in order: "ab" then "BA" when they were taken back. */
struct walk {
	char done[16];
	bool skip_b;
	int fail_at; /* 'a', 'b', 'c'; 0 never */
};

static int step(struct walk *w, char c, struct mc_err *err)
{
	w->done[strlen(w->done)] = c;
	return w->fail_at == c ? err_set(err, EIO, "step %c", c) : c;
}
static int run_a(void *trip, struct mc_err *err) { return step(trip, 'a', err); }
static int run_b(void *trip, struct mc_err *err) { return step(trip, 'b', err); }
static int run_c(void *trip, struct mc_err *err) { return step(trip, 'c', err); }
static void undo_a(void *trip) { strcat(((struct walk *)trip)->done, "A"); }
static void undo_b(void *trip) { strcat(((struct walk *)trip)->done, "B"); }
static bool wants_b(const void *trip) { return !((const struct walk *)trip)->skip_b; }

static const struct road_step steps[] = {
	{ run_a, undo_a, NULL, "test.a", 0, "first" },
	{ run_b, undo_b, wants_b, "test.b", 0, "perhaps" },
	{ run_c, NULL, NULL, "test.c", 0, "last" },
};

START_TEST(a_road_is_walked_and_taken_back)
{
	static const struct {
		struct walk in;
		const char *done;
		int rc;
	} rows[] = {
		{ { .fail_at = 0 }, "abc", 'c' },
		{ { .skip_b = true }, "ac", 'c' },
		{ { .fail_at = 'a' }, "aA", -EIO },
		{ { .fail_at = 'b' }, "abBA", -EIO }, /* the half-done step itself is taken back too */
		{ { .fail_at = 'c' }, "abcBA", -EIO },
		{ { .fail_at = 'c', .skip_b = true }, "acA", -EIO },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct walk w = rows[i].in;
		struct mc_err err = { 0 };
		ck_assert_int_eq(road_walk(steps, ARRAY_LEN(steps), &w, &err), rows[i].rc);
		ck_assert_str_eq(w.done, rows[i].done);
		ck_assert_int_eq(err.code, rows[i].rc < 0 ? EIO : 0);
	}
	ck_assert_int_eq(road_walk(steps, 0, NULL, NULL), 0);
}
END_TEST

static char heard[700];
static void hear(const char *text) { snprintf(heard, sizeof(heard), "%s", text); }

START_TEST(warnings_go_where_they_are_sent)
{
	char longer[1000];
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	warn_to(hear);
	warn_user("only %d cpus", 2);
	ck_assert_str_eq(heard, "only 2 cpus");
	warn_user("%s", longer);
	ck_assert_uint_eq(strlen(heard), 639); /* cut, never past the buffer */
	warn_to(warn_drop);
	warn_user("%s", "lost");
	ck_assert_uint_eq(strlen(heard), 639);
	warn_to(NULL);
}
END_TEST

START_TEST(programs_of_the_host)
{
	if (qemu_lacks("vfork(2)"))
		return;
	struct mc_err err = { 0 };
	struct buf out = { 0 };
	struct spawn s = { .argv = (char *[]){ "sh", "-c", "echo $PPID; exit 3", NULL } };
	ck_assert_int_eq(spawn_read(&s, 100, &out, &err), 3);
	ck_assert_int_eq(atoi(out.data), getpid()); /* our own child, no shell in between */
	s.argv = (char *[]){ "sh", "-c", "yes", NULL };
	ck_assert_int_eq(spawn_read(&s, 1000, &out, &err), -EFBIG);
	s.argv = (char *[]){ "sh", "-c", "kill -9 $$", NULL };
	ck_assert_int_eq(spawn_run(&s, &err), 137);
	err = (struct mc_err){ 0 };
	s.argv = (char *[]){ "/no/such/program", NULL };
	ck_assert_int_eq(spawn_run(&s, &err), -ENOENT);
	ck_assert_msg(strstr(err.what, "/no/such/program") != NULL, "%s", err.what);
	buf_release(&out);
}
END_TEST

START_TEST(a_program_inherits_no_ignored_signal_and_only_named_files)
{
	struct mc_err err = { 0 };
	struct buf out = { 0 };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	signal(SIGPIPE, SIG_IGN);
	struct spawn s = { .pass_from = null,
		.pass_to = 9,
		.in = SPAWN_NULL,
		.argv = (char *[]){ "sh", "-c",
			"grep -o 'SigIgn.*' /proc/self/status | tail -c 5; readlink /proc/self/fd/0 "
			"/proc/self/fd/9",
			NULL } };
	ck_assert_int_eq(spawn_read(&s, 1000, &out, &err), 0);
	signal(SIGPIPE, SIG_DFL);
	ck_assert_str_eq(out.data, "0000\n/dev/null\n/dev/null\n");
	ck_assert_int_ge(fcntl(null, F_GETFD), 0); /* borrowed */
	close(null);
	buf_release(&out);
}
END_TEST

START_TEST(signals_have_names)
{
	static const struct {
		const char *text;
		int number;
	} rows[] = { { "TERM", 15 }, { "sigkill", 9 }, { "15", 15 }, { "SIGRTMIN", 34 }, { "rtmin+3", 37 },
		{ "RTMAX-1", 63 }, { "CLD", SIGCHLD }, { "IOT", SIGABRT }, { "IO", SIGIO }, { "64", 64 },
		{ "RTMIN+30", 64 }, { "65", -EINVAL }, { "", -EINVAL }, { "SIG", -EINVAL },
		{ "RTMIN-1", -EINVAL }, { "RTMIN+31", -EINVAL }, { "RTMIN+", -EINVAL },
		{ "TERMINATE", -EINVAL }, { "-1", -EINVAL }, { "0", -EINVAL } };
	struct mc_err err = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(signal_parse(rows[i].text, false, &err) == rows[i].number, "%s", rows[i].text);
	ck_assert_int_eq(signal_parse("0", true, &err), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("road");
	TCase *t = tcase_create("road");
	tcase_add_test(t, a_road_is_walked_and_taken_back);
	tcase_add_test(t, warnings_go_where_they_are_sent);
	tcase_add_test(t, programs_of_the_host);
	tcase_add_test(t, a_program_inherits_no_ignored_signal_and_only_named_files);
	tcase_add_test(t, signals_have_names);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
