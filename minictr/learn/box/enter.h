/*
 * box/enter.h - one program on its way into the crash box: what box/run.c hands to box/enter.c, and what
 * comes back.
 */
#ifndef MC_LEARN_BOX_ENTER_H
#define MC_LEARN_BOX_ENTER_H

#include "learn/box/box.h"

/* What the helper reports: the started pid first, the wait status last; or an error. */
struct report {
	enum {
		REPORT_PID,
		REPORT_STATUS,
		REPORT_ERROR,
		REPORT_FAILED_CALL,
		REPORT_OTHER_CALL,
		REPORT_SETUP
	} kind;
	int value; /* pid, status, or the number of the system call that was made to fail */
	struct mc_err err;
};

struct entering {
	struct box *box;
	const struct run *run;
	int report[2], output[2], input[2];
	int program;  /* the executable, opened outside; -1: argv[0] is a path of the box */
	int words;    /* the arguments of a drive program, as a file in memory; -1: on the command line */
	int fails[2]; /* socket between a drive program and the helper (labs/drive_start.c) */
	int cgroups[BOX_TREES];
};

/* Opens /lab/mine/NAME, /lab/ref/NAME and /lab/probe on the host, and packs a drive program's arguments. No
 * program of the reference is opened for a box in which one of a learner has run. 0 or -errno. */
int program_open(struct entering *e, struct mc_err *err);
void program_close(struct entering *e);
/* The helper's whole life: joins the box, starts the program, waits for it, reports. */
void helper_main(struct entering *e) __attribute__((noreturn));

/* --- box/fails.c --- */
/* Waits for the program; answers the system calls that a drive program asked to be held. The wait status. */
int wait_and_fail(struct entering *e, pid_t pid);

#endif
