/*
 * copy_tree.h - a directory's content, copied with everything that a file system keeps about it.
 */
#ifndef MC_VOLUME_COPY_TREE_H
#define MC_VOLUME_COPY_TREE_H

#include "base/err.h"

/*
 * Copies all that stands in the directory `from` into the directory `to`, which is empty: names, bytes
 * (holes stay holes), owners, modes, times, extended attributes, hard links among the copied names, FIFOs
 * and device nodes. Symbolic links are copied as they are, also those that point outside. Sockets are left
 * out: they mean nothing without their program. No link is followed and no other file system is entered.
 * `to` itself gets owner, mode, times and attributes of `from`. Both are borrowed. Returns 0 or -errno;
 * after a failure `to` holds a part of the copy.
 */
int copy_tree(int from, int to, struct mc_err *err);

#endif
