/*
 * start.h - lets the program of a created container run.
 */
#ifndef MC_RUNTIME_START_H
#define MC_RUNTIME_START_H

#include "base/err.h"

/*
 * Lets the program of container id, whose state is below root, run; returns when exec has succeeded, or its
 * error (exit status 126 or 127 in *err). -EINVAL when the container is not in the state "created".
 * Poststart hooks have run on return.
 */
int start_container(const char *root, const char *id, struct mc_err *err);

#endif
