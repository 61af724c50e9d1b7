/*
 * resolve.h - one instruction with its variables replaced by values, as BuildKit does for each kind of
 * it. Pure.
 */
#ifndef MC_BUILD_RESOLVE_H
#define MC_BUILD_RESOLVE_H

#include "build/dockerfile.h"
#include "build/expand.h"

/*
 * Copies i to *ret and replaces what its kind replaces: words of ADD COPY ENV EXPOSE FROM LABEL
 * STOPSIGNAL USER VOLUME WORKDIR; flags of COPY, ADD (but --from) and RUN --mount (but from=); bodies of
 * unquoted COPY and ADD heredocs. Never the text of RUN CMD ENTRYPOINT HEALTHCHECK SHELL: the shell does
 * that at run time. ARG is left as it is: stage_config_apply() replaces its default only if no --build-
 * arg stands against it. All of one instruction sees one view: v as it was before it. EXPOSE splits into
 * words after the expansion. ret: the caller's, instruction_free(). *at is the place of an error; NULL:
 * the message begins "FILE:LINE:COLUMN: ", file names the Dockerfile.
 */
int instruction_resolve(const struct instruction *i, const struct vars *v, const char *file, struct place *at,
	struct instruction *ret, struct mc_err *err);

#endif
