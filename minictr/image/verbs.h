/*
 * verbs.h - what commands do with images. Heavy ones (load, import, save, unpack, commit) live in
 * minictr-image. Progress and results go through struct image_report: the command line prints it, the
 * daemon streams it.
 */
#ifndef MC_IMAGE_VERBS_H
#define MC_IMAGE_VERBS_H

#include "image/image.h"

/* Who hears what happened. line is a finished sentence without newline ("Loaded image: busybox:1"). */
struct image_report {
	void (*line)(void *arg, const char *line);
	void *arg;
};

/* A container that uses an image: the caller (engine) knows, this floor cannot. */
struct image_use {
	char image[136];    /* "sha256:..." */
	char container[65]; /* id */
	bool running;
};
struct image_uses {
	const struct image_use *use;
	size_t n;
};

/* --- tag.c (light) --- */
int image_tag(int store, const char *source, const char *target, struct mc_err *err);
/*
 * docker rmi: takes the name away; the last name takes the image. By id: all its names, when only one
 * repository has it or with force. Reports "Untagged: ..." and "Deleted: ...". -EBUSY when a container uses
 * it (docker's wording).
 */
int image_remove(int store, const char *text, bool force, bool no_prune, const struct image_uses *uses,
	const struct image_report *report, struct mc_err *err);
/* docker image prune: those without a name, or with all=true those no container uses. filters: "until=..",
 * "label=..". */
int image_prune(int store, bool all, char *const filters[], const struct image_uses *uses,
	const struct image_report *report, uint64_t *ret_freed, struct mc_err *err);

/* --- gc.c (light) --- */
/* Removes blobs and unpacked layers that no name and no container reaches. Put off (0) while another process
 * brings blobs in. */
int store_collect(int store, const struct image_uses *uses, uint64_t *ret_freed, struct mc_err *err);

/* --- config_kinds.c (light) --- */
/* Every field of an image's configuration document is of its kind; -EINVAL names the first that is not. */
int image_check_kinds(const struct json *config, struct mc_err *err);

/* --- list.c (light) --- */
/* Whether "busybox:1" fits one of the reference filters (its repository may, too), or there is none: an image
 * that the filters keep is shown under these names only. */
bool image_name_shown(const char *name, char *const filters[]);
/* docker images: drops what the filters refuse ("dangling=true", "reference=a*:1", "label=k=v", "before=x",
 * "since=x"). */
int image_filter(int store, struct image *list, size_t *n, char *const filters[], struct mc_err *err);

struct image_step {       /* one line of `history`, newest first */
	struct digest id; /* of the image, on the first line; "" = <missing> */
	int64_t created;  /* ns since the epoch */
	char *created_by; /* owned */
	char *comment;    /* owned */
	uint64_t size;    /* bytes of the unpacked layer, 0 for empty ones */
};
int image_history(
	int store, const struct image *img, struct image_step **ret, size_t *ret_n, struct mc_err *err);
void image_history_free(struct image_step *steps, size_t n);
/* Bytes of the files in the unpacked layers: docker's SIZE. Kept in layers/<hex>/size. */
uint64_t image_unpacked_size(int store, const struct image *img);

/* --- load.c --- */
/* An archive of images: docker save (old, new) or OCI layout, compressed or not. fd may be a pipe. */
int image_load(int store, int fd, const char *name, const char *platform, const struct image_report *report,
	struct mc_err *err);
/* Unpacks the layers that are missing. After a pull, or for an image that another tool wrote; ids: with
 * these owners. */
int image_unpack(int store, const struct image *img, const struct id_maps *ids, struct mc_err *err);

/* --- import.c --- */
struct import_options {
	const char *name;     /* NULL: no name */
	char *const *changes; /* Dockerfile instructions: "CMD [\"sh\"]" "ENV A=b" ... */
	const char *message;  /* history comment; NULL = docker's "Imported from -" */
	const char *platform; /* "linux/arm64"; NULL = this machine's */
};
/* A root file system as tar becomes an image of one layer. */
int image_import(int store, int fd, const char *source, const struct import_options *o, struct digest *ret_id,
	struct mc_err *err);
/* Applies "ENV A=b", "CMD [..]", "EXPOSE 80", "LABEL ..." ... to a configuration document (its "config"
 * member). */
int config_change(struct json *config, const char *instruction, struct mc_err *err);

/* --- save.c --- */
/* Writes images as one tar that docker, podman and skopeo load: OCI layout and docker's manifest.json in
 * one. */
int image_save(int store, char *const names[], int fd, struct mc_err *err);

/* --- commit.c --- */
struct commit_options {
	const struct image *parent; /* NULL: none */
	int upper;                  /* overlay upper directory */
	const struct id_maps *ids;  /* its owners on disk; NULL: as in the image */
	const char *name;           /* NULL: no name */
	const char *author;
	const char *message;
	const char *created_by;    /* the container's command, for history */
	const char *container;     /* its id; NULL: not kept */
	const char *image;         /* and the name that its image was asked for by */
	const struct json *config; /* the new "config" object; NULL = the parent's */
	char *const *changes;
};
int image_commit(int store, const struct commit_options *o, struct digest *ret_id, struct mc_err *err);

/* --- image_create.c --- */
/* Descriptors of the image's layers in OCI's words, docker's manifest or not; NULL: none. Caller frees. */
struct json *image_layers_in_oci(const struct image *parent);
/*
 * A new image: the layers of parent (may be NULL) and a new one (layer->text "" = none), with a whole
 * configuration document whose rootfs is filled in here; the caller fills in its history. name as
 * people write it, or NULL.
 */
int image_create(int store, const struct image *parent, const struct digest *layer, const char *layer_type,
	const struct digest *diffid, const struct json *config, const char *name, struct digest *ret_id,
	struct mc_err *err);
/* Enters a stored manifest (and its parsed document and configuration) into the index, under a name as
 * people write it or NULL: the last step of making an image. */
int image_publish(int store, const struct digest *manifest, const struct json *document,
	const struct json *config, const char *name, struct mc_err *err);
/* The index entry of a stored manifest: descriptor and platform. Caller owns *ret. */
int image_descriptor(int store, const struct digest *manifest, const struct json *document,
	const struct json *config, struct json **ret, struct mc_err *err);
/* object[key] = the present time as docker writes it. */
void image_now(struct json *object, const char *key);

#endif
