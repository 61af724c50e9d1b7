/*
 * monitor/dns_source.c - where answers come from: what we know of the neighbours, or a server.
 *
 * Kernel objects and man pages: setns(2), resolv.conf(5); RFC 8020.
 * Order of an answer: names of neighbours; addresses of neighbours (PTR); nothing leaves when all networks
 * are internal (CVE-2024-29018); else a server is asked. A name that we know and that has no address of the
 * asked family is an empty answer, not "no such name": musl would stop at that.
 */
#include "engine/monitor/dns.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"

enum { ADDRESSES = 256 };

/* --- our own names --- */

/*
 * Another order each time. Clients often take the first; most sort anyway (RFC 6724), so this is no load
 * balancer.
 */
static void dns_shuffle(struct address *a, size_t n)
{
	unsigned char random[ADDRESSES];
	char hex[2 * sizeof(random) + 1];
	random_hex(hex, n < sizeof(random) ? n : sizeof(random));
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)((hex[2 * i - 2] * 31 + hex[2 * i - 1]) % (int)i);
		struct address swap = a[k];
		a[k] = a[i - 1];
		a[i - 1] = swap;
	}
}

size_t dns_own_answer(
	struct net_file *net, const uint8_t *query, const struct dns_question *q, bool tcp, uint8_t *out)
{
	struct address found[ADDRESSES], address;
	char pointer[320];
	bool known = false, closed = net_file_is_internal(net) && !net->n_servers;
	size_t room = q->room < DNS_PLAIN ? DNS_PLAIN : q->room > DNS_EDNS ? DNS_EDNS : q->room;
	size_t limit = tcp ? DNS_MAX : room, n = 0;
	int family = q->type == DNS_A ? AF_INET : q->type == DNS_AAAA ? AF_INET6 : 0;
	if (*q->name)
		n = net_file_lookup(net, q->name, family, found, ADDRESSES, &known);
	if (known) {
		dns_shuffle(found, n);
		return dns_answer(query, q, DNS_OK, !closed, found, n, NULL, limit, out);
	}
	if (q->type == DNS_PTR && dns_reverse(q->name, &address)) {
		int rc = net_file_reverse(net, &address, pointer);
		if (rc)
			return dns_answer(query, q, rc > 0 ? DNS_OK : DNS_NXDOMAIN, !closed, NULL, 0,
				rc > 0 ? pointer : NULL, limit, out);
	}
	return closed ? dns_answer(query, q, DNS_REFUSED, false, NULL, 0, NULL, limit, out) : 0;
}

/* --- servers --- */

static void dns_host_servers(struct dns_servers *ret)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	struct address own;
	char *save = NULL;
	address_parse("127.0.0.11", AF_INET, &own);
	if (file_read(AT_FDCWD, "/etc/resolv.conf", 1 << 20, &b, &ignored) < 0 || !b.data)
		return;
	for (char *line = strtok_r(b.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *words = NULL, *key = strtok_r(line, " \t", &words),
		     *value = strtok_r(NULL, " \t%", &words);
		struct address a;
		bool good = key && value && str_eq(key, "nameserver") && address_parse(value, 0, &a) == 0;
		if (good && !address_equal(&a, &own) && ret->count < ARRAY_LEN(ret->items))
			ret->items[ret->count++] = a;
	}
}

void dns_servers(const struct net_file *net, struct dns_servers *ret)
{
	*ret = (struct dns_servers){ .inside = net->n_servers > 0, .count = net->n_servers };
	memcpy(ret->items, net->servers, sizeof(net->servers));
	if (!net->n_servers)
		dns_host_servers(ret);
}

int dns_socket(int netns, int family, int type)
{
	struct mc_err ignored = { 0 };
	if (netns < 0)
		return socket(family, type | SOCK_CLOEXEC, 0);
	_cleanup_close_ int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (own < 0 || sys_setns(netns, CLONE_NEWNET, &ignored) < 0)
		return -1;
	int fd = socket(family, type | SOCK_CLOEXEC, 0);
	if (sys_setns(own, CLONE_NEWNET, &ignored) < 0)
		abort(); /* in the wrong namespace every later socket would be wrong */
	return fd;
}

int dns_server_socket(const struct dns_servers *s, size_t i, int type, int netns)
{
	const struct address *a = &s->items[i];
	struct sockaddr_storage to = { .ss_family = (sa_family_t)a->family };
	socklen_t len = a->family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int fd = dns_socket(s->inside ? netns : -1, a->family, type);
	((struct sockaddr_in *)&to)->sin_port = htons(53); /* at the same place in both families */
	if (a->family == AF_INET)
		memcpy(&((struct sockaddr_in *)&to)->sin_addr, a->bytes, 4);
	else
		memcpy(&((struct sockaddr_in6 *)&to)->sin6_addr, a->bytes, 16);
	struct timeval limit = { .tv_sec = 2 };
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)); /* also of connect(2) */
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, len) < 0 && errno != EINPROGRESS)
		fd = close_fd(fd);
	return fd;
}
