/*
 * cgroup.h - control groups: limits and accounts for a set of processes (cgroups(7)).
 *
 * A cgroup is a directory. cgroup2 has one tree with all controllers; version 1 has one tree per
 * controller, so one cgroup of ours is up to a dozen directories of the same path. `struct cgroup` hides
 * that: keys are always named as cgroup2 names them, and cgroup_v1.c knows which file of which tree means
 * the same.
 *
 *     struct cgroup cg = { 0 };
 *     cgroup_create(&cg, "/minictr-1a2b3c4d/web", err);
 *     cgroup_set_limit(&cg, "memory.max", 64 << 20, err);
 *     v2: clone3 with CLONE_INTO_CGROUP and cgroup_fd(&cg); v1: the child first calls cgroup_enter(&cg, err)
 *     ...
 *     cgroup_remove(&cg, err);
 *     cgroup_close(&cg);
 */
#ifndef MC_RUNTIME_CGROUP_H
#define MC_RUNTIME_CGROUP_H

#include <limits.h>
#include <sys/types.h>
#include "base/err.h"

enum { CGROUP_TREES = 20 };        /* v1 hierarchies on one machine: 13 controllers and some named ones */
#define CGROUP_NO_LIMIT UINT64_MAX /* "max" on v2, -1 on v1 */

/* One mounted hierarchy and our directory in it. */
struct cgroup_tree {
	char controllers[64]; /* v1: "memory", "cpu,cpuacct", "name=systemd"; v2: "" */
	char mount[192];      /* where it is mounted: "/sys/fs/cgroup/memory" */
	int dir;              /* our directory, O_CLOEXEC; -1 when not made or not opened */
	bool made;            /* cgroup_create() made the directory, it was not there before */
};

/* Plain data: may be copied, and used in a child after clone. Functions that fill it accept all zero. */
struct cgroup {
	char path[512]; /* below each mount, with the first slash: "/minictr-1a2b3c4d/web" */
	bool v2;        /* the controllers are those of the one cgroup2 tree */
	size_t n;       /* trees in use */
	struct cgroup_tree tree[CGROUP_TREES];
};

/* What the kernel counted. Only these tell an out-of-memory kill from any other end by signal 9. */
struct cgroup_events {
	uint64_t oom;       /* times the memory limit was hit with nothing to reclaim (v1: = oom_kill) */
	uint64_t oom_kill;  /* processes killed by the OOM killer, nested cgroups included */
	uint64_t pids_max;  /* forks refused by pids.max */
	uint64_t throttled; /* periods in which the cpu quota ran out */
	bool populated;     /* a live process is in it or below it */
};

/* --- the labs (03), in reading order --- */

/* Makes the directory in every tree, parents too (v2: with their controllers switched on for children) and
 * opens it. An existing cgroup is joined. On failure what was made is removed again. */
int cgroup_create(struct cgroup *cg, const char *path, struct mc_err *err);
/* Writes one limit. key is cgroup2's: "memory.max", "memory.swap.max", "pids.max", "cpu.weight" ...; bytes,
 * numbers, or CGROUP_NO_LIMIT. -EOPNOTSUPP when this machine lacks the controller, with the reason. */
int cgroup_set_limit(const struct cgroup *cg, const char *key, uint64_t value, struct mc_err *err);
/* At most the time of nano_cpus / 1e9 processors (docker's --cpus 1.5 is 1500000000). 0: no limit. */
int cgroup_set_cpus(const struct cgroup *cg, uint64_t nano_cpus, struct mc_err *err);
/* The calling single-threaded process moves itself and its later children. May be called after clone. */
int cgroup_enter(const struct cgroup *cg, struct mc_err *err);
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err);
/* Kills what still lives in it and below it, removes the directories of every tree. A missing one is fine. */
int cgroup_remove(struct cgroup *cg, struct mc_err *err);

/* --- given (cgroup_v1.c) --- */

/* Finds the mounted trees (proc_pid_mountinfo(5)); sets path, closes nothing. -ENOENT: none is mounted. */
int cgroup_trees(struct cgroup *cg, const char *path, struct mc_err *err);
/* Opens an existing cgroup by its path; trees without it keep dir = -1. -ENOENT when it is in none. */
int cgroup_open(struct cgroup *cg, const char *path, struct mc_err *err);
/* The same, but opens only this controller's tree of v1: one query does not need nine directories. */
int cgroup_open_one(struct cgroup *cg, const char *path, const char *controller, struct mc_err *err);
void cgroup_close(struct cgroup *cg); /* closes the descriptors; the cgroup stays */
/* v2: the directory for CLONE_INTO_CGROUP; v1: -1 (the child enters by itself). */
int cgroup_fd(const struct cgroup *cg);
/*
 * Finds the file that means a v2 key here. *ret_dir is borrowed, *ret_file static or key itself, *ret_none
 * the text for "no limit". -EOPNOTSUPP, with the reason, when this machine has nothing that means it.
 */
int cgroup_file(const struct cgroup *cg, const char *key, int *ret_dir, const char **ret_file,
	const char **ret_none, struct mc_err *err);
/* v1's number of the same meaning: cpu.weight 1..10000 is cpu.shares 2..262144; memsw is memory plus swap. */
uint64_t cgroup_v1_value(const struct cgroup *cg, const char *key, uint64_t value);
/* Our directory in the tree of a v1 controller ("memory"); on v2 the one directory. -1 when absent. */
int cgroup_controller(const struct cgroup *cg, const char *controller);
/* Any text into the file that key means. */
int cgroup_write(const struct cgroup *cg, const char *key, const char *text, struct mc_err *err);
/*
 * v1 only: a new cpuset has no cpus and no memory nodes, and no process may enter it; copies the parent's.
 * No-op otherwise.
 */
int cgroup_inherit_cpuset(const struct cgroup_tree *tree, int dir, struct mc_err *err);
/* The number behind key in a flat keyed file ("memory.events"), or of the whole file when key is NULL. 0
 * when it is not there: a missing file is no failure of the caller's. */
uint64_t cgroup_read_number(int dir, const char *file, const char *key);
/* Calls f(parent, name) for the cgroup path of one tree and everything below it, deepest first; parent is
 * an open directory, name a path below it. Stops at < 0 and returns that; a missing cgroup is 0. */
int cgroup_walk(const struct cgroup_tree *tree, const char *path,
	int (*f)(int parent, const char *name, void *arg), void *arg);

/* --- given (cgroup_limits.c) --- */

struct config_limits;
/* Everything the core knows of linux.resources (config.h). Also later, on a cgroup with processes inside. */
int cgroup_apply(const struct cgroup *cg, const struct config_limits *l, struct mc_err *err);
uint64_t cgroup_weight_of_shares(uint64_t shares); /* OCI's cpu.shares as cgroup2's cpu.weight */

/* --- given (cgroup_use.c): the rest of the engine asks here --- */

/*
 * Stops every process in it and below it (v2 cgroup.freeze, v1 freezer), or resumes them. Waits until done.
 */
int cgroup_freeze(const struct cgroup *cg, bool freeze, struct mc_err *err);
/*
 * Thaws the cgroup whose freezer holds process pid, which may be another one than the container's: a frozen
 * process does not even end by SIGKILL on v1. Nothing there is fine.
 */
void cgroup_thaw_process(pid_t pid);
bool cgroup_is_frozen(const struct cgroup *cg);
/* Does a live process that we can see sit in it or below it? */
bool cgroup_populated(const struct cgroup *cg);
/* Signal to every process in it and below it. SIGKILL ends them all, also when they fork meanwhile. */
int cgroup_kill(const struct cgroup *cg, int signal, struct mc_err *err);
/* Process ids, as this process sees them, with nested cgroups. *ret is malloc'ed; may be NULL for 0 ids. */
int cgroup_pids(const struct cgroup *cg, pid_t **ret, struct mc_err *err);

/* Moves cg to an existing cgroup below it: spec is "PATH", or "CONTROLLER,...:PATH" for some trees of v1. */
int cgroup_descend(struct cgroup *cg, const char *spec, struct mc_err *err);
/*
 * v2, and cg has passed controllers on, so that no process may live in it: where below it pid lives
 * (malloc'ed). Else NULL.
 */
char *cgroup_of_inner(const struct cgroup *cg, pid_t pid);

struct cgroup_stats {
	uint64_t memory_usage, memory_limit, memory_peak; /* bytes; limit CGROUP_NO_LIMIT when none */
	uint64_t memory_inactive_file;                    /* what docker subtracts from usage */
	uint64_t swap_usage, kernel_usage;                /* bytes; v1 swap: memsw minus memory */
	uint64_t cpu_usage_ns, cpu_user_ns, cpu_system_ns;
	uint64_t cpu_periods, cpu_throttled, cpu_throttled_ns;
	uint64_t pids, pids_limit;
	uint64_t io_read_bytes, io_write_bytes, io_reads, io_writes;
};
/* Snapshot; a controller that is missing leaves zeros. No lock, no wait. */
int cgroup_stats(const struct cgroup *cg, struct cgroup_stats *ret, struct mc_err *err);

#endif
