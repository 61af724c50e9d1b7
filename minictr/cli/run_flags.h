/*
 * run_flags.h - the flags that `run` and `create` share.
 */
#ifndef MC_CLI_RUN_FLAGS_H
#define MC_CLI_RUN_FLAGS_H

#include "cli/engine_use.h"
#include "engine/run.h"

struct run_values {
	struct run_options o; /* strings are borrowed from argv: not released by run_options_release() */
	char **env_files, **label_files;
	const char *pull; /* "missing" (NULL), "always", "never" */
	bool quiet;
	bool replace;
	char *own_keys; /* detachKeys of docker's config.json; lives as long as the process */
	struct {        /* words of flags that are known and refused, each with the way that works */
		char **storage_opt;
		const char *isolation, *kernel_memory, *volume_driver;
		bool no_trust;
	} refused;
};

extern const struct option_def run_flags[];
extern const struct run_values run_defaults;

/* Makes the options out of flags and operands: env files, image, pull policy, command. Checks what docker's
 * client checks. */
int run_options_fill(struct run_values *v, int argc, char **argv, struct mc_err *err);

/* --replace: a container that has the name already is killed and removed. */
int run_replace(struct engine *e, const struct run_values *v, struct mc_err *err);

#endif
