/*
 * monitor/splice.h - published ports that the kernel does not carry: ::1, IPv6 to an IPv4 container, a
 * flushed rule set.
 */
#ifndef MC_ENGINE_MONITOR_SPLICE_H
#define MC_ENGINE_MONITOR_SPLICE_H

#include <stdbool.h>
#include <stdint.h>
#include "engine/monitor/net_file.h"

/*
 * Serves a listening TCP socket: each connection goes on to container_port of the container. fd is owned
 * from now on.
 */
int splice_serve(int epoll, int fd, uint16_t container_port, struct net_file *net);
/* The same for datagrams. (splice_udp.c) */
int splice_serve_udp(int epoll, int fd, uint16_t container_port, struct net_file *net);
/* A socket of this type (SOCK_STREAM, SOCK_DGRAM) on its way to the container; -1: it cannot be. */
int splice_connect(int type, const struct address *to, uint16_t port);

#endif
