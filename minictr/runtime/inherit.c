/*
 * inherit.c - what a container inherits from the process that starts it, and what it must not inherit.
 *
 * fork(2) and execve(2) pass on far more than arguments. Two callers of one config.json must get the same
 * container, and no object of the host may enter by accident:
 *
 *   descriptors 0-2 closed   open /dev/null there, or the next file that we open becomes the program's
 *                            output
 *   host's /dev/null         the container's own instead: its root could chmod(2) the host's through
 *                            /proc/self/fd/0
 *   files, host terminals    refused for engines that promise pipes (INHERIT_STREAMS); else allowed, as in
 *                            runc
 *   other descriptors        closed (become.c, close_all_but)
 *   signals ignored, blocked default, unblocked: execve(2) keeps "ignored", which nohup(1) or a Go
 *                            program sets
 *   umask                    022, or process.user.umask
 *   personality              PER_LINUX, or linux.personality: setarch -R would switch off address
 *                            randomisation inside
 *   environment, locale      config.json's; ours never enters (no code here calls setlocale(3) or reads
 *                            TMPDIR)
 *   working directory        config.json's; ours may even have been removed
 *   rlimits, nice, oom_score_adj, I/O priority, CPU affinity
 *                            the caller's, where config.json is silent: the runtime-spec says "MUST NOT
 *                            change"
 *
 * Man pages: execve(2), signal(7), personality(2), proc_pid_status(5). runc does the same with the null
 * device (reOpenDevNull).
 */
#include "runtime/inherit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

void inherit_prepare(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", O_RDWR); /* takes the lowest free number, which is fd */
	signal(SIGCHLD,
		SIG_DFL); /* ignored, the kernel reaps our children itself, and waitpid(2) finds none */
	umask(022);
	personality(PER_LINUX);
}

uint64_t inherit_ignored(void)
{
	char text[4096];
	unsigned long long mask = 0;
	_cleanup_close_ int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0) /* no /proc: all are reset */
		return ~0ULL;
	text[n] = '\0';
	const char *line = strstr(text, "\nSigIgn:");
	return line && sscanf(line, "\nSigIgn: %llx", &mask) == 1 ? mask : ~0ULL;
}

/*
 * SIG_DFL by the bare system call: signal(3) refuses 32 and 33, which glibc keeps for its threads, and its
 * posix_spawn(3) leaves these two ignored in every program that it starts (make(1) and our own base/spawn
 * among the callers).
 */
static void inherit_default(int number)
{
	unsigned long action[8] = {
		0
	}; /* the kernel's struct sigaction: no handler, no flags, an empty mask */
	syscall(SYS_rt_sigaction, number, action, NULL, 8);
}

void inherit_signals(uint64_t ignored)
{
	sigset_t none;
	sigemptyset(&none);
	for (int s = 1; s <= 64; s++)
		if ((ignored >> (s - 1) & 1) && s != SIGKILL && s != SIGSTOP)
			inherit_default(s);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool inherit_is_null(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

/*
 * The container's /dev/null, checked before opening, because a fifo would block and a tape would rewind, and
 * again after: a program of the container may exchange the name in between.
 */
static int inherit_open_null(int root, struct mc_err *err)
{
	struct stat st;
	_cleanup_close_ int place = file_open_beneath(root, "/dev/null", O_PATH | O_NOFOLLOW, 0, err);
	_cleanup_close_ int null = -1;
	if (place >= 0 && fstat(place, &st) == 0 && inherit_is_null(&st))
		null = file_open_beneath(
			root, "/dev/null", O_RDWR | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0, err);
	if (null >= 0 && fstat(null, &st) == 0 && inherit_is_null(&st))
		return take_fd(&null);
	err_set(err, EPERM, "the container has no null device at /dev/null");
	return err_hint(err,
		"its standard streams would be the host's /dev/null, which its root could change; give it "
		"a pipe, or a /dev/null");
}

/* The path of descriptor fd, for messages. */
static int inherit_refuse(int fd, struct mc_err *err)
{
	_cleanup_free_ char *path = fd_path(fd);
	err_set(err, EPERM, "descriptor %d of the container would be %s of the host", fd, path);
	return err_hint(err, "%s = own in config.json: 0, 1 and 2 must be pipes, sockets or /dev/null",
		INHERIT_STREAMS);
}

int inherit_streams(const struct config *c, const struct config_process *p, int root, struct mc_err *err)
{
	bool own = str_eq(config_annotation(c, INHERIT_STREAMS), "own");
	_cleanup_close_ int null = -1;
	struct stat st;
	for (int fd = 0; fd < 3 && !p->terminal; fd++) {
		if (fstat(fd, &st) < 0)
			return err_sys(err, "fstat of descriptor %d", fd);
		if (inherit_is_null(&st)) {
			if (null < 0 && (null = inherit_open_null(root, err)) < 0)
				return null;
			if (dup2(null, fd) < 0)
				return err_sys(err, "dup2 to %d", fd);
		} else if (own && !S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)) {
			return inherit_refuse(fd, err);
		}
	}
	return 0;
}
