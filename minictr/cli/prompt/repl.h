/*
 * repl.h - the parts of minictr-repl: splitting a line, running it, completing it.
 *
 * The prompt knows no command itself. It runs the light `minictr` with the words of the line, exactly as a
 * shell would; it asks `minictr internal complete` what could stand here, `minictr-lab prompt` which task
 * is under way (shown as "minictr[00.1]> ") and `minictr-lab doctor` how many labs this machine can do.
 * What these do not answer is left out. Children have MINICTR_REPL=1 in their environment, so that advice
 * can say `check` instead of `minictr lab check`.
 */
#ifndef MC_CLI_REPL_H
#define MC_CLI_REPL_H

#include "base/err.h"
#include "cli/prompt/caller.h"

struct repl {
	struct caller caller;
	char **commands;  /* first words that minictr knows; owned */
	bool terminal;    /* a person is typing */
	int status;       /* exit status of the last line */
	bool done;        /* exit was typed */
	char **root_args; /* global flags we were started with, handed on */
};

/* Splits like a shell: blanks, 'single', "double", \x; `#` starts a comment. Fills *ret (caller
 * strv_free()s). Returns 0; -EINVAL with the reason ("the quote is not closed"), or when a pipe or
 * redirection stands there unquoted. */
int repl_split(const char *line, char ***ret, struct mc_err *err);

/* Does the line end with a single backslash, so that the next one goes on with it? */
bool repl_continues(const char *line);

/* One line: our own words (exit, cd, !cmd, bare lab words), else a minictr command. Sets r->status. */
void repl_line(struct repl *r, const char *line);
/* Runs `minictr ARGS`; returns its exit status. Ctrl-C ends the child, never us. */
int repl_minictr(struct repl *r, char *const args[]);
/* Runs one of our executables and returns what it prints; NULL when it prints nothing or is not there.
 * Caller frees. */
char *repl_ask(const char *program, char *const args[]);

/* The words minictr knows; call once. */
void repl_learn_commands(struct repl *r);
/* Prints the greeting: three things to type and what else works. */
void repl_greet(const struct repl *r);

#endif
