/*
 * usernet.h - a network for the containers of an unprivileged user, spoken by a program that runs beside
 * them.
 *
 * Making a link between two network namespaces needs capabilities over both, and only root has them over the
 * host's. So a program of the user's (pasta(1), or slirp4netns(1)) opens a tap device inside, and says
 * outside, by ordinary sockets, what the container says inside.
 * Typical, in the process that lives as long as the container:
 *     rc = usernet_attach(program, "", pid, run_dir, &err); ... usernet_detach(run_dir);
 */
#ifndef MC_NETWORK_USERNET_H
#define MC_NETWORK_USERNET_H

#include <stdbool.h>
#include <sys/types.h>
#include "base/err.h"

/* Is `mode` the name of such a program ("pasta", "slirp4netns")? */
bool usernet_is_mode(const char *mode);

/*
 * The program to use, by its path: the one that `mode` names, or for any other mode the first that is
 * installed. Caller frees *ret. -ENOENT with the package's name in the hint.
 */
int usernet_choose(const char *mode, char **ret, struct mc_err *err);

/*
 * Starts `program` for the network namespace of the process pid and returns when links, addresses and routes
 * are there. ports are published: "t8080:80,u127.0.0.1/53:5353", the letter of the protocol and then pasta's
 * words; "" none. Files it keeps in run_dir (which exists): netns, usernet.pid. On failure nothing is left,
 * and *err has the last line that the program wrote.
 */
int usernet_attach(
	const char *program, const char *ports, pid_t pid, const char *run_dir, struct mc_err *err);

/* Can it publish ports? pasta can; slirp4netns would need a second program. */
bool usernet_can_publish(const char *program);

/* Ends what usernet_attach() started with this run_dir, also half-started or by a process that has died.
 * Idempotent. */
void usernet_detach(const char *run_dir);

/* The address inside at which `program` answers DNS queries, by asking the host's own resolver. */
const char *usernet_resolver(const char *program);

#endif
