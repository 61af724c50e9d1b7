/*
 * monitor/dns.h - the name server of one container: 127.0.0.11, port 53, inside its network namespace.
 *
 * The sockets are made inside, the process that reads them is outside: no rule of any firewall concerns
 * them, and questions that are not for a neighbour leave from the host, where a resolver on 127.0.0.53 can
 * be asked.
 */
#ifndef MC_ENGINE_MONITOR_DNS_H
#define MC_ENGINE_MONITOR_DNS_H

#include <sys/types.h>
#include "base/err.h"
#include "engine/monitor/dns_message.h"
#include "engine/monitor/net_file.h"

/*
 * Opens the sockets in the namespace of the process pid and serves them on epoll. netns_fd: that namespace,
 * kept for --dns servers, which are asked from inside. dns_stop() must come before the namespace may
 * vanish: a socket keeps it. moved: port 53 is left to the container's program, on all addresses.
 */
struct dns;
int dns_start(int epoll, pid_t pid, bool moved, struct net_file *net, struct dns **ret, struct mc_err *err);
void dns_stop(struct dns *d);
/* A child of ours has ended; it may have been one that served a TCP connection. */
void dns_reaped(struct dns *d, pid_t pid);

/* --- dns_source.c: for dns.c and dns_tcp.c --- */

/* An answer from what we know, into out[DNS_MAX]. Its length, or 0: the question goes on to a server. */
size_t dns_own_answer(
	struct net_file *net, const uint8_t *query, const struct dns_question *q, bool tcp, uint8_t *out);

struct dns_servers {
	struct address items[8];
	size_t count;
	bool inside; /* ask from inside the container: they are --dns servers */
};
/* Who is asked: --dns servers, else those of the host's /etc/resolv.conf without ourselves. */
void dns_servers(const struct net_file *net, struct dns_servers *ret);
/* A socket in the namespace netns (-1: here). It stays there: only making it needs us to be inside. */
int dns_socket(int netns, int family, int type);
/* A socket connected to a server's port 53, made in the right namespace. -1 when it cannot be had. */
int dns_server_socket(const struct dns_servers *s, size_t i, int type, int netns);

/* dns_tcp.c: serves one connection in a child process, since a slow client may take its time. */
void dns_tcp_child(int client, struct net_file *net, int netns);

#endif
