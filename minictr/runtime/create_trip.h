/*
 * create_trip.h - what a create holds on its way, for the files that its steps stand in (create.c,
 * create_cgroup.c).
 */
#ifndef MC_RUNTIME_CREATE_TRIP_H
#define MC_RUNTIME_CREATE_TRIP_H

#include "base/json.h"
#include "base/road.h"
#include "runtime/cgroup.h"
#include "runtime/config.h"
#include "runtime/create.h"
#include "runtime/init.h"
#include "runtime/seccomp.h"

/* What a create holds. */
struct create_trip {
	struct create *o;
	struct config config;
	struct json *state;            /* what is written to state.json */
	int dir;                       /* the state directory */
	struct cgroup cgroup;          /* .n 0: none */
	struct seccomp_program filter; /* memory behind in.filter */
	struct init in;                /* what the child gets */
	int sync;                      /* our end of the socket pair; in.sync is the child's */
	char *state_text;              /* OCI state for hooks */
	int pidfd;
};

/* --- create_cgroup.c --- */

/* Does config.json limit anything that needs a cgroup? */
bool create_any_limit(const struct config_limits *l);
road_needed create_wants_cgroup, create_has_cgroup;
/*
 * Makes the cgroup of state.json's path, or lets systemd make it; where this machine has none to give,
 * cgroup.n is 0.
 */
road_run create_make_cgroup;
/* Removes what create_make_cgroup() made, and no cgroup that was there before. */
road_undo create_remove_cgroup;
/* Writes all limits of config.json; nothing is inside yet. */
road_run create_set_limits;

#endif
