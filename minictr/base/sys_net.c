/*
 * sys_net.c - netlink(7) requests with their acknowledgement, and descriptors over unix(7) sockets.
 *
 * Without NLM_F_ACK the kernel does not answer a netlink request that succeeds, so a caller could not wait
 * for the result. The flag is therefore set here for every request, and the answer is turned into errno.
 */
#include "base/sys.h"

#include <linux/netlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sys_done.h"

int sys_netlink(int protocol, struct mc_err *err)
{
	return SYS_DONE(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), err, "socket(AF_NETLINK)");
}

int sys_link_up(const char *name, struct mc_err *err)
{
	struct ifreq r = { 0 };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	int rc = sock < 0 ? -1 : ioctl(sock, SIOCGIFFLAGS, &r);
	r.ifr_flags |= IFF_UP;
	if (rc == 0)
		rc = ioctl(sock, SIOCSIFFLAGS, &r);
	int code = errno;
	if (sock >= 0)
		close(sock);
	errno = code;
	return SYS_DONE(rc, err, "ioctl(SIOCSIFFLAGS, {\"%s\", IFF_UP})", name);
}

int sys_netlink_talk(int nl, void *request, const char *what, struct mc_err *err)
{
	struct nlmsghdr *h = request;
	char answer[8192];
	h->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	ssize_t n = send(nl, h, h->nlmsg_len, 0);
	if (n >= 0)
		n = recv(nl, answer, sizeof(answer), 0);
	const struct nlmsghdr *reply = (const struct nlmsghdr *)answer;
	if (n >= (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) && reply->nlmsg_type == NLMSG_ERROR) {
		int code = -((const struct nlmsgerr *)NLMSG_DATA(reply))->error;
		errno = code;
		n = code ? -1 : 0;
	}
	return SYS_DONE(n < 0 ? -1 : 0, err, "netlink(%s)", what);
}

int sys_send_fd(int sock, const void *data, size_t len, int fd, struct mc_err *err)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	if (fd >= 0) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	return SYS_DONE(sendmsg(sock, &msg, MSG_NOSIGNAL), err, "sendmsg(%d, SCM_RIGHTS [%d])", sock, fd);
}

int sys_recv_fd(int sock, void *data, size_t len, int *ret_fd, struct mc_err *err)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = data, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	ssize_t n;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*ret_fd = -1;
	for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
	return SYS_DONE(n, err, "recvmsg(%d)", sock);
}
