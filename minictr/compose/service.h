/*
 * service.h - one service of a project: its container's name, its hash, and the options of `create`.
 */
#ifndef MC_COMPOSE_SERVICE_H
#define MC_COMPOSE_SERVICE_H

#include "compose/project.h"
#include "engine/engine.h"
#include "engine/run.h"

enum { SERVICE_HASH_LEN = 16 };

/* How many containers: --scale, else scale, else deploy.replicas, else 1. scales: "web=3", may be NULL. */
int64_t service_scale(const struct yaml *service, const char *name, char *const scales[]);
/* project-service-number, or container_name. Caller frees. */
char *service_container_name(const struct project *p, const char *name, int64_t number);
/* The image it runs: `image`, or project-service of what it builds. Caller frees. */
char *service_image(const struct project *p, const char *name);
/*
 * What of the model makes a container different from one that exists. Leaves out what does not touch it:
 * build, scale, replicas, pull_policy, depends_on, profiles, develop. Depends on nothing but the model: not
 * on key order, paths of this program or its version.
 */
void service_hash(const struct project *p, const char *name, char out[SERVICE_HASH_LEN + 1]);

/*
 * Fills o (run_options_init() first, run_options_release() after) for container number `number` of the
 * service. Secrets and configs are written below the engine's root, as the service wants to see them.
 * oneoff: of `compose run`.
 */
int service_options(struct engine *e, const struct project *p, const char *name, int64_t number, bool oneoff,
	struct run_options *o, struct mc_err *err);

/* Labels by which everything of a project is found again; docker compose uses the same. */
extern const char label_project[], label_service[], label_number[], label_oneoff[], label_hash[],
	label_network[], label_volume[], label_depends[], label_dir[], label_files[];

#endif
