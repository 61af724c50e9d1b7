/*
 * program.h - where our other executables are. They sit beside the running one (build/bin), or in the
 * libexec folder of an installation. Their names: minictr minictr-oci minictr-monitor minictr-image ...
 */
#ifndef MC_BASE_PROGRAM_H
#define MC_BASE_PROGRAM_H

#include "base/err.h"

/* Absolute path of our executable `name`; caller frees *ret. -ENOENT says where it was looked for. */
int program_path(const char *name, char **ret, struct mc_err *err);
/* Replaces this process by our executable `name` with argv and the present environment. Returns only on failure. */
int program_exec(const char *name, char *const argv[], struct mc_err *err);

/* Functions of a learner that are linked into this executable ("rootfs_pivot process_spawn"); "" in the engine itself. */
extern const char program_mine[];

#endif
