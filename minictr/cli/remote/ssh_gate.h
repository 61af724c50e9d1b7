/*
 * ssh_gate.h - a socket of this machine behind which stands `ssh HOST minictr system dial-stdio`.
 */
#ifndef MC_CLI_SSH_GATE_H
#define MC_CLI_SSH_GATE_H

#include "cli/context.h"

struct ssh_gate {
	char path[108]; /* of the socket: each connection to it is a connection to the daemon there */
	int life;       /* the gate stands as long as this descriptor is open */
};

int ssh_gate_open(const struct endpoint *at, struct ssh_gate *ret, struct mc_err *err);
void ssh_gate_close(struct ssh_gate *g);

#endif
