/*
 * attacks.h - real attacks and accidents against an engine: which walls stand, and which task raises each.
 */
#ifndef MC_LEARN_ATTACKS_H
#define MC_LEARN_ATTACKS_H

#include "learn/check.h"

struct attack {
	const char *name;    /* what happens */
	const char *known;   /* a CVE or the name it goes by */
	const char *task;    /* the task that raises the wall */
	const char *args[8]; /* the container's program; or, with `lab`, the drive program's words */
	const char *lab;     /* "04": the drive program of this lab instead of a container */
	const char *process; /* further keys of config.json, each with a comma in front */
	const char *mounts;
	const char *linux_keys;
	const char *hostname;
	bool readonly;
	bool holds; /* the drive program holds as `probe hold word` when it has its answer */
	int stands; /* exit status when the wall stands; ATTACK_FAILS: any but 0 */
	/* What is to be seen from outside afterwards: NULL when the wall stands, else what was seen. */
	const char *(*look)(struct check *c, struct box *b);
};
enum { ATTACK_FAILS = -1, ATTACK_ABI = -2 }; /* -2: EDOM, or no 32-bit calls here, or killed for it */

extern const struct attack attacks[];
extern const size_t attacks_count;

/* Runs one in a crash box: the check ends with ok when the wall stands, with FAIL when it falls. */
void attack_run(struct check *c, const struct attack *a);

#endif
