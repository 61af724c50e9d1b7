/*
 * copy_into.h - files put into an image's tree: what COPY and ADD do at the destination.
 *
 * The tree is the merged view of a stage (an overlay): writing through it gives each parent directory its
 * copy in the new layer. Paths are resolved beneath the root; links of the image are followed inside it
 * and nowhere else.
 */
#ifndef MC_BUILD_COPY_INTO_H
#define MC_BUILD_COPY_INTO_H

#include <sys/types.h>
#include "base/err.h"
#include "build/source_tree.h"

struct copy_into {
	int root;       /* the merged tree; borrowed */
	bool has_owner; /* --chown, or a context: everything gets uid and gid */
	uid_t uid, gid;
	uid_t dir_uid, dir_gid; /* of new parent directories */
	bool chowned;           /* --chown was given */
	const char *chmod;      /* "755", "u=rwX,go=rX"; NULL: as in the source */
	bool keep_xattrs;       /* from a stage */
	bool no_links;          /* --link: links on the way to the destination are replaced, not followed */
	struct copied *seen;    /* files with several names, so that they stay one; private */
	size_t n_seen, seen_room;
};
void copy_into_release(struct copy_into *c);

/*
 * Copies one top to `to`, an absolute path. into_dir: `to` is a directory (it ends in a slash, or there
 * are several sources); otherwise it is one when it exists as one, or when the top is a directory. new
 * directories: 0755.
 */
int copy_top(struct copy_into *c, const struct source_tree *s, const struct source_top *top,
	const struct ignore *exclude, const char *to, bool into_dir, struct mc_err *err);
/*
 * A file from memory (a heredoc), mode 0644 unless chmod. Same rules for `to`; name is used below a
 * directory.
 */
int copy_text(struct copy_into *c, const char *name, const char *text, size_t len, const char *to,
	bool into_dir, struct mc_err *err);
/* A file behind fd (ADD URL): mode as given unless chmod, mtime in seconds (0: now). */
int copy_file(struct copy_into *c, int fd, const char *name, mode_t mode, int64_t mtime, const char *to,
	bool into_dir, struct mc_err *err);
/* Makes a directory and its parents; links are followed. Returns an O_PATH descriptor. */
int copy_make_dir(struct copy_into *c, const char *path, struct mc_err *err);

/*
 * A mode by chmod's words, octal or symbolic, applied to `mode` (X needs is_dir or an x bit). -EINVAL.
 * (copy_words.c)
 */
int copy_mode(const char *words, mode_t mode, bool is_dir, mode_t *ret, struct mc_err *err);
/*
 * Bytes of one file, holes kept: a reflink where the file system can, else copy_file_range(2).
 * (copy_bytes.c)
 */
int copy_bytes(int from, int to, off_t size, const char *name, struct mc_err *err);
/*
 * Extended attributes but overlayfs's and SELinux's; capabilities last, for chown clears them.
 * (copy_bytes.c)
 */
int copy_xattrs(int from_dir, const char *from, int to_dir, const char *to, struct mc_err *err);

#endif
