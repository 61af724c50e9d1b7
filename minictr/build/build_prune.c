/*
 * build_prune.c - removes the build cache.
 *
 * Order and why: entries first, then the marks, then the layers: an entry whose layer is gone is only a
 * miss, a layer without an entry only garbage. Garbage collection is put off while a build or a pull runs
 * (store_busy()).
 */
#include "build/build_prune.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/events.h"
#include "image/image.h"
#include "image/layer.h"

static const char *const facts[] = { "cache", "memo", "inputs", "stat" };

/* A directory of a cache mount, unless a step holds its lock. */
static void drop_mounts(int dir, uint64_t *freed)
{
	struct mc_err ignored;
	_cleanup_strv_ char **names = NULL;
	_cleanup_close_ int caches = openat(dir, "caches", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (caches < 0 || dir_list(caches, ".", &names, &ignored) < 0)
		return;
	for (char **n = names; *n; n++) {
		if (str_ends(*n, ".lock"))
			continue;
		_cleanup_free_ char *lock = xasprintf("%s.lock", *n);
		_cleanup_close_ int held = file_lock(caches, lock, false, &ignored);
		if (held < 0)
			continue;
		*freed += dir_bytes(caches, *n);
		dir_remove(caches, *n, &ignored);
		unlinkat(caches, lock, 0);
	}
}

static void drop_marks(int store)
{
	struct mc_err ignored;
	_cleanup_strv_ char **names = NULL;
	_cleanup_close_ int layers = store_layers(store, &ignored);
	if (layers < 0 || dir_list(layers, ".", &names, &ignored) < 0)
		return;
	for (char **n = names; *n; n++) {
		_cleanup_free_ char *mark = xasprintf("%s/kept", *n);
		unlinkat(layers, mark, 0);
	}
}

int build_prune(
	struct engine *e, const struct image_uses *uses, bool mounts, uint64_t *ret_freed, struct mc_err *err)
{
	struct mc_err ignored;
	uint64_t layers = 0;
	*ret_freed = 0;
	int store = engine_store(e, err);
	_cleanup_close_ int dir = store < 0 ? store : dir_make_open(e->dir, "build", 0700, err);
	if (dir < 0)
		return dir;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		*ret_freed += dir_bytes(dir, facts[i]);
		dir_remove(dir, facts[i], &ignored);
	}
	if (mounts)
		drop_mounts(dir, ret_freed);
	drop_marks(store);
	int rc = store_collect(store, uses, &layers, err);
	*ret_freed += layers;
	if (rc >= 0)
		event_prune(e, "builder", *ret_freed);
	return rc;
}

/* --- how much there is --- */

static bool usage_in_image(const struct image *list, size_t n, const char *hex)
{
	for (size_t i = 0; i < n; i++) {
		const struct json *ids = json_at(list[i].config, "rootfs.diff_ids");
		for (size_t k = 0; k < json_len(ids); k++) {
			const char *id = json_text_of(json_item(ids, k));
			if (id && str_eq(id + strcspn(id, ":") + 1, hex))
				return true;
		}
	}
	return false;
}

/* Layers that only the cache keeps: unpacked, and as the blob that an image would name. */
static uint64_t usage_of_layers(int store, const struct image *list, size_t n)
{
	struct mc_err ignored;
	_cleanup_strv_ char **names = NULL;
	_cleanup_close_ int layers = store_layers(store, &ignored);
	uint64_t sum = 0;
	if (layers < 0 || dir_list(layers, ".", &names, &ignored) < 0)
		return 0;
	for (char **name = names; *name; name++) {
		if (!layer_is_kept(layers, *name) || usage_in_image(list, n, *name))
			continue;
		_cleanup_free_ char *blob = xasprintf("blobs/sha256/%s", *name);
		sum += dir_bytes(layers, *name) + dir_bytes(store, blob);
	}
	return sum;
}

int build_usage(struct engine *e, struct build_usage *ret, struct mc_err *err)
{
	struct image *list = NULL;
	size_t n = 0;
	struct mc_err ignored;
	_cleanup_strv_ char **entries = NULL;
	*ret = (struct build_usage){ 0 };
	_cleanup_close_ int store = store_open(e->root, err);
	int rc = store < 0 ? store : image_list(store, &list, &n, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int dir = openat(e->dir, "build", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0 && dir_list(dir, "cache", &entries, &ignored) == 0)
		ret->records = strv_len(entries);
	for (size_t i = 0; dir >= 0 && i < ARRAY_LEN(facts); i++)
		ret->bytes += dir_bytes(dir, facts[i]);
	if (dir >= 0)
		ret->bytes += dir_bytes(dir, "caches");
	ret->bytes += usage_of_layers(store, list, n);
	image_list_free(list, n);
	return 0;
}
