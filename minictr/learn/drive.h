/*
 * drive.h - how a lab's drive program tells what a learner's function returned: by its exit status, with err->what printed.
 *
 * The grader decides by the status (the errno) and quotes the line (run_failure() of check.h), so that a learner reads which
 * call was refused and with what arguments.
 */
#ifndef MC_LEARN_DRIVE_H
#define MC_LEARN_DRIVE_H

#include <stdio.h>
#include "base/err.h"

enum {
	DRIVE_POSITIVE = 91
}; /* it returned a positive number where only 0 and -errno are agreed; RUN_POSITIVE in check.h */

static inline int drive_result(int rc, const struct mc_err *err)
{
	if (rc < 0 && err->what[0])
		fprintf(stderr, "%s\n", err->what);
	return rc < 0 ? -rc : rc > 0 ? DRIVE_POSITIVE : 0;
}

#endif
