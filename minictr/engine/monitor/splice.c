/*
 * monitor/splice.c - connections to a published port that the kernel does not rewrite are carried by hand.
 *
 * Kernel objects and man pages: accept4(2), connect(2) without waiting, epoll(7), shutdown(2).
 * When this happens: the kernel cannot rewrite packets to ::1 (they never leave the loopback), a host
 * address of IPv6 may lead to a container that has IPv4 only, and another program may have flushed all
 * rules. Everything else never comes here. The container sees the bridge's address as the sender.
 * Each connection is two sockets and a buffer for each direction. The end of one direction is passed on
 * with shutdown(2); the other one lives on, as TCP has it.
 */
#include "engine/monitor/splice.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "engine/monitor/watch.h"

enum { SPLICE_MOST = 1024, SPLICE_BUFFER = 16384 };

struct splice_port {
	struct watch watch;
	int epoll;
	uint16_t container_port;
	struct net_file *net;
	unsigned connections;
};

/* One direction: what was read at `from` and not written to the other side yet. */
struct splice_half {
	size_t at, len;
	bool ended, passed_on; /* end of file was read; and told to the other side */
	char bytes[SPLICE_BUFFER];
};

struct splice_pair;
struct splice_side {
	struct watch watch;
	struct splice_pair *pair;
	struct splice_half half; /* read from this side */
};

struct splice_pair {
	struct splice_port *port;
	struct splice_side side[2]; /* client, container */
	bool connected;
};

static void splice_end(struct splice_pair *p)
{
	for (int i = 0; i < 2; i++)
		watch_remove(p->port->epoll, &p->side[i].watch);
	p->port->connections--;
	free(p);
}

/* True: go on. False: this direction is broken, and with it the connection. */
static bool splice_move(struct splice_pair *p, int from)
{
	struct splice_half *h = &p->side[from].half;
	int in = p->side[from].watch.fd, out = p->side[!from].watch.fd;
	if (!h->len && !h->ended) {
		ssize_t n = recv(in, h->bytes, sizeof(h->bytes), MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		h->ended = n == 0;
		h->at = 0;
		h->len = n > 0 ? (size_t)n : 0;
	}
	if (h->len) {
		ssize_t n = send(out, h->bytes + h->at, h->len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		h->at += n > 0 ? (size_t)n : 0;
		h->len -= n > 0 ? (size_t)n : 0;
	}
	if (h->ended && !h->len && !h->passed_on) {
		shutdown(out, SHUT_WR);
		h->passed_on = true;
	}
	return true;
}

static void splice_ask(struct splice_pair *p)
{
	for (int i = 0; i < 2; i++) {
		const struct splice_half *mine = &p->side[i].half, *other = &p->side[!i].half;
		uint32_t events = !mine->len && !mine->ended ? EPOLLIN : 0;
		if (!p->connected)
			events = i ? EPOLLOUT : 0;
		else if (other->len)
			events |= EPOLLOUT;
		watch_change(p->port->epoll, &p->side[i].watch, events);
	}
}

static void splice_ready(struct watch *w, uint32_t events)
{
	struct splice_side *side = (struct splice_side *)((char *)w - offsetof(struct splice_side, watch));
	struct splice_pair *p = side->pair;
	int code = 0;
	socklen_t len = sizeof(code);
	if (!p->connected) {
		getsockopt(p->side[1].watch.fd, SOL_SOCKET, SO_ERROR, &code, &len);
		if (code || side == &p->side[0]) { /* refused; or the client went away meanwhile */
			splice_end(p);
			return;
		}
		p->connected = true;
	}
	bool alive = splice_move(p, 0) && splice_move(p, 1);
	if (!alive || (p->side[0].half.passed_on && p->side[1].half.passed_on))
		splice_end(p);
	else
		splice_ask(p);
}

int splice_connect(int type, const struct address *to, uint16_t port)
{
	struct sockaddr_storage a = { .ss_family = (sa_family_t)to->family };
	socklen_t len = to->family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	if (to->family == AF_INET) {
		((struct sockaddr_in *)&a)->sin_port = htons(port);
		memcpy(&((struct sockaddr_in *)&a)->sin_addr, to->bytes, 4);
	} else {
		((struct sockaddr_in6 *)&a)->sin6_port = htons(port);
		memcpy(&((struct sockaddr_in6 *)&a)->sin6_addr, to->bytes, 16);
	}
	int fd = socket(to->family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, len) < 0 && errno != EINPROGRESS)
		fd = close_fd(fd);
	return fd;
}

static void splice_accept(struct watch *w, uint32_t events)
{
	struct splice_port *port = (struct splice_port *)((char *)w - offsetof(struct splice_port, watch));
	int client = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0)
		return;
	net_file_refresh(port->net);
	const struct address *to = port->net->way4.family ? &port->net->way4 : &port->net->way6;
	int inside = to->family && port->connections < SPLICE_MOST
			     ? splice_connect(SOCK_STREAM, to, port->container_port)
			     : -1;
	if (inside < 0) {
		close_fd(client);
		return;
	}
	struct splice_pair *p = xcalloc(1, sizeof(*p));
	p->port = port;
	port->connections++;
	for (int i = 0; i < 2; i++) {
		p->side[i].pair = p;
		p->side[i].watch = (struct watch){ .fd = i ? inside : client, .ready = splice_ready };
		watch_add(port->epoll, &p->side[i].watch, i ? EPOLLOUT : 0);
	}
}

int splice_serve(int epoll, int fd, uint16_t container_port, struct net_file *net)
{
	struct splice_port *p = xcalloc(1, sizeof(*p));
	*p = (struct splice_port){ .watch = { .fd = fd, .ready = splice_accept },
		.epoll = epoll,
		.container_port = container_port,
		.net = net };
	return watch_add(epoll, &p->watch, EPOLLIN);
}
