/*
 * layer_store.c - unpacked layers: ROOT/layers/<hex of the diff id>/fs, each once, each verified.
 *
 * A layer is unpacked into a temporary directory beside its place and renamed when the hash of what came
 * out is the promised diff id: half a layer or a wrong one is never mounted. Layers do not depend on each
 * other (a whiteout is a device node, not a deletion), so any number may be unpacked at a time; a lock per
 * layer keeps two processes from doing the same work. No fsync(2) per file: thousands of them would take
 * longer than the download.
 */
#include "image/layer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "image/store.h"
#include "runtime/userns.h"

/* The directory was made by this process under its umask; the image's root is root's and 0755 unless the
 * archive says else. */
static int dress_root(int root, const struct id_maps *ids, struct mc_err *err)
{
	if (fchmod(root, 0755) < 0)
		return err_sys(err, "chmod a layer");
	if (ids && fchown(root, (uid_t)id_map_outside(&ids->uids, id_map_root(&ids->uids)),
			   (gid_t)id_map_outside(&ids->gids, id_map_root(&ids->gids))) < 0)
		return err_sys(err, "chown a layer");
	return 0;
}

/* One layer on its way: everything borrowed. */
struct unpacking {
	int layers;                /* ROOT/layers */
	int source;                /* the blob, read from its offset */
	const char *name;          /* of it, for messages */
	const struct digest *want; /* the promised diff id; NULL: whatever comes out is right */
	const struct id_maps *ids;
	struct tar_limits limits;
};

static int write_size(const struct unpacking *u, const char *temp, uint64_t bytes, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/size", temp);
	char text[32];
	int n = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)bytes);
	return file_write_atomic(u->layers, path, text, (size_t)n, 0644, 0, err);
}

/* Reads the archive into root. *ret_bytes: sum of the sizes of its regular files. */
static int read_archive(const struct unpacking *u, int root, struct digest *ret_diffid, uint64_t *ret_bytes,
	struct mc_err *err)
{
	struct tar_reader *r = NULL;
	struct stat st;
	*ret_bytes = 0;
	if (fstat(u->source, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0) {
		digest_of_like(u->want, "", 0,
			ret_diffid); /* a tar of nothing: legal, and seen (moby issue 18170) */
		return 0;
	}
	int rc = tar_open(u->source, u->name, &u->limits, &r, err);
	if (rc == 0) {
		tar_reader_ids(r, u->ids);
		rc = unpack(r, root, UNPACK_LAYER, err);
	}
	if (rc == 0)
		rc = tar_finish(r, ret_diffid, err);
	if (rc == 0)
		*ret_bytes = tar_file_bytes(r);
	tar_close(r);
	return rc;
}

/* Unpacks into layers/temp/fs; tells what came out. */
static int unpack_temp(
	const struct unpacking *u, const char *temp, struct digest *ret_diffid, struct mc_err *err)
{
	_cleanup_free_ char *fs = xasprintf("%s/fs", temp);
	_cleanup_close_ int root = dir_make_open(u->layers, fs, 0755, err);
	uint64_t bytes = 0;
	int rc = root < 0 ? root : dress_root(root, u->ids, err);
	if (rc == 0)
		rc = read_archive(u, root, ret_diffid, &bytes, err);
	if (rc == 0)
		rc = write_size(u, temp, bytes, err);
	return rc < 0 ? err_wrap(err, "%s", u->name) : 0;
}

static int unpack_and_rename(const struct unpacking *u, struct digest *ret, struct mc_err *err)
{
	char temp[40] = "tmp-";
	random_hex(temp + 4, 12);
	int rc = unpack_temp(u, temp, ret, err);
	if (rc == 0 && u->want && !digest_eq(u->want, ret))
		rc = err_set(err, EBADMSG, "%s: its content has diff id %s, but the image promises %s",
			u->name, ret->text, u->want->text);
	_cleanup_free_ char *place = rc == 0 ? layer_name(ret, u->ids) : NULL;
	if (rc == 0 && renameat(u->layers, temp, u->layers, place) == 0)
		return 0;
	if (rc == 0 && errno != EEXIST && errno != ENOTEMPTY) /* another process was faster: as good */
		rc = err_sys(err, "rename an unpacked layer to %s", place);
	struct mc_err ignored;
	dir_remove(u->layers, temp, &ignored);
	return store_disk_full(rc, err);
}

int layer_unpack_new(int store, int source, const char *name, struct digest *ret_diffid, struct mc_err *err)
{
	_cleanup_close_ int layers = store_layers(store, err), busy = store_busy(store, err);
	if (layers < 0 || busy < 0)
		return layers < 0 ? layers : busy;
	return unpack_and_rename(
		&(struct unpacking){ .layers = layers, .source = source, .name = name }, ret_diffid, err);
}

int layer_unpack_told(int store, const struct digest *blob, const struct digest *diffid,
	const struct id_maps *ids, layer_told *told, void *told_ctx, struct mc_err *err)
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
		struct unpacking u = { .layers = layers,
			.source = source,
			.name = name,
			.want = diffid,
			.ids = ids,
			.limits = { .like = diffid, .told = told, .told_ctx = told_ctx } };
		rc = source < 0 ? source : unpack_and_rename(&u, &got, err);
	}
	/* A process that waits on this file still gets its lock, sees the layer and goes; later ones see the layer
	 * at once. */
	unlinkat(layers, lock_name, 0);
	return rc;
}

int layer_unpack(int store, const struct digest *blob, const struct digest *diffid, const struct id_maps *ids,
	struct mc_err *err)
{
	return layer_unpack_told(store, blob, diffid, ids, NULL, NULL, err);
}
