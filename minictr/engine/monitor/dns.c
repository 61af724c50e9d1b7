/*
 * monitor/dns.c - the name server of one container.
 *
 * Kernel objects and man pages: udp(7), timerfd_create(2), epoll(7); RFC 1035.
 * A question that dns_source.c cannot answer goes to the servers, one after the other.
 * Each question to a server has a socket of its own: a random port and a random id, and only that server's
 * answer is taken. At most 64 are under way; the oldest gives up.
 */
#include "engine/monitor/dns.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/monitor/watch.h"
#include "network/nft.h"

enum { PENDING = 64, SERVER_MS = 1200, ROUNDS = 2, TICK_MS = 200, TCP_CHILDREN = 16 };

/* A question that a server is thinking about. */
struct dns_pending {
	struct watch watch;
	struct dns *dns;
	struct sockaddr_in client;
	uint8_t query[DNS_MAX];
	size_t len;
	uint16_t client_id; /* ours is another one */
	struct dns_question question;
	struct dns_servers servers;
	size_t tries;
	uint64_t since; /* ms */
};

struct dns {
	int epoll, netns;
	struct net_file *net;
	struct watch udp, tcp, timer;
	struct dns_pending *pending[PENDING];
	size_t next; /* which slot gives way when all are full */
	pid_t children[TCP_CHILDREN];
};

/* The timer runs only while a question is under way: a monitor with nothing to do sleeps. */
static void dns_arm(struct dns *d)
{
	struct itimerspec once = { .it_value.tv_nsec = TICK_MS * 1000000 };
	timerfd_settime(d->timer.fd, 0, &once, NULL);
}

static uint64_t dns_now(void) { return now_ns(CLOCK_MONOTONIC) / 1000000; }

/* --- questions under way --- */

static void pending_end(struct dns_pending *p)
{
	struct dns *d = p->dns;
	for (size_t i = 0; i < PENDING; i++)
		if (d->pending[i] == p)
			d->pending[i] = NULL;
	watch_remove(d->epoll, &p->watch);
	free(p);
}

static void pending_reply(struct dns_pending *p, uint8_t *answer, size_t len)
{
	answer[0] = (uint8_t)(p->client_id >> 8);
	answer[1] = (uint8_t)p->client_id;
	sendto(p->dns->udp.fd, answer, len, MSG_DONTWAIT, (struct sockaddr *)&p->client, sizeof(p->client));
}

static void pending_fail(struct dns_pending *p)
{
	uint8_t out[DNS_MAX];
	size_t len = dns_answer(p->query, &p->question, DNS_SERVFAIL, true, NULL, 0, NULL, DNS_PLAIN, out);
	pending_reply(p, out, len);
	pending_end(p);
}

static void pending_ready(struct watch *w, uint32_t events);

/* Asks the next server that can be asked. False: none is left, and the client has been told. */
static bool pending_ask(struct dns_pending *p)
{
	watch_remove(p->dns->epoll, &p->watch);
	while (p->tries < p->servers.count * ROUNDS) {
		size_t i = p->tries++ % p->servers.count;
		p->watch = (struct watch){ dns_server_socket(
						   &p->servers, i, SOCK_DGRAM | SOCK_NONBLOCK, p->dns->netns),
			pending_ready };
		if (p->watch.fd >= 0 && send(p->watch.fd, p->query, p->len, 0) >= 0) {
			p->since = dns_now();
			watch_add(p->dns->epoll, &p->watch, EPOLLIN);
			return true;
		}
		p->watch.fd = close_fd(p->watch.fd);
	}
	pending_fail(p);
	return false;
}

static void pending_ready(struct watch *w, uint32_t events)
{
	struct dns_pending *p = (struct dns_pending *)((char *)w - offsetof(struct dns_pending, watch));
	uint8_t answer[DNS_MAX + 1];
	ssize_t n = recv(w->fd, answer, sizeof(answer), MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN) { /* no server listens there (ICMP says so) */
		pending_ask(p);
		return;
	}
	if (n < 0 || n > DNS_MAX || !dns_matches(p->query, &p->question, answer, (size_t)n))
		return; /* not the answer to our question */
	bool failed = (answer[3] & 15) == DNS_SERVFAIL || (answer[3] & 15) == DNS_REFUSED;
	if (failed && p->tries < p->servers.count) {
		pending_ask(p);
		return;
	}
	pending_reply(p, answer, (size_t)n);
	pending_end(p);
}

static void pending_start(struct dns *d, const uint8_t *query, size_t len, const struct dns_question *q,
	const struct sockaddr_in *client)
{
	size_t slot = PENDING;
	char id[5];
	for (size_t i = 0; i < PENDING && slot == PENDING; i++)
		if (!d->pending[i])
			slot = i;
	if (slot == PENDING) {
		slot = d->next++ % PENDING;
		pending_fail(d->pending[slot]);
	}
	struct dns_pending *p = xcalloc(1, sizeof(*p));
	*p = (struct dns_pending){
		.watch = { .fd = -1 }, .dns = d, .client = *client, .len = len, .question = *q
	};
	memcpy(p->query, query, len);
	p->client_id = (uint16_t)(query[0] << 8 | query[1]);
	random_hex(id, 2);
	unsigned long number = strtoul(id, NULL, 16);
	p->query[0] = (uint8_t)(number >> 8);
	p->query[1] = (uint8_t)number;
	d->pending[slot] = p;
	dns_servers(d->net, &p->servers);
	dns_arm(d);
	pending_ask(p);
}

/* --- sockets --- */

static void dns_udp_ready(struct watch *w, uint32_t events)
{
	struct dns *d = (struct dns *)((char *)w - offsetof(struct dns, udp));
	uint8_t query[DNS_MAX + 1], out[DNS_MAX];
	struct sockaddr_in client;
	socklen_t len = sizeof(client);
	struct dns_question q;
	ssize_t n = recvfrom(w->fd, query, sizeof(query), MSG_DONTWAIT, (struct sockaddr *)&client, &len);
	int code = n < 0 || n > DNS_MAX ? -1 : dns_parse(query, (size_t)n, &q);
	if (code < 0)
		return;
	net_file_refresh(d->net);
	size_t answer = code ? dns_answer(query, &q, (enum dns_code)code, true, NULL, 0, NULL, DNS_PLAIN, out)
			     : dns_own_answer(d->net, query, &q, false, out);
	if (answer)
		sendto(w->fd, out, answer, MSG_DONTWAIT, (struct sockaddr *)&client, len);
	else
		pending_start(d, query, (size_t)n, &q, &client);
}

static void dns_tcp_ready(struct watch *w, uint32_t events)
{
	struct dns *d = (struct dns *)((char *)w - offsetof(struct dns, tcp));
	int client = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);
	pid_t *slot = NULL;
	for (size_t i = 0; i < TCP_CHILDREN && !slot; i++)
		if (!d->children[i])
			slot = &d->children[i];
	pid_t pid = client < 0 || !slot ? -1 : fork(); /* the pump reaps it: dns_reaped() */
	if (pid > 0)
		*slot = pid;
	if (pid == 0) {
		net_file_refresh(d->net);
		dns_tcp_child(client, d->net, d->netns);
		_exit(0);
	}
	close_fd(client); /* too many at once: the client tries again */
}

void dns_reaped(struct dns *d, pid_t pid)
{
	for (size_t i = 0; d && i < TCP_CHILDREN; i++)
		if (d->children[i] == pid)
			d->children[i] = 0;
}

static void dns_tick(struct watch *w, uint32_t events)
{
	struct dns *d = (struct dns *)((char *)w - offsetof(struct dns, timer));
	uint64_t ticks, now = dns_now();
	if (read(w->fd, &ticks, sizeof(ticks)) < 0)
		return;
	for (size_t i = 0; i < PENDING; i++) {
		if (d->pending[i] && now > d->pending[i]->since + SERVER_MS)
			pending_ask(d->pending[i]);
		if (d->pending[i])
			dns_arm(d);
	}
}

static int dns_listen(int netns, int type, uint16_t port, struct mc_err *err)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(0x7f00000b) }
	};
	int on = 1, fd = dns_socket(netns, AF_INET, type | SOCK_NONBLOCK);
	if (fd < 0)
		return err_sys(err, "socket in the container's network namespace");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && (type == SOCK_DGRAM || listen(fd, 16) == 0))
		return fd;
	int rc = err_sys(err, "bind 127.0.0.11:%d inside the container", port);
	close_fd(fd);
	return rc;
}

/*
 * A container that exposes port 53 is a name server itself, and binds 0.0.0.0:53; beside a socket of
 * 127.0.0.11:53 the kernel refuses that. Ours then have other ports, and a rule of the container's own leads
 * there. Not for every container: rules take a process and some milliseconds, and connection tracking.
 */
static int dns_move(const struct dns *d, struct mc_err *err)
{
	static const char *const protocols[] = { "udp", "tcp" };
	const int fds[] = { d->udp.fd, d->tcp.fd };
	struct text t = { 0 };
	text_line(&t, "add table ip minictr_dns");
	text_line(&t, "add chain ip minictr_dns out { type nat hook output priority -100; }");
	text_line(&t, "flush chain ip minictr_dns out");
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		struct sockaddr_in a = { 0 };
		socklen_t len = sizeof(a);
		getsockname(fds[i], (struct sockaddr *)&a, &len);
		text_line(&t,
			"add rule ip minictr_dns out ip daddr 127.0.0.11 %s dport 53 dnat to 127.0.0.11:%d",
			protocols[i], ntohs(a.sin_port));
	}
	_cleanup_close_ int own = sys_open(AT_FDCWD, "/proc/self/ns/net", O_RDONLY, 0, err);
	int rc = own < 0 ? own : sys_setns(d->netns, CLONE_NEWNET, err);
	if (rc >= 0) {
		struct mc_err ignored = { 0 };
		rc = nft_run(&t, err);
		if (sys_setns(own, CLONE_NEWNET, &ignored) < 0)
			abort(); /* as in dns_socket() */
	}
	buf_release(&t.buf);
	return rc;
}

int dns_start(int epoll, pid_t pid, bool moved, struct net_file *net, struct dns **ret, struct mc_err *err)
{
	char path[40];
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	struct dns *d = *ret = xcalloc(1, sizeof(*d));
	*d = (struct dns){ .epoll = epoll, .net = net, .udp.fd = -1, .tcp.fd = -1, .timer.fd = -1 };
	d->netns = sys_open(AT_FDCWD, path, O_RDONLY, 0, err);
	int rc = d->netns < 0 ? d->netns : 0;
	if (rc >= 0)
		rc = d->udp.fd = dns_listen(d->netns, SOCK_DGRAM, moved ? 0 : 53, err);
	if (rc >= 0)
		rc = d->tcp.fd = dns_listen(d->netns, SOCK_STREAM, moved ? 0 : 53, err);
	if (rc >= 0 && moved)
		rc = dns_move(d, err);
	if (rc < 0)
		return rc;
	d->udp.ready = dns_udp_ready;
	d->tcp.ready = dns_tcp_ready;
	d->timer = (struct watch){ timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), dns_tick };
	watch_add(epoll, &d->udp, EPOLLIN);
	watch_add(epoll, &d->tcp, EPOLLIN);
	watch_add(epoll, &d->timer, EPOLLIN);
	return 0;
}

void dns_stop(struct dns *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < PENDING; i++)
		if (d->pending[i])
			pending_end(d->pending[i]);
	watch_remove(d->epoll, &d->udp);
	watch_remove(d->epoll, &d->tcp);
	watch_remove(d->epoll, &d->timer);
	close_fd(d->netns);
	free(d);
}
