/*
 * job_message.c - messages with descriptors between the daemon and its jobs: unix(7), SCM_RIGHTS.
 *
 * A descriptor stops the kernel from joining two messages on a stream socket, and all messages have one
 * size, so reading that many bytes gives one message.
 */
#include "daemon/job_message.h"

#include "base/sys.h"

int job_message_send(int sock, const struct job_message *m, int fd, struct mc_err *err)
{
	int rc = sys_send_fd(sock, m, sizeof(*m), fd, err);
	return rc < 0 ? rc : 0;
}

int job_message_receive(int sock, struct job_message *ret, int *ret_fd, struct mc_err *err)
{
	int n = sys_recv_fd(sock, ret, sizeof(*ret), ret_fd, err);
	if (n < 0)
		return n;
	return n == sizeof(*ret) ? 0 : err_set(err, EPIPE, "the daemon is gone");
}
