/*
 * build_log.h - what builds printed, kept: ROOT/build/logs/N.log.
 */
#ifndef MC_CLI_BUILD_LOG_H
#define MC_CLI_BUILD_LOG_H

#include <stdio.h>
#include "base/err.h"
#include "engine/engine.h"

/* A log for a new build; older ones beyond the newest 20 are removed. NULL when it cannot be written: no
 * reason to fail. */
FILE *build_log_open(const struct engine *e, const char *what);
/* Prints the newest log, or number `nth` (1 is the newest). */
int build_log_print(const struct engine *e, int nth, FILE *out, struct mc_err *err);
/* One line for each log: number, time, what was built. */
int build_log_list(const struct engine *e, FILE *out, struct mc_err *err);

#endif
