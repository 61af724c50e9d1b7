/*
 * spawn.c - runs another program of the host, see spawn.h.
 *
 * Man pages: posix_spawn(3), waitpid(2), pidfd_open(2), signal(7). Signals are reset in the child, because a
 * disposition of "ignore" is inherited over exec: a program started by a process that ignores SIGPIPE would
 * not end when its pipe closes. (glibc leaves signals 32 and 33 ignored; it uses both for its threads.)
 */
#include "base/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

/* Turns a wait status into the exit code that a shell shows. */
static int spawn_exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void spawn_stream(posix_spawn_file_actions_t *actions, int from, int to)
{
	if (from == SPAWN_NULL)
		posix_spawn_file_actions_addopen(actions, to, "/dev/null", O_RDWR, 0);
	else if (from != SPAWN_INHERIT)
		posix_spawn_file_actions_adddup2(actions, from, to);
}

static void spawn_attributes(posix_spawnattr_t *attr, bool new_session)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setflags(attr, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
					       (new_session ? POSIX_SPAWN_SETSID : 0)));
}

pid_t spawn_start(const struct spawn *s, struct mc_err *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	pid_t pid = 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	spawn_stream(&actions, s->in, 0);
	spawn_stream(&actions, s->out, 1);
	spawn_stream(&actions, s->err, 2);
	if (s->pass_from > 0)
		posix_spawn_file_actions_adddup2(&actions, s->pass_from, s->pass_to);
	spawn_attributes(&attr, s->new_session);
	/* Without this, text in our stdio buffers could appear after the child's output. */
	fflush(NULL);
	int code = posix_spawnp(&pid, s->argv[0], &actions, &attr, s->argv, s->env ? s->env : environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return code ? err_set(err, code, "cannot run %s", s->argv[0]) : pid;
}

static int spawn_wait(pid_t pid, struct mc_err *err)
{
	int status, rc = sys_wait(pid, &status, err);
	return rc < 0 ? rc : spawn_exit_code(status);
}

/* Returns once the program has ended, or has been asked to end. Without a pidfd it is only waited for. */
static void spawn_await_cancel(pid_t pid, int cancel)
{
	struct mc_err ignored;
	_cleanup_close_ int pidfd = sys_pidfd_open(pid, &ignored);
	struct pollfd fds[2] = { { .fd = pidfd, .events = POLLIN }, { .fd = cancel, .events = POLLIN } };
	while (pidfd >= 0 && poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	if (fds[1].revents && !fds[0].revents)
		kill(pid, SIGTERM);
}

int spawn_run(const struct spawn *s, struct mc_err *err)
{
	pid_t pid = spawn_start(s, err);
	if (pid > 0 && s->cancel > 0)
		spawn_await_cancel(pid, s->cancel);
	return pid < 0 ? pid : spawn_wait(pid, err);
}

int spawn_read(const struct spawn *s, size_t max, struct buf *ret, struct mc_err *err)
{
	int pipe[2], rc = sys_pipe(pipe, err);
	struct spawn with_pipe = *s;
	struct mc_err ignored = { 0 };
	if (rc < 0)
		return rc;
	with_pipe.out = pipe[1];
	pid_t pid = spawn_start(&with_pipe, err);
	close_fd(pipe[1]);
	if (pid >= 0)
		rc = file_read_fd(pipe[0], s->argv[0], max, ret, err);
	/* SIGPIPE ends a program that wrote more than max bytes. */
	close_fd(pipe[0]);
	if (pid < 0)
		return pid;
	int code = spawn_wait(pid, rc < 0 ? &ignored : err);
	return rc < 0 ? rc : code;
}
