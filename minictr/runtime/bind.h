/*
 * bind.h - a tree of the host inside the container: bind mounts, which volumes are made of too.
 */
#ifndef MC_RUNTIME_BIND_H
#define MC_RUNTIME_BIND_H

#include <stdbool.h>

#include "base/err.h"

/* Lab 08.2 and 08.4; contracts are in bind.c. source and tree: detached mounts (open_tree(2)), borrowed. */
int bind_mount(int root, const char *target, int source, bool readonly, struct mc_err *err);
int bind_propagation(int tree, unsigned long mode, struct mc_err *err);

#endif
