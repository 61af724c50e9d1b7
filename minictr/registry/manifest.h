/*
 * manifest.h - what a tag leads to: an index (one entry per platform) or a manifest (a config and layers).
 * OCI image-spec manifest.md and image-index.md; Docker's schema 2 says the same with other media types.
 */
#ifndef MC_REGISTRY_MANIFEST_H
#define MC_REGISTRY_MANIFEST_H

#include "base/buf.h"
#include "base/json.h"
#include "image/digest.h"
#include "image/platform.h"

struct index_entry {
	struct digest digest;
	uint64_t size;            /* bytes of the manifest */
	struct platform platform; /* what it runs on */
};

struct index {
	struct index_entry *entries; /* manifests only, in file order; owned */
	size_t count;
};

struct blob_ref {
	struct digest digest;
	uint64_t size;          /* bytes, as the manifest promises */
	const char *media_type; /* borrowed from the document; "" when not told */
};

struct manifest {
	struct digest digest; /* of bytes */
	struct buf bytes;     /* exactly as received: push must send the same */
	char *media_type;     /* owned */
	struct json *doc;     /* owned */
	struct blob_ref config;
	struct blob_ref *layers; /* bottom first; owned */
	size_t n_layers;
	bool is_index;      /* config and layers are empty then */
	struct index index; /* of an index: its manifests. Empty for one that lists only other indexes */
};

/*
 * Takes bytes apart (at most DOCUMENT_MAX) and computes their digest. media_type is the Content-Type, or
 * NULL. Fills *ret, which owns a copy. -EINVAL: broken, schema 1, a digest twice with different sizes;
 * -ENOTSUP: nothing to run in it.
 */
int manifest_parse(
	const void *bytes, size_t len, const char *media_type, struct manifest *ret, struct mc_err *err);
/* Computes digest again in the algorithm that the text `digest` names: "sha512:..." */
void manifest_digest_like(struct manifest *m, const char *digest);
void manifest_release(struct manifest *m);
#define _cleanup_manifest_ __attribute__((cleanup(manifest_release)))

/* Is it an image that can be unpacked and run? -ENOTSUP says plainly what it is instead (Helm chart,
 * signature ...). */
int manifest_is_image(const struct manifest *m, const char *name, struct mc_err *err);
/* The size that m promises for a blob; UINT64_MAX when m does not name it. m may be NULL. */
uint64_t manifest_blob_size(const struct manifest *m, const struct digest *d);

#endif
