/*
 * workshop.h - a learner's source read and compiled at arm's length (workshop.c).
 */
#ifndef MC_LEARN_WORKSHOP_H
#define MC_LEARN_WORKSHOP_H

#include "base/buf.h"
#include "base/err.h"

enum { WORKSHOP_SOURCE_MAX = 1 << 20, WORKSHOP_TIME_UP = 124 };

/* Reads a file of the person: a plain one of at most max bytes, no link, fifo or device, read with the
 * person's own permissions. path is below the top directory. 0 or -errno. */
int work_read(const char *path, size_t max, struct buf *ret, struct mc_err *err);
/* Refuses a work/ or .lab/ that belongs to another user than the person the tool works for. 0 or -EPERM. */
int work_owned(struct mc_err *err);

/* Compiles the text as the file `source` into `object` (argv is the whole command line, paths below the top
 * directory) where nothing but the compiler and the headers of the tree can be read. Diagnostics in *out. The
 * compiler's exit status, WORKSHOP_TIME_UP, or -errno. */
int workshop_compile(char *const argv[], const char *source, const struct buf *text, const char *object,
	struct buf *out, struct mc_err *err);

#endif
