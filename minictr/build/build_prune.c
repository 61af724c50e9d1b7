/*
 * build_prune.c - the build cache is given up.
 *
 * Order and why: entries first, then the marks, then the layers: an entry whose layer is gone is only a
 * miss, a layer without an entry only garbage. Garbage collection is put off while a build or a pull runs
 * (store_busy()).
 */
#include "build/build_prune.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "image/tree.h"

static uint64_t bytes_below(int dir, const char *name)
{
	struct tree *t = NULL;
	const struct tree_item *item;
	struct mc_err ignored;
	uint64_t sum = 0;
	_cleanup_close_ int root = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0 || tree_open(root, &t, &ignored) < 0)
		return 0;
	while (tree_next(t, &item, &ignored) > 0)
		sum += S_ISREG(item->st.st_mode) ? (uint64_t)item->st.st_size : 0;
	tree_close(t);
	return sum;
}

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
		*freed += bytes_below(caches, *n);
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
	static const char *const facts[] = { "cache", "memo", "inputs", "stat" };
	struct mc_err ignored;
	uint64_t layers = 0;
	*ret_freed = 0;
	int store = engine_store(e, err);
	_cleanup_close_ int dir = store < 0 ? store : dir_make_open(e->dir, "build", 0700, err);
	if (dir < 0)
		return dir;
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		*ret_freed += bytes_below(dir, facts[i]);
		dir_remove(dir, facts[i], &ignored);
	}
	if (mounts)
		drop_mounts(dir, ret_freed);
	drop_marks(store);
	int rc = store_collect(store, uses, &layers, err);
	*ret_freed += layers;
	return rc;
}
