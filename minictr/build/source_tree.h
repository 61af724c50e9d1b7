/*
 * source_tree.h - a directory that COPY and ADD take files from: the build context, or another stage's
 * files.
 *
 * Everything is opened beneath the root (openat2(2) RESOLVE_IN_ROOT): a link that leads out of the context
 * ends inside it or nowhere.
 */
#ifndef MC_BUILD_SOURCE_TREE_H
#define MC_BUILD_SOURCE_TREE_H

#include <sys/stat.h>
#include "base/err.h"
#include "base/ignore.h"

struct source_tree {
	int root;                    /* the directory; borrowed */
	const char *what;            /* for messages: "the build context", "stage builder"; borrowed */
	const struct ignore *ignore; /* .dockerignore: paths from the root; NULL none */
	bool is_context;             /* owners and extended attributes are the host's: they do not count */
	struct stat_cache *cache;    /* digests of files seen in earlier builds; NULL none */
};

/* One thing that a COPY names, found. */
struct source_top {
	char *path;  /* as it is named, cleaned: "src/a.c"; "" is the root */
	char *real;  /* where it lies when links are followed; "" is the root */
	char *below; /* --parents: directories to keep at the destination, "src"; NULL without */
	bool is_dir;
	bool wild; /* a pattern matched it */
};
struct source_tops {
	struct source_top *list;
	size_t n;
};
void source_tops_free(struct source_tops *t);
#define _cleanup_source_tops_ __attribute__((cleanup(source_tops_free)))

/*
 * Adds what pattern means. A name without wildcards that is missing, or ignored, is an error that says why
 * (-ENOENT); a pattern that matches nothing adds nothing. parents: the pattern may hold a "/./"
 * (--parents).
 */
int source_select(const struct source_tree *s, const char *pattern, bool parents, struct source_tops *ret,
	struct mc_err *err);

/* One entry on the way through a source. Borrowed until the visitor returns. */
struct source_entry {
	int dir; /* openat(dir, name) reaches it; no link is followed any more */
	const char *name;
	const char *path; /* from the root of the tree */
	const char *rel;  /* from the top: "sub/a.c"; "" is the top itself */
	struct stat st;
	const char *link; /* text of a symbolic link, else NULL */
};
typedef int source_visit(void *arg, const struct source_entry *e, struct mc_err *err);
/*
 * Visits the top and what is below it, sorted, directories before their contents. Ignored entries are left
 * out; an ignored directory is visited only when a ! pattern brings back something below it. exclude:
 * patterns relative to the top (--exclude), or NULL.
 */
int source_walk(const struct source_tree *s, const struct source_top *top, const struct ignore *exclude,
	source_visit *visit, void *arg, struct mc_err *err);

/* --parents: visits the directories of top->below, outermost first; rel is their place at the destination. */
int source_parents(const struct source_tree *s, const struct source_top *top, source_visit *visit, void *arg,
	struct mc_err *err);

#endif
