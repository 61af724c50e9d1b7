/*
 * drive.c - calls one function of lab 00 the way the engine does, with values the grader planted.
 *
 * drive hello DIR              hold, with hello_word() as an argument
 * drive spawn DIR OUT ARG...   process_spawn(ARG...) in DIR, its stdout into OUT; then hold as the parent
 * drive exit ARG...            process_spawn(ARG...), exit with its end as a shell says it, xor 0x40
 * drive path ARG...            the same with an environment whose PATH has /lab; this program's own PATH has not
 * drive full ARG...            the same when no process can be made
 * drive status N...            process_exit_code(N) of each, then hold with the numbers
 * drive env FILE ...           see main; the program started gets what process_env() made
 * drive stop SIGNAL SECONDS WORD ARG...   process_stop() on a child; then hold as its parent, saying the result; stop-gone: it
 *                              has ended and was waited for; stop-busy: a signal interrupts us
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/util.h"
#include "learn/drive.h"
#include "runtime/process.h"

const char *hello_word(void);

static const char *const PROBE = "/lab/probe";
enum { CHILD = 0x40, BORROWED = 95 };

static int hold(const char *a, const char *b)
{
	execl(PROBE, "probe", "hold", a, b, NULL);
	return 99;
}

static int status_of(int rc, const struct mc_err *err)
{
	if (rc >= 0)
		return 0;
	return err->exit_status ? err->exit_status : -rc;
}

static int drive_spawn(char **argv)
{
	char *const env[] = { "PATH=/lab:/usr/bin:/bin", "PLANTED=yes", NULL };
	int out = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct process p = { .argv = argv + 2, .env = env, .cwd = argv[0], .stdio = { -1, out, -1 } };
	struct mc_err err = { 0 };
	pid_t pid = 0, me = getpid();

	int rc = OWNED(process_spawn(&p, &pid, &err));
	if (getpid() != me)
		return 98; /* a second parent came back from the call */
	if (rc < 0)
		return status_of(rc, &err);
	return hold("parent", xasprintf("%d", (int)pid));
}

/* Runs ARG... to its end; the exit status of this program is what the engine would show. */
static int drive_exit(char **argv, bool full, bool path)
{
	char *const env[] = { "PATH=/usr/bin:/lab:/bin", NULL };
	struct process p = { .argv = argv, .env = path ? env : NULL, .stdio = { -1, -1, -1 } };
	struct mc_err err = { 0 };
	pid_t pid = 0, me = getpid();
	int status = 0;

	if (full)
		setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 });
	int rc = OWNED(process_spawn(&p, &pid, &err));
	if (getpid() != me)
		return 98;
	if (rc < 0)
		return full ? -rc : status_of(rc, &err);
	if (waitpid(pid, &status, 0) != pid)
		return 97;
	/* Turned over, so that a caller which was ended with the child's number is seen (checks.c). */
	return (WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)) ^ CHILD;
}

/* Does a string of the result lie in one of a list that was given? Then strv_free() of the result frees what is another's. */
static bool borrows(char *const *result, char *const *given)
{
	for (size_t i = 0; result[i]; i++)
		for (size_t k = 0; given[k]; k++)
			if (result[i] >= given[k] && result[i] <= given[k] + strlen(given[k]))
				return true;
	return (void *)result == (void *)given;
}

/* env PROGRAM i NAME=V ... o NAME[=V] ... c NAME=V ...: three lists behind the letters i, o and c. */
static int drive_env(char **argv)
{
	char **list[3] = { NULL, NULL, NULL };
	int which = 0;

	for (char **a = argv + 1; *a; a++) {
		const char *letter = strchr("ioc", **a);
		if ((*a)[1] == '\0' && letter)
			which = (int)(letter - "ioc");
		else
			strv_push(&list[which], *a);
	}
	for (int i = 0; i < 3; i++)
		if (!list[i])
			list[i] = xcalloc(1, sizeof(char *));
	char **env = OWNED(process_env(list[0], list[1], list[2]));
	if (!env)
		return 96;
	for (int i = 0; i < 3; i++)
		if (borrows(env, list[i]))
			return BORROWED;
	execle(PROBE, "probe", "hold", argv[0], NULL, env);
	return 99;
}

static void nothing(int number) {}

static int drive_stop(char **argv, bool gone, bool busy)
{
	struct mc_err err = { 0 };
	int signal_number = atoi(argv[0]), seconds = atoi(argv[1]);
	pid_t pid = fork();

	if (pid == 0) {
		execv(argv[3], argv + 3);
		_exit(99);
	}
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return 95;
	usleep(300000); /* the program has to install its signal handlers */
	if (gone)
		waitpid(pid, NULL, 0);
	if (busy) {
		/* An engine has signals of its own: what they interrupt goes on. */
		sigaction(SIGALRM, &(struct sigaction){ .sa_handler = nothing }, NULL);
		setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_usec = 100000 }, NULL);
	}
	int rc = OWNED(process_stop(pidfd, signal_number, seconds, &err));
	close(pidfd);
	if (rc < 0)
		return drive_result(rc, &err);
	return hold(argv[2], rc == 0 ? "went" : rc == 1 ? "killed" : "other");
}

/* All numbers on the command line of a holding probe, where the grader reads them. */
static int drive_status(char **argv)
{
	struct buf codes = { 0 };
	for (; *argv; argv++)
		buf_addf(&codes, "%d ", OWNED(process_exit_code(atoi(*argv))));
	return hold("codes", buf_take(&codes));
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	struct mc_err err = { 0 };

	if (str_eq(verb, "hello"))
		return hold("hello", OWNED(hello_word()));
	if (str_eq(verb, "spawn") && argc > 4)
		return drive_spawn(argv + 2);
	if ((str_eq(verb, "exit") || str_eq(verb, "full") || str_eq(verb, "path")) && argc > 2)
		return drive_exit(argv + 2, str_eq(verb, "full"), str_eq(verb, "path"));
	if (str_eq(verb, "status") && argc > 2)
		return drive_status(argv + 2);
	if (str_eq(verb, "env") && argc > 2)
		return drive_env(argv + 2);
	if (str_starts(verb, "stop") && argc > 5)
		return drive_stop(argv + 2, str_eq(verb, "stop-gone"), str_eq(verb, "stop-busy"));
	if (str_eq(verb, "stop-nothing")) {
		int rc = OWNED(process_stop(-1, SIGTERM, 1, &err));
		return rc < 0 ? -rc : 0;
	}
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
