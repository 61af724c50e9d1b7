/*
 * state.h - private to build/: one build, and one stage on its way through its instructions.
 */
#ifndef MC_BUILD_STATE_H
#define MC_BUILD_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include "base/json.h"
#include "build/args.h"
#include "build/build.h"
#include "build/configure.h"
#include "base/ignore.h"
#include "build/source_tree.h"
#include "image/image.h"

/*
 * A build context: a directory with its ignore file and what is remembered of its files.
 * (build_context.c)
 */
struct build_context {
	char *name;  /* --build-context; NULL: the main one */
	char *image; /* --build-context NAME=docker-image://IMAGE; NULL: a directory */
	/* absolute; "" for one that came as a tar and lies in the build's temporary directory */
	char *path;
	int dir;    /* -1: not opened yet, or there is none */
	bool empty; /* Dockerfile from standard input, and nothing else */
	struct ignore ignore;
	struct stat_cache *cache;
	struct source_tree tree;
};

/* One `minictr build`. Fixed once stages run, but for what `lock` guards. */
struct builder {
	struct engine *engine;
	const struct build_options *o;
	const struct build_report *report;
	struct build_result *result;
	int store, busy; /* the image store, and the lock that keeps garbage collection away */
	int dir;         /* ROOT/build */
	char *temp_path; /* ROOT/build/tmp-XXXX: upper directories of this build */
	int temp, temp_lock;
	char nonce[13];
	struct dockerfile *file;
	struct ignore_text {
		char *name, *text;
	} ignore_file;
	struct args args;
	struct build_platform host, target;
	char *target_arch, *target_variant;
	struct build_context context;
	struct build_context *more; /* --build-context */
	size_t n_more;
	int64_t epoch; /* SOURCE_DATE_EPOCH in seconds; -1: not set */
	size_t target_stage;
	bool *need;
	struct build *stages;
	int n_steps;
	pthread_mutex_t lock, say_lock;
	pthread_cond_t changed; /* a stage has ended, a slot is free */
	int slots;              /* steps that may begin now */
	int (*build_stage)(struct build *b, struct mc_err *err);
};

/* One stage: which layers it has by now, and the configuration. */
struct build {
	struct builder *all;
	size_t index; /* in file->stages */
	struct stage_config config;
	struct json *layers;           /* descriptors for the manifest, bottom first */
	struct stage_steps *steps;     /* why_missed.c */
	struct json *inputs;           /* of the present step's key: name to value, for --explain-cache */
	const struct instruction *now; /* resolved; what is being done */
	int step;                      /* number of the present step, for events */
	uint64_t step_begin;
	int n_uppers;
	struct run_network *network; /* of its RUNs; NULL: none was needed yet */
	bool upper_used;             /* the last step changed files */
	bool told_no_match;          /* that no file matches the wildcard of this step */
	/*
	 * When its files were made, nanoseconds: of the base, then of each step, also if that was in an earlier
	 * build. History and image say this time, so a build that is all hits gives the same image again.
	 */
	int64_t created;
	bool started, done, failed;
	struct mc_err err;
	struct buf where; /* lines of the Dockerfile where it failed */
	unsigned failed_line;
};

/* --- layers of a stage (upper.c) --- */

/*
 * The directories of its layers, TOP first; below all `points`, in the temporary directory (NULL: none).
 * Caller frees.
 */
char **build_lower(const struct build *b, const char *points);
/* Digest over the diff ids: two stages with the same files in the same layers have the same. */
void build_state(const struct build *b, struct digest *ret);
/* The files of a stage so far, mounted read-only and detached. Returns the descriptor. */
int build_view(const struct build *b, struct mc_err *err);
/* overlay_mount(), detached, for threads. */
int build_mount(const struct layers *l, struct mc_err *err);
/* Takes a layer on: configuration and manifest. diffid "" is none. */
int build_add_layer(struct build *b, const struct digest *diffid, struct mc_err *err);

/*
 * A new layer while it is written: an empty upper directory over the stage's layers, mounted for us
 * alone.
 */
struct upper {
	char name[16]; /* below the build's temporary directory */
	int root;      /* the merged tree; -1: not mounted */
};
int upper_begin(struct build *b, struct upper *ret, struct mc_err *err);
/* What was written becomes a layer of the stage. Nothing written: no layer. */
int upper_commit(struct build *b, struct upper *u, struct mc_err *err);
/*
 * Gives up what upper_begin() made; harmless after upper_commit(). keep: the directory stays for the
 * debugger.
 */
void upper_drop(struct build *b, struct upper *u);

/* --- keys (keys.c) --- */
/* A COPY or ADD --link: its key names no layers below. */
bool copy_stands_alone(const struct instruction *i);
struct key {
	struct hash *hash;
	struct json *inputs; /* borrowed from the build; may be NULL */
};
void key_begin(struct key *k, const struct build *b, const char *kind);
void key_add(struct key *k, const char *name, const char *value);
void key_add_list(struct key *k, const char *name, char *const values[]);
void key_end(struct key *k, struct digest *ret);

/* --- the cache (build_cache.c) --- */
/*
 * The layer that a step with this key gave: 1 found (*ret "" when it changed no file; *ret_created:
 * when), 0 not.
 */
int build_cache_find(struct builder *all, const struct digest *key, struct digest *ret, int64_t *ret_created);
/* Remembers it. Written by rename, last of all: an entry never names a layer that is not there. */
int build_cache_put(struct builder *all, const struct digest *key, const struct digest *layer,
	int64_t created, struct mc_err *err);
/* Small facts that never change: name is a digest's hex. 1 found, 0 not. */
int build_memo_get(struct builder *all, const struct digest *name, struct digest *ret);
void build_memo_put(struct builder *all, const struct digest *name, const struct digest *value);

/* --- why a step missed (why_missed.c) --- */
/* Once all instructions of the stage are known (ONBUILD's too), and at its end, whatever became of it. */
void why_missed_begin(struct build *b);
void why_missed_end(struct build *b);
/*
 * Why the step missed: the differences to the last time this step was built, as notes. Remembers this
 * time's inputs.
 */
void build_cache_explain(struct build *b, const struct instruction *i, const struct digest *key, bool hit);

/* --- events (telling.c) --- */
void build_say(struct build *b, enum build_event_kind kind, const char *name, const char *text);
void build_note(struct build *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* True once build_cancel() was called or another stage failed. */
bool build_canceled(void);
int build_cancel_fd(void); /* readable once the build is to end */

#endif
