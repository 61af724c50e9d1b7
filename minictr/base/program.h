/*
 * program.h - where our other executables are: beside the running one (build/bin), or in the libexec
 * directory of an installation. Their names: minictr minictr-oci minictr-monitor minictr-image ...
 */
#ifndef MC_BASE_PROGRAM_H
#define MC_BASE_PROGRAM_H

#include "base/err.h"

#ifndef MINICTR_VERSION
#define MINICTR_VERSION "0.1.0"
#endif

/* Absolute path of our executable `name`; caller frees *ret. -ENOENT names the directories searched. */
int program_path(const char *name, char **ret, struct mc_err *err);
/* execv(3) of our executable `name` with argv and the current environment. Returns only on failure. */
int program_exec(const char *name, char *const argv[], struct mc_err *err);

/*
 * Names of a learner's functions that are linked into this executable ("rootfs_pivot process_spawn"); "" in
 * the engine itself.
 */
extern const char program_mine[];

#endif
