/*
 * stage_road.h - private to build/: stages side by side. (stage.c, schedule.c)
 */
#ifndef MC_BUILD_STAGE_ROAD_H
#define MC_BUILD_STAGE_ROAD_H

#include "build/state.h"

/* One stage, all its instructions. Called in a thread of its own. (stage.c) */
int stage_build(struct build *b, struct mc_err *err);

/*
 * Runs `build` (stage_build) for all needed stages, each as soon as what it needs is there. The first
 * failure in file order is the answer.
 */
int builder_run_stages(
	struct builder *all, int (*build)(struct build *b, struct mc_err *err), struct mc_err *err);
/* Waits for another stage to end. -ECANCELED when it failed. */
int builder_await_stage(struct builder *all, size_t stage, struct mc_err *err);
/* At most as many steps at a time as there are processors. */
void builder_take_slot(struct builder *all);
void builder_give_slot(struct builder *all);

#endif
