/*
 * road.h - a road is a table of steps: create, init and start are each one such table.
 *
 * A row names the function that runs the step, the one that undoes it, and the reason for its place in the
 * order. road_walk() runs the table from the top; when a step fails it undoes the steps in reverse order.
 * `trip` points to the struct that holds the state of one road; each step function converts it to its type:
 *     static int create_cgroup(void *trip, struct mc_err *err) { struct create_trip *t = trip; ...
 */
#ifndef MC_BASE_ROAD_H
#define MC_BASE_ROAD_H

#include "base/err.h"

/*
 * Types of functions, so that a file can declare its steps above its table:
 *     static road_run create_cgroup, create_clone;
 */
typedef int road_run(void *trip, struct mc_err *err);
typedef void road_undo(void *trip);
typedef bool road_needed(const void *trip);

struct road_step {
	road_run *run;       /* returns 0 or more: go on; -errno: stop */
	road_undo *undo;     /* NULL: nothing to undo */
	road_needed *needed; /* NULL: always */
	const char *id;      /* stable and unique in the house: "rootfs.pivot" */
	int chapter;         /* of tutorial/ */
	const char *why;     /* one clause that a learner understands */
};

/*
 * Runs steps[0..n-1]. A step that is not needed is skipped silently; every other one is reported to the
 * explain sink before it runs. When a step fails, road_walk() calls undo() for it and for all needed steps
 * above it, last one first. The failed step may be half done, so undo() must accept an object that was never
 * made. Undo cannot fail: *err stays the error of the step. Returns the last step's value, or -errno of the
 * step that failed.
 */
int road_walk(const struct road_step *steps, size_t n, void *trip, struct mc_err *err);

#endif
