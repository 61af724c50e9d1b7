/*
 * err.h - one error format for parent, child, command line and tests.
 *
 * Contract of every function that takes a `struct mc_err *err`:
 *   success  0, a descriptor or a count; *err is untouched.
 *   failure  -errno, and *err says what was tried with which arguments, why it failed and, where a
 *            person can act on it, what to do.
 * The struct is plain data of at most 1024 bytes: the child after clone3 writes the same struct into
 * its sync pipe (one write(2) below PIPE_BUF is atomic, pipe(7)), so an error inside the container
 * reads like one outside.
 */
#ifndef MC_BASE_ERR_H
#define MC_BASE_ERR_H

#include <errno.h>
#include "base/util.h"

struct mc_err {
	int code;        /* positive errno; 0 = no error */
	int exit_status; /* what the command should exit with (125, 126, 127 ...); 0 = its default */
	char what[640];  /* "pivot_root(\".\", \".\"): Invalid argument (EINVAL)" */
	char hint[368];  /* "the new root must be a mount point (pivot_root(2))"; may be empty */
};
_Static_assert(sizeof(struct mc_err) <= 1024, "mc_err must pass a pipe in one atomic write");

/* A failure that this program found itself. code is a positive errno; returns -code. */
int err_set(struct mc_err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A failed system call: reads errno, appends its text and name. Returns -errno. */
int err_sys(struct mc_err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same for functions that return -errno. rc is negative; returns rc. */
int err_code(struct mc_err *err, int rc, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Puts what the caller was doing before the text: "container web: mount ...". Returns -err->code. */
int err_wrap(struct mc_err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/*
 * Sets the sentence that tells what to do. An earlier hint is kept, because the deeper function knows more.
 * Returns -err->code.
 */
int err_hint(struct mc_err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Sets the exit status of the command. Returns -err->code. */
int err_exit(struct mc_err *err, int status);

/* "minictr: WHAT\n  HINT\n" to stderr; prog may be NULL for the program's own name. */
void err_print(const struct mc_err *err, const char *prog);
const char *errno_name(int code); /* "EINVAL"; "E?" for unknown ones */

/* Prints the text and exits. Only for main(), test programs of labs, and tests. */
void die(int status, const char *fmt, ...) PRINTF_LIKE(2, 3) __attribute__((noreturn));

#endif
