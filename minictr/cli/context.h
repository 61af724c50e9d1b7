/*
 * context.h - which engine a command is for: this machine's own, or the daemon behind an address.
 *
 * An address is written as docker writes it: unix:///run/minictr.sock, tcp://HOST:PORT, ssh://USER@HOST:PORT.
 * It comes from -H, from MINICTR_HOST or DOCKER_HOST, or from a context: a name under which an address and
 * its certificates are kept (context_store.h). Without any of them there is no daemon at all.
 */
#ifndef MC_CLI_CONTEXT_H
#define MC_CLI_CONTEXT_H

#include "base/err.h"

enum endpoint_kind {
	/* no daemon: this process is the engine */
	ENDPOINT_LOCAL,
	/* a socket of this machine: path */
	ENDPOINT_UNIX,
	/* host and port */
	ENDPOINT_TCP,
	/* user (may be ""), host, port (may be ""), path of the socket there (may be "") */
	ENDPOINT_SSH,
	/* a name that is still to be looked up: context */
	ENDPOINT_CONTEXT,
};

struct endpoint {
	enum endpoint_kind kind;
	char path[108]; /* as long as a socket's path may be (unix(7)), NUL included */
	char user[64];
	char host[256]; /* an IPv6 address stands here without its brackets */
	char port[6];
	char context[64];
};

/*
 * Decides which engine a command is for. flag is the text behind -H, NULL when there was none; env is the
 * client's environment.
 * The first of these that says something wins: flag; MINICTR_HOST; DOCKER_HOST; MINICTR_CONTEXT, the name of
 * a context. A variable that is empty says nothing. An empty flag (-H "") says: this machine, whatever the
 * environment holds. The context "default" is this machine, too.
 * Fills *ret; ENDPOINT_LOCAL when none of them names a daemon. -EINVAL from endpoint_parse(), and for a
 * context whose name context_name_ok() refuses.
 */
int client_endpoint(const char *flag, char *const env[], struct endpoint *ret, struct mc_err *err);

/* "unix://PATH", "tcp://HOST:PORT", "HOST:PORT", "ssh://USER@HOST:PORT/PATH". -EINVAL names what is wrong. */
int endpoint_parse(const char *text, struct endpoint *ret, struct mc_err *err);
/* The same as a text again, for messages; caller frees. */
char *endpoint_text(const struct endpoint *e);
/* Is name one that a context may have? Letters, digits, and _ . + - behind the first. */
bool context_name_ok(const char *name);

#endif
