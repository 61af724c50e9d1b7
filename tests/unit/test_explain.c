/* test_explain.c - the explain stream: off is silence, a line is whole, errno stays, a step waits for its reader. No root. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/json.h"

static int in, out;
static char text[1 << 16];

static void setup(void)
{
	int pair[2];
	ck_assert_int_eq(pipe2(pair, O_NONBLOCK), 0);
	in = pair[0];
	out = pair[1];
}

/* All that was written since the last call. */
static const char *told(void)
{
	ssize_t n = read(in, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

START_TEST(off_is_silence)
{
	ck_assert(!explain_on(EXPLAIN_STEPS));
	explain_step("unit.step", 1, "not told");
	explain_call(0, "call()");
	ck_assert_int_eq(explain_seal(), -1);
	unsetenv("MINICTR_EXPLAIN");
	explain_init("unit");
	ck_assert(!explain_on(EXPLAIN_STEPS));
	setenv("MINICTR_EXPLAIN", "999:1:0", 1); /* no such descriptor: as under a program that closed it */
	explain_init("unit");
	ck_assert(!explain_on(EXPLAIN_STEPS));
	explain_end();
	ck_assert_ptr_null(getenv("MINICTR_EXPLAIN"));
}
END_TEST

START_TEST(steps_and_calls_as_text)
{
	explain_who("init");
	explain_start(out, EXPLAIN_STEPS, EXPLAIN_TEXT);
	explain_call(0, "quiet()");
	ck_assert_str_eq(told(), "");
	explain_step("unit.step", 4, "a reason");
	ck_assert_ptr_nonnull(strstr(told(), "unit.step"));
	ck_assert_ptr_nonnull(strstr(text, "a reason"));
	ck_assert_ptr_nonnull(strstr(text, "4"));
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
	explain_end();
	explain_step("unit.step", 4, "after the end");
	ck_assert_str_eq(told(), "");
}
END_TEST

START_TEST(lines_of_json_are_json)
{
	struct mc_err err;
	_cleanup_json_ struct json *step = NULL, *call = NULL;
	explain_who("oci");
	explain_start(out, EXPLAIN_CALLS, EXPLAIN_JSON);
	explain_step("unit.step", 11, "quotes \" and \\ and \n in a reason");
	told();
	ck_assert_int_eq(json_parse(text, strlen(text), "line", &step, &err), 0);
	ck_assert_str_eq(json_text_of(json_member(step, "why")), "quotes \" and \\ and \n in a reason");
	ck_assert_str_eq(json_text_of(json_member(step, "who")), "oci");
	errno = EXDEV;
	explain_call(-ENOENT, "open(\"%s\")", "/a\"b");
	ck_assert_int_eq(errno, EXDEV);
	told();
	ck_assert_int_eq(json_parse(text, strlen(text), "line", &call, &err), 0);
	ck_assert_ptr_nonnull(strstr(json_text_of(json_member(call, "call")), "open(\"/a\"b\")"));
	int64_t rc = 0;
	ck_assert_int_ge(json_get_i64(call, &rc, &err, "rc"), 0);
	ck_assert_int_eq(rc, -ENOENT);
}
END_TEST

/* Lines of several processes share one pipe: each is one write(2) below PIPE_BUF, however long the path. */
START_TEST(a_line_is_one_short_write)
{
	static char path[9000];
	memset(path, '\1', sizeof(path) - 1); /* six bytes each in JSON */
	explain_start(out, EXPLAIN_CALLS, EXPLAIN_JSON);
	explain_call(0, "open(\"%s\")", path);
	explain_step("unit.long", 1, path);
	size_t n = strlen(told());
	ck_assert_uint_gt(n, 100);
	ck_assert_int_eq(text[n - 1], '\n');
	char *end = strchr(text, '\n');
	ck_assert_uint_le((size_t)(end - text), 4096);
	ck_assert_uint_le(strlen(end + 1), 4096);
}
END_TEST

START_TEST(passed_on_by_the_environment)
{
	setenv("MINICTR_REQUEST", "0123abcd", 1);
	explain_start(out, EXPLAIN_CALLS, EXPLAIN_JSON);
	ck_assert_ptr_nonnull(getenv("MINICTR_EXPLAIN"));
	explain_init("monitor"); /* as the next executable does */
	ck_assert(explain_on(EXPLAIN_CALLS));
	explain_step("unit.step", 1, "x");
	ck_assert_ptr_nonnull(strstr(told(), "monitor"));
	ck_assert_ptr_nonnull(strstr(text, "0123abcd"));
	int fd = explain_seal();
	ck_assert_int_gt(fd, 2);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	explain_stop();
	explain_step("unit.step", 1, "behind a filter");
	ck_assert_str_eq(told(), "");
}
END_TEST

START_TEST(a_step_waits_for_its_reader)
{
	int pair[2];
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	ck_assert_int_eq(write(pair[0], "g", 1), 1);
	explain_start_stepwise(pair[1]);
	explain_step("unit.step", 1, "goes on with the byte");
	ck_assert(recv(pair[0], text, sizeof(text), MSG_DONTWAIT) > 0);
	close(pair[0]);
	explain_step("unit.step", 1, "goes on without a reader"); /* and SIGPIPE would end this test */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("explain");
	TCase *t = tcase_create("explain");
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, off_is_silence);
	tcase_add_test(t, steps_and_calls_as_text);
	tcase_add_test(t, lines_of_json_are_json);
	tcase_add_test(t, a_line_is_one_short_write);
	tcase_add_test(t, passed_on_by_the_environment);
	tcase_add_test(t, a_step_waits_for_its_reader);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
