/*
 * layer_store.c - unpacked layers: ROOT/layers/<hex of the diff id>/fs, each once, each verified.
 *
 * A layer is unpacked into a temporary directory beside its place and renamed when the hash of what came out is the
 * promised diff id: nobody ever mounts half a layer or a wrong one. Layers do not depend on each other (a whiteout is a
 * device node, not a deletion), so any number may be unpacked at a time; a lock per layer keeps two
 * processes from doing the same work. No fsync(2) per file: thousands of them would take longer than the download.
 */
#include "image/layer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "image/store.h"
#include "runtime/userns.h"

/* Whoever unpacks made it, and the umask had a say; an image knows neither. */
static int dress_root(int root, const struct id_maps *ids, struct mc_err *err)
{
	if (fchmod(root, 0755) < 0)
		return err_sys(err, "chmod a layer");
	if (ids && fchown(root, (uid_t)id_map_outside(&ids->uids, id_map_root(&ids->uids)),
			   (gid_t)id_map_outside(&ids->gids, id_map_root(&ids->gids))) < 0)
		return err_sys(err, "chown a layer");
	return 0;
}

/* Unpacks into layers/temp/fs; tells what came out. */
static int unpack_temp(int layers, const char *temp, int source, const char *name, const struct digest *want,
	const struct id_maps *ids, struct digest *ret_diffid, struct mc_err *err)
{
	const struct tar_limits limits = { .like = want };
	_cleanup_free_ char *fs = xasprintf("%s/fs", temp), *size = xasprintf("%s/size", temp);
	_cleanup_close_ int root = dir_make_open(layers, fs, 0755, err);
	if (root < 0)
		return root;
	struct tar_reader *r = NULL;
	struct stat st;
	int rc = dress_root(root, ids, err);
	if (rc == 0 && fstat(source, &st) == 0 &&
		st.st_size == 0) { /* a tar of nothing: legal, and seen (moby issue 18170) */
		digest_of_like(want, "", 0, ret_diffid);
		return file_write_atomic(layers, size, "0\n", 2, 0644, 0, err);
	}
	if (rc == 0)
		rc = tar_open(source, name, &limits, &r, err);
	if (rc == 0) {
		tar_reader_ids(r, ids);
		rc = unpack(r, root, UNPACK_LAYER, err);
	}
	if (rc == 0)
		rc = tar_finish(r, ret_diffid, err);
	if (rc == 0) {
		char text[32];
		int n = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)tar_file_bytes(r));
		rc = file_write_atomic(layers, size, text, (size_t)n, 0644, 0, err);
	}
	tar_close(r);
	return rc < 0 ? err_wrap(err, "%s", name) : 0;
}

/* want NULL: whatever comes out is right. */
static int unpack_and_rename(int layers, int source, const char *name, const struct digest *want,
	const struct id_maps *ids, struct digest *ret, struct mc_err *err)
{
	char temp[40] = "tmp-";
	random_hex(temp + 4, 12);
	int rc = unpack_temp(layers, temp, source, name, want, ids, ret, err);
	if (rc == 0 && want && !digest_eq(want, ret))
		rc = err_set(err, EBADMSG, "%s: its content has diff id %s, but the image promises %s", name,
			ret->text, want->text);
	_cleanup_free_ char *place = rc == 0 ? layer_name(ret, ids) : NULL;
	if (rc == 0 && renameat(layers, temp, layers, place) == 0)
		return 0;
	if (rc == 0 && errno != EEXIST && errno != ENOTEMPTY) /* another process was faster: as good */
		rc = err_sys(err, "rename an unpacked layer to %s", place);
	struct mc_err ignored;
	dir_remove(layers, temp, &ignored);
	return rc;
}

int layer_unpack_new(int store, int source, const char *name, struct digest *ret_diffid, struct mc_err *err)
{
	_cleanup_close_ int layers = store_layers(store, err), busy = store_busy(store, err);
	if (busy < 0)
		return busy;
	return layers < 0 ? layers : unpack_and_rename(layers, source, name, NULL, NULL, ret_diffid, err);
}

int layer_unpack(int store, const struct digest *blob, const struct digest *diffid, const struct id_maps *ids,
	struct mc_err *err)
{
	_cleanup_free_ char *place = layer_name(diffid, ids);
	if (layer_is_there(store, place))
		return 0;
	_cleanup_free_ char *lock_name = xasprintf("%s.lock", place);
	_cleanup_free_ char *name = xasprintf("layer %.19s", blob->text);
	_cleanup_close_ int busy = store_busy(store, err),
			    layers = busy < 0 ? busy : store_layers(store, err);
	_cleanup_close_ int lock = layers < 0 ? layers : file_lock(layers, lock_name, true, err);
	if (lock < 0)
		return lock;
	int rc = 0;
	if (!layer_is_there(store, place)) {
		struct digest got;
		_cleanup_close_ int source = store_open_blob(store, blob, err);
		rc = source < 0 ? source : unpack_and_rename(layers, source, name, diffid, ids, &got, err);
	}
	/* Who waits on this file still gets its lock, sees the layer and goes; nobody opens it anew. */
	unlinkat(layers, lock_name, 0);
	return rc;
}
