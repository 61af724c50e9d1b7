/*
 * drive.h - how a lab's drive program calls a learner's function, and how it tells what became of it.
 *
 * main() is in labs/drive_start.c: it reads the arguments from a descriptor, so that no planted value
 * stands on a command line (proc(5), cmdline), and calls the drive program's own main under the name
 * drive_main. The grader decides by the exit status and by what the kernel shows; printed lines are quoted
 * only.
 *
 *	rc = OWNED(rootfs_pivot(root, &err));        the function leaves no descriptor behind and closes none
 *	rc = OWNED_FDS(1, rootfs_bind_self(...));    on success it makes one descriptor at most, close-on-exec
 *	rc = OWNED_FDS(ANY_FDS, blob_fetch(...));    it may keep any number, all close-on-exec, and sockets
 * Where the check injects errors (check_errors() of check.h), the program ends right after the call with
 * its errno, or with 0.
 */
#ifndef MC_LEARN_DRIVE_H
#define MC_LEARN_DRIVE_H

#include <stdio.h>
#include <string.h>
#include "base/err.h"

enum {
	/* It returned a positive number where 0 and -errno are agreed; RUN_POSITIVE in check.h. */
	DRIVE_POSITIVE = 91,
	/* More or fewer descriptors than agreed; the line printed last says which. */
	DRIVE_FDS = 201,
	/* A descriptor that is not close-on-exec. */
	DRIVE_FDS_EXEC = 202,
	/* The program that should run next (/probe) cannot be executed: no errno, so that none is quoted. */
	DRIVE_NO_PROBE = 203,
	/* drive_broken(): success was said, and what the contract promises with it is not there. */
	DRIVE_BROKEN = 204,
	ANY_FDS = -1,
	/* On success nothing above 2 is open any more. */
	CLOSES_FDS = -2,
};

static inline int drive_result(int rc, const struct mc_err *err)
{
	/* With its errno's name, always: without it the grader says that the program ended itself. */
	const char *name = rc < 0 ? errno_name(-rc) : NULL;
	if (rc < 0 && strstr(err->what, name))
		fprintf(stderr, "%s\n", err->what);
	else if (rc < 0)
		fprintf(stderr, "%s%sthe function returned %d (-%s)\n", err->what, err->what[0] ? ": " : "",
			rc, name);
	if (rc > 0)
		fprintf(stderr, "drive: positive: %d\n", rc);
	return rc < 0 ? -rc : rc > 0 ? DRIVE_POSITIVE : 0;
}

/* Before and after a learner's function; use the macros. */
void drive_before(void);
void drive_after(const char *call, int new_fds, long result);
/* The stage could not be prepared: the grader's own trouble, as long as no learner's function was called.
 * Exits. */
void drive_trouble(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

/* The learner's function said success, and its result is not what it promises: a FAIL that quotes the
 * line. Exits. */
void drive_broken(const char *fmt, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

#define OWNED_FDS(new_fds, call)                                                                             \
	({                                                                                                   \
		drive_before();                                                                              \
		__auto_type owned_result = (call);                                                           \
		drive_after(#call, (new_fds), (long)owned_result);                                           \
		owned_result;                                                                                \
	})
#define OWNED(call) OWNED_FDS(0, call)

#endif
