/*
 * build_debug.h - a shell in the state around a failed build step.
 */
#ifndef MC_CLI_BUILD_DEBUG_H
#define MC_CLI_BUILD_DEBUG_H

#include "cli/command.h"

/* Becomes `minictr run` of the files before the failed step, or after it. words: what to run, NULL: the
 * step's shell. */
int build_debug_shell(struct cli *cli, bool before, char *const words[], struct mc_err *err);

#endif
