/*
 * monitor/watch.c - epoll(7), one event at a time.
 */
#include "engine/monitor/watch.h"

#include <errno.h>
#include <sys/epoll.h>
#include "base/util.h"

enum { MOST_AT_ONCE = 64 }; /* then the container's output has its turn again */

int watch_new(void) { return epoll_create1(EPOLL_CLOEXEC); }

int watch_add(int epoll, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };
	return epoll_ctl(epoll, EPOLL_CTL_ADD, w->fd, &e) < 0 ? -errno : 0;
}

void watch_change(int epoll, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };
	epoll_ctl(epoll, EPOLL_CTL_MOD, w->fd, &e);
}

void watch_remove(int epoll, struct watch *w)
{
	if (w->fd >= 0)
		epoll_ctl(epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->fd = close_fd(w->fd);
}

void watch_run(int epoll)
{
	struct epoll_event e;
	for (int i = 0; i < MOST_AT_ONCE && epoll_wait(epoll, &e, 1, 0) == 1; i++) {
		struct watch *w = e.data.ptr;
		w->ready(w, e.events);
	}
}
