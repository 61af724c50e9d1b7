/*
 * road.c - walks a table of steps, see road.h.
 *
 * It runs between clone3(2) and execve(2) too: no malloc, no stdio.
 */
#include "base/road.h"

#include "base/explain.h"

static bool road_wants(const struct road_step *step, const void *trip)
{
	return !step->needed || step->needed(trip);
}

/* Undoes the failed step first and the first step last, because later steps use what earlier ones made. */
static void road_back(const struct road_step *steps, size_t failed, void *trip)
{
	for (size_t i = failed + 1; i-- > 0;)
		if (steps[i].undo && road_wants(&steps[i], trip))
			steps[i].undo(trip);
}

int road_walk(const struct road_step *steps, size_t n, void *trip, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < n; i++) {
		if (!road_wants(&steps[i], trip))
			continue;
		explain_step(steps[i].id, steps[i].chapter, steps[i].why);
		rc = steps[i].run(trip, err);
		if (rc < 0) {
			road_back(steps, i, trip);
			return rc;
		}
	}
	return rc;
}
