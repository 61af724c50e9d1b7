/*
 * suspend.c - a call that waits: the HTTP library lets go of its connection, and we watch the socket.
 *
 * Kernel objects and man pages: epoll(7), EPOLLHUP, EPOLLRDHUP. Library: MHD_suspend_connection(3).
 * Order and why: a resumed connection is served by the library at its next turn, from the loop, never from
 * call_resume(): that turn may end this call and others that our callers still look at.
 */
#include "daemon/daemon.h"

#include <sys/epoll.h>
#include <sys/socket.h>

static void on_watch(struct source *s, uint32_t events)
{
	struct call *c = s->owner;
	c->gone = true;
	call_resume(c);
}

int call_socket(const struct call *c)
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
	loop_watch(&c->daemon->loop, &c->watch, call_socket(c), 0, &ignored);
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

/*
 * The library's epoll(7) is edge-triggered, and it does not read again after a read that was short: an end of
 * the input that came before that read is never seen. A connection that is resumed is read once more.
 */
static void on_end(struct source *s, uint32_t events)
{
	struct call *c = s->owner;
	char byte;
	/* Bytes before the end: the library takes them at its next turn, and this event comes again. */
	c->daemon->resumed = true;
	if (recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
		return;
	call_suspend(c);
	call_resume(c);
}

void call_await_body(struct call *c)
{
	struct mc_err ignored = { 0 };
	if (c->suspended || c->watch.fd >= 0)
		return;
	c->watch = (struct source){ .ready = on_end, .owner = c, .fd = -1 };
	loop_watch(&c->daemon->loop, &c->watch, call_socket(c), EPOLLRDHUP, &ignored);
}

void calls_end(struct daemon *d)
{
	for (struct call *c = d->calls; c; c = c->next) {
		c->gone = true;
		call_resume(c);
	}
}
