/*
 * seal.h - our own executable, made unwritable before hostile code can reach it (CVE-2019-5736).
 */
#ifndef MC_RUNTIME_SEAL_H
#define MC_RUNTIME_SEAL_H

#include "base/err.h"

/*
 * Makes sure that this process runs from an executable that no process can write to, even through
 * /proc/PID/exe: executes itself again from a read-only clone of its mount (or a sealed copy in memory).
 * Returns 0 when it is sealed already; otherwise returns only on failure. Call it first.
 */
int seal_self(char *const argv[], struct mc_err *err);

/* Environment variable with our path from before, for finding the executables beside it. */
#define SEAL_PATH "MINICTR_OCI_PATH"

#endif
