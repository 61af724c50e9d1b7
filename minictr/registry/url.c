/*
 * url.c - addresses: origin, escaping, references, loopback. Pure functions, no network.
 *
 * Left out: "." and ".." segments of relative references (RFC 3986, 5.2.4): registries send absolute
 * addresses or absolute paths.
 */
#include <ctype.h>
#include <strings.h>

#include "registry/url.h"

/* Length of "scheme://host[:port]", 0 when url has no scheme. */
static size_t origin_length(const char *url)
{
	const char *host = strstr(url, "://");
	return host ? (size_t)(host - url) + 3 + strcspn(host + 3, "/?#") : 0;
}

char *url_origin(const char *url)
{
	char *origin = xstrndup(url, origin_length(url)), *p;
	for (p = origin; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return origin;
}

void url_escape(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("-._~", *text))
			buf_addc(out, *text);
		else
			buf_addf(out, "%%%02X", (unsigned char)*text);
	}
}

char *url_join(const char *base, const char *location)
{
	size_t origin = origin_length(base), path = origin + strcspn(base + origin, "?#");
	const char *colon = strchr(location, ':');
	if (!origin || !*location)
		return NULL;
	if (colon && strcspn(location, "/?#") > (size_t)(colon - location))
		return str_starts(colon, "://") ? xstrdup(location)
						: NULL; /* mailto:, file: are not for us */
	if (str_starts(location, "//"))
		return xasprintf("%.*s%s", (int)(strchr(base, ':') - base + 1), base, location);
	if (*location == '/')
		return xasprintf("%.*s%s", (int)origin, base, location);
	if (*location == '?')
		return xasprintf("%.*s%s", (int)path, base, location);
	while (path > origin && base[path - 1] != '/')
		path--;
	return xasprintf("%.*s%s%s", (int)path, base, path == origin ? "/" : "", location);
}

bool host_is_loopback(const char *host)
{
	size_t len = strcspn(host, ":/?#");
	if (str_starts(host, "[::1]"))
		return true;
	if (len == strlen("localhost") && !strncasecmp(host, "localhost", len))
		return true;
	if (!str_starts(host, "127."))
		return false;
	return strspn(host, "0123456789.") ==
	       len; /* "127.evil.example" is a name, "127.0.0.1@x" another host */
}
