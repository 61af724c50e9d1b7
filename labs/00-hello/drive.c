/*
 * drive.c - calls one function of lab 00 the way the engine does, with values the grader planted.
 *
 * drive hello DIR              hold, with hello_word() as an argument
 * drive spawn DIR OUT ARG...   process_spawn(ARG...) in DIR, its stdout into OUT; then hold as the parent
 * drive streams DIR OUT ARG... the same with a file for each of 0, 1 and 2: DIR/in, OUT, DIR/err
 * drive exit ARG...            process_spawn(ARG...), exit with its end as a shell says it, xor 0x40
 * drive path ARG...            the same with an environment whose PATH has /lab; this program's own PATH has not
 * drive nowhere ARG...         the same in a directory that does not exist
 * drive full ARG...            the same when no process can be made
 * drive status N...            process_exit_code(N) of each, then hold with the numbers
 * drive env FILE ...           see main; the program started gets what process_env() made
 * drive stop SIGNAL SECONDS WORD ARG...   process_stop() on a child; then hold as its parent, saying the result; stop-gone: it
 *                              has ended and was waited for; stop-busy: signals interrupt us; stop-other: another's child
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
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
#define CALLERS_TEXT "words of the caller\n"
enum { CHILD = 0x40, BORROWED = 95, CHANGED = 92, BLOCKED = 90, REAPED = 89 };

static int hold(const char *a, const char *b)
{
	execl(PROBE, "probe", "hold", a, b, NULL);
	return DRIVE_NO_PROBE;
}

static int status_of(int rc, const struct mc_err *err)
{
	int status = drive_result(rc, err);
	return rc < 0 && err->exit_status ? err->exit_status : status;
}

static int drive_spawn(char **argv, bool streams)
{
	char *const env[] = { "PATH=/lab:/usr/bin:/bin", "PLANTED=yes", NULL };
	int out = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct process p = { .argv = argv + 2, .env = env, .cwd = argv[0], .stdio = { -1, out, -1 } };
	struct mc_err err = { 0 };
	pid_t pid = 0, me = getpid();

	setenv("CALLERS", "own", 1); /* not the program's: it gets `env`, and no more */
	if (streams) {
		p.stdio[0] = open(xasprintf("%s/in", argv[0]), O_RDONLY | O_CLOEXEC);
		p.stdio[2] = open(xasprintf("%s/err", argv[0]), O_WRONLY | O_CLOEXEC);
	}
	int rc = OWNED(process_spawn(&p, &pid, &err));
	if (getpid() != me)
		return 98; /* a second parent came back from the call */
	if (rc != 0)
		return status_of(rc, &err);
	return hold("parent", xasprintf("%d", (int)pid));
}

/* Runs ARG... to its end; the exit status of this program is what the engine would show. */
static int drive_exit(char **argv, const char *how)
{
	char *const env[] = { "PATH=/usr/bin:/lab:/bin", NULL };
	bool full = str_eq(how, "full");
	struct process p = { .argv = argv,
		.env = str_eq(how, "path") ? env : NULL,
		.cwd = str_eq(how, "nowhere") ? "/work/nowhere" : NULL,
		.stdio = { -1, -1, -1 } };
	struct mc_err err = { 0 };
	pid_t pid = 0, me = getpid();
	int status = 0;

	setenv("CALLERS", "own", 1);
	if (full)
		setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 });
	/* The words are in a buffer at the call (OWNED empties those before it): not the child's to write. */
	int rc = OWNED(process_spawn(&p, &pid, (fputs(CALLERS_TEXT, stdout), &err)));
	__fpurge(stdout);
	if (getpid() != me)
		return 98;
	if (full)
		return drive_result(rc, &err);
	if (rc != 0)
		return status_of(rc, &err);
	if (waitpid(pid, &status, 0) != pid)
		drive_broken("*ret_pid is %d, which is no child of the caller's to wait for", (int)pid);
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

/* All strings of the three lists, one after the other. */
static char *joined(char ***list)
{
	struct buf all = { 0 };
	for (int i = 0; i < 3; i++)
		for (char **s = list[i]; *s; s++)
			buf_addf(&all, "%s\n", *s);
	return buf_take(&all);
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
	char *before = joined(list), *none[] = { NULL };
	char **env = OWNED(process_env(list[0], none, list[2]));
	if (!env || strv_len(env) < strv_len(list[0]))
		return 96;
	env = OWNED(process_env(list[0], list[1], list[2]));
	if (!env)
		return 96;
	if (!str_eq(before, joined(list)))
		return CHANGED;
	for (int i = 0; i < 3; i++)
		if (borrows(env, list[i]))
			return BORROWED;
	execle(PROBE, "probe", "hold", argv[0], NULL, env);
	return DRIVE_NO_PROBE;
}

static void nothing(int number) {}

/* A program of which `other` is the parent, or we are. Returns its number. */
static pid_t begin(char **argv, bool other)
{
	int told[2];
	pid_t pid = 0;
	if (pipe2(told, O_CLOEXEC) < 0)
		drive_trouble("pipe");
	pid_t child = fork();
	if (child == 0 && other && (pid = fork()) > 0) {
		if (write(told[1], &pid, sizeof(pid)) < 0)
			_exit(DRIVE_NO_PROBE);
		for (;;)
			pause(); /* it does not wait for its child: that is not our business */
	}
	if (child == 0) {
		execv(argv[0], argv);
		_exit(DRIVE_NO_PROBE);
	}
	if (!other)
		pid = child;
	else if (read(told[0], &pid, sizeof(pid)) != sizeof(pid))
		drive_trouble("the other parent is gone");
	close(told[0]);
	close(told[1]);
	return pid;
}

static int drive_stop(char **argv, const char *how)
{
	struct mc_err err = { 0 };
	int signal_number = atoi(argv[0]), seconds = atoi(argv[1]);
	/* A child that has ended already, born first: who fetches any child fetches this one. */
	pid_t beside = fork();
	if (beside == 0)
		_exit(0);
	pid_t pid = begin(argv + 3, str_eq(how, "-other"));
	sigset_t none, mask;

	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return 95;
	usleep(300000); /* the program has to install its signal handlers */
	if (str_eq(how, "-gone"))
		waitpid(pid, NULL, 0);
	if (str_eq(how, "-busy")) {
		/* An engine has signals of its own: what they interrupt goes on, for the time that is left. */
		struct timeval tenth = { .tv_usec = 100000 };
		sigaction(SIGALRM, &(struct sigaction){ .sa_handler = nothing }, NULL);
		setitimer(ITIMER_REAL, &(struct itimerval){ tenth, tenth }, NULL);
	}
	sigprocmask(SIG_SETMASK, NULL, &none);
	int rc = OWNED(process_stop(pidfd, signal_number, seconds, &err));
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL); /* an exec would not end it */
	sigprocmask(SIG_SETMASK, NULL, &mask);
	close(pidfd);
	if (rc < 0)
		return drive_result(rc, &err);
	if (waitpid(beside, NULL, 0) != beside)
		return REAPED;
	if (memcmp(&none, &mask, 8) != 0)
		return BLOCKED;
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
	if ((str_eq(verb, "spawn") || str_eq(verb, "streams")) && argc > 4)
		return drive_spawn(argv + 2, str_eq(verb, "streams"));
	if ((str_eq(verb, "exit") || str_eq(verb, "full") || str_eq(verb, "path") ||
		    str_eq(verb, "nowhere")) &&
		argc > 2)
		return drive_exit(argv + 2, verb);
	if (str_eq(verb, "status") && argc > 2)
		return drive_status(argv + 2);
	if (str_eq(verb, "env") && argc > 2)
		return drive_env(argv + 2);
	if (str_starts(verb, "stop") && argc > 5)
		return drive_stop(argv + 2, verb + 4);
	if (str_eq(verb, "stop-nothing")) {
		int rc = OWNED(process_stop(-1, SIGTERM, 1, &err));
		return rc < 0 ? drive_result(rc, &err) : 0;
	}
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
