/*
 * road.h - a road is a table of steps: create, init and start are each one such table.
 *
 * A row names the function that does the step, the one that takes it back, and the reason why the step stands where it
 * stands. road_walk() reads the table from the top; when a step fails it takes back what was done, from the bottom up.
 * `trip` is the struct in which one road keeps what it holds; each step function gives it its own type again:
 *     static int create_cgroup(void *trip, struct mc_err *err) { struct create_trip *t = trip; ...
 */
#ifndef MC_BASE_ROAD_H
#define MC_BASE_ROAD_H

#include "base/err.h"

/* Types of functions, so that a file can name its steps above its table: `static road_run create_cgroup, create_clone;` */
typedef int road_run(void *trip, struct mc_err *err);
typedef void road_undo(void *trip);
typedef bool road_needed(const void *trip);

struct road_step {
	road_run *run;       /* 0 or more: go on; -errno: the road ends here */
	road_undo *undo;     /* NULL: nothing to take back */
	road_needed *needed; /* NULL: always */
	const char *id;      /* stable and unique in the house: "rootfs.pivot" */
	int chapter;         /* of tutorial/ */
	const char *why;     /* one clause that a learner understands */
};

/*
 * Walks steps[0..n-1]. A step that is not needed is skipped without a word; each other one is told to the explain sink
 * before it runs. When a step fails, undo() is called for it and for all steps above it that were needed, last one first:
 * the failed step may be half done, so undo() must accept a thing that was never made. Undo cannot fail: *err stays the
 * error of the step. Returns the last step's value, or -errno of the step that failed.
 */
int road_walk(const struct road_step *steps, size_t n, void *trip, struct mc_err *err);

#endif
