/*
 * monitor/dns_tcp.c - DNS over TCP, one connection in one child process.
 *
 * RFC 7766: each message follows its length, two bytes. Clients come here when an answer did not fit a
 * datagram. The child reads and writes with time limits and without any event loop, so a client that stops
 * in the middle holds up nothing but its own child.
 */
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "engine/monitor/dns.h"

enum { TCP_MAX = 65535, CLIENT_S = 10, SERVER_S = 2, QUESTIONS = 100 };

static bool tcp_read(int fd, uint8_t *to, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = recv(fd, to + done, len - done, 0);
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static ssize_t tcp_read_message(int fd, uint8_t *to)
{
	uint8_t size[2];
	if (!tcp_read(fd, size, 2))
		return -1;
	size_t len = (size_t)(size[0] << 8 | size[1]);
	return tcp_read(fd, to, len) ? (ssize_t)len : -1;
}

static bool tcp_write_message(int fd, const uint8_t *from, size_t len)
{
	uint8_t size[2] = { (uint8_t)(len >> 8), (uint8_t)len };
	return send(fd, size, 2, MSG_NOSIGNAL | MSG_MORE) == 2 &&
	       send(fd, from, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void tcp_limit(int fd, int seconds)
{
	struct timeval limit = { .tv_sec = seconds };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

/* The first server that answers. Its answer's length, or 0. */
static size_t tcp_forward(const struct net_file *net, int netns, const uint8_t *query, size_t len,
	const struct dns_question *q, uint8_t *out)
{
	struct dns_servers s;
	dns_servers(net, &s);
	for (size_t i = 0; i < s.count; i++) {
		int fd = dns_server_socket(&s, i, SOCK_STREAM, netns);
		if (fd < 0)
			continue;
		tcp_limit(fd, SERVER_S);
		ssize_t n = tcp_write_message(fd, query, len) ? tcp_read_message(fd, out) : -1;
		close(fd);
		if (n > 0 && dns_matches(query, q, out, (size_t)n))
			return (size_t)n;
	}
	return 0;
}

void dns_tcp_child(int client, struct net_file *net, int netns)
{
	static uint8_t query[TCP_MAX + 1], out[TCP_MAX + 1];
	tcp_limit(client, CLIENT_S);
	alarm(CLIENT_S * 6); /* whatever happens, this process ends */
	for (int i = 0; i < QUESTIONS; i++) {
		struct dns_question q;
		ssize_t n = tcp_read_message(client, query);
		int code = n < 0 ? -1 : dns_parse(query, (size_t)n, &q);
		if (code < 0)
			return;
		size_t len =
			code ? dns_answer(query, &q, (enum dns_code)code, true, NULL, 0, NULL, DNS_MAX, out)
			     : dns_own_answer(net, query, &q, true, out);
		if (!len)
			len = tcp_forward(net, netns, query, (size_t)n, &q, out);
		if (!len)
			len = dns_answer(query, &q, DNS_SERVFAIL, true, NULL, 0, NULL, DNS_MAX, out);
		if (!tcp_write_message(client, out, len))
			return;
	}
}
