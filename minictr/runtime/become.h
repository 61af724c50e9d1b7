/*
 * become.h - from root with all powers to the program of config.json: the same for `create` and for `exec`.
 */
#ifndef MC_RUNTIME_BECOME_H
#define MC_RUNTIME_BECOME_H

#include "runtime/config.h"
#include "runtime/seccomp.h"

/* Limits, working directory, capabilities, user, filter. The process is then what it will be, except for what must
 * come after the last privilege (become_last). cwd is checked to lie inside. */
int become(const struct config *c, const struct config_process *p, const struct seccomp_plan *filter,
	struct mc_err *err);
/* With noNewPrivileges: the filter, as the last act, so that it need only allow what the program does. */
int become_last(const struct config_process *p, const struct seccomp_plan *filter, struct mc_err *err);
/* In a new or joined user namespace: from an id that has no name here to its root. */
int become_mapped_root(const struct config *c, struct mc_err *err);
/* Closes all descriptors above 2 but keep[0..n-1] (-1 entries are skipped) and the first `preserve` ones above 2. */
int close_all_but(const int *keep, size_t n, int preserve, struct mc_err *err);
/* Marks all descriptors above 2 but the first `preserve` to be closed by exec. */
int close_at_exec(int preserve, struct mc_err *err);
/* Default dispositions, nothing blocked: a program must not start with what our caller ignored. */
void reset_signals(void);

#endif
