/*
 * suspend.c - a call that waits: the HTTP library lets go of its connection, and we watch the socket.
 *
 * Kernel objects and man pages: epoll(7), EPOLLHUP. Library: MHD_suspend_connection(3).
 * Order and why: a resumed connection is served by the library at its next turn, from the loop, never from
 * call_resume(): that turn may end this call and others that our callers still look at.
 */
#include "daemon/daemon.h"

#include <sys/epoll.h>

static void on_watch(struct source *s, uint32_t events)
{
	struct call *c = s->owner;
	c->gone = true;
	call_resume(c);
}

static int client_socket(const struct call *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	return info ? info->connect_fd : -1;
}

/*
 * A client may close its sending half and still read (`nc -N`); when it goes entirely, the kernel says
 * EPOLLHUP. Clients of TCP come through a pair of unix sockets, too (tls_listen.h).
 */
void call_suspend(struct call *c)
{
	struct mc_err ignored = { 0 };
	if (c->suspended)
		return;
	c->suspended = true;
	c->watch = (struct source){ .ready = on_watch, .owner = c, .fd = -1 };
	loop_watch(&c->daemon->loop, &c->watch, client_socket(c), 0, &ignored);
	MHD_suspend_connection(c->connection);
}

void call_resume(struct call *c)
{
	if (!c->suspended)
		return;
	c->suspended = false;
	loop_drop(&c->daemon->loop, &c->watch);
	MHD_resume_connection(c->connection);
	c->daemon->resumed = true;
}

void calls_end(struct daemon *d)
{
	for (struct call *c = d->calls; c; c = c->next) {
		c->gone = true;
		call_resume(c);
	}
}
