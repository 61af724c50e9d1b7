/*
 * fuzz_name.c - any text as an image name: what is taken must mean the same when it is written in full or short.
 */
#include "image/name.h"

static void same(const struct image_name *n, char *text)
{
	struct image_name again;
	struct mc_err err;
	if (image_name_parse(text, &again, &err) < 0 || strcmp(again.host, n->host) || strcmp(again.path, n->path) ||
		strcmp(again.tag, n->tag) || !digest_eq(&again.digest, &n->digest))
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_name n;
	struct mc_err err;
	char *text = xstrndup((const char *)data, size);
	if (image_name_parse(text, &n, &err) == 0) {
		if (strstr(n.path, "..") || strchr(n.host, '/') || n.path[0] == '/')
			abort();
		same(&n, image_name_full(&n));
		/* The short form may look like another host's: only then it differs ("docker.io/localhost/x" cannot). */
		char *shown = image_name_short(&n);
		if (strcmp(n.host, "docker.io"))
			same(&n, shown);
		else
			free(shown);
	}
	free(text);
	return 0;
}
