/*
 * layer_place.c - where an unpacked layer lies: ROOT/layers/<hex of the diff id>/fs.
 *
 * For containers of an unprivileged user whose ids are mapped once more (--userns keep-id) the same layer
 * lies there a second time, as <hex>-<hash of the map>, with the owners that this map wants. Root needs no
 * copy, the kernel shows one layer with other owners (overlay_idmap.c); an unprivileged user may
 * not do that on the file system of the home directory (mount_setattr(2)).
 */
#include "image/image.h"
#include "image/layer.h"

#include <fcntl.h>

#include "base/file.h"
#include "runtime/userns.h"

char *layer_name(const struct digest *diffid, const struct id_maps *ids)
{
	_cleanup_buf_ struct buf map = { 0 };
	const struct id_map *maps[] = { ids ? &ids->uids : NULL, ids ? &ids->gids : NULL };
	for (size_t m = 0; ids && m < ARRAY_LEN(maps); m++)
		for (size_t i = 0; i < maps[m]->n; i++) {
			const struct id_range *r = &maps[m]->range[i];
			buf_addf(&map, "%c%u:%u:%u", m ? 'g' : 'u', r->inside, r->outside, r->count);
		}
	if (!map.len)
		return xstrdup(digest_hex(diffid));
	return xasprintf("%s-%016llx", digest_hex(diffid), (unsigned long long)fnv1a(map.data, map.len));
}

bool layer_is_there(int store, const char *name)
{
	_cleanup_free_ char *path = xasprintf("../layers/%s/fs", name);
	return path_exists(store, path);
}

bool layer_exists(int store, const struct digest *diffid)
{
	return layer_is_there(store, digest_hex(diffid));
}

int layer_keep(int store, const struct digest *diffid, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("../layers/%s/kept", digest_hex(diffid));
	return file_write_atomic(store, path, "", 0, 0644, 0, err);
}

bool layer_is_kept(int layers, const char *name)
{
	_cleanup_free_ char *path = xasprintf("%s/kept", name);
	return path_exists(layers, path);
}

int image_layers(
	int store, const struct image *img, const struct id_maps *ids, char ***ret, struct mc_err *err)
{
	_cleanup_free_ char *root = store_root(store);
	_cleanup_strv_ char **dirs = NULL;
	const struct json *diffids = json_at(img->config, "rootfs.diff_ids");
	for (size_t i = json_len(diffids); i-- > 0;) {
		struct digest d;
		if (digest_parse(json_text_of(json_item(diffids, i)), &d, err) < 0)
			return err_wrap(err, "rootfs.diff_ids[%zu]", i);
		_cleanup_free_ char *name = layer_name(&d, ids);
		if (!layer_is_there(store, name))
			return err_set(err, ESTALE, "layer %.19s of the image is not unpacked", d.text);
		/* The same layer twice in one image is legal (two steps that change nothing), and overlayfs refuses it
		 * (ELOOP). The lower one adds nothing: every name in it is found in the upper one first. */
		_cleanup_free_ char *dir = xasprintf("%s/layers/%s/fs", root, name);
		if (!strv_has(dirs, dir))
			strv_push(&dirs, dir);
	}
	if (!dirs) { /* an image "FROM scratch" may have no layer at all, an overlay must */
		strv_pushf(&dirs, "%s/layers/empty/fs", root);
		int rc = dir_make(AT_FDCWD, dirs[0], 0755, err);
		if (rc < 0)
			return rc;
	}
	*ret = take_ptr(&dirs);
	return 0;
}
