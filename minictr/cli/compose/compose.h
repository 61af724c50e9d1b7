/*
 * compose/compose.h - what the commands of minictr-compose share: the flags before the verb, the project
 * they name.
 */
#ifndef MC_CLI_COMPOSE_H
#define MC_CLI_COMPOSE_H

#include "cli/command.h"
#include "cli/engine_use.h"
#include "cli/format/format.h"
#include "compose/actual.h"
#include "compose/up.h"

/* `minictr compose FLAGS VERB ...` */
struct compose_flags {
	char **files, **env_files, **profiles;
	const char *project, *directory, *ansi, *progress;
	bool all_profiles, dry_run, compatibility;
	int parallel;
};

/*
 * Opens the engine and loads the project; services: named on the command line (their profiles are on), may
 * be NULL.
 */
int compose_open(
	struct cli *cli, char *const services[], struct engine *e, struct project *p, struct mc_err *err);
/* The model only: no engine is opened. */
int compose_load(struct cli *cli, char *const services[], struct project *p, struct mc_err *err);
/*
 * For verbs that need no file when -p names the project (down, ps, logs): p then has a name and no
 * services.
 */
int compose_open_name(struct cli *cli, struct engine *e, struct project *p, struct mc_err *err);
/* The container `index` (0: the first that runs, else the first) of a service. -ENOENT when there is none. */
int compose_container(struct engine *e, const struct project *p, const char *service, int index, char **ret,
	struct mc_err *err);
/* Are all names services of the file? True of any name where -p alone names the project. */
int compose_known(const struct project *p, char *const names[], struct mc_err *err);
/* Names of all containers of the services (NULL: all), in order; one-offs only with oneoff. */
int compose_containers(struct engine *e, const struct project *p, char *const services[], bool oneoff,
	char ***ret, struct mc_err *err);
/* Adds the flag and its value to a command line of ours; nothing without a value. */
void compose_flag(char ***words, const char *flag, const char *value);
/* The table of what happens, on standard error. */
void compose_board(const struct cli *cli, struct board *b, const struct project *p);
/* Is the variable of the shell 1 or true? */
bool compose_variable(const char *name);
/* --remove-orphans of a verb that leaves other services alone. */
int compose_refuse_orphans(const char *verb, struct mc_err *err);
/* Replaces this process by `minictr WORDS...`. Returns only on failure. */
int compose_become(char *const words[], struct mc_err *err);

/* --- look.c --- */
/* format_list(), but json is one array, as docker compose prints it for ls and images. */
int compose_rows(const char *format, const char *table, const struct format_title *titles,
	const struct json *rows, struct mc_err *err);

/* --- watch.c --- */
/* Copies, rebuilds, restarts as develop.watch says, until a signal comes: its number. NULL: all services. */
int watch_services(struct engine *e, struct project *p, char *const services[], bool quiet, struct board *b,
	struct mc_err *err);

/* --- follow.c --- */
struct follow_options {
	bool follow, timestamps, no_color, no_prefix;
	const char *tail, *since, *until; /* NULL: all */
	char *const
		*until_end; /* those that it is about: when they have ended, the rest is left. NULL: all */
	bool stop_when_one_ends; /* --abort-on-container-exit */
};
/*
 * Shows the output of containers, each line behind the name of its container, until all have ended; a
 * signal ends it earlier.
 * *ret_first is the container that ended first with stop_when_one_ends (owned by names), NULL else. Returns
 * 0, or the number of the signal that came.
 */
int follow_containers(const struct project *p, char *const names[], const struct follow_options *o,
	const char **ret_first, struct mc_err *err);

#endif
