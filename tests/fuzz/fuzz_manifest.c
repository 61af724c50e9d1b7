/*
 * fuzz_manifest.c - any bytes as index.json, manifest and configuration of a store: list, find, history, collect.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "image/verbs.h"

#define HEX "000000000000000000000000000000000000000000000000000000000000000"

static int store = -1;
static char root[] = "/tmp/minictr-fuzz-XXXXXX";

static void end(void)
{
	struct mc_err err;
	dir_remove(AT_FDCWD, root, &err);
}

static void put(const char *path, const void *data, size_t len)
{
	struct mc_err err;
	if (file_write_atomic(store, path, data, len, 0644, 0, &err) < 0)
		abort();
}

/* The input is three documents, separated by NUL bytes; the last one is used again for what is missing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const files[] = { "index.json", "blobs/sha256/" HEX "1", "blobs/sha256/" HEX "2" };
	struct mc_err err;
	if (store < 0) {
		if (!mkdtemp(root) || (store = store_open(root, &err)) < 0)
			abort();
		atexit(end);
	}
	for (size_t i = 0; i < 3; i++) {
		size_t n = size ? strnlen((const char *)data, size) : 0;
		put(files[i], data, n);
		if (n < size && i < 2) {
			data += n + 1;
			size -= n + 1;
		}
	}
	struct image *list, img = { 0 };
	size_t n, left;
	if (image_list(store, &list, &n, &err) == 0) {
		char *filters[] = { "reference=a*", "label=x=y", "dangling=false", NULL };
		left = n;
		image_filter(store, list, &left, filters, &err);
		for (size_t i = 0; i < n; i++) {
			struct image_step *steps;
			size_t k;
			if (image_history(store, &list[i], &steps, &k, &err) == 0)
				image_history_free(steps, k);
			image_unpacked_size(store, &list[i]);
		}
		image_list_free(list, n);
	}
	if (image_find(store, "a", &img, &err) == 0)
		image_free(&img);
	if (image_lookup(store, "0", &img, &err) == 0)
		image_free(&img);
	uint64_t freed;
	store_collect(store, NULL, &freed, &err);
	return 0;
}
