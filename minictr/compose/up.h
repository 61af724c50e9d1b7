/*
 * up.h - a project comes up, and goes down.
 */
#ifndef MC_COMPOSE_UP_H
#define MC_COMPOSE_UP_H

#include "base/board.h"
#include "compose/reconcile.h"
#include "compose/service.h"

struct up_options {            /* all borrowed */
	char *const *services; /* NULL: all; others come along as dependencies */
	char *const *scales;   /* "web=3" */
	const char *pull;      /* "always", "missing", "never"; NULL: each service's own */
	bool build, force_recreate, no_recreate, no_deps, no_start, no_build, remove_orphans, renew_volumes,
		quiet_pull;
	bool always_recreate_deps; /* what the named services need is made anew, too */
	bool ignore_orphans;       /* nothing is said of them */
	int wait_timeout;          /* seconds that `wait` may take after all was started; 0: no limit */
	bool wait;                 /* until every container runs or is healthy */
	int timeout;               /* seconds of grace when a container is stopped; -1 its own */
};

/*
 * Makes networks and volumes, builds and pulls what is missing, and brings the containers into the state of
 * the model: each service after those it depends on, independent ones side by side. *ret_started, when not
 * NULL, becomes the names of the containers that belong to the chosen services (strv_free()). A failure
 * leaves what was made; project_down() removes all of it.
 */
int project_up(struct engine *e, struct project *p, const struct up_options *o, struct board *b,
	char ***ret_started, struct mc_err *err);
/* The named services and, unless no_deps, all they need; NULL: all. strv_free(). */
char **project_choose(const struct project *p, char *const named[], bool no_deps);
/* For `explain compose up`: what would be done, and why. The caller actions_release()s. */
int project_plan(struct engine *e, struct project *p, const struct up_options *o, struct actual *have,
	struct actions *ret, struct mc_err *err);

struct down_options {
	bool volumes, remove_orphans;
	const char *rmi; /* "all", "local" or NULL */
	int timeout;
};

/*
 * Lab 09.4; the contract stands in down.c. p may have no model (only p->name): then everything with the
 * label goes.
 */
int project_down(struct engine *e, const struct project *p, const struct down_options *o, struct board *b,
	struct mc_err *err);
/* Stops the containers of the services (NULL: all) in reverse order of dependence. */
int project_stop(struct engine *e, const struct project *p, char *const services[], int timeout,
	struct board *b, struct mc_err *err);

/* --- images.c --- */
/* Builds (build: even when there is one) and pulls the images of the chosen services (NULL: all). */
int images_prepare(struct engine *e, const struct project *p, const struct up_options *o,
	char *const services[], struct board *b, struct mc_err *err);
int image_build(const struct project *p, const char *service, char *const extra[], struct mc_err *err);

/* --- service_jobs.c: one process a service, started when those it needs are done --- */
typedef int schedule_fn(
	struct engine *e, const struct project *p, const char *service, void *data, struct mc_err *err);
/*
 * Calls fn for each service in a child process; reverse: those that are needed come after those that need
 * them. A failure lets what runs finish and starts nothing new, but on the way down (reverse) the others go
 * all the same. services: NULL all. Returns 0, or -ECANCELED when one failed (it has said why itself).
 * On the way up SIGINT and SIGTERM end those that wait and start nothing new: -EINTR, exit status 130.
 */
int schedule_services(struct engine *e, const struct project *p, char *const services[], bool reverse,
	struct board *b, schedule_fn *fn, void *data, struct mc_err *err);

#endif
