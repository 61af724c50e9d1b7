/*
 * port_reserve.c - one socket for each published port.
 *
 * Kernel objects and man pages: bind(2), listen(2), ip(7), ipv6(7) IPV6_V6ONLY, proc_pid_fd(5).
 * Why listen(2) as well: with SO_REUSEADDR, bind(2) succeeds beside a listening socket of another address;
 * listen(2) tells the truth. Why two sockets: one for 0.0.0.0 and one for [::], with one number, since users
 * do not care which they reach.
 */
#include "network/port_reserve.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>
#include "base/file.h"

enum { RANDOM_TRIES = 64 };

/* --- one socket --- */

static socklen_t reserve_address(const struct address *host, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;
	memset(ret, 0, sizeof(*ret));
	ret->ss_family = (sa_family_t)host->family;
	if (host->family == AF_INET) {
		four->sin_port = htons(port);
		memcpy(&four->sin_addr, host->bytes, 4);
		return sizeof(*four);
	}
	six->sin6_port = htons(port);
	memcpy(&six->sin6_addr, host->bytes, 16);
	return sizeof(*six);
}

static uint16_t reserve_number(int fd)
{
	struct sockaddr_in6 a = { 0 };
	socklen_t len = sizeof(a);
	getsockname(fd, (struct sockaddr *)&a, &len);
	return ntohs(a.sin6_port); /* at the same place in both families */
}

/* Port 0 takes any. The descriptor, or -errno. */
static int reserve_socket(const char *protocol, const struct address *host, uint16_t port)
{
	bool tcp = str_eq(protocol, "tcp");
	struct sockaddr_storage a;
	int on = 1, code;
	socklen_t len = reserve_address(host, port, &a);
	int fd = socket(host->family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (tcp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (host->family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a, len) == 0 && (!tcp || listen(fd, 128) == 0))
		return fd;
	code = -errno;
	close_fd(fd);
	return code;
}

/* --- who has it --- */

/* The inode of the socket that has this port, of one of the four tables in /proc/net. 0: none. */
static unsigned long holder_inode(const char *protocol, uint16_t port)
{
	static const char *const suffix[] = { "", "6" };
	for (int i = 0; i < 2; i++) {
		_cleanup_free_ char *path = xasprintf("/proc/net/%s%s", protocol, suffix[i]);
		_cleanup_fclose_ FILE *f = fopen(path, "re");
		char line[512];
		while (f && fgets(line, sizeof(line), f)) {
			unsigned local, state;
			unsigned long inode;
			if (sscanf(line,
				    " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*u %*d %lu",
				    &local, &state, &inode) == 3 &&
				local == port && (state == 10 || str_eq(protocol, "udp")))
				return inode;
		}
	}
	return 0;
}

static bool holder_has(const char *pid, const char *socket_name)
{
	_cleanup_free_ char *dir = xasprintf("/proc/%s/fd", pid);
	_cleanup_closedir_ DIR *d = opendir(dir);
	struct dirent *entry;
	char target[64];
	while (d && (entry = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), entry->d_name, target, sizeof(target) - 1);
		if (n > 0 && (target[n] = '\0', str_eq(target, socket_name)))
			return true;
	}
	return false;
}

/* The program that has a port, as "name (pid 123)"; NULL when it cannot be told. Caller frees. */
static char *port_holder(const char *protocol, uint16_t port)
{
	unsigned long inode = holder_inode(protocol, port);
	_cleanup_free_ char *name = xasprintf("socket:[%lu]", inode);
	_cleanup_closedir_ DIR *d = inode ? opendir("/proc") : NULL;
	struct dirent *entry;
	while (d && (entry = readdir(d))) {
		if (entry->d_name[strspn(entry->d_name, "0123456789")] || !holder_has(entry->d_name, name))
			continue;
		_cleanup_free_ char *path = xasprintf("/proc/%s/comm", entry->d_name);
		_cleanup_buf_ struct buf comm = { 0 };
		struct mc_err ignored = { 0 };
		if (file_read(AT_FDCWD, path, 64, &comm, &ignored) < 0 || !comm.data)
			return NULL;
		comm.data[strcspn(comm.data, "\n")] = '\0';
		return xasprintf("%s (pid %s)", comm.data, entry->d_name);
	}
	return NULL;
}

static int reserve_refused(
	const char *protocol, const struct address *host, uint16_t port, int code, struct mc_err *err)
{
	char text[ADDRESS_TEXT];
	const char *open = host->family == AF_INET6 ? "[" : "", *shut = *open ? "]" : "";
	address_text(host, text);
	_cleanup_free_ char *holder = code == -EADDRINUSE ? port_holder(protocol, port) : NULL;
	if (code == -EADDRINUSE && str_starts(holder ? holder : "", "minictr-monitor"))
		err_set(err, EADDRINUSE,
			"Bind for %s%s%s:%u failed: port is already allocated to another container", open,
			text, shut, port);
	else if (code == -EADDRINUSE)
		err_set(err, EADDRINUSE, "Bind for %s%s%s:%u failed: port is already allocated%s%s", open,
			text, shut, port, holder ? ", to " : "", holder ? holder : "");
	else
		err_code(err, code, "Bind for %s%s%s:%u failed", open, text, shut, port);
	if (code == -EADDRINUSE)
		return err_hint(err, "choose another host port (-p HOST:CONTAINER), or stop what has it");
	if (code == -EACCES)
		return err_hint(err,
			"ports below 1024 are root's: choose a higher one, or let users have them: sysctl "
			"net.ipv4.ip_unprivileged_port_start=%u",
			port);
	if (code == -EADDRNOTAVAIL)
		return err_hint(err, "no interface of this host has that address");
	return code;
}

/* --- one binding --- */

static void reserve_add(struct reserved_ports *all, const char *protocol, const struct address *host,
	uint16_t host_port, uint16_t container_port, int fd)
{
	all->items = xrealloc(all->items, (all->count + 1) * sizeof(*all->items));
	struct reserved_port *p = &all->items[all->count++];
	*p = (struct reserved_port){
		.host = *host, .host_port = host_port, .container_port = container_port, .fd = fd
	};
	snprintf(p->protocol, sizeof(p->protocol), "%s", protocol);
}

/* The same number on each of the addresses: all of them or none. Returns the number or -errno; *ret_which
 * failed. */
static int reserve_number_on(const char *protocol, const struct address *hosts, size_t n, uint16_t port,
	int fds[2], size_t *ret_which)
{
	fds[0] = fds[1] = -1;
	for (size_t i = 0; i < n; i++) {
		fds[i] = reserve_socket(protocol, &hosts[i], port);
		bool no_ipv6 = i == 1 && (fds[i] == -EAFNOSUPPORT || fds[i] == -EADDRNOTAVAIL);
		if (fds[i] < 0 && !no_ipv6) {
			int code = fds[i];
			*ret_which = i;
			fds[0] = close_fd(fds[0]);
			fds[1] = -1;
			return code;
		}
		if (fds[i] >= 0)
			port = reserve_number(fds[i]);
	}
	return port;
}

/* Numbers first to last, in their order; 0 to 0 is any. */
static int reserve_range(struct reserved_ports *all, const char *protocol, const struct address *hosts,
	size_t n, unsigned first, unsigned last, uint16_t container_port, struct mc_err *err)
{
	int fds[2], rc = -EADDRINUSE;
	size_t which = 0;
	for (unsigned p = first, tries = 0; p <= last && tries < (first ? 65536 : RANDOM_TRIES);
		p += first ? 1 : 0, tries++) {
		rc = reserve_number_on(protocol, hosts, n, (uint16_t)p, fds, &which);
		if (rc != -EADDRINUSE)
			break;
	}
	if (rc < 0 && first != last) {
		err_set(err, -rc, "all ports from %u to %u are taken", first, last);
		return err_hint(err, "give a wider range");
	}
	if (rc < 0)
		return reserve_refused(protocol, &hosts[which], (uint16_t)first, rc, err);
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			reserve_add(all, protocol, &hosts[i], (uint16_t)rc, container_port, fds[i]);
	return 0;
}

static int reserve_one(struct reserved_ports *all, const char *key, const struct json *binding,
	const struct address *default_host, struct mc_err *err)
{
	const char *ip = json_text_of(json_member(binding, "HostIp"));
	const char *number = json_text_of(json_member(binding, "HostPort")), *slash = strchr(key, '/');
	struct address hosts[2] = { { .family = AF_INET }, { .family = AF_INET6 } };
	size_t n = 2;
	unsigned first = 0, last = 0;
	_cleanup_free_ char *inside = xstrndup(key, strcspn(key, "/"));
	uint64_t port = 0;
	parse_u64(inside, &port);
	if (number && *number && sscanf(number, "%u-%u", &first, &last) == 1)
		last = first;
	if (ip && *ip && address_parse(ip, 0, &hosts[0]) == 0)
		n = 1;
	else if (default_host->family) {
		hosts[0] = *default_host;
		n = 1;
	}
	return reserve_range(all, slash ? slash + 1 : "tcp", hosts, n, first, last, (uint16_t)port, err);
}

int ports_reserve(const struct json *bindings, const struct address *default_host, struct reserved_ports *ret,
	struct mc_err *err)
{
	struct json_iter it = { 0 };
	int rc = 0;
	*ret = (struct reserved_ports){ 0 };
	while (rc >= 0 && json_kind_of(bindings) == JSON_OBJECT && json_next(bindings, &it))
		for (size_t i = 0; rc >= 0 && i < json_len(it.value); i++)
			rc = reserve_one(ret, it.key, json_item(it.value, i), default_host, err);
	if (rc < 0)
		ports_release(ret);
	return rc < 0 ? rc : 0;
}

void ports_release(struct reserved_ports *p)
{
	for (size_t i = 0; i < p->count; i++)
		close_fd(p->items[i].fd);
	free(p->items);
	*p = (struct reserved_ports){ 0 };
}

struct json *ports_json(const struct reserved_ports *p)
{
	struct json *all = json_new_object();
	for (size_t i = 0; i < p->count; i++) {
		const struct reserved_port *r = &p->items[i];
		char ip[ADDRESS_TEXT], number[8];
		_cleanup_free_ char *key = xasprintf("%u/%s", r->container_port, r->protocol);
		struct json *list = (struct json *)json_member(all, key);
		if (!list)
			list = json_set(all, key, json_new_array());
		struct json *one = json_add(list, json_new_object());
		json_set_string(one, "HostIp", address_text(&r->host, ip));
		snprintf(number, sizeof(number), "%u", r->host_port);
		json_set_string(one, "HostPort", number);
	}
	return all;
}
