/*
 * expose.c - EXPOSE's words: [[ip:]host:]port[-port][/proto]. The image lists single ports; a host part
 * means nothing.
 */
#include "build/configure.h"

#include <ctype.h>
#include <strings.h>

/* The part behind the last colon. */
static const char *expose_container(const char *word)
{
	const char *colon = strrchr(word, ':');
	return colon ? colon + 1 : word;
}

void expose_style(const char *word, bool *host_part, bool *upper_case)
{
	const char *slash = strchr(expose_container(word), '/');
	*host_part = strchr(word, ':') != NULL;
	*upper_case = false;
	for (; slash && *slash; slash++)
		*upper_case |= isupper((unsigned char)*slash) != 0;
}

static int expose_number(const char *text, size_t len, uint64_t *ret)
{
	_cleanup_free_ char *copy = xstrndup(text, len);
	return parse_u64(copy, ret) < 0 || *ret > 65535 ? -EINVAL : 0;
}

int expose_ports(const char *word, char ***ret, struct mc_err *err)
{
	const char *port = expose_container(word), *slash = strchr(port, '/'),
		   *proto = slash ? slash + 1 : "tcp";
	size_t len = slash ? (size_t)(slash - port) : strlen(port);
	const char *dash = memchr(port, '-', len);
	uint64_t first, last;
	if (!*proto)
		proto = "tcp";
	if (strcasecmp(proto, "tcp") != 0 && strcasecmp(proto, "udp") != 0 && strcasecmp(proto, "sctp") != 0)
		return err_set(
			err, EINVAL, "EXPOSE %s: protocol \"%s\" is none of tcp, udp, sctp", word, proto);
	if (expose_number(port, dash ? (size_t)(dash - port) : len, &first) < 0 ||
		(last = first, dash && expose_number(dash + 1, (size_t)(port + len - dash) - 1, &last) < 0))
		return err_set(
			err, EINVAL, "EXPOSE %s: \"%.*s\" is no port from 0 to 65535", word, (int)len, port);
	if (last < first)
		return err_set(err, EINVAL, "EXPOSE %s: the range ends before it begins", word);
	for (; first <= last; first++) {
		_cleanup_free_ char *text = xasprintf("%u/%s", (unsigned)first, proto);
		for (char *c = text; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		strv_push(ret, text);
	}
	return 0;
}
