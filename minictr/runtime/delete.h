/*
 * delete.h - takes away what create left.
 */
#ifndef MC_RUNTIME_DELETE_H
#define MC_RUNTIME_DELETE_H

#include "base/err.h"

/*
 * Removes a stopped (or only created) container: processes, cgroup, state; poststop hooks run before the
 * state goes. force: kills a running one first; a missing one is no error. Repeatable after a crash.
 */
int delete_container(const char *root, const char *id, bool force, struct mc_err *err);

#endif
