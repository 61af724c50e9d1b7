/*
 * image.h - images as the engine sees them. Light: text, JSON and directories; no archive, no crypto.
 *
 *     _cleanup_close_ int store = store_open(root, err);
 *     _cleanup_image_ struct image img = {0};
 *     rc = image_find(store, "busybox", &img, err);          -ENOENT: pull it
 *     l = (struct layers){ .lower = strv_copy(img.layers), .upper = ..., .work = ... };
 *     fd = overlay_mount(&l, NULL, err);
 */
#ifndef MC_IMAGE_IMAGE_H
#define MC_IMAGE_IMAGE_H

#include "base/json.h"
#include "image/name.h"
#include "image/overlay.h"
#include "image/store.h"

struct id_maps; /* runtime/userns.h */

enum { IMAGE_MAX_LAYERS = 500 }; /* of one overlay: OVL_MAX_STACK in the kernel's fs/overlayfs/params.h */

struct image {
	struct digest id;       /* digest of the configuration: the image's id */
	struct digest manifest; /* digest of its manifest */
	struct digest entry;    /* what index.json names: the manifest, or the index that holds it */
	struct json *config;   /* whole configuration document: config.Env, config.Cmd, rootfs.diff_ids ... */
	struct json *document; /* the manifest */
	char **names;          /* short names with tag, "busybox:1"; may be empty */
	char **digests;        /* "busybox@sha256:...": known to a registry under this digest; may be empty */
	char **layers;         /* unpacked directories, TOP first, absolute; filled by image_find only */
	uint64_t size;         /* bytes of the compressed layers and the configuration */
	int64_t created;       /* nanoseconds since the epoch; 0 unknown */
};
void image_free(struct image *img); /* what it holds; harmless on {0} and twice */
#define _cleanup_image_ __attribute__((cleanup(image_free)))

/*
 * Finds an image by name ("busybox", "localhost:5000/x:1", "x@sha256:..."), id ("sha256:...") or unique
 * beginning of an id (at least one digit). -ENOENT when there is none, -EEXIST when several ids begin so,
 * -ESTALE when it is there but a layer is not unpacked (layers of images that skopeo wrote: `minictr-image
 * unpack NAME` does it).
 */
int image_find(int store, const char *text, struct image *ret, struct mc_err *err);
/* The unpacked directories of its layers, TOP first, absolute; with the owners that ids wants (NULL: the
 * archive's). Caller strv_free()s *ret. -ESTALE as above. (layer_place.c) */
int image_layers(
	int store, const struct image *img, const struct id_maps *ids, char ***ret, struct mc_err *err);
/* The same without looking at unpacked layers: for inspect, tag, rmi, history. */
int image_lookup(int store, const char *text, struct image *ret, struct mc_err *err);
/* The image of one manifest, without names. */
int image_load_manifest(int store, const struct digest *manifest, struct image *ret, struct mc_err *err);

/* Every image, newest first, names gathered; caller frees each and the array. An unreadable one is left
 * out. */
int image_list(int store, struct image **ret, size_t *ret_n, struct mc_err *err);
void image_list_free(struct image *list, size_t n);

/* The document of `image inspect`. Caller frees. (image_document.c) */
struct json *image_describe(const struct image *img);

/* OCI's media types and docker's: is this one a manifest, an index? (platform_choose.c) */
bool media_is_manifest(const char *type);
bool media_is_index(const char *type);
/* This machine's architecture as images call it: "amd64", "arm64". (platform.c) */
const char *image_architecture(void);
/* Did the person type a tag or a digest ("busybox:1", "localhost:5000/a@sha256:..."), or is latest meant? */
bool image_word_has_tag(const char *text);

#endif
