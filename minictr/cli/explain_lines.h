/*
 * explain_lines.h - explain's JSON lines (base/explain.h) made readable: one numbered line a step.
 */
#ifndef MC_CLI_EXPLAIN_LINES_H
#define MC_CLI_EXPLAIN_LINES_H

#include "base/buf.h"

struct explain_call_line {
	char *who, *text; /* "init", "pivot_root(\".\", \".\") = 0"; owned */
	bool failed;
};

struct explain_step_line {
	char *who, *id, *why; /* owned; id NULL for calls before the first step */
	char *mine;           /* tasks whose answer ran here, "01.4 02.1"; NULL: none */
	int tutorial;
	int pid, parent;        /* as we see them; 0 when steps do not stop */
	char **before, **after; /* facts of the kernel (walk/kernel_state.h); NULL when steps do not stop */
	struct explain_call_line *calls;
	size_t n_calls;
};

struct explain_lines {
	FILE *out;
	bool verbose, live; /* every call; print each step when the next one begins */
	bool brief;         /* the main steps of a start only, and those that are the learner's */
	size_t width;       /* of the terminal; 0: one line a step, however long */
	struct buf rest;    /* a line that has not ended yet */
	struct explain_step_line *steps; /* in order of arrival */
	size_t n_steps, printed;
	size_t numbered, total; /* the last number given; how many were known at the first flush */
	size_t n_calls;         /* all calls heard of */
	/* Steps stop (fd is a socket): called with the index of a step that is about to begin; the process goes
	 * on when it returns. NULL: a pipe, nothing stops. */
	void (*stopped)(struct explain_lines *l, size_t step);
	void *stopped_for; /* of its owner */
};

/* Takes in what fd has now (blocks when it has nothing). False at the end. */
bool explain_read(struct explain_lines *l, int fd);
/* Takes in all that fd has without waiting for more. */
void explain_drain(struct explain_lines *l, int fd);
/* Prints the steps that are not printed yet. */
void explain_flush(struct explain_lines *l);
/* The call that tells most of a step; its id when none succeeded. */
const char *explain_telling(const struct explain_step_line *s);
/* Is the step shown without -v? */
bool explain_worth(const struct explain_lines *l, const struct explain_step_line *s);
/* Adds an empty step. */
struct explain_step_line *explain_add(struct explain_lines *l);
/* "(8 steps of 34; ...)"; does not free. */
void explain_summary(struct explain_lines *l);
void explain_release(struct explain_lines *l);

#endif
