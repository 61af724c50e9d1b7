/*
 * loop.c - the epoll loop, see loop.h.
 *
 * One event a turn: what one source does may free another, and an event that was fetched before would then
 * be delivered to freed memory. epoll(7) hands ready descriptors out in turn, so all are served.
 */
#include "daemon/loop.h"

#include <sys/epoll.h>

int loop_open(struct loop *l, struct mc_err *err)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	return l->epoll < 0 ? err_sys(err, "epoll_create1()") : 0;
}

int loop_watch(struct loop *l, struct source *s, int fd, uint32_t events, struct mc_err *err)
{
	struct epoll_event e = { .events = events, .data.ptr = s };
	s->fd = fd;
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) == 0 ||
		(errno == EEXIST && epoll_ctl(l->epoll, EPOLL_CTL_MOD, fd, &e) == 0))
		return 0;
	s->fd = -1;
	return err_sys(err, "epoll_ctl(%d)", fd);
}

void loop_drop(struct loop *l, struct source *s)
{
	if (s->fd >= 0)
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, s->fd, NULL);
	s->fd = -1;
}

int loop_turn(struct loop *l, int timeout_ms)
{
	struct epoll_event e;
	if (epoll_wait(l->epoll, &e, 1, timeout_ms) <= 0)
		return 0;
	struct source *s = e.data.ptr;
	s->ready(s, e.events);
	return 1;
}
