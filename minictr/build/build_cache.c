/*
 * build_cache.c - results of steps, found again by key: ROOT/build/cache/<key>, one small file each.
 *
 * Order and why: the layer stands in its place before its entry is written, and the entry appears by
 * rename: a reader sees a whole entry of a whole layer, or none. Two builds that make the same entry write
 * the same text. No lock. An entry is a promise only while its layer is there: a layer that `builder
 * prune` took away is a miss, no error. Nothing is synced to disk for it. After a crash of the machine the
 * files of a layer may be empty though its entry is there; so an entry that was written in an earlier boot
 * counts only after the layer's hash was checked once.
 */
#include "build/state.h"

#include "base/file.h"
#include "engine/container.h"
#include "image/archive.h"
#include "image/layer.h"
#include "image/store.h"

enum { ENTRY_MAX = 4096 };

static int forget_bytes(void *arg, const void *data, size_t len, struct mc_err *err) { return 0; }

/* Does the unpacked layer still hold what its name says? Reads it all; once for each boot and layer. */
static bool layer_is_whole(struct builder *all, const struct digest *layer)
{
	struct digest now = { "" };
	struct mc_err ignored;
	struct tar_writer *tar = NULL;
	_cleanup_free_ char *path = xasprintf("../layers/%s/fs", digest_hex(layer));
	_cleanup_close_ int fs = dir_open(all->store, path, &ignored);
	if (fs < 0 || tar_create(forget_bytes, NULL, TAR_PLAIN, &tar, &ignored) < 0)
		return false;
	if (layer_diff(fs, tar, &ignored) < 0) {
		tar_abort(tar);
		return false;
	}
	return tar_end_digest(tar, &now, &ignored) >= 0 && digest_eq(&now, layer);
}

static int write_entry(struct builder *all, const struct digest *key, const struct digest *layer,
	int64_t created, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("cache/%s", digest_hex(key));
	_cleanup_json_ struct json *entry = json_new_object();
	json_set_string(entry, "layer", layer->text);
	json_set_string(entry, "boot", container_boot_id());
	json_set_i64(entry, "created", created);
	return json_write_file(all->dir, path, entry, 0600, 0, err);
}

int build_cache_put(struct builder *all, const struct digest *key, const struct digest *layer,
	int64_t created, struct mc_err *err)
{
	int rc = dir_make(all->dir, "cache", 0700, err);
	return rc < 0 ? rc : write_entry(all, key, layer, created, err);
}

int build_cache_find(struct builder *all, const struct digest *key, struct digest *ret, int64_t *ret_created)
{
	_cleanup_free_ char *path = xasprintf("cache/%s", digest_hex(key));
	_cleanup_json_ struct json *entry = NULL;
	struct mc_err ignored;
	const char *layer = NULL, *boot = NULL;
	*ret = (struct digest){ "" };
	if (json_parse_record(all->dir, path, ENTRY_MAX, &entry, &ignored) < 0 ||
		json_get_string(entry, &layer, &ignored, "layer") <= 0 ||
		json_get_string(entry, &boot, &ignored, "boot") <= 0 ||
		json_get_i64(entry, ret_created, &ignored, "created") <= 0)
		return 0;
	if (!*layer) /* the step changed no file */
		return 1;
	if (digest_parse(layer, ret, &ignored) < 0 || !layer_exists(all->store, ret) ||
		!store_has(all->store, ret))
		return 0;
	if (str_eq(boot, container_boot_id()))
		return 1;
	return layer_is_whole(all, ret) && write_entry(all, key, ret, *ret_created, &ignored) >= 0;
}

/* --- facts --- */

int build_memo_get(struct builder *all, const struct digest *name, struct digest *ret)
{
	_cleanup_free_ char *path = xasprintf("memo/%s", digest_hex(name));
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored;
	return file_read(all->dir, path, 128, &b, &ignored) >= 0 && b.data &&
	       digest_parse(b.data, ret, &ignored) == 0;
}

void build_memo_put(struct builder *all, const struct digest *name, const struct digest *value)
{
	_cleanup_free_ char *path = xasprintf("memo/%s", digest_hex(name));
	struct mc_err ignored;
	if (dir_make(all->dir, "memo", 0700, &ignored) >= 0)
		file_write_atomic(all->dir, path, value->text, strlen(value->text), 0600, 0, &ignored);
}
