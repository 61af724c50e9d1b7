/*
 * reconcile.h - from what is wanted and what there is to what must be done.
 */
#ifndef MC_COMPOSE_RECONCILE_H
#define MC_COMPOSE_RECONCILE_H

#include "compose/actual.h"

struct wanted_service {
	const char *name;
	int64_t scale;
	const char *hash;     /* of its model */
	const char *image_id; /* "sha256:..."; NULL: not known, so no reason to recreate */
	bool renew;           /* a container whose namespaces or volumes it shares is made anew */
	bool forced, kept;    /* --force-recreate, --no-recreate */
};

struct model {
	const struct wanted_service *services;
	size_t n;
};

/* RESTART is project_plan()'s own: it looks at several services, reconcile() at one. */
enum action_kind {
	ACTION_KEEP,
	ACTION_START,
	ACTION_CREATE,
	ACTION_RECREATE,
	ACTION_REMOVE,
	ACTION_RESTART,
};

struct action {
	enum action_kind kind;
	const char *service; /* borrowed from the model or from actual */
	int64_t number;
	const struct container *c; /* the container that is there; NULL for CREATE */
	const char *why;           /* a clause for people: "its configuration changed" */
};

struct actions {
	struct action *items; /* owned */
	size_t n;
};
void actions_release(struct actions *a);

/* Lab 09.3; the contract stands in reconcile.c. */
int reconcile(const struct model *want, const struct actual *have, struct actions *ret, struct mc_err *err);

/* --- given to it --- */
void actions_add(struct actions *a, enum action_kind kind, const char *service, int64_t number,
	const struct container *c, const char *why);
/* The containers of a service, without one-offs: *ret_first is the first in have->items; returns how many. */
size_t reconcile_existing(const struct actual *have, const char *service, size_t *ret_first);
/* Why the container is not what the model wants; NULL when it is. */
const char *reconcile_difference(const struct wanted_service *w, const struct actual_container *a);

#endif
