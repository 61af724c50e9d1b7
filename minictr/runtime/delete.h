/*
 * delete.h - takes away what create left.
 */
#ifndef MC_RUNTIME_DELETE_H
#define MC_RUNTIME_DELETE_H

#include "base/err.h"

/*
 * Removes a stopped (or only created) container: processes, cgroup, state; poststop hooks run before the state goes. force:
 * kills a running one first, and a missing one is fine. May be repeated after a failure or crash.
 */
int delete_container(const char *root, const char *id, bool force, struct mc_err *err);

#endif
