/*
 * monitor/splice_udp.c - datagrams to a published port that the kernel does not rewrite are carried by hand.
 *
 * Kernel objects and man pages: udp(7), connect(2) on a datagram socket, epoll(7).
 * When this happens: see splice.c; for UDP it is ::1 above all. UDP has no connections, so what belongs
 * together is found by the sender's address: a flow. Each flow has a socket of its own towards the container;
 * answers that arrive there go back to that sender. A flow ends when no room is left for a new one and it has
 * been quiet the longest; nothing else tells that a sender has finished.
 */
#include "engine/monitor/splice.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include "base/util.h"
#include "engine/monitor/watch.h"

enum { FLOWS_MOST = 64 };

struct udp_port;
struct udp_flow {
	struct watch watch; /* its socket towards the container; fd -1: free */
	struct udp_port *port;
	struct sockaddr_storage client;
	socklen_t client_len;
	uint64_t used; /* number of its last datagram: the smallest has been quiet the longest */
};

struct udp_port {
	struct watch watch;
	int epoll;
	uint16_t container_port;
	struct net_file *net;
	uint64_t datagrams;
	struct udp_flow flows[FLOWS_MOST];
};

static void flow_end(struct udp_flow *f)
{
	if (f->watch.fd >= 0)
		watch_remove(f->port->epoll, &f->watch);
	f->watch.fd = -1;
}

/* From the container back to the sender. An error (nothing listens inside) ends the flow. */
static void flow_answer(struct watch *w, uint32_t events)
{
	struct udp_flow *f = (struct udp_flow *)((char *)w - offsetof(struct udp_flow, watch));
	static char bytes[65536];
	ssize_t n = recv(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n >= 0)
		sendto(f->port->watch.fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL,
			(struct sockaddr *)&f->client, f->client_len);
	else if (errno != EAGAIN && errno != EINTR)
		flow_end(f);
}

static struct udp_flow *flow_of(struct udp_port *p, const struct sockaddr_storage *client, socklen_t len)
{
	struct udp_flow *oldest = &p->flows[0];
	for (size_t i = 0; i < FLOWS_MOST; i++) {
		struct udp_flow *f = &p->flows[i];
		if (f->watch.fd >= 0 && f->client_len == len && !memcmp(&f->client, client, len))
			return f;
		if (f->watch.fd < 0 || f->used < oldest->used)
			oldest = f;
		if (f->watch.fd < 0)
			f->used = 0; /* a free one is older than any */
	}
	flow_end(oldest);
	const struct address *to = p->net->way4.family ? &p->net->way4 : &p->net->way6;
	int inside = to->family ? splice_connect(SOCK_DGRAM, to, p->container_port) : -1;
	if (inside < 0)
		return NULL;
	*oldest = (struct udp_flow){ .watch = { .fd = inside, .ready = flow_answer },
		.port = p,
		.client = *client,
		.client_len = len };
	watch_add(p->epoll, &oldest->watch, EPOLLIN);
	return oldest;
}

static void udp_receive(struct watch *w, uint32_t events)
{
	struct udp_port *p = (struct udp_port *)((char *)w - offsetof(struct udp_port, watch));
	static char bytes[65536];
	struct sockaddr_storage client = { 0 };
	socklen_t len = sizeof(client);
	ssize_t n = recvfrom(w->fd, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)&client, &len);
	if (n < 0)
		return;
	net_file_refresh(p->net);
	struct udp_flow *f = flow_of(p, &client, len);
	if (!f)
		return;
	f->used = ++p->datagrams;
	send(f->watch.fd, bytes, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int splice_serve_udp(int epoll, int fd, uint16_t container_port, struct net_file *net)
{
	struct udp_port *p = xcalloc(1, sizeof(*p));
	*p = (struct udp_port){ .watch = { .fd = fd, .ready = udp_receive },
		.epoll = epoll,
		.container_port = container_port,
		.net = net };
	for (size_t i = 0; i < FLOWS_MOST; i++)
		p->flows[i].watch.fd = -1;
	return watch_add(epoll, &p->watch, EPOLLIN);
}
