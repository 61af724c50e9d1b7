/*
 * fuzz_ignore.c - any bytes as a .dockerignore and, behind a NUL, a path. What may be pruned must be ignored, and nothing
 * below it may come back.
 */
#include "base/ignore.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ignore ig = { 0 };
	struct mc_err err;
	const uint8_t *nul = memchr(data, '\0', size);
	size_t len = nul ? (size_t)(nul - data) : size;
	char *path = nul ? xstrndup((const char *)nul + 1, size - len - 1) : xstrdup("a/b/c");
	char *pattern = xstrndup((const char *)data, len < 2000 ? len : 2000);
	if (ignore_parse((const char *)data, len, "f", &ig, &err) == 0) {
		for (char *slash = path; *path && *path != '/' && (slash = strchr(slash, '/')); slash++) {
			*slash = '\0';
			bool prune = ignore_may_prune(&ig, path);
			assert(!prune || ignore_match(&ig, path, NULL));
			*slash = '/';
			assert(!prune || ignore_match(&ig, path, NULL));
		}
		(void)ignore_match(&ig, path, NULL);
		ignore_free(&ig);
	}
	(void)glob_match(pattern, path);
	(void)glob_match_deep(pattern, path);
	free(pattern);
	free(path);
	return 0;
}
