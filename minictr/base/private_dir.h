/*
 * private_dir.h - directories whose content decides what runs with our rights: nobody but us may read or write there.
 */
#ifndef MC_BASE_PRIVATE_DIR_H
#define MC_BASE_PRIVATE_DIR_H

#include "base/err.h"

/*
 * Opens path below dir, made with mode 0700 when it is missing. Its mode is repaired to 0700 when others may read or
 * search it. -EPERM, with the sentence why, when another user than us or root owns it, or when others may write to
 * it and it is not empty: what they have put there would be believed. Returns the descriptor.
 */
int dir_open_private(int dir, const char *path, struct mc_err *err);

/*
 * The same for the top of a tree, by name: the directories above it count too, because a user who may rename one of them
 * puts a tree of his own in our place. Root only is that strict. *ret_path is the absolute path without links; caller frees.
 */
int dir_open_trusted(const char *path, char **ret_path, struct mc_err *err);

#endif
