/*
 * box/box.h - the crash box: where a learner's programs run, with root's powers over nothing but itself.
 * checks.c sees box_open() and friends in check.h; this header is what the parts of the box share.
 */
#ifndef MC_LEARN_BOX_H
#define MC_LEARN_BOX_H

#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"
#include "learn/check.h"

enum { BOX_IDS = 65536, BOX_TREES = 16, BOX_OUTPUT = 64 << 10, BOX_OUTPUT_MAX = 1 << 20 };

/* Where the executables are that a box shows below /lab; all absolute, set once by the runner. */
struct box_paths {
	char *mine;  /* directory of the learner's executables, /lab/mine */
	char *ref;   /* directory of the reference's, /lab/ref */
	char *probe; /* the grader's own program, /lab/probe */
};

/* One cgroup tree of the machine, and the box's place in it (box/limits.c). */
struct box_tree {
	char *options; /* mount options of a v1 tree ("memory", "cpu,cpuacct", "none,name=systemd"); "" for v2 */
	char *name;    /* directory under /sys/fs/cgroup inside the box */
	char *limits; /* directory with the limits, root's own */
	char *box;    /* directory below it, delegated to the box's root */
};

struct box {
	struct check *check;
	struct box *next; /* boxes of this check that are open */
	char name[64];    /* "minictr-lab-NS-PID-N": cgroups, host name */
	pid_t init;       /* only pauses; its exit status means nothing */
	int pidfd;        /* of init: setns(2) and kill */
	uid_t base;       /* first outside id of the box's ids */
	unsigned ids;     /* 65536, or 1 for a user without subordinate ids */
	struct box_tree tree[BOX_TREES];
	int trees;
	struct box_options options;
	bool foreign;   /* code of a learner runs in it: no program of the reference any more */
	bool disturbed; /* ... and has begun to: what fails from here on can be its doing */
	bool judge;     /* stands beside another box (box_beside) */
};

/* --- box/box.c --- */
/* Makes the box: cgroups, view, namespaces, maps, inner mounts, filter; then its init pauses. name ends up
 * in b->name. */
int box_create(struct box *b, const struct box_paths *paths, struct mc_err *err);
/* Thaws, kills init, and with it everything inside; removes the cgroups. Accepts a half-made box. Waits at
 * most ten seconds: false when something of the box is still there then. */
bool box_destroy(struct box *b);
/* The ids and limits a process must take on after joining, before it runs foreign code. */
int box_become_root(unsigned ids, struct mc_err *err);
int box_confine(const struct box *b, struct mc_err *err);
/* Whatever runs out of memory, the box goes first. Inherited, and set before joining: the file is out of
 * reach then. */
int box_first_to_die(struct mc_err *err);
/* setns(2) into the namespaces of the box named by flags. */
int box_join(const struct box *b, int flags, struct mc_err *err);

/* --- box/ids.c --- */
bool box_ids_granted(void); /* an unprivileged user with subordinate ids (subuid(5)) and newuidmap(1) */
/* Moves this process into a namespace where it is root over its own and the subordinate ids; 0 too when
 * there are none. */
int box_ids_enter(struct mc_err *err);
bool box_in_outer(void);

/* --- box/view.c: before and after the user namespace is entered --- */
int box_view_outside(const struct box *b, const struct box_paths *paths, struct mc_err *err);
int box_view_inside(const struct box *b, struct mc_err *err);

/* --- box/limits.c --- */
int box_cgroup_make(
	struct box *b, struct mc_err *err); /* 0 also when this machine lends none (b->trees is 0) */
/* Opens the list of each tree (before the box is joined); a process that writes there enters (after fork).
 * With start: v2's leaf for programs; without: the cgroup that becomes the root of the box's cgroup
 * namespace. */
int box_cgroup_open(const struct box *b, bool start, int fds[BOX_TREES], struct mc_err *err);
int box_cgroup_settle(
	const struct box *b, struct mc_err *err); /* init, inside: leaves that root for the leaf */
int box_cgroup_enter(const struct box *b, const int fds[BOX_TREES], struct mc_err *err);
int box_cgroup_mount(const struct box *b, struct mc_err *err);
/* Lets go what box root has frozen: a frozen process does not die. */
void box_cgroup_thaw(const struct box *b);
int box_cgroup_remove(struct box *b); /* number of trees in which something is still left */
/* "minictr-lab-NS-PID-N": a pid means something in its own pid namespace only, and runs in several share
 * the trees. */
void box_cgroup_name(char *out, size_t size, pid_t runner, unsigned n);
/* Ends and removes what boxes of `runner`, or of dead runners, left. Number of cgroups that could not be
 * removed. */
int box_cgroup_sweep(pid_t runner, bool stale);

/* --- box/filter.c --- */
int box_seccomp_prepare(struct mc_err *err); /* once per process, before the first fork */
int box_seccomp_install(struct mc_err *err);

/* --- box/inside.c: a helper joins user and mount namespace and does one thing there --- */
typedef int box_deed(void *arg, int out, struct mc_err *err); /* writes its result to out; 0 or -errno */
int box_inside(const struct box *b, box_deed *deed, void *arg, struct buf *ret, struct mc_err *err);

/* --- box/run.c --- */
void run_drain(struct run *r); /* takes over what the program printed so far */

#endif
