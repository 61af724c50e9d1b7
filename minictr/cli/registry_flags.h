/*
 * registry_flags.h - flags that pull, push, search and login share, and what each does before it begins.
 */
#ifndef MC_CLI_REGISTRY_FLAGS_H
#define MC_CLI_REGISTRY_FLAGS_H

#include "base/err.h"
#include "cli/flags.h"

struct registry_flags {
	bool tls_verify;      /* false: insecure registry */
	const char *creds;    /* USER:PASSWORD; NULL: what login stored */
	const char *platform; /* NULL: this machine's */
};
#define REGISTRY_FLAGS_DEFAULT                                                                               \
	{                                                                                                    \
		.tls_verify = true                                                                           \
	}

/* Rows of an option table; type is the values struct, which has a member `registry`. */
#define REGISTRY_OPTIONS(type)                                                                               \
	{ 0, "tls-verify", OPT_FLAG, offsetof(type, registry.tls_verify), NULL,                              \
		"Demand HTTPS and verify certificates (default true)" },                                     \
	{                                                                                                    \
		0, "creds", OPT_STRING, offsetof(type, registry.creds), "user:password",                     \
			"Log in as this user, for this command only"                                         \
	}

/* Reads the config file, applies the flags, sets up progress on stdout unless quiet. */
int registry_begin(const struct registry_flags *f, bool quiet, struct mc_err *err);
/* Ends the progress. */
void registry_end(void);
/* Opens the image store of this engine. Returns its descriptor. */
int registry_open_store(struct mc_err *err);

#endif
