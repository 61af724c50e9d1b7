/*
 * tail.h - where the core calls the tail: one line per subject, in the order of the start.
 *
 * The tail is what specs and users ask for beyond the idea: every resource of config.json, hooks, device
 * rules, sysctls, mount options beyond the common ones. `make core` links tail_none.c instead, in
 * which each entry does nothing and returns 0: the container still starts.
 * All return 0 or -errno with *err filled unless told otherwise. "parent" is minictr-oci, "child" is the
 * container's first process before it execs: no malloc-heavy work, no threads, raw set*id only.
 */
#ifndef MC_RUNTIME_TAIL_H
#define MC_RUNTIME_TAIL_H

#include "base/err.h"
#include "base/json.h"
#include "runtime/config.h"
#include "runtime/rootfs.h"

struct cgroup;
struct seccomp_plan;

enum hook_point {
	/* runtime's namespaces, after the container's are made, before pivot_root */
	HOOK_PRESTART,
	/* the same moment, after prestart */
	HOOK_CREATE_RUNTIME,
	/* in the container's namespaces, host's files, before pivot_root */
	HOOK_CREATE_CONTAINER,
	/* in the container, before exec of the program */
	HOOK_START_CONTAINER,
	/* runtime's namespaces, after start */
	HOOK_POSTSTART,
	/* runtime's namespaces, after delete */
	HOOK_POSTSTOP,
};

/* --- parsing: no system call --- */
int tail_config(const struct json *doc, struct config *c, struct mc_err *err); /* fills c->tail */
void tail_config_free(struct config_tail *t);                                  /* NULL is fine */
/* The process object stands in doc behind the path `in` ("process." or ""); fills p->tail. */
int tail_process(const struct json *doc, const char *in, struct config_process *p, struct mc_err *err);
void tail_process_free(struct process_tail *t); /* NULL is fine */
/* A config that this runtime must refuse (intelRdt, unknown required features). After tail_config. */
int tail_check(const struct config *c, struct mc_err *err);

/* --- create, in the parent --- */
/* --systemd-cgroup: a scope of systemd's; *ret_path is its cgroup path, owned by the caller. It lives until
 * tail_systemd_end(), from then on while a process is inside. */
int tail_systemd_begin(const struct config *c, const char *id, char **ret_path, struct mc_err *err);
void tail_systemd_end(void);
/*
 * Before an unprivileged user's process puts another one into `cgroup` of the user's systemd (NULL: any):
 * moves this process there by its own scope. Does nothing for root, or when we are in that tree already.
 */
int tail_systemd_join(const char *cgroup, struct mc_err *err);
/* Appends to c->mounts what has its source in the state's directory dir: the socket of NOTIFY_SOCKET, when
 * notify, and devices that the host lacks. */
int tail_state_mounts(struct config *c, int dir, bool notify, struct mc_err *err);
/* All resources beyond config_limits: cpuset, blkio/io, hugetlb, unified, device rules (v1 file, v2 eBPF). */
int tail_cgroup(const struct config *c, const struct cgroup *cg, struct mc_err *err);
/* Sources of bind mounts, opened detached (-1: not by us): idmapped mounts. */
int tail_sources(const struct config *c, const int *sources, struct mc_err *err);
/*
 * root.path must be a directory. With rootfsPropagation "slave": a detached clone of root.path that follows
 * the host's mounts, in *ret_fd. Else untouched.
 */
int tail_root(const struct config *c, int *ret_fd, struct mc_err *err);
/* The last moment in the parent: session keyring, time namespace offsets. */
int tail_before_clone(const struct config *c, struct mc_err *err);
/* The child waits: does the outside part (oom_score_adj of a mapped user, intelRdt ...). */
int tail_after_clone(const struct config *c, pid_t pid, struct mc_err *err);
/* Does config.json name hooks of this point? */
bool tail_has_hooks(const struct config *c, enum hook_point point);
/* Runs all hooks of one point, state is the OCI state JSON for their standard input. In the parent or, for
 * HOOK_CREATE_CONTAINER and HOOK_START_CONTAINER, in the child. A failing poststop hook is only logged, and
 * so is a poststart hook up to ociVersion 1.2. */
int tail_hooks(const struct config *c, enum hook_point point, const char *state, struct mc_err *err);

/* --- create, in the child --- */
/* One entry of "mounts" that the core cannot do (cgroup v1, idmap, tmpcopyup, recursive attributes). Called
 * before the core tries; root is the new root's descriptor, source an already opened detached mount or -1.
 * Returns 1: done; 0: the core shall do it. */
int tail_mount(
	const struct config *c, const struct config_mount *m, int root, int source, struct mc_err *err);
/*
 * The new root is complete but for masks, and the host's files are reachable: linux.devices, the filter's
 * agent. root as above; state: the OCI state from before the clone, borrowed for the life of this process.
 */
int tail_in_init_before_pivot(const struct config *c, int root, const char *state, struct mc_err *err);
/* Inside; the host is no longer reachable: sysctls, rootfsPropagation. */
int tail_after_pivot(const struct config *c, struct mc_err *err);
/* Limits and the like of one process (create and exec), still with all privileges: rlimits,
 * oom_score_adj, scheduler, ioPriority, personality, session keyring, apparmor label. */
int tail_before_exec(const struct config *c, const struct config_process *p, struct mc_err *err);

/* The environment of the program: p->env, plus HOME if unset. After tail_before_exec. Tail or p owns it. */
char **tail_env(const struct config_process *p);

/* Calls seccomp_apply(); sends SCMP_ACT_NOTIFY's listener to the agent in config.json. Returns 0. */
int tail_seccomp(const struct seccomp_plan *p, struct mc_err *err);

/* --- exec, in the parent, before it joins --- */
/* Session keyring, oom_score_adj, ceilings of limits (inherited by the child); the agent of a filter with
 * SCMP_ACT_NOTIFY. state: the container's OCI state. *ret_keep: a descriptor the child must keep, -1 for
 * none. */
int tail_exec(const struct config *c, const struct config_process *p, const char *state, int *ret_keep,
	struct mc_err *err);

/*
 * Refuses an AppArmor profile where the host has no AppArmor: a container must not run without a protection
 * it asks for. An SELinux label means nothing on a host without SELinux (podman sets one for every
 * container). Each may be NULL.
 */
int tail_labels(const char *apparmor, const char *selinux, struct mc_err *err);

/* --- later --- */
/* `update`: resources is an OCI linux.resources object; config_limits are applied by the core afterwards. */
int tail_update(const struct json *resources, const struct cgroup *cg, struct mc_err *err);

#endif
