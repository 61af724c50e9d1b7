/*
 * fuzz_route.c - any path as a request to our registry: nothing that could leave the store passes.
 */
#include "registry/server/requests.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xasprintf("/v2/%.*s", (int)size, (const char *)data);
	struct route r;

	route_parse(text, &r);
	if (r.kind != ROUTE_NONE && r.kind < ROUTE_BAD_NAME) {
		if (strstr(r.name, "..") || strstr(r.name, "//") || *r.name == '/' ||
			strchr(r.reference, '/') || strstr(r.name, "%") || str_eq(r.reference, "..") ||
			str_eq(r.reference, "."))
			abort();
	}
	free(text);
	return 0;
}
