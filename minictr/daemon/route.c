/*
 * route.c - a request's method and path become a row of the table.
 *
 * Order and why: the version is taken off first, because /v1.41/version is the operation "version" of API
 * 1.41 and not a thing named v1.41. Then each row is compared word by word: "/containers/json" must not match
 * a container named json, so fixed words come first in the table and the whole path has to fit, from its
 * first byte to its last.
 * Pure: no system call; fuzzed (tests/fuzz/fuzz_api_route.c).
 */
#include "daemon/route.h"

#include <string.h>

#include "base/util.h"

/* Reads digits at *p as a number of at most 9999; moves *p behind them. -1: no digit there. */
static int read_number(const char **p)
{
	int n = -1;
	while (**p >= '0' && **p <= '9') {
		n = (n < 0 ? 0 : n) * 10 + (**p - '0');
		n = n > 9999 ? 9999 : n;
		(*p)++;
	}
	return n;
}

/* "/v1.41/rest" -> "/rest", and *ret_api; any other path comes back as it is. */
static const char *skip_version(const char *path, int *ret_api)
{
	const char *p = path + 2;
	*ret_api = API_MAX;
	if (strncmp(path, "/v", 2) != 0)
		return path;
	int major = read_number(&p);
	if (major < 0 || *p++ != '.')
		return path;
	int minor = read_number(&p);
	if (minor < 0 || *p != '/')
		return path;
	*ret_api = major == 1 ? minor : major < 1 ? API_TOO_OLD : API_TOO_NEW;
	return p;
}

/*
 * Does path fit the pattern? The bytes at {} go to *ret_name, *ret_len. {*} takes as many bytes as it can:
 * an image may be named "host:5000/a/json", so what stands behind {*} is compared from the end.
 */
static bool path_fits(const char *pattern, const char *path, const char **ret_name, size_t *ret_len)
{
	const char *brace = strchr(pattern, '{');
	*ret_name = NULL;
	*ret_len = 0;
	if (!brace)
		return str_eq(pattern, path);
	size_t before = (size_t)(brace - pattern), whole = strlen(path);
	const char *after = strchr(brace, '}') + 1;
	if (whole <= before + strlen(after) || strncmp(pattern, path, before) != 0)
		return false;
	*ret_name = path + before;
	*ret_len = whole - before - strlen(after);
	if (!str_eq(path + whole - strlen(after), after))
		return false;
	return brace[1] == '*' || !memchr(*ret_name, '/', *ret_len);
}

/*
 * Finds the row for a request. path is decoded and has no query string ("/v1.41/containers/web/json").
 *
 * What must hold:
 *  - a leading /v1.N/ is the API's version: ret->api is N, and the rest of the path is looked up. Without it
 *    ret->api is API_MAX. A major number below 1 gives API_TOO_OLD, above 1 API_TOO_NEW.
 *  - the whole path fits the row: /containers/jsonx and /containers/a/b/json match nothing.
 *  - {} stands for one word, at least one byte, without a slash; {*} may hold slashes. ret->name is what
 *    stood there, "" for rows without. A name of NAME_MAX_BYTES or more matches nothing.
 *  - rows are tried in the order of the table, and the first that fits wins (not checked: no two fit today).
 *  - HEAD is not GET: only rows that say HEAD answer it.
 * Returns the row, or NULL. ret is filled in both cases; ret->wrong_method says that the path fits a row of
 * another method, so that the answer is 405 and not 404.
 * Lab 10.1: a path is compared word by word, and its version is no part of a name.
 */
const struct route *route_match(const char *method, const char *path, struct params *ret)
{
	const char *name;
	size_t len;
	memset(ret, 0, sizeof(*ret));
	const char *rest = skip_version(path, &ret->api);
	for (size_t i = 0; i < n_routes; i++) {
		if (!path_fits(routes[i].path, rest, &name, &len) || len >= sizeof(ret->name))
			continue;
		if (!str_eq(routes[i].method, method)) {
			ret->wrong_method = true;
			continue;
		}
		if (len)
			memcpy(ret->name, name, len);
		ret->name[len] = '\0';
		ret->wrong_method = false;
		return &routes[i];
	}
	return NULL;
}
