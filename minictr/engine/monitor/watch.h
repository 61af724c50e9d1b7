/*
 * monitor/watch.h - descriptors that the monitor serves beside its container's output: published ports, DNS.
 *
 * They hang on one epoll(7), which is one descriptor more in the pump's poll(2). Each has a function that
 * is called when it is ready. One event is handled at a time, so that a handler may remove any watch, its
 * own included.
 */
#ifndef MC_ENGINE_MONITOR_WATCH_H
#define MC_ENGINE_MONITOR_WATCH_H

#include <stdint.h>

struct watch {
	int fd;
	void (*ready)(struct watch *w, uint32_t events); /* EPOLLIN, EPOLLOUT ... of epoll_ctl(2) */
};

/* A new epoll descriptor, or -1. */
int watch_new(void);
/* w lives until it is removed. Returns 0 or -errno. */
int watch_add(int epoll, struct watch *w, uint32_t events);
void watch_change(int epoll, struct watch *w, uint32_t events);
/* Also closes w->fd, and sets it to -1. */
void watch_remove(int epoll, struct watch *w);
/* Handles what is ready, without waiting. */
void watch_run(int epoll);

#endif
