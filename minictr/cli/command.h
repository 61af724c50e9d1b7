/*
 * command.h - one command, one file, one struct: how a verb gets its flags, its help and its place.
 *
 * To add a command: copy a file of cmd/, fill its `const struct command`, name it in the table of the
 * executable that serves it (minictr_main.c, image_main.c ...). A command served by another executable
 * than the light `minictr` also has a row in command_list.c, so that `minictr help` and the REPL know it.
 *
 *     struct tag_values { bool force; };
 *     static const struct option_def options[] = {
 *             { 'f', "force", OPT_FLAG, offsetof(struct tag_values, force), NULL, "Replace an existing
 * name" },
 *             { 0 },
 *     };
 *     static int run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
 *     {
 *             const struct tag_values *v = values;
 *             return image_tag(..., argv[0], argv[1], v->force, err);
 *     }
 *     const struct command cmd_tag = {
 *             .name = "tag", .aliases = "image tag", .group = GROUP_IMAGES,
 *             .usage = "SOURCE[:TAG] TARGET[:TAG]", .summary = "Give an image another name",
 *             .example = "minictr tag busybox my-box:1", .min_args = 2, .max_args = 2,
 *             .options = options, .values_size = sizeof(struct tag_values), .run = run,
 *     };
 *     int main(int argc, char **argv) { return cli_main(argc, argv, commands, "minictr-image"); }
 */
#ifndef MC_CLI_COMMAND_H
#define MC_CLI_COMMAND_H

#include <stddef.h>
#include "base/err.h"
#include "base/program.h"
#include "cli/flags.h"

enum command_group {
	/* run and look inside */
	GROUP_RUN,
	/* start, stop, remove */
	GROUP_LIFE,
	/* ps, logs, inspect, stats */
	GROUP_LOOK,
	/* images and registries */
	GROUP_IMAGES,
	/* networks and volumes */
	GROUP_PARTS,
	/* build, compose, pipeline, vm */
	GROUP_MANY,
	/* explain, lab, tutorial */
	GROUP_LEARN,
	/* info, version, prune */
	GROUP_SYSTEM,
	/* internal: never listed */
	GROUP_HIDDEN,
};

/* What its operands are: for completion by Tab. */
enum command_operands {
	TAKES_NOTHING,
	TAKES_CONTAINERS,
	TAKES_RUNNING,
	TAKES_IMAGES,
	TAKES_VOLUMES,
	TAKES_NETWORKS,
	TAKES_NETWORK_CONTAINER,
	TAKES_BOTH,
	TAKES_COMMANDS
};

/* What every command may look at. Lives as long as the process. */
struct cli {
	const char *program;           /* executable that runs: "minictr", "minictr-image" */
	const struct command *command; /* the one being run */
	const char *called;            /* as typed: "ps" or "container ls" */
	bool debug;                    /* --debug: every call on stderr */
	const char *host;              /* -H: the address of a daemon; NULL: not typed */
	const char *context;           /* --context; NULL: not typed */
	void *own;                     /* what main() of the program gives its commands; NULL mostly */
	char *const *argv;             /* all words as they were typed: to start over as another user */
};

struct command {
	const char *name;    /* "run"; two words for groups: "system df" */
	const char *aliases; /* other names, separated by ", ": "container ls, container list"; or NULL */
	enum command_group group;
	const char *usage;   /* what follows the name: "[OPTIONS] IMAGE [COMMAND] [ARG...]" */
	const char *summary; /* one line, no full stop, as in `minictr help` */
	const char *example; /* one or more lines to type, shown by --help; never NULL when run is set */
	const char *program; /* executable that serves it; NULL: this one */
	const struct option_def *options; /* ended by an empty entry; NULL: no flags but --help */
	size_t values_size;               /* of the struct that options fill */
	const void *defaults;             /* values before parsing; NULL: all zero */
	enum command_operands takes;      /* what Tab offers */
	int min_args, max_args;           /* operands; max_args -1: any number, ANY_ARGS */
	bool stop_at_operand;             /* flags end at the first operand (run, exec, create) */
	bool raw; /* run gets every argument untouched, --help too; another program gets them without the command's name */
	int error_status; /* exit status of a failure without one of its own; 0 means 1 */
	/*
	 * Runs it. values: the struct that options filled, freed by the caller. argv: operands, NULL-terminated.
	 * Returns the exit status (0 ... 255), or -errno with *err filled: printed by the caller, then
	 * err->exit_status or error_status is the exit status.
	 */
	int (*run)(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err);
};

#define ANY_ARGS (-1)

/*
 * The whole main() of an executable: global flags, look-up in table (NULL-terminated), parsing, run,
 * errors. argv[1] is the command's name (or its first word). Returns the exit status.
 * Global flags stand before the command: global_flags.h.
 */
int cli_main(int argc, char **argv, const struct command *const table[], const char *program);

/* Finds the command that argv names, two-word names first; *ret_words is 1 or 2. NULL when none. */
const struct command *command_find(
	const struct command *const table[], int argc, char *const argv[], int *ret_words);
/* Nearest name to a mistyped word among the visible ones, or NULL. */
const char *command_nearest(const struct command *const table[], const char *word);
/* Parses argv (behind the name) by cmd's table and runs it. Returns the exit status; prints errors. */
int command_run(struct cli *cli, const struct command *cmd, const char *called, int argc, char **argv);

/* "minictr" followed by words: argv for another executable of ours. Caller strv_free()s. */
char **cli_words(char *const words[]);

/* `minictr CMD --help`: usage, summary, aliases, options, example. */
void help_command(FILE *out, const struct command *cmd, const char *called);
/* `minictr --help`: all visible commands by group, one line each. */
void help_all(FILE *out, const struct command *const table[]);

/* `minictr container`: the verbs of a group. False when no command has a name in that group; out NULL only
 * asks. */
bool help_group(FILE *out, const struct command *const table[], const char *group);

/* Heavy commands as the light executable sees them: name, aliases, group, summary, program.
 * NULL-terminated. */
extern const struct command *const heavy_commands[];

#endif
