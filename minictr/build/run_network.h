/*
 * run_network.h - the network of a stage's RUNs: a namespace with a cable to the engine's bridge, made at
 * the first RUN that wants one and kept until the stage ends.
 */
#ifndef MC_BUILD_RUN_NETWORK_H
#define MC_BUILD_RUN_NETWORK_H

#include "build/state.h"
#include "engine/endpoints.h"

struct run_network {
	bool tried;
	pid_t holder;       /* the process whose network namespace it is; 0: there is none */
	int life;           /* closing it ends the holder */
	char *program;      /* that speaks for an unprivileged user's containers; NULL */
	char *dir;          /* its files */
	struct container c; /* the name under which it has its address */
	struct endpoints net;
};

/*
 * May this RUN have what its flags ask for? The network of this machine holds what listens on its loopback:
 * a Dockerfile gets it only when the user says so, too. *at: place of an error, err_place().
 */
int run_is_allowed(const struct build_options *o, const struct instruction *i, const char *file,
	struct place *at, struct mc_err *err);
/* Is it one of the networks that were made, not default, none, host? */
bool run_network_is_named(const char *name);
/*
 * The network of b's RUNs. Without the default one (no bridge, no such program) the RUNs have a loopback only
 * and a note says why; one that was asked for by name is required. Returns the holder's pid, 0 without one.
 */
int run_network_get(struct build *b, struct mc_err *err);
/* Adds the neighbours in a named network to HostConfig's ExtraHosts. */
void run_network_names(const struct build *b, struct json *host);
/* Takes it down. Harmless when there is none. */
void run_network_end(struct build *b);

#endif
