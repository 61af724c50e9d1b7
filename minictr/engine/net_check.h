/*
 * net_check.h - why can A not reach B? The way of a packet is looked at, piece by piece, and the first
 * fault is named.
 */
#ifndef MC_ENGINE_NET_CHECK_H
#define MC_ENGINE_NET_CHECK_H

#include "engine/networks.h"

/* Called for each piece. fix: what to do about a fault; "" when it is well. */
typedef void net_check_say(bool well, const char *what, const char *fix, void *data);

/*
 * Looks at the networks of c. With other, also whether c can reach it, at its port (0: any). Changes
 * nothing. Returns the number of faults, or -errno.
 */
int net_check(struct engine *e, const struct container *c, const struct container *other, uint16_t port,
	net_check_say *say, void *data, struct mc_err *err);

#endif
