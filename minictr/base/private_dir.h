/*
 * private_dir.h - directories whose content decides which programs run with our privileges. No other user
 * may read or write them.
 */
#ifndef MC_BASE_PRIVATE_DIR_H
#define MC_BASE_PRIVATE_DIR_H

#include "base/err.h"

/*
 * Opens path below dir, made with mode 0700 when it is missing. Its mode is set to 0700 when others may
 * read or search it. -EPERM when its owner is neither us nor root, or when others may write to it and it is
 * not empty: we would trust files that they put there. -EPERM, too, when we are root, path is a link or dir
 * is AT_FDCWD, and another user could exchange a directory above it. Returns the descriptor.
 */
int dir_open_private(int dir, const char *path, struct mc_err *err);

/*
 * The same for the top of a tree, by name: a user who may rename a directory above it can replace our tree
 * by another. *ret_path is the absolute path without links; caller frees.
 */
int dir_open_trusted(const char *path, char **ret_path, struct mc_err *err);

/*
 * 0 when only we or root can change the file path below dir, or exchange it where it is a link or dir is
 * AT_FDCWD; else -EPERM, or -errno when it cannot be opened.
 */
int file_check_trusted(int dir, const char *path, struct mc_err *err);

#endif
