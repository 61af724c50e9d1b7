/*
 * run_keeper.c - a RUN's container has a keeper: a process that lives as long as it does, and no longer
 * than the build.
 *
 * Kernel objects and man pages: fork(2), pipe(7): the build holds the writing end of a pipe, and when the
 * build ends, by kill -9 too, the keeper reads its end; pidfd_open(2), poll(2), close_range(2), setsid(2).
 * Order and why: the keeper is in a session of its own, so a Ctrl-C at the terminal reaches only the
 * build, which then tells the keeper: TERM to every process of the container first (a package manager can
 * close its cache), KILL after GRACE_MS. Between fork and exec only async-signal-safe calls are made: the
 * build has threads.
 */
#include "build/run_keeper.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/sys.h"
#include "runtime/process.h"

#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#endif

enum { GRACE_MS = 1000, LIFE = 3, ROOT = 4 };

/* argv of the three things that a keeper does, made before the fork. */
struct words {
	char **run, **term, **remove;
	const struct keeper *k;
};

static char **oci_words(const struct keeper *k, const char *const more[])
{
	char **v = NULL;
	strv_push(&v, k->oci);
	strv_push(&v, "--root");
	strv_push(&v, k->oci_root);
	if (k->systemd)
		strv_push(&v, "--systemd-cgroup");
	for (size_t i = 0; more[i]; i++)
		strv_push(&v, more[i]);
	return v;
}

/* --- the keeper's side --- */

static pid_t spawn_words(char **argv, int keep)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	if (keep >= 0)
		fcntl(keep, F_SETFD, 0);
	execv(argv[0], argv);
	_exit(127);
}

static void do_and_wait(char **argv)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, 1);
		dup2(null, 2);
	}
	pid_t pid = spawn_words(argv, -1);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The build says "end it", or is gone. Returns once no process of the container is left. */
static void end_container(const struct words *w, struct pollfd *run, bool build_lives)
{
	if (build_lives) {
		do_and_wait(w->term);
		poll(run, 1, GRACE_MS);
	}
	do_and_wait(w->remove);
}

static void keep(const struct words *w)
{
	int status;
	pid_t pid = spawn_words(w->run, ROOT);
	struct mc_err ignored;
	struct pollfd fds[2] = { { .fd = pid > 0 ? sys_pidfd_open(pid, &ignored) : -1, .events = POLLIN },
		{ .fd = LIFE, .events = POLLIN } };
	close(ROOT);
	while (poll(fds, 2, -1) < 0 && errno == EINTR)
		;
	if (!fds[0].revents) {
		char order;
		end_container(w, fds, read(LIFE, &order, 1) == 1);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			_exit(125);
	/* The OCI runtime was killed. Its container runs on, and would write into what becomes a layer. */
	if (WIFSIGNALED(status))
		do_and_wait(w->remove);
	_exit(process_exit_code(status));
}

/* Sources of bind mounts get a path, in a mount namespace that only the OCI runtime below us has. */
static int attach_mounts(const struct keeper *k)
{
	struct mc_err err = { 0 };
	int rc = k->n_mounts ? sys_unshare(CLONE_NEWNS, &err) : 0;
	if (rc >= 0 && k->n_mounts)
		rc = sys_mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL, &err);
	for (size_t i = 0; rc >= 0 && i < k->n_mounts; i++)
		rc = sys_move_mount(
			k->mounts[i].fd, "", AT_FDCWD, k->mounts[i].path, MOVE_MOUNT_F_EMPTY_PATH, &err);
	if (rc < 0)
		dprintf(2, "%s\n", err.what);
	return rc;
}

static void no_signal(int s) {}

/* Descriptors: 0 null, 1 and 2 the output pipe, LIFE, ROOT; nothing else, above all no lock of the build. */
static void become_keeper(const struct words *w, int null, int out, int life, int root)
{
	/* A handler, not SIG_IGN: exec resets it, and the container's program gets the default. */
	static const int kept_out[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t none;
	sigemptyset(&none);
	setsid();
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
	for (size_t i = 0; i < ARRAY_LEN(kept_out); i++)
		signal(kept_out[i], no_signal);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || dup2(life, LIFE) < 0 ||
		dup2(root, ROOT) < 0)
		_exit(125);
	if (attach_mounts(w->k) < 0)
		_exit(125);
	close_range(ROOT + 1, ~0U, 0);
	fcntl(LIFE, F_SETFD, FD_CLOEXEC);
	fcntl(ROOT, F_SETFD, FD_CLOEXEC);
	keep(w);
}

/* --- the build's side --- */

struct pipes {
	int null, out[2], life[2], root;
};

/*
 * All above the numbers that the keeper gives out, so that no dup2(2) there closes one that is still
 * needed.
 */
static int open_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	close_fd(fd);
	return high;
}

static int open_pipes(const struct keeper *k, struct pipes *p, struct mc_err *err)
{
	int out[2], life[2];
	*p = (struct pipes){ -1, { -1, -1 }, { -1, -1 }, -1 };
	int rc = sys_pipe(out, err);
	if (rc < 0)
		return rc;
	p->out[0] = open_high(out[0]);
	p->out[1] = open_high(out[1]);
	if ((rc = sys_pipe(life, err)) < 0)
		return rc;
	p->life[0] = open_high(life[0]);
	p->life[1] = open_high(life[1]);
	p->null = open_high(open("/dev/null", O_RDWR | O_CLOEXEC));
	p->root = fcntl(k->root, F_DUPFD_CLOEXEC, 10);
	return p->null < 0 || p->root < 0 ? err_sys(err, "descriptors for a RUN") : 0;
}

static void close_pipes(struct pipes *p)
{
	int all[] = { p->null, p->out[0], p->out[1], p->life[0], p->life[1], p->root };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		close_fd(all[i]);
}

/* What is in the pipe now goes on. 0: its end was reached. */
static int hand_on(const struct keeper *k, int out)
{
	char data[16384];
	ssize_t n = read(out, data, sizeof(data));
	if (n < 0 && errno == EINTR)
		return 1;
	if (n > 0)
		k->output(k->arg, data, (size_t)n);
	return n > 0;
}

/*
 * Hands on what the program prints until it has ended, or the keeper is gone (killed, and the container
 * with the other end of the pipe still there). Returns 1 when the build was canceled meanwhile.
 */
static int pump(const struct keeper *k, struct pipes *p, int keeper)
{
	int canceled = 0;
	for (;;) {
		struct pollfd fds[3] = { { .fd = p->out[0], .events = POLLIN },
			{ .fd = canceled ? -1 : k->cancel, .events = POLLIN },
			{ .fd = keeper, .events = POLLIN } };
		if (poll(fds, 3, -1) < 0)
			continue;
		if (fds[1].revents) {
			canceled = 1;
			(void)!write(p->life[1], "T", 1);
		}
		if (fds[0].revents ? !hand_on(k, p->out[0]) : fds[2].revents != 0)
			return canceled;
	}
}

/* The keeper was killed: what it would have done is done here. */
static void remove_orphan(const struct words *w)
{
	pid_t pid = fork();
	if (pid == 0) {
		do_and_wait(w->remove);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int start_and_wait(const struct keeper *k, const struct words *w, struct mc_err *err)
{
	struct pipes p;
	int status = 0, rc = open_pipes(k, &p, err);
	pid_t pid = rc < 0 ? -1 : fork();
	if (pid == 0)
		become_keeper(w, p.null, p.out[1], p.life[0], p.root);
	if (rc >= 0 && pid < 0)
		rc = err_sys(err, "fork");
	p.out[1] = close_fd(p.out[1]);
	p.life[0] = close_fd(p.life[0]);
	p.root = close_fd(p.root);
	_cleanup_close_ int keeper = rc < 0 ? -1 : sys_pidfd_open(pid, err);
	int canceled = rc < 0 ? 0 : pump(k, &p, keeper);
	if (rc >= 0)
		rc = sys_wait(pid, &status, err);
	close_pipes(&p);
	if (rc >= 0 && WIFSIGNALED(status))
		remove_orphan(w);
	if (rc >= 0 && canceled)
		return err_set(err, ECANCELED, "canceled");
	return rc < 0 ? rc : process_exit_code(status);
}

int keeper_run(const struct keeper *k, struct mc_err *err)
{
	char root[24];
	snprintf(root, sizeof(root), "--rootfs-fd=%d", ROOT);
	struct words w = { .k = k,
		.run = oci_words(k, (const char *[]){ "run", "--bundle", k->bundle, root, k->id, NULL }),
		.term = oci_words(k, (const char *[]){ "kill", "--all", k->id, "TERM", NULL }),
		.remove = oci_words(k, (const char *[]){ "delete", "--force", k->id, NULL }) };
	int rc = start_and_wait(k, &w, err);
	strv_free(w.run);
	strv_free(w.term);
	strv_free(w.remove);
	return rc;
}
