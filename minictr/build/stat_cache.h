/*
 * stat_cache.h - digests of files of a build context, remembered between builds, so that a file which did
 * not change is not read again. One file for each context directory: ROOT/build/stat/<hash of its path>.
 */
#ifndef MC_BUILD_STAT_CACHE_H
#define MC_BUILD_STAT_CACHE_H

#include <sys/stat.h>
#include "base/err.h"
#include "image/digest.h"

struct stat_cache;

/*
 * Reads what an earlier build left; a missing or damaged file gives an empty cache. dir: ROOT/build. Never
 * fails.
 */
struct stat_cache *stat_cache_open(int dir, const char *context_path);
/* Writes it back when something was added, and frees. A failed write costs speed only. NULL is fine. */
void stat_cache_close(struct stat_cache *c);

/*
 * The digest of a regular file: remembered, or computed by reading. path names it in the cache;
 * openat(dir, name) reaches it. *st is what lstat said; when the file is another one by now, or changes
 * while it is read, -EAGAIN. Safe to be called by several threads. c may be NULL: always reads.
 */
int stat_cache_digest(struct stat_cache *c, int dir, const char *name, const char *path,
	const struct stat *st, struct digest *ret, struct mc_err *err);

#endif
