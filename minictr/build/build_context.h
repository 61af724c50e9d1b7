/*
 * build_context.h - private to build/: the files a build may see, and its Dockerfile.
 */
#ifndef MC_BUILD_BUILD_CONTEXT_H
#define MC_BUILD_BUILD_CONTEXT_H

#include "build/state.h"

/* Opens the context (directory, standard input, URL) and reads the Dockerfile: text and name for messages. */
int context_open(struct builder *all, struct buf *ret_text, char **ret_name, struct mc_err *err);
/* --build-context NAME=DIRECTORY. An image is left to from_source.c. */
int context_open_named(struct builder *all, struct mc_err *err);
void context_close(struct build_context *c);

#endif
