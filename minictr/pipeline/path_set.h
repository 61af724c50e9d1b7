/*
 * path_set.h - which files of a work tree are meant (artifacts, caches, rules), and taking them to another
 * tree. Trees belong to jobs: no name in them is trusted, no link is followed.
 */
#ifndef MC_PIPELINE_PATH_SET_H
#define MC_PIPELINE_PATH_SET_H

#include "base/glob.h"
#include "base/util.h"

struct path_set {
	char **include, **exclude; /* patterns as written, relative to the work tree; owned */
	bool untracked;            /* also what the source does not have */
	struct glob **in, **out;   /* compiled by path_set_compile() */
	size_t n_in, n_out;
	bool *seen; /* of each include: it has matched something */
};

/*
 * Prepares the patterns. project_dir: an absolute pattern below it is meant relative to it. A pattern that
 * leads out of the tree is told of (warn_user()) and matches nothing. what: "artifacts", for messages.
 */
int path_set_compile(struct path_set *s, const char *project_dir, const char *what, struct mc_err *err);
void path_set_release(struct path_set *s);
/* Is this path (relative, no "./") in the set? "dir" and "dir/" mean all below; * ? ** are patterns. */
bool path_set_has(struct path_set *s, const char *path);
/* Does one pattern match all of the path? {a,b} stands for either; * and ? match no slash, ** any depth. */
bool path_match(const char *pattern, const char *path);
/* The patterns that have matched nothing so far: the caller tells. Index of the next one from i on, or -1. */
int path_set_unseen(const struct path_set *s, int i);

/*
 * Copies from/path (a file, a link or an empty directory) to to/path with its directories; what stands there
 * is replaced, a link on the way is replaced, too, never followed. open_modes: every user may read and write
 * the copy, because jobs run as any user. Sockets, fifos and devices are left out. Returns 1, 0 when left
 * out.
 */
int path_take(int from, const char *path, int to, bool open_modes, struct mc_err *err);
/* The same for a whole tree. */
int path_take_all(int from, int to, bool open_modes, struct mc_err *err);
/* Does the link dir/path point out of the tree: absolute, or above it? False when it is no link. */
bool path_link_leaves(int dir, const char *path);

#endif
