/*
 * publish.h - private to build/: what a finished stage becomes. (publish.c, output.c)
 */
#ifndef MC_BUILD_PUBLISH_H
#define MC_BUILD_PUBLISH_H

#include "build/state.h"

/* The stage as an image of the store: configuration, manifest, names. Fills all->result. */
int publish_image(struct builder *all, struct build *target, struct mc_err *err);
/* --output: a tree, a tar of it, an OCI archive, or the image (also without --output). */
int publish_outputs(struct builder *all, struct build *target, struct mc_err *err);

/*
 * What a failed step leaves to look at: the image FAILED_BEFORE has the files before it, FAILED_AFTER the
 * ones it left, both with its environment, user and directory. Older ones are taken away. (failed_state.c)
 */
#define FAILED_BEFORE "build-failed:before"
#define FAILED_AFTER "build-failed:after"
/* u: the upper directory of a RUN; NULL: the step left nothing. */
void failed_state_keep(struct build *b, struct upper *u);
void failed_state_drop(struct builder *all);
/* A list of the files that the build saw, in ROOT/build/FAILED_CONTEXT. (failed_context.c) */
#define FAILED_CONTEXT "failed-context"
void failed_context_keep(struct builder *all);
void failed_context_drop(struct builder *all);

#endif
