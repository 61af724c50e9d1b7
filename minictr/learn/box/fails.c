/*
 * box/fails.c - system calls that fail on order: does a learner's function notice?
 *
 * Kernel objects: seccomp_unotify(2), unix(7) (SCM_RIGHTS), pidfd_open(2).
 * The drive program installs a filter that holds the calls the check named, and sends its listener here,
 * before it calls the learner's function (labs/drive_start.c). This helper lets each held call go on,
 * except the one whose turn it is: that one is answered with the errno, and the kernel does nothing. Any
 * way of making the call is seen: wrapper, library, assembler. Also heard on the socket: that the stage
 * could not be prepared.
 */
#include "learn/box/enter.h"

#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/sys.h"

struct failing {
	struct entering *e;
	int listener; /* -1: not armed */
	int seen;     /* held calls so far */
	bool other;   /* one that is marked OR() was made */
};

static void tell(struct entering *e, int kind, int value)
{
	struct report r = { .kind = kind, .value = value };
	if (write(e->report[1], &r, sizeof(r)) < 0)
		_exit(1);
}

/* One message of the drive program: 'L' with the listener, or 'S'. False at the end. */
static bool hear_drive(struct failing *f)
{
	char byte = 0, room[CMSG_SPACE(sizeof(int))];
	struct iovec io = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)
	};
	if (recvmsg(f->e->fails[0], &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0)
		return false;
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	if (byte == 'S')
		tell(f->e, REPORT_SETUP, 0);
	if (byte == 'L' && c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&f->listener, CMSG_DATA(c), sizeof(int));
	return true;
}

static bool never_fails(const struct run *r, int call)
{
	for (const int *c = r->fail_calls; *c != -1; c++)
		if (*c == call)
			return false;
	return true;
}

static void answer(struct failing *f)
{
	struct seccomp_notif held = { 0 };
	if (ioctl(f->listener, SECCOMP_IOCTL_NOTIF_RECV, &held) < 0)
		return; /* its process died meanwhile */
	struct seccomp_notif_resp resp = { .id = held.id };
	if (never_fails(f->e->run, held.data.nr)) {
		if (!f->other)
			tell(f->e, REPORT_OTHER_CALL, 0);
		f->other = true;
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	} else if (++f->seen == f->e->run->fail_nth) {
		resp.error = -f->e->run->fail_errno;
		tell(f->e, REPORT_FAILED_CALL, held.data.nr);
	} else {
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	}
	ioctl(f->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

static int reap(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

int wait_and_fail(struct entering *e, pid_t pid)
{
	struct mc_err err;
	struct failing f = { .e = e, .listener = -1 };
	int pidfd = e->fails[0] < 0 ? -1 : sys_pidfd_open(pid, &err);
	while (pidfd >= 0) {
		struct pollfd p[] = { { .fd = pidfd, .events = POLLIN },
			{ .fd = e->fails[0], .events = POLLIN }, { .fd = f.listener, .events = POLLIN } };
		if (poll(p, 3, -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents && !hear_drive(&f))
			e->fails[0] = close_fd(e->fails[0]);
		if (p[2].revents & POLLIN)
			answer(&f);
		else if (p[2].revents)
			f.listener = close_fd(f.listener);
		if (p[0].revents && !p[1].revents && !(p[2].revents & POLLIN))
			break;
	}
	close_fd(pidfd);
	return reap(pid);
}
