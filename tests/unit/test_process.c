/*
 * test_process.c - lab 00's functions and init_reap() against the kernel.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/init.h"
#include "runtime/process.h"

static struct mc_err err;

static int run(char *const argv[])
{
	pid_t pid;
	int status, null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct process p = { .argv = argv, .stdio = { null, null, null } };
	ck_assert_int_eq(process_spawn(&p, &pid, &err), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	close(null);
	return process_exit_code(status);
}

START_TEST(exit_codes)
{
	ck_assert_int_eq(run((char *[]){ "true", NULL }), 0);
	ck_assert_int_eq(run((char *[]){ "sh", "-c", "exit 42", NULL }), 42);
	ck_assert_int_eq(run((char *[]){ "sh", "-c", "kill -9 $$", NULL }), 137);
	ck_assert_int_eq(run((char *[]){ "no-such-program", NULL }), 127);
	ck_assert_int_eq(run((char *[]){ "/no/such/program", NULL }), 127);
	ck_assert_int_eq(run((char *[]){ "/etc/passwd", NULL }), 126);
	ck_assert_int_eq(run((char *[]){ "/etc", NULL }), 126);
}
END_TEST

START_TEST(environment)
{
	char *image[] = { "PATH=/bin", "A=image", "B=image", "D=image", NULL };
	char *options[] = { "A=option", "C", "B=", "D", "NOT_SET", NULL };
	char *client[] = { "C=client", "SECRET=x", "A=client", NULL };
	char **env = process_env(image, options, client);
	ck_assert_str_eq(strv_env(env, "A"), "option");
	ck_assert_str_eq(strv_env(env, "B"), "");
	ck_assert_str_eq(strv_env(env, "C"), "client");
	ck_assert_str_eq(strv_env(env, "PATH"), "/bin");
	ck_assert_ptr_null(strv_env(env, "SECRET"));
	ck_assert_ptr_null(strv_env(env, "NOT_SET"));
	ck_assert_ptr_null(strv_env(env, "D"));
	ck_assert_uint_eq(strv_len(env), 4);
	strv_free(env);
}
END_TEST

static int spawn_shell(const char *script)
{
	pid_t pid;
	struct process p = { .argv = (char *[]){ "sh", "-c", (char *)script, NULL },
		.stdio = { -1, -1, -1 } };
	ck_assert_int_eq(process_spawn(&p, &pid, &err), 0);
	int fd = sys_pidfd_open(pid, &err);
	ck_assert_int_ge(fd, 0);
	nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL); /* the trap must be set */
	return fd;
}

START_TEST(stop_asks_first)
{
	int fd = spawn_shell("trap 'exit 0' TERM; while :; do sleep 0.05; done");
	ck_assert_int_eq(process_stop(fd, SIGTERM, 10, &err), 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* reaped: no zombie */
	close(fd);
}
END_TEST

START_TEST(stop_kills_at_last)
{
	int fd = spawn_shell("trap '' TERM; while :; do sleep 0.05; done");
	uint64_t before = now_ns(CLOCK_MONOTONIC);
	ck_assert_int_eq(process_stop(fd, SIGTERM, 1, &err), 1);
	uint64_t took = (now_ns(CLOCK_MONOTONIC) - before) / 1000000;
	ck_assert_msg(took >= 900 && took < 5000, "took %llu ms", (unsigned long long)took);
	close(fd);
}
END_TEST

/* The reaper as a subreaper in a process of its own. */
static int reaper(const char *script)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		sigset_t all, none;
		sigfillset(&all);
		sigemptyset(&none);
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
		sigprocmask(SIG_BLOCK, &all, NULL); /* the script may signal us before init_reap() is ready */
		pid_t child = fork();
		if (child == 0 && sigprocmask(SIG_SETMASK, &none, NULL) == 0)
			execl("/bin/sh", "sh", "-c", script, NULL);
		_exit(init_reap(child, &err));
	}
	waitpid(pid, &status, 0);
	return process_exit_code(status);
}

START_TEST(reap)
{
	ck_assert_int_eq(reaper("exit 5"), 5);
	ck_assert_int_eq(reaper("for i in 1 2 3 4 5 6; do (sleep 0.05 &) ; done; sleep 0.3; "
				"ps -o stat= --ppid $PPID | grep -q Z && exit 1; exit 6"),
		6);
	ck_assert_int_eq(reaper("trap 'exit 7' TERM; kill -TERM $PPID; while :; do sleep 0.05; done"), 7);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("process");
	TCase *t = tcase_create("process");
	tcase_add_test(t, exit_codes);
	tcase_add_test(t, environment);
	tcase_add_test(t, stop_asks_first);
	tcase_add_test(t, stop_kills_at_last);
	tcase_add_test(t, reap);
	tcase_set_timeout(t, 30);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
