/*
 * layer.h - a layer is a tar of changes (image-spec, layer.md); unpacked it is a directory that overlayfs
 * understands. layer.c holds lab 04; unpack.c the safe tar extractor; both change only what is beneath
 * their root.
 */
#ifndef MC_IMAGE_LAYER_H
#define MC_IMAGE_LAYER_H

#include "base/err.h"
#include "image/archive.h"
#include "image/digest.h"

/*
 * Lab 04.2. tar_name is the last component of a tar entry, ".wh.NAME"; dir is the open directory. Leaves a
 * character device 0:0 called NAME, or makes an already unpacked directory NAME opaque. -EINVAL for names
 * that climb.
 */
int layer_whiteout(int dir, const char *tar_name, struct mc_err *err);
/* Lab 04.3. Nothing of the lower layers shows through this directory: trusted.overlay.opaque, or the user.*
 * one inside a user namespace. */
int layer_set_opaque(int dir, struct mc_err *err);
/* Lab 04.4. Writes an overlay upper directory as a layer: changes, whiteouts as .wh. files, opaque marks. */
int layer_diff(int upper, struct tar_writer *out, struct mc_err *err);
/* Lab 04.5. Digest of the blob as it is stored, and of the tar inside it. */
int layer_digests(int blob, struct digest *ret_digest, struct digest *ret_diffid, struct mc_err *err);

/* --- unpack.c --- */
enum {
	/* .wh. names are whiteouts; else they are ordinary names */
	UNPACK_LAYER = 1,
	/* keep the caller's ids (docker cp without -a) */
	UNPACK_NO_OWNER = 2,
	/* a directory that is there keeps owner, mode and times (docker cp) */
	UNPACK_KEEP_DIRS = 8,
	/* refuse to replace a directory by a file and the reverse (docker cp) */
	UNPACK_REPLACE_NO_DIR = 4,
	/* the entry "./" says nothing of the directory that is unpacked into (ADD of a tar) */
	UNPACK_KEEP_ROOT = 16,
	/* names longer than a system call takes, up to 16 KiB (a volume's own backup) */
	UNPACK_DEEP = 32,
};
/* Unpacks every entry beneath root. Nothing outside root is read or changed, whatever the archive says. */
int unpack(struct tar_reader *r, int root, int flags, struct mc_err *err);

/* --- layers in the store (layer_store.c) --- */
/*
 * Makes ROOT/layers/<layer_name()>/fs from a blob of the store, once: two callers at a time do the work
 * once. The layer appears only when its diff id was verified. ids: with these owners (NULL: the archive's).
 * Returns 0, also when it was there.
 */
int layer_unpack(int store, const struct digest *blob, const struct digest *diffid, const struct id_maps *ids,
	struct mc_err *err);
/* The same; told hears how many bytes of the blob were read so far. */
typedef void layer_told(void *told_ctx, uint64_t in);
int layer_unpack_told(int store, const struct digest *blob, const struct digest *diffid,
	const struct id_maps *ids, layer_told *told, void *told_ctx, struct mc_err *err);
/* The same when the diff id is not known yet (import): it is what comes out. source is read from its
 * offset. */
int layer_unpack_new(int store, int source, const char *name, struct digest *ret_diffid, struct mc_err *err);

/* --- where they lie (layer_place.c) --- */
/* Name of a layer's directory in ROOT/layers. Caller frees. */
char *layer_name(const struct digest *diffid, const struct id_maps *ids);
bool layer_is_there(int store, const char *name);
bool layer_exists(int store, const struct digest *diffid); /* with the archive's owners */
/* A layer that a build may find again: garbage collection leaves it, also when no image names it. */
int layer_keep(int store, const struct digest *diffid, struct mc_err *err);
bool layer_is_kept(int layers, const char *name);

#endif
