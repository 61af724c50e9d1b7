/*
 * watch_tree.h - a source tree at two moments, and what differs.
 */
#ifndef MC_COMPOSE_WATCH_TREE_H
#define MC_COMPOSE_WATCH_TREE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/ignore.h"

struct tree_file {
	char *path; /* relative; "" when the root is a file itself; owned */
	ino_t inode;
	off_t size;
	mode_t mode;
	int64_t changed; /* nanoseconds, the later of content and status */
};

struct tree {
	struct tree_file *files; /* by path, directories included; owned */
	size_t n;
};

/* Does a rule leave this relative path out? */
typedef bool tree_skip_fn(const void *rule, const char *path, bool directory);

/*
 * Lists root (a directory or a file; links are not followed). notify: an inotify descriptor that gets a
 * watch on every directory, or -1. A root that is gone is an empty tree. -E2BIG above 100,000 names.
 */
int tree_read(const char *root, tree_skip_fn *skip, const void *rule, int notify, struct tree *ret,
	struct mc_err *err);
/* Names that are new or other in `now` (*ret_changed), and gone from it (*ret_removed); strv_free() both. */
void tree_compare(
	const struct tree *before, const struct tree *now, char ***ret_changed, char ***ret_removed);
void tree_release(struct tree *t);

#endif
