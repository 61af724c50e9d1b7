/*
 * process.h - one ordinary process: start it, name its exit code, make its environment, end it.
 */
#ifndef MC_RUNTIME_PROCESS_H
#define MC_RUNTIME_PROCESS_H

#include <sys/types.h>
#include "base/err.h"

struct process {
	char *const *argv; /* argv[0] without a slash is looked for in PATH of env */
	char *const *env;  /* NULL: the caller's own */
	const char *cwd;   /* NULL: the caller's own */
	int stdio[3];      /* descriptors for 0, 1, 2; the same number (or -1) leaves one as it is */
};

/* Lab 00; contracts stand in process.c. */
/*
 * Starts p as a child. 0 and *ret_pid. The child ends with 127 for a missing program, 126 for a
 * non-executable one.
 */
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err);
/* waitpid(2)'s status as a shell says it: exit status, or 128 + signal. */
int process_exit_code(int wstatus);
/* A program's environment: image's, then options (-e NAME=VALUE; -e NAME: client's). Caller strv_free()s. */
char **process_env(char *const image[], char *const options[], char *const client[]);
/* Sends signal, waits up to `seconds`, then SIGKILL; reaps our child. 0: ended by itself, 1: was killed. */
int process_stop(int pidfd, int signal, int seconds, struct mc_err *err);

/* process_words.c: what to say of a program that is missing or not executable, and of a file that was found
 * and that execve(2) refused all the same. code is -errno; both fill err->exit_status and return -errno. */
int process_missing(struct mc_err *err, const char *name, int code);
int process_refused(struct mc_err *err, const char *file, int code);
/* Absolute (or as given, with a slash) path of argv[0]. err->exit_status: 127 missing, 126 not executable. */
int process_find(const char *name, char *const env[], char **ret, struct mc_err *err);
/* Enters p->cwd, finds argv[0] and becomes it (execve(2)); streams are the caller's job. Returns only on
 * failure, with err->exit_status 126 or 127. */
int process_exec(const struct process *p, struct mc_err *err);

#endif
