/*
 * lower.h - the layers of an image seen as one tree, without mounting them: which file would an overlay
 * show at a path?
 *
 * Names come from images and containers. No link is followed: a link in a layer means something inside the
 * container only, and lstat("LAYER/a/b") would follow a link `a` to a file of the host.
 */
#ifndef MC_IMAGE_LOWER_H
#define MC_IMAGE_LOWER_H

#include <sys/stat.h>
#include "base/err.h"

struct lower_view {
	int *fds; /* the layers, TOP first; owned */
	size_t n;
};
/* dirs as in struct layers: TOP first, NULL-terminated; NULL is an empty view. Close it, also after a
 * failure. */
int lower_open(char *const dirs[], struct lower_view *ret, struct mc_err *err);
/* The entry at path ("etc/passwd", with or without a leading slash), as lstat(2) tells it. False: an
 * overlay would show none. */
bool lower_find(const struct lower_view *v, const char *path, struct stat *ret);
void lower_close(struct lower_view *v);
#define _cleanup_lower_ __attribute__((cleanup(lower_close)))

#endif
