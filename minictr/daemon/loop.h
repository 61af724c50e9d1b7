/*
 * loop.h - epoll(7): who is told when a descriptor can be read or written.
 */
#ifndef MC_DAEMON_LOOP_H
#define MC_DAEMON_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct source {
	int fd; /* borrowed; -1: not watched */
	void (*ready)(struct source *s, uint32_t events);
	void *owner;
};

struct loop {
	int epoll;
};

int loop_open(struct loop *l, struct mc_err *err);
/* Watches fd for these events (EPOLLIN ...; 0 still tells of hang-ups): ready() is called until loop_drop().
 */
int loop_watch(struct loop *l, struct source *s, int fd, uint32_t events, struct mc_err *err);
/* No more. Before the descriptor is closed: a copy of it in another process would keep it in the set. */
void loop_drop(struct loop *l, struct source *s);
/* Waits at most timeout_ms (-1: for ever) and serves one source. 0, or 1 when one was served. */
int loop_turn(struct loop *l, int timeout_ms);

#endif
