/*
 * oci/notify.c - hands "READY=1" of the container's program on to the socket in the caller's NOTIFY_SOCKET.
 *
 * The program cannot use that socket itself: its path is the host's, and a manager takes messages only
 * from processes that it started (systemd.service(5), NotifyAccess=). So the program gets a socket of ours,
 * and we say the one thing that is safe to repeat. FDSTORE=1, MAINPID= or STOPPING=1 of an untrusted program
 * would steer the host's manager. As in runc, `start` and `run --detach` wait for READY=1, because once we
 * are gone no process is left to hand it on; then the container's first process is named as the main one.
 */
#include "runtime/oci/notify.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/state.h"

/* A path, or "@name" for the abstract namespace (unix(7)). */
static int notify_connect(const char *host, struct mc_err *err)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = strlen(host);
	if ((host[0] != '/' && host[0] != '@') || len >= sizeof(to.sun_path))
		return err_set(
			err, EINVAL, "NOTIFY_SOCKET=%s: expected an absolute path, or @ and a name", host);
	memcpy(to.sun_path, host, len);
	if (host[0] == '@')
		to.sun_path[0] = '\0';
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (host[0] == '/'));
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, size) < 0)
		return err_sys(err, "NOTIFY_SOCKET=%s", host);
	return take_fd(&fd);
}

int notify_open(const char *root, const char *id, struct notify *n, struct mc_err *err)
{
	_cleanup_state_ struct state s = { 0 };
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	*n = (struct notify){ .in = -1, .process = -1 };
	if (!getenv("NOTIFY_SOCKET"))
		return 0;
	_cleanup_close_ int dir = state_load(root, id, &s, err);
	if (dir < 0)
		return dir;
	if (faccessat(dir, "notify", F_OK, 0) < 0)
		return 0; /* create had no NOTIFY_SOCKET, so the program cannot reach us */
	n->main = s.pid;
	if ((n->process = state_pidfd(&s, err)) < 0)
		return n->process;
	unlinkat(dir, "notify/notify.sock", 0); /* of a `start` that died */
	snprintf(name.sun_path, sizeof(name.sun_path), "/proc/self/fd/%d/notify/notify.sock", dir);
	n->in = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* The program may be any user: writing to the socket is all that its mode allows. */
	if (n->in < 0 || bind(n->in, (struct sockaddr *)&name, sizeof(name)) < 0 ||
		fchmodat(dir, "notify/notify.sock", 0777, 0) < 0)
		return err_sys(err, "a socket for the program's READY=1");
	return 0;
}

/* Is "READY=1" a line of this message? */
static bool says_ready(char *text)
{
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		if (str_eq(line, "READY=1"))
			return true;
	return false;
}

/* 1: the program is ready; 0: it has ended. */
static int hear_ready(const struct notify *n, struct mc_err *err)
{
	char text[4097]; /* no message of systemd's is longer (sd_notify(3)) */
	struct pollfd wait[] = { { .fd = n->in, .events = POLLIN }, { .fd = n->process, .events = POLLIN } };
	for (;;) {
		if (poll(wait, ARRAY_LEN(wait), -1) < 0 && errno != EINTR)
			return err_sys(err, "waiting for the program's READY=1");
		ssize_t len = recv(n->in, text, sizeof(text) - 1, MSG_DONTWAIT);
		text[len > 0 ? len : 0] = '\0';
		if (len > 0 && says_ready(text))
			return 1;
		if (len < 0 && wait[1].revents)
			return 0;
	}
}

/*
 * The manager must have read the messages before this process, their sender, is gone: it asks the kernel who
 * the sender was. BARRIER=1 carries a pipe, which the manager closes when it gets there.
 */
static int wait_for_manager(int to, struct mc_err *err)
{
	enum { PATIENCE_MS = 30000 };
	int ends[2], rc = sys_pipe(ends, err);
	if (rc < 0)
		return rc;
	rc = sys_send_fd(to, "BARRIER=1", 9, ends[1], err);
	close_fd(ends[1]);
	struct pollfd closed = { .fd = ends[0], .events = 0 };
	while (rc >= 0 && poll(&closed, 1, PATIENCE_MS) < 0 && errno == EINTR)
		;
	close_fd(ends[0]);
	return rc < 0 ? rc : 0;
}

int notify_forward(struct notify *n, struct mc_err *err)
{
	if (n->in < 0)
		return 0;
	int rc = hear_ready(n, err);
	if (rc <= 0)
		return rc;
	_cleanup_free_ char *text = xasprintf("MAINPID=%d\nREADY=1", (int)n->main);
	_cleanup_close_ int to = notify_connect(getenv("NOTIFY_SOCKET"), err);
	rc = to < 0 ? to : sys_send_fd(to, text, strlen(text), -1, err);
	return rc < 0 ? rc : wait_for_manager(to, err);
}

static void *beside(void *data)
{
	struct mc_err ignored = { 0 };
	notify_forward(data, &ignored);
	return NULL;
}

int notify_beside(struct notify *n, struct mc_err *err)
{
	pthread_t thread;
	sigset_t all, before;
	if (n->in < 0)
		return 0;
	n->main = getpid();
	sigfillset(&all); /* signals are passed on to the container by the thread that waits for it */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&thread, NULL, beside, n);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc > 0)
		return err_set(err, rc, "cannot start the thread that waits for the program's READY=1");
	return -pthread_detach(thread);
}
