/*
 * store.h - the content store: ROOT/images is a plain OCI image layout that skopeo reads and writes
 * (image-spec, image-layout.md), ROOT/layers beside it holds the unpacked layers.
 *
 *     ROOT/images/oci-layout
 *     ROOT/images/index.json              one entry per name; annotation org.opencontainers.image.ref.name
 *     ROOT/images/blobs/sha256/<hex>      manifests, configs, layers, exactly as received; or sha512/<hex>
 *     ROOT/images/ingest/                 what is still being written
 *     ROOT/layers/<hex of diff id>/fs     an unpacked layer
 *
 * A store is the descriptor of ROOT/images; close it when done. Readers never lock. Writers put blobs in
 * place first (rename) and change index.json last, under a lock: at any moment the store is whole. A writer
 * of several blobs holds store_busy() from its first blob until its index entry stands, so that garbage
 * collection does not take the blobs away between.
 */
#ifndef MC_IMAGE_STORE_H
#define MC_IMAGE_STORE_H

#include "base/err.h"
#include "base/json.h"
#include "image/digest.h"

#define MEDIA_OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define MEDIA_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define MEDIA_OCI_LAYER "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_OCI_LAYER_GZIP MEDIA_OCI_LAYER "+gzip"
#define MEDIA_OCI_LAYER_ZSTD MEDIA_OCI_LAYER "+zstd"
#define MEDIA_DOCKER_INDEX "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_CONFIG "application/vnd.docker.container.image.v1+json"
#define MEDIA_DOCKER_LAYER "application/vnd.docker.image.rootfs.diff.tar"
#define MEDIA_DOCKER_LAYER_GZIP MEDIA_DOCKER_LAYER ".gzip"

#define ANNOTATION_NAME "org.opencontainers.image.ref.name"
/* Digest under which a registry served (or took) the image: what `images --digests` shows. Ours. */
#define ANNOTATION_SOURCE "minictr.source.digest"

enum { DOCUMENT_MAX = 8 << 20 }; /* largest manifest, index or config accepted, bytes */

/* Opens ROOT/images, making it (and ROOT/layers) when missing. root is ROOT. Returns the descriptor. */
int store_open(const char *root, struct mc_err *err);
/* The same below the open directory of an engine. */
int store_open_in(int dir, struct mc_err *err);
/* ROOT's absolute path, from the descriptor; caller frees. */
char *store_root(int store);
/* Descriptor of ROOT/layers. */
int store_layers(int store, struct mc_err *err);

/* Shared lock "I am bringing blobs in"; any number of holders. Garbage collection waits for none: it is put
 * off. */
int store_busy(int store, struct mc_err *err);
/*
 * Shared lock "I found an image and shall record that I use it": held from image_find() until the container
 * stands in its directory. rmi and prune take store_pin_none(), which waits for all of them, before they
 * ask who uses what.
 */
int store_pin(int store, struct mc_err *err);
int store_pin_none(int store, struct mc_err *err);

/* --- blobs --- */
bool store_has(int store, const struct digest *d);
int store_open_blob(int store, const struct digest *d, struct mc_err *err); /* O_RDONLY */
int store_blob_size(int store, const struct digest *d, uint64_t *ret, struct mc_err *err);
/* A small JSON blob, checked for size and syntax; the digest was checked when it came in. */
int store_read_json(int store, const struct digest *d, struct json **ret, struct mc_err *err);
enum { BLOB_PATH = 160 };
/* "blobs/sha256/<hex>" relative to the store. out holds BLOB_PATH bytes. */
const char *store_blob_path(const struct digest *d, char *out);

/* Returns rc. On -ENOSPC the error gets a hint that tells what to do about it. */
int store_disk_full(int rc, struct mc_err *err);

/* --- the index --- */
/* index.json, parsed; an empty index when there is none yet. */
int store_read_index(int store, struct json **ret, struct mc_err *err);
/*
 * Makes `name` (full name, or NULL for an image without a name) point at a manifest. An earlier entry of
 * that name loses it (docker: the old image becomes <none>). descriptor has mediaType, digest, size,
 * perhaps platform and annotations (borrowed). The last act of every pull, load, build and tag.
 */
int store_set_name(int store, const char *name, const struct json *descriptor, struct mc_err *err);
/* The same for several at once: index.json is replaced one time, so all of them get their name or none
 * does. */
struct store_entry {
	char *name; /* full name, or NULL */
	struct json *descriptor;
};
int store_set_names(int store, const struct store_entry *entries, size_t n, struct mc_err *err);
/* Takes a name away. keep: leave the image without a name instead of dropping a last entry. -ENOENT when
 * unknown. */
int store_remove_name(int store, const char *name, bool keep, struct mc_err *err);
/* Drops every entry of this manifest or index, whatever its name. */
int store_remove_entry(int store, const struct digest *entry, struct mc_err *err);

/* --- writing blobs (blob.c; links the hash) --- */
enum { BLOB_TEMP_LEN = 24 }; /* length of the random names in ingest/: only their writer can use these */
struct blob_writer {
	int store;         /* borrowed */
	int fd;            /* the file in ingest/; -1 = none */
	char temp[48];     /* its name relative to the store */
	struct hash *hash; /* of what was written */
	uint64_t size;     /* bytes written */
	char *chunk;       /* the last of them, not in the file yet; owned */
	size_t fill;
};
/* Typical: blob_begin, blob_write..., blob_commit; blob_abort on failure (harmless after commit). */
int blob_begin(int store, struct blob_writer *ret, struct mc_err *err);
int blob_write(struct blob_writer *w, const void *data, size_t len, struct mc_err *err);
/* want, when not NULL, must equal the hash, else nothing enters the store (-EBADMSG). ret may be NULL. */
int blob_commit(struct blob_writer *w, const struct digest *want, struct digest *ret, struct mc_err *err);
void blob_abort(struct blob_writer *w);
/* Stores a small blob or JSON document at once. */
int blob_put(int store, const void *data, size_t len, struct digest *ret, struct mc_err *err);
/* The same under a given name, sha256 or sha512, which must be right: -EBADMSG. */
int blob_put_named(int store, const void *data, size_t len, const struct digest *want, struct mc_err *err);
int blob_put_json(
	int store, const struct json *doc, struct digest *ret, uint64_t *ret_size, struct mc_err *err);

/* A new descriptor {mediaType, digest, size}; caller owns. */
struct json *descriptor_new(const char *media_type, const struct digest *d, uint64_t size);

#endif
