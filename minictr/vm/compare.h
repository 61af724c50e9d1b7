/*
 * compare.h - a container and a virtual machine, measured by the same program from the same place: the host.
 *
 * Lab 13. What a program inside says about itself proves little; these four look from outside, at the clock,
 * at /proc and at the pages of memory, and treat both sides alike. helpers: probe_side.c.
 */
#ifndef MC_VM_COMPARE_H
#define MC_VM_COMPARE_H

#include <sys/types.h>
#include "base/err.h"

enum { SERIES_MAX = 64, PIDS_MAX = 1024 };

/* One side of the comparison. All pointers are borrowed. */
struct probe {
	const char *name;  /* "container", "vm": for messages */
	char *const *argv; /* the command that runs the probe program on this side; a word for it is added */
	pid_t root;        /* of a probe that holds: the host's process that all of it descends from */
	const char *mark;  /* a word that stands among the arguments of the probe's program, nowhere else */
};

/* Nanoseconds, one item a run, in the order in which they were measured. */
struct series {
	int n;
	uint64_t first[SERIES_MAX]; /* from the start to the first byte of output */
	uint64_t end[SERIES_MAX];   /* from the start to the end of the command */
	uint64_t median_first, median_end;
};

struct kernel_id {
	char release[65]; /* as uname(2) says inside */
	char boot_id[40]; /* /proc/sys/kernel/random/boot_id, as seen inside */
	bool is_host;     /* it is the kernel that runs us */
};

struct pids {
	pid_t pid[PIDS_MAX];
	int n;
	bool sees_program; /* the probe's own program is one of them */
};

/* Lab 13.1, 13.2, 13.3, 13.4; the contracts stand above the bodies in compare.c. */
int compare_time(const struct probe *p, int runs, struct series *ret, struct mc_err *err);
int kernel_identity(const struct probe *p, struct kernel_id *ret, struct mc_err *err);
int host_processes(const struct probe *p, struct pids *ret, struct mc_err *err);
int host_memory(const struct pids *p, uint64_t *ret_pss, struct mc_err *err);

/* --- probe_side.c --- */
/*
 * Starts p->argv with `word` behind it; *ret_out reads its standard output. Returns the pid, to be given to
 * probe_end().
 */
pid_t probe_start(const struct probe *p, const char *word, int *ret_out, struct mc_err *err);
/* Closes out, waits for the end. Returns 0; -EIO when the exit status is not 0. */
int probe_end(const struct probe *p, pid_t pid, int *out, struct mc_err *err);
/* The middle one of n values, which keep their order; of an even number the upper of the two. */
uint64_t median_of(const uint64_t values[], int n);
/* Parent of a process; 0 when that is in another pid namespace, -1 when the process is gone. */
pid_t process_parent(pid_t pid);
/* Is `word` one of the arguments of this process? */
bool process_has_word(pid_t pid, const char *word);

#endif
