/*
 * dashboard.c - see dashboard.h: who may see the pages, and how.
 *
 * The pages change nothing, but logs tell much, and every program of this machine reaches 127.0.0.1: a page
 * of the web in a browser here does so, too. Three walls, each against one of them:
 *   a key in the path   other users do not know it: it is in the daemon's log only. It is no cookie, which a
 *                       browser would send along for a foreign page.
 *   the Host header     a stranger's name that was made to point to 127.0.0.1 (DNS rebinding,
 *                       CVE-2018-5702) is not ours.
 *   headers             no script, no frame, no address of ours given to others (ops_page.c).
 * Only three paths lead from here into the table of routes, and only by GET.
 */
#include "daemon/dashboard.h"

#include <string.h>

/* Takes the same time for every text, so the time tells nothing about the key. */
static bool key_is_right(const char *key, const char *given)
{
	unsigned different = 0;
	for (size_t i = 0; i < DASHBOARD_KEY; i++)
		different |= (unsigned char)key[i] ^ (unsigned char)given[i];
	return !different;
}

static bool host_is_ours(const struct call *c)
{
	const char *host = MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, "Host");
	const char *colon = host ? strchr(host, ':') : NULL;
	size_t n = colon ? (size_t)(colon - host) : 0;
	bool name =
		(n == 9 && !strncmp(host, "127.0.0.1", n)) || (n == 9 && !strncasecmp(host, "localhost", n));
	return name && str_eq(colon + 1, c->daemon->dashboard_port);
}

char *dashboard_path(struct call *c, const char *method, const char *url)
{
	const char *rest = strlen(url) > DASHBOARD_KEY ? url + 1 + DASHBOARD_KEY : "";
	if (!host_is_ours(c))
		reply_error(&c->reply, 403, "these pages are at 127.0.0.1 only");
	else if (url[0] != '/' || *rest != '/' || !key_is_right(c->daemon->dashboard_key, url + 1))
		reply_error(&c->reply, 404, "page not found (the daemon's log has the whole address)");
	else if (!str_eq(method, "GET"))
		reply_error(&c->reply, 405, "these pages are only for reading");
	else
		return xasprintf("/dashboard%s", rest);
	return NULL;
}

int dashboard_prepare(
	struct daemon *d, const char *port, const char *walk, char **ret_address, struct mc_err *err)
{
	uint64_t n;
	if (parse_u64(port, &n) < 0 || n < 1 || n > 65535)
		return err_set(err, EINVAL, "--dashboard %s: wanted a port, 1 to 65535", port);
	random_hex(d->dashboard_key, DASHBOARD_KEY / 2);
	d->dashboard_port = port;
	d->walk = walk;
	*ret_address = xasprintf("127.0.0.1:%s", port);
	return 0;
}
