/*
 * secret_files.h - secrets and configs: files that a service sees and that are in no image.
 */
#ifndef MC_COMPOSE_SECRET_FILES_H
#define MC_COMPOSE_SECRET_FILES_H

#include "compose/project.h"
#include "engine/engine.h"
#include "engine/run.h"

/* The bytes of an entry of secrets or configs. Errors name its place in the file. */
int secret_content(const struct project *p, const struct yaml *one, struct buf *ret, struct mc_err *err);
/* Where a service sees it; kind: "secrets" or "configs". Caller frees. */
char *secret_target(const char *kind, const struct yaml *ref);

/*
 * Copies what the service names below the engine's root (0700: only root gets there), with the owner
 * and mode asked for, and adds a read-only mount of each to o. -ENOENT when a file or variable is missing,
 * with the place in the compose file.
 */
int secret_files_write(struct engine *e, const struct project *p, const char *service, struct run_options *o,
	struct mc_err *err);
/*
 * Puts a digest of the content into the copy of a service that is hashed: another password makes another
 * container.
 */
void secret_fingerprint(const struct project *p, struct yaml *service);
/* Takes all copies of a project away. */
void secret_files_remove(struct engine *e, const char *project);

#endif
