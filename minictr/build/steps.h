/*
 * steps.h - lab 06: the steps that change files, and the key under which their result is kept.
 */
#ifndef MC_BUILD_STEPS_H
#define MC_BUILD_STEPS_H

#include "build/copy_into.h"
#include "build/state.h"

/* Lab 06.2. RUN: a program in a container over the stage's layers; what it changed is a new layer. */
int step_run(struct build *b, const struct instruction *i, struct mc_err *err);
/* Lab 06.3. COPY (and ADD): files of the context or of another stage; they are a new layer. */
int step_copy(struct build *b, const struct instruction *i, struct mc_err *err);
/* Lab 06.4. What the result of this instruction depends on, as one digest. */
int cache_key(const struct build *b, const struct instruction *i, struct digest *ret, struct mc_err *err);

/* --- given: run_step.c --- */
/* Runs i's program in a container whose root is u->root. *ret_exit: its exit status. */
int run_program(struct build *b, const struct instruction *i, const struct upper *u, int *ret_exit,
	struct mc_err *err);
/*
 * The error of a program that ended with status; what it left can be looked at afterwards. Returns
 * -ECHILD.
 */
int run_failed(struct build *b, const struct instruction *i, struct upper *u, int status, struct mc_err *err);
/*
 * Adds to k what the program is given: words, environment, directory, user, network, mounts with their
 * content.
 */
int run_key(const struct build *b, const struct instruction *i, struct key *k, struct mc_err *err);

/* --- given: copy_step.c --- */
/* One COPY or ADD, made ready: where its files come from, and which they are. */
struct copy_plan {
	const struct instruction *i;
	struct source_tree tree;
	int view; /* another stage's or image's files, mounted; -1: the context */
	struct source_tops tops;
	struct ignore exclude;
	struct copy_into into;
	char *to;      /* destination, absolute */
	bool into_dir; /* written with a slash at the end, or as "." */
	bool began;    /* `into` knows owner and root */
};
/* Opens the tree that i takes files from, and finds the files. copy_plan_release() is called also after a
 * failure (not checked: what is left goes with the process). */
int copy_plan_make(struct build *b, const struct instruction *i, struct copy_plan *ret, struct mc_err *err);
void copy_plan_release(struct copy_plan *p);
/* Copies source number n of p->tops to its place in the tree root. */
int copy_plan_put(struct build *b, struct copy_plan *p, size_t n, int root, struct mc_err *err);
/* Heredocs and URLs: sources that are no files of a tree. */
int copy_plan_extra(struct build *b, struct copy_plan *p, int root, struct mc_err *err);
/* --- given: copy_key.c --- */
/*
 * Adds to k: destination, flags, and of each file name, type, mode and bytes; of another stage's files the
 * owner too.
 */
int copy_key(const struct build *b, const struct instruction *i, struct key *k, struct mc_err *err);

/* --- given: copy_words.c --- */
bool add_is_url(const char *word); /* of a file */
bool add_is_git(const char *word); /* of a repository, as docker tells them: no git runs here */
/* A source that lies in the tree: no heredoc, and for ADD no URL. */
bool copy_is_tree_source(const struct instruction *i, const char *word);
/* What can't be right whatever the files are: COPY of a URL, a broken --chmod or --checksum. */
int copy_check(const struct instruction *i, struct mc_err *err);

/* --- given: copy_place.c --- */
/*
 * Who "u", "u:g" or ":g" is in the stage's /etc/passwd and /etc/group: owner of what --chown copies and of
 * what WORKDIR makes. A lone number is the group's as well, as BuildKit has it. (copy_place.c)
 */
int step_owner(int root, const char *text, uint32_t *ret_uid, uint32_t *ret_gid, struct mc_err *err);

/*
 * Adds to k what a COPY or ADD --link needs of the stage: the directories above `to`; whom names in --chown
 * mean.
 */
int copy_place_key(const struct build *b, const char *to, struct key *k, struct mc_err *err);
int copy_owner_key(const struct build *b, const char *owner, struct key *k, struct mc_err *err);

/* --- given: add_source.c --- */
/*
 * The file behind a URL, fetched once a build, checked against --checksum. Returns a descriptor;
 * *ret_mtime 0: not told.
 */
int add_fetch(struct build *b, const struct instruction *i, const char *url, struct digest *ret,
	int64_t *ret_mtime, struct mc_err *err);
/* Name of the file: last part of the URL's path; NULL when it has none. Caller frees. */
char *add_url_name(const char *url);
/* Is it a tar, plain or compressed, by its content? */
bool add_is_archive(int fd, const char *name);
/* Unpacks it into the directory `to` of c's tree. */
int add_unpack(
	struct build *b, struct copy_into *c, int fd, const char *name, const char *to, struct mc_err *err);

/* --- given: from_source.c --- */
/* What --from (or from= of a mount) names: an earlier stage, a --build-context or an image. */
struct from_source {
	struct digest state;           /* equal states hold equal files; "" for a directory */
	const struct build *stage;     /* or */
	struct build_context *context; /* or */
	struct image *image;           /* owned */
	char *what;                    /* for messages; owned */
};
int from_find(struct build *b, const char *word, struct from_source *ret, struct mc_err *err);
void from_release(struct from_source *f);
/* Its files: a descriptor of their root, read-only. */
int from_view(struct build *b, const struct from_source *f, struct mc_err *err);

/* --- given: workdir_step.c --- */
/* WORKDIR: the directory is made, for USER, when it is missing. */
int step_workdir(struct build *b, const struct instruction *i, struct mc_err *err);

#endif
