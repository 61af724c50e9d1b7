/*
 * run_mounts.h - RUN --mount: what a step sees beside the image, and what never lands in a layer.
 */
#ifndef MC_BUILD_RUN_MOUNTS_H
#define MC_BUILD_RUN_MOUNTS_H

#include "build/run_keeper.h"
#include "build/steps.h"

enum run_mount_type { RUN_BIND, RUN_CACHE, RUN_TMPFS, RUN_SECRET, RUN_SSH };

/* One --mount, its words read. (run_mount_words.c) */
struct run_mount {
	enum run_mount_type type;
	char *target, *source, *from, *id, *env; /* NULL without; target absolute; owned */
	bool writable, required, has_mode;
	bool is_file; /* what it shows is a file; known once it is open */
	bool absent;  /* a secret or agent that was not given: nothing is mounted */
	enum { SHARING_SHARED, SHARING_PRIVATE, SHARING_LOCKED } sharing;
	mode_t mode;
	uid_t uid, gid;
	uint64_t size;
};
/* All of an instruction. *ret and *ret_n are owned by the caller: run_mount_list_free(). */
int run_mount_list(const struct stage_config *c, const struct instruction *i, struct run_mount **ret,
	size_t *ret_n, struct mc_err *err);
void run_mount_list_free(struct run_mount *list, size_t n);

/* What they come to, for one container. */
struct run_mounts {
	struct run_mount *list;
	size_t n;
	struct json *entries;        /* for "mounts" of config.json */
	char **env;                  /* NAME=VALUE of secrets */
	char **hidden;               /* values that no output may show */
	struct keeper_mount *attach; /* detached mounts, and where the keeper attaches them */
	size_t n_attach;
	int *locks; /* of cache directories */
	size_t n_locks;
	const char *bundle; /* borrowed */
};

/*
 * Adds each mount to the key: type, target, flags; of a bind its content, of a secret or cache nothing of
 * what it holds.
 */
int run_mounts_key(const struct build *b, const struct instruction *i, struct key *k, struct mc_err *err);
/*
 * Opens the sources. bundle: a directory on tmpfs for what lives as long as the step. Waits for locked
 * caches.
 */
int run_mounts_make(struct build *b, const struct instruction *i, const char *bundle, struct run_mounts *ret,
	struct mc_err *err);
/* Puts them, and the environment, into a config.json document. */
int run_mounts_add(const struct run_mounts *m, struct json *doc, struct mc_err *err);
void run_mounts_end(struct run_mounts *m);
/* --secret: the value of this id, 1 when it is given, 0 when not. ret: caller's. (run_secrets.c) */
int run_secret_find(const struct builder *all, const char *id, struct buf *ret, struct mc_err *err);
/* --ssh: the socket of the agent with this id, borrowed; NULL: not given. (run_secrets.c) */
const char *run_ssh_find(const struct builder *all, const char *id);
/* text with every hidden value replaced by ***; caller frees. */
char *run_secrets_hide(char *const hidden[], const char *text);

/*
 * What mounts stand on: a directory with an empty entry for each target, to lie below all layers. An image
 * that has the entry wins; else it shows through, and nothing is made in the new layer. dir/name is made.
 * (run_points.c)
 */
int run_points_make(const struct build *b, int dir, const char *name, struct mc_err *err);

/*
 * Entries that do not show through (a link that leads nowhere, a deleted directory) are made, and taken
 * away again.
 */
struct run_points {
	char **made;  /* paths, parents first */
	char *parent; /* the directory that had to change, and its times */
	struct timespec times[2];
};
int run_points_begin(int root, const struct run_mounts *m, struct run_points *ret, struct mc_err *err);
void run_points_end(struct run_points *p, int root);

#endif
