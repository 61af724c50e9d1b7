/*
 * create_body.h - the body of POST /containers/create becomes run options, so that a container made over the
 * API passes the same checks, and is made by the same steps, as one made on the command line.
 */
#ifndef MC_DAEMON_CREATE_BODY_H
#define MC_DAEMON_CREATE_BODY_H

#include "engine/run.h"

/*
 * Fills *o (initialized; the caller releases it) and *ret_exact, which o->exact borrows (the caller
 * frees it). profiles is a directory in which a seccomp profile that was sent inline is kept.
 */
int create_body_parse(struct engine *e, struct json *body, struct run_options *o, struct json **ret_exact,
	struct mc_err *err);
/* Warns of each limit in the resources of create or update that no container gets. */
void body_warn_limits(const struct json *resources);
/* create_networks.c: networks, ports and addresses. */
int create_networks_parse(const struct json *body, struct run_options *o, struct mc_err *err);

#endif
