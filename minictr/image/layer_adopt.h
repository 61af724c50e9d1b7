/*
 * layer_adopt.h - an overlay's upper directory becomes a layer of the store by moving it: what a build step
 * ends in.
 *
 * image_commit() writes the upper directory as a tar and unpacks that tar again, because the container goes
 * on using its directory. A build step is over: its directory is the unpacked layer already, only the tar
 * (for pushing) and its hash are missing. layer_adopt() reads every file once and writes it once.
 */
#ifndef MC_IMAGE_LAYER_ADOPT_H
#define MC_IMAGE_LAYER_ADOPT_H

#include "base/err.h"
#include "image/digest.h"

struct layer_origin {
	char *const *
		lower; /* directories below, as in struct layers, borrowed; NULL or empty: every mark is kept */
	int64_t newest; /* seconds since the epoch: later times become this one (SOURCE_DATE_EPOCH); 0: kept */
	bool (*stop)(void); /* asked now and then: true ends it with -ECANCELED; may be NULL */
};

struct adopted_layer {
	struct digest
		diffid; /* the blob is a plain tar, so this is its digest too; media type MEDIA_OCI_LAYER */
	uint64_t blob_size; /* bytes of the blob: for the manifest */
	uint64_t bytes;     /* sum of the regular files' sizes */
	size_t entries;     /* entries in it but its root; 0: nothing was changed */
};

/*
 * dir/name is the upper directory; no overlay that uses it may be mounted any more, and no other process
 * may change it. On success it is gone from there and lies at layers/<diff id>/fs; when that layer existed,
 * it is deleted. On failure it stays. Before it is written:
 *   - a whiteout of a name, or an opaque mark of a directory, that no directory of `lower` holds is dropped;
 *   - sockets are deleted: a tar cannot hold them, and the directory must be what the tar says;
 *   - a name that begins with ".wh." is refused with -EINVAL: in a layer it would delete another file
 *     (image-spec, layer.md).
 * The caller holds store_busy() until an image or a cache entry names the layer. -EXDEV: not on the store's
 * file system.
 */
int layer_adopt(int store, int dir, const char *name, const struct layer_origin *origin,
	struct adopted_layer *ret, struct mc_err *err);

#endif
