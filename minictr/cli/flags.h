/*
 * flags.h - flags as a table, parsed with docker's conventions.
 *
 * -it          short flags bundle; the last may take a value: -itw /tmp, -p80:80
 * --name=x     the same as --name x; a boolean may be switched off: --detach=false
 * --           ends the flags
 * Flags may stand among operands, unless the command stops at its first operand (run, exec).
 * Errors are docker's words plus the nearest flag; their exit status is 125.
 */
#ifndef MC_CLI_OPTIONS_H
#define MC_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

/* Of each kind: what the field at .offset is, and how it is typed. */
enum option_kind {
	/* bool; typed: -d, --detach, --detach=false */
	OPT_FLAG,
	/* int: 1 yes, -1 no, 0 not said; typed: --init, --init=false */
	OPT_YES_NO,
	/* const char *, borrowed from argv; typed: --name web */
	OPT_STRING,
	/* char **, NULL-terminated, repeatable -e A=1 -e B=2 */
	OPT_LIST,
	/* int; typed: --tail 5, -1 */
	OPT_INT,
	/* int64_t; typed: --pids-limit 100 */
	OPT_I64,
	/* int64_t, bytes; -1 stays -1 - --memory 64m */
	OPT_BYTES,
	/* int64_t, billionths of a CPU; typed: --cpus 0.5 */
	OPT_CPUS,
	/* int64_t, nanoseconds; typed: --interval 1m30s (a bare number: seconds) */
	OPT_DURATION,
};

struct option_def {
	char short_name;  /* 'd'; 0 when there is none */
	const char *name; /* "detach" */
	enum option_kind kind;
	size_t offset;    /* offsetof(struct x_values, detach) */
	const char *arg;  /* how the value is called in --help: "string", "bytes"; NULL for flags */
	const char *help; /* one line; NULL: accepted but not listed */
};

struct command;

/*
 * Parses argv[0..argc) (the command's name is not part of it) into values. Operands are moved to the front
 * of argv in their order and NULL-terminated there. Returns their number; -EINVAL with docker's words in
 * *err, the nearest flag in its hint and exit status 125. *ret_help becomes true for --help (nothing else
 * matters then).
 */
int options_parse(
	const struct command *cmd, int argc, char **argv, void *values, bool *ret_help, struct mc_err *err);
/* Frees the lists in values. */
void options_release(const struct option_def *options, void *values);
/* The "Options:" part of --help. */
void options_print(FILE *out, const struct option_def *options);
/* A row of a help text: left in a column of that width, then help, which goes on below itself. */
void help_row(FILE *out, const char *left, size_t width, const char *help);

#endif
