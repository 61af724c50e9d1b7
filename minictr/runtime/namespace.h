/*
 * namespace.h - new namespaces, and joining those of others (namespaces(7), clone3(2), setns(2)).
 */
#ifndef MC_RUNTIME_NAMESPACE_H
#define MC_RUNTIME_NAMESPACE_H

#include <sys/types.h>
#include "base/err.h"
#include "runtime/config.h"

struct spawn_plan {
	uint64_t flags; /* CLONE_NEW*; 0: like fork(2) */
	int cgroup;     /* cgroup2 directory the child is born in (CLONE_INTO_CGROUP); -1: the caller's */
	int (*child)(void *data); /* runs in the child; its value is the exit status */
	void *data;               /* for child */
};

/* Lab 02; contracts stand in namespace.c. */
uint64_t namespace_flags(const struct namespace_plan *p);
pid_t namespace_spawn(const struct spawn_plan *p, int *ret_pidfd, struct mc_err *err);
int namespace_wait_go(int sync, struct mc_err *err);
int namespace_set_hostname(const char *name, struct mc_err *err);
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err);

uint64_t namespace_flag(enum namespace_kind kind);    /* CLONE_NEW* */
const char *namespace_name(enum namespace_kind kind); /* "mnt": the name in /proc/PID/ns */
/*
 * namespace_spawn(), but born in the namespaces that p gives by path; all but mount namespaces, which init
 * enters by itself (init.c, init_join_tree). The child is the caller's own, as if by namespace_spawn().
 * (namespace_paths.c)
 */
pid_t namespace_spawn_among(
	const struct namespace_plan *p, const struct spawn_plan *plan, int *ret_pidfd, struct mc_err *err);

#endif
