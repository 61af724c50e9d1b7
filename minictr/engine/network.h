/*
 * network.h - which network a container gets.
 */
#ifndef MC_ENGINE_NETWORK_H
#define MC_ENGINE_NETWORK_H

#include "engine/container.h"

/*
 * The program that speaks for an unprivileged user's container (network/usernet.h): *ret is its path, owned
 * by the caller, or NULL where none is needed (root's engine; none, host, private, container:X). Without one
 * installed: -ENOENT when it was asked for by name, else a warning on stderr and *ret NULL.
 */
int container_network(const struct engine *e, struct container *c, char **ret, struct mc_err *err);

/* Was such a program asked for by name (--network pasta)? Then the container must not run without it. */
bool container_network_is_wanted(const struct container *c);

/* One sentence on stderr: there is a loopback only, and why. Nothing when why->code is 0. */
void container_network_warn(const struct mc_err *why);

#endif
