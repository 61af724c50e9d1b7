/*
 * spec/files.c - /etc/hostname, /etc/hosts and /etc/resolv.conf of a container: written into its directory,
 * bind mounted over whatever the image has.
 *
 * Man pages: hosts(5), resolv.conf(5), hostname(5).
 * Order and why: a resolver on the host's loopback (127.0.0.53) cannot be reached from another network
 * namespace, so such lines are left out there, as docker does. The program that connects an unprivileged
 * user's container (network/usernet.c) runs on the host and can ask it: the address of that program comes
 * first.
 */
#include <fcntl.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/endpoints.h"
#include "engine/spec/spec.h"
#include "engine/spec/user_ids.h"
#include "network/usernet.h"

static int write_file(const struct spec_input *in, const char *name, const struct buf *b, struct mc_err *err)
{
	_cleanup_free_ char *path = container_path(in->engine, in->container->id, name);
	int rc = file_write_atomic(AT_FDCWD, path, b->data ? b->data : "", b->len, 0644, 0, err);
	if (rc < 0 || !in->ids->uids.n)
		return rc;
	return sys_chown(AT_FDCWD, path, user_ids_root_uid(in->ids), user_ids_root_gid(in->ids), 0, err);
}

static bool host_network(const struct spec_input *in)
{
	return str_eq(json_text_of(json_member(in->container->host, "NetworkMode")), "host");
}

/* --add-host NAME:host-gateway: the host, as this container reaches it. */
static void add_gateway(const struct spec_input *in, struct buf *b, int len, const char *name)
{
	const struct endpoint *ways[] = { in->net ? in->net->way4 : NULL, in->net ? in->net->way6 : NULL };
	char text[ADDRESS_TEXT];
	if (host_network(in) || !in->net)
		buf_addf(b, "127.0.0.1\t%.*s\n", len, name);
	for (int i = 0; i < 2; i++)
		if (ways[i])
			buf_addf(b, "%s\t%.*s\n",
				address_text(i ? &ways[i]->lease.gateway6 : &ways[i]->lease.gateway4, text),
				len, name);
}

void spec_hosts_text(const struct spec_input *in, struct buf *b)
{
	const struct json *extra = json_member(in->container->host, "ExtraHosts");
	struct mc_err ignored = { 0 };
	if (!host_network(in) || file_read(AT_FDCWD, "/etc/hosts", 1 << 20, b, &ignored) < 0)
		buf_adds(b, "127.0.0.1\tlocalhost\n"
			    "::1\tlocalhost ip6-localhost ip6-loopback\n"
			    "fe00::\tip6-localnet\nff00::\tip6-mcastprefix\n"
			    "ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
	for (size_t i = 0; i < json_len(extra); i++) {
		const char *pair = json_text_of(json_item(extra, i));
		const char *sep = pair ? strpbrk(pair, "=:") : NULL;
		if (!sep)
			continue;
		if (str_eq(sep + 1, "host-gateway"))
			add_gateway(in, b, (int)(sep - pair), pair);
		else
			buf_addf(b, "%s\t%.*s\n", sep + 1, (int)(sep - pair), pair);
	}
	if (in->net)
		endpoints_hosts(in->net, in->container, b);
	else if (!host_network(in))
		buf_addf(b, "127.0.1.1\t%s\n", json_text_of(json_member(in->container->config, "Hostname")));
}

/* The host's own file without the resolvers that cannot be reached. */
static void copy_resolv(const struct spec_input *in, struct buf *b)
{
	_cleanup_buf_ struct buf host = { 0 };
	struct mc_err ignored = { 0 };
	char *save = NULL;
	if (file_read(AT_FDCWD, "/etc/resolv.conf", 1 << 20, &host, &ignored) < 0 || !host.data)
		return;
	for (char *line = strtok_r(host.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *server = str_starts(line, "nameserver") ? line + strlen("nameserver") : NULL;
		while (server && (*server == ' ' || *server == '\t'))
			server++;
		bool loopback = server && (str_starts(server, "127.") || str_starts(server, "::1"));
		if (!loopback || host_network(in))
			buf_addf(b, "%s\n", line);
	}
}

/* The host's search list, for a container whose names are answered by its monitor. */
static void copy_search(struct buf *b)
{
	_cleanup_buf_ struct buf host = { 0 };
	struct mc_err ignored = { 0 };
	char *save = NULL, *last = NULL;
	if (file_read(AT_FDCWD, "/etc/resolv.conf", 1 << 20, &host, &ignored) < 0 || !host.data)
		return;
	for (char *line = strtok_r(host.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (str_starts(line, "search ") || str_starts(line, "domain "))
			last = line; /* the last one counts (resolv.conf(5)) */
	if (last)
		buf_addf(b, "search %s\n", last + strlen("search "));
}

/*
 * The name server is the container's monitor; --dns servers are asked by it (monitor/net_file.h). ndots:0,
 * so that a single word, a neighbour's name, is tried as it is.
 */
static void add_own_resolv(const struct spec_input *in, struct buf *b)
{
	const struct json *search = json_member(in->container->host, "DnsSearch");
	const struct json *options = json_member(in->container->host, "DnsOptions");
	bool ndots = false;
	buf_adds(b, "nameserver 127.0.0.11\n");
	if (!json_len(search))
		copy_search(b);
	for (size_t i = 0; i < json_len(search); i++)
		if (!str_eq(json_text_of(json_item(search, i)), "."))
			buf_addf(b, "%s%s", i ? " " : "search ", json_text_of(json_item(search, i)));
	if (json_len(search) && !str_eq(json_text_of(json_item(search, 0)), "."))
		buf_addc(b, '\n');
	buf_adds(b, "options");
	for (size_t i = 0; i < json_len(options); i++) {
		buf_addf(b, " %s", json_text_of(json_item(options, i)));
		ndots |= str_starts(json_text_of(json_item(options, i)), "ndots:");
	}
	buf_adds(b, ndots ? "\n" : " ndots:0\n");
}

static void add_resolv(const struct spec_input *in, struct buf *b)
{
	const struct json *host = in->container->host;
	const struct {
		const char *key, *word;
		bool one_line;
	} lists[] = { { "Dns", "nameserver", false }, { "DnsSearch", "search", true },
		{ "DnsOptions", "options", true } };
	bool own = json_len(json_member(host, "Dns")) == 0;
	if (own && in->network)
		buf_addf(b, "nameserver %s\n", usernet_resolver(in->network));
	if (own)
		copy_resolv(in, b);
	for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
		const struct json *list = json_member(host, lists[l].key);
		for (size_t i = 0; i < json_len(list); i++) {
			bool starts = !i || !lists[l].one_line;
			buf_addf(b, "%s%s %s", starts && i ? "\n" : "", starts ? lists[l].word : "",
				json_text_of(json_item(list, i)));
		}
		if (json_len(list))
			buf_addc(b, '\n');
	}
}

/* A name for the user of --userns keep-id, in the two files that have names. */
static int write_self(const struct spec_input *in, struct mc_err *err)
{
	static const char *const names[] = { "passwd", "group" };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(names); i++) {
		_cleanup_buf_ struct buf b = { 0 };
		if (spec_self_file(in, names[i], &b))
			rc = write_file(in, names[i], &b, err);
	}
	return rc;
}

int spec_write_files(const struct spec_input *in, struct mc_err *err)
{
	_cleanup_buf_ struct buf hostname = { 0 }, hosts = { 0 }, resolv = { 0 };
	buf_addf(&hostname, "%s\n", json_text_of(json_member(in->container->config, "Hostname")));
	spec_hosts_text(in, &hosts);
	if (in->net)
		add_own_resolv(in, &resolv);
	else
		add_resolv(in, &resolv);
	int rc = write_file(in, "hostname", &hostname, err);
	if (rc >= 0)
		rc = write_file(in, "hosts", &hosts, err);
	if (rc >= 0)
		rc = write_file(in, "resolv.conf", &resolv, err);
	return rc < 0 ? rc : write_self(in, err);
}
