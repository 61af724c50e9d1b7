/*
 * fuzz_api_route.c - any path and any filters as a request to the daemon: a name that comes out stood in the path.
 */
#include "daemon/request.h"
#include "daemon/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = { "GET", "POST", "HEAD", "PUT", "DELETE" };
	char *text = xstrndup((const char *)data, size), **filters = NULL;
	struct params p;
	struct mc_err err = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		const struct route *r = route_match(methods[i], text, &p);
		if (r && *p.name && !strstr(text, p.name))
			abort();
		if (r && strstr(r->path, "{}") && (!*p.name || strchr(p.name, '/')))
			abort();
	}
	if (filters_parse(text, &filters, &err) < 0 && filters)
		abort();
	strv_free(filters);
	free(text);
	return 0;
}
