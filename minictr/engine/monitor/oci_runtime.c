/*
 * monitor/oci_runtime.c - how the monitor drives an OCI runtime.
 *
 * Kernel objects and man pages: fork(2), execve(2), pipe(7), unix(7) SCM_RIGHTS (a terminal's master side
 * arrives over the console socket), namespaces(7), unshare(2), move_mount(2). Interface: runtime-spec,
 * runtime.md; runc's command line.
 * Order and why: the runtime inherits the pipes that become the program's stdio. Its own complaints come
 * out of the same stderr, so when `create` fails what is in the pipe is the reason. With a terminal its
 * stderr is a pipe of its own.
 * Another runtime knows no --rootfs-fd: for it the root is attached to a path, but in a mount namespace of
 * our own, so that the host's table of mounts stays as it was.
 */
#include "engine/monitor/oci_runtime.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/oci.h"

#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#endif

/* --- spawning --- */

void runtime_reset_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* stdio: what becomes 0, 1, 2. keep: one more descriptor that stays open (-1 none). */
static pid_t spawn(char *const argv[], const int stdio[3], int keep, struct mc_err *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork()");
	if (pid > 0)
		return pid;
	runtime_reset_signals();
	for (int i = 0; i < 3; i++)
		if (dup2(stdio[i], i) < 0)
			_exit(125);
	if (keep >= 0)
		fcntl(keep, F_SETFD, 0);
	execv(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int wait_exit(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t monitor_internal(const struct monitor *m, const char *verb)
{
	struct mc_err ignored = { 0 };
	char *argv[] = { (char *)m->options.minictr, "--root", (char *)m->options.root, "internal",
		(char *)verb, (char *)m->options.id, NULL };
	static const int same[3] = { 0, 1, 2 };
	return m->options.minictr ? spawn(argv, same, -1, &ignored) : -1;
}

/* What a runtime said on its way out, without its own name and colours, as our error. */
static int runtime_failed(
	int status, int said, const char *verb, const char *runtime, bool foreign, struct mc_err *err)
{
	char text[600];
	ssize_t n = said >= 0 ? read(said, text, sizeof(text) - 1) : 0;
	text[n > 0 ? n : 0] = '\0';
	for (char *end = text + strlen(text); end > text && (end[-1] == '\n' || end[-1] == ' ');)
		*--end = '\0';
	char *hint = strstr(text, "\n  ");
	if (hint)
		*hint = '\0';
	const char *what = str_starts(text, "minictr-oci: ") ? text + strlen("minictr-oci: ") : text;
	if (!*what)
		err_set(err, EIO, "%s %s ended with status %d and said nothing", runtime, verb, status);
	else
		err_set(err, EIO, "%s", what);
	if (hint)
		err_hint(err, "%s", hint + 3);
	/* ours says 126 and 127 by its own exit status; of another's only the words can be read */
	bool missing = foreign && (strstr(what, "not found") || strstr(what, "o such file or directory"));
	bool refused = foreign && (strstr(what, "ermission denied") || strstr(what, "s a directory") ||
					  strstr(what, "xec format error"));
	err_exit(err, status == 126 || status == 127 ? status : missing ? 127 : refused ? 126 : 125);
	return -EIO;
}

/* --- sockets --- */

int runtime_listen(const char *run, const char *name, int type, struct mc_err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	if ((size_t)snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s", run, name) >= sizeof(a.sun_path))
		return err_set(
			err, ENAMETOOLONG, "%s/%s is too long for a socket (107 bytes, unix(7))", run, name);
	_cleanup_close_ int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(a.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 128) < 0)
		return err_sys(err, "listen on %s", a.sun_path);
	chmod(a.sun_path, 0600);
	return take_fd(&fd);
}

/* The runtime has connected and sent the master side before `create` ended; it waits in the queue. */
static int receive_console(int listener, struct mc_err *err)
{
	char text[64];
	int master = -1;
	_cleanup_close_ int sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (sock < 0)
		return err_sys(err, "accept the console");
	int rc = sys_recv_fd(sock, text, sizeof(text), &master, err);
	if (rc >= 0 && master < 0)
		return err_set(err, EPROTO, "the OCI runtime sent no terminal over the console socket");
	return rc < 0 ? rc : master;
}

/* --- another runtime --- */

int runtime_private_root(struct monitor *m, struct mc_err *err)
{
	_cleanup_free_ char *target = xasprintf("%s/rootfs", m->options.dir);
	int rc = sys_unshare(CLONE_NEWNS, err);
	if (rc >= 0)
		rc = sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL, err);
	if (rc >= 0)
		rc = sys_move_mount(MONITOR_ROOTFS, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH, err);
	if (rc < 0)
		return err_wrap(err, "a root file system for %s", m->options.runtime);
	close(MONITOR_ROOTFS);
	if (m->options.hide_unified)
		umount2("/sys/fs/cgroup/unified", MNT_DETACH);
	return 0;
}

/* --- create --- */

struct stdio {
	int give[3]; /* for the runtime */
	int said;    /* where its complaints arrive */
};

static void release_stdio(struct stdio *s)
{
	for (int i = 0; i < 3; i++)
		s->give[i] = close_fd(s->give[i]);
}

static int make_stdio(struct monitor *m, struct stdio *s, struct mc_err *err)
{
	int out[2], errors[2], in[2];
	*s = (struct stdio){ { -1, -1, -1 }, -1 };
	int rc = sys_pipe(errors, err);
	if (rc < 0)
		return rc;
	s->give[2] = errors[1];
	s->said = errors[0];
	fcntl(s->said, F_SETFL, O_NONBLOCK);
	if (m->options.open_stdin && !m->options.tty) {
		rc = sys_pipe(in, err);
		if (rc < 0)
			return rc;
		s->give[0] = in[0];
		m->in = in[1];
		fcntl(m->in, F_SETFL, O_NONBLOCK);
	} else {
		s->give[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	if (m->options.tty)
		return s->give[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	rc = sys_pipe(out, err);
	if (rc < 0)
		return rc;
	s->give[1] = out[1];
	m->out = out[0];
	m->err = s->said;
	fcntl(m->out, F_SETFL, O_NONBLOCK);
	return 0;
}

static int read_pid(const char *path, pid_t *ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	int rc = file_read(AT_FDCWD, path, 32, &b, err);
	*ret = rc < 0 || !b.data ? 0 : (pid_t)atoi(b.data);
	return *ret > 0 ? 0 : rc < 0 ? rc : err_set(err, EPROTO, "%s holds no process id", path);
}

static int take_over(struct monitor *m, const char *pid_file, int console, struct mc_err *err)
{
	int rc = read_pid(pid_file, &m->init, err);
	if (rc < 0)
		return rc;
	if (m->options.tty) {
		m->out = receive_console(console, err);
		if (m->out < 0)
			return m->out;
		fcntl(m->out, F_SETFL, O_NONBLOCK);
		m->in = m->options.open_stdin ? m->out : -1;
	}
	char ns[48];
	snprintf(ns, sizeof(ns), "/proc/%d/ns/mnt", (int)m->init);
	m->mount_ns = open(ns, O_RDONLY | O_CLOEXEC);
	return 0;
}

/* The words before the verb. Warnings of our own runtime go to a file that `start` reads. */
static char **global_words(const struct monitor_options *o)
{
	char **v = NULL;
	strv_push(&v, o->runtime);
	strv_push(&v, "--root");
	strv_push(&v, o->oci_root);
	if (o->foreign)
		return v;
	strv_pushf(&v, "--log=%s/" OCI_LOG, o->run);
	strv_push(&v, "--log-format=json");
	return v;
}

int runtime_create(struct monitor *m, struct mc_err *err)
{
	const struct monitor_options *o = &m->options;
	_cleanup_free_ char *pid_file = xasprintf("%s/pid", o->run);
	_cleanup_free_ char *console_path = xasprintf("%s/console", o->run);
	_cleanup_strv_ char **argv = global_words(o);
	_cleanup_close_ int console = -1;
	struct stdio s;
	int rc = make_stdio(m, &s, err);
	if (rc >= 0 && o->tty)
		rc = console = runtime_listen(o->run, "console", SOCK_STREAM, err);
	if (rc < 0)
		return rc;
	const char *const words[] = { "create", "--bundle", o->dir, "--pid-file", pid_file };
	if (o->systemd)
		strv_push(&argv, "--systemd-cgroup");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		strv_push(&argv, words[i]);
	if (!o->foreign)
		strv_pushf(&argv, "--rootfs-fd=%d", MONITOR_ROOTFS);
	if (o->tty)
		strv_pushf(&argv, "--console-socket=%s", console_path);
	strv_push(&argv, o->id);
	unlink(pid_file);
	pid_t pid = spawn(argv, s.give, o->foreign ? -1 : MONITOR_ROOTFS, err);
	release_stdio(&s);
	if (!o->foreign)
		close(MONITOR_ROOTFS); /* the container's own mount namespace holds it now */
	int status = pid < 0 ? 125 : wait_exit(pid);
	if (pid < 0 || status)
		return pid < 0 ? pid : runtime_failed(status, s.said, "create", o->runtime, o->foreign, err);
	rc = take_over(m, pid_file, console, err);
	if (o->tty) {
		close_fd(s.said);
		unlink(console_path);
	}
	return rc;
}

/* --- start and delete --- */

static int plain(struct monitor *m, const char *verb, const char *flag, struct mc_err *err)
{
	const struct monitor_options *o = &m->options;
	_cleanup_strv_ char **argv = global_words(o);
	int said[2];
	strv_push(&argv, verb);
	if (flag)
		strv_push(&argv, flag);
	strv_push(&argv, o->id);
	int rc = sys_pipe(said, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid = spawn(argv, (int[3]){ null, null, said[1] }, -1, err);
	close(said[1]);
	fcntl(said[0], F_SETFL, O_NONBLOCK);
	int status = pid < 0 ? 125 : wait_exit(pid);
	rc = status ? runtime_failed(status, said[0], verb, o->runtime, o->foreign, err) : 0;
	close(said[0]);
	return rc;
}

int runtime_start(struct monitor *m, struct mc_err *err) { return plain(m, "start", NULL, err); }

void runtime_delete(struct monitor *m)
{
	struct mc_err ignored = { 0 };
	if (m->init > 0) {
		/* A `start` that was killed (the OOM killer) leaves a process that waits for the next one, for ever. */
		kill(m->init, SIGKILL);
		waitpid(m->init, NULL, 0);
	}
	plain(m, "delete", "--force", &ignored);
}
