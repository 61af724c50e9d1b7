/*
 * tool.h - other commands of ours, as a person would type them: networks and builds have executables of
 * their own.
 */
#ifndef MC_BASE_TOOL_H
#define MC_BASE_TOOL_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Runs `minictr WORDS...` and waits. out: collects its standard output; NULL: goes to ours. quiet: its
 * messages are dropped. Returns its exit status, or -errno when it could not be run.
 */
int tool_run(char *const words[], struct buf *out, bool quiet, struct mc_err *err);
/*
 * The same, in the background with standard output in a pipe: *ret_out is the reading end. Returns the
 * pid.
 */
pid_t tool_start(char *const words[], int *ret_out, struct mc_err *err);

#endif
