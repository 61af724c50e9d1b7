/*
 * tree.h - a directory tree, entry by entry, and how an entry becomes one of a tar: what layer_diff(),
 * export and cp are made of. Parents come before their children, names are sorted (the same tree gives the
 * same tar).
 */
#ifndef MC_IMAGE_TREE_H
#define MC_IMAGE_TREE_H

#include <sys/stat.h>
#include "image/archive.h"

struct tree;
struct tree_item {
	char *path;       /* "etc/passwd", relative to the root; "." for the root itself */
	const char *name; /* last component, inside path */
	int dir;          /* parent directory, open; borrowed */
	struct stat st;   /* lstat(2) */
};

/* root is borrowed. The first item is the root directory itself. No link is followed, no mount point
 * crossed. */
int tree_open(int root, struct tree **ret, struct mc_err *err);
/* Returns 1, 0 at the end, -errno. The item lives until the next call. */
int tree_next(struct tree *t, const struct tree_item **ret, struct mc_err *err);
/* The present item is a directory: do not go into it. */
void tree_skip(struct tree *t);
void tree_close(struct tree *t);

/*
 * Writes the present item under its path (behind prefix, "" for none): owner, mode, times, xattrs but
 * overlayfs's own, content; a second name of an inode becomes a hard link. Sockets are left out, as every
 * tar does.
 */
int tree_add(struct tree *t, const char *prefix, struct tar_writer *out, struct mc_err *err);

/* The whole tree of root: `export`, `cp` out. */
int tree_write(int root, const char *prefix, struct tar_writer *out, struct mc_err *err);
/* The same as a whole archive to the descriptor out; ids: the owners on disk (tree_pack.c). */
int tree_write_all(int root, const struct id_maps *ids, int out, struct mc_err *err);
/* `name` in dir becomes `as` in the archive, a directory with all below it (tree_pack.c). */
int tree_write_named(int dir, const char *name, const char *as, struct tar_writer *out, struct mc_err *err);

#endif
