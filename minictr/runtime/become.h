/*
 * become.h - gives up root's privileges before the program runs: the same for `create` and `exec`.
 */
#ifndef MC_RUNTIME_BECOME_H
#define MC_RUNTIME_BECOME_H

#include "runtime/config.h"
#include "runtime/seccomp.h"

/*
 * Limits, working directory (checked to lie inside), bounding set, groups and user, capabilities, umask.
 * Afterwards the process is what the program will be, but for the filter: when `filter` is to be installed
 * without noNewPrivileges, CAP_SYS_ADMIN stays in the permitted and effective sets until become_last() and
 * the exec, which takes it.
 */
int become(const struct config *c, const struct config_process *p, const struct seccomp_plan *filter,
	struct mc_err *err);
/*
 * The filter, as the last act before execve(2), so that it need allow no other call of ours. `told`: the
 * filter is known to allow write(2); else the explain stream of this process ends here, because its next
 * line would be killed.
 */
int become_last(const struct seccomp_plan *filter, bool told, struct mc_err *err);
/*
 * For a process of ours that stays beside the program (init_reap): takes the program's filter and
 * capabilities.
 */
int become_keeper(const struct config_process *p, const struct seccomp_plan *filter, struct mc_err *err);
/* In a new or joined user namespace: from an id that has no name here to its root. */
int become_mapped_root(const struct config *c, struct mc_err *err);
/* Closes all descriptors above 2 but keep[0..n-1] (-1: skip) and the first `preserve` ones above 2. */
int close_all_but(const int *keep, size_t n, int preserve, struct mc_err *err);
/* Marks all descriptors above 2 but the first `preserve` to be closed by exec. */
int close_at_exec(int preserve, struct mc_err *err);

#endif
