/*
 * grade.h - one grading: a lab, the learner's build of it, a record per task, the host before and after.
 */
#ifndef MC_LEARN_GRADE_H
#define MC_LEARN_GRADE_H

#include "learn/checking.h"
#include "learn/lab.h"
#include "learn/mine.h"

struct host; /* what the host looked like (host.c) */

struct grading {
	struct lab *lab;
	struct build *build;    /* of the learner's files; already linked */
	struct box_paths paths; /* what the boxes show */
	struct record *record;  /* one per task, in order */
	uint32_t seed;
	const char *only; /* "01.4": this task alone; NULL: all */
	const char *word; /* the learner's own word (task 00.1) */
	char predicted;
	bool mine;            /* --mine: all passed files of the learner are linked */
	double seconds;       /* the whole round, building included */
	struct buf leftovers; /* what the checks left on the host and was removed; empty: clean */
	int unremoved;        /* checks after which a cgroup of a box could not be removed */
	struct buf changes;   /* what changed meanwhile by others */
	void (*told)(const struct grading *g, int task); /* called after each task; may be NULL */
};

/* Runs the checks. Verdicts are in the records. */
void grade_run(struct grading *g);
/* What is to do in a task that is not begun: its `todo` of lab.ini with this learner's word. Caller frees. */
char *todo_text(const struct lab *l, const struct lab_task *t, const char *word);
/* 0 all passed, 1 something failed or is todo, 3 grader trouble, 77 nothing could run. */
int grade_status(const struct grading *g);
/* Prints for a learner: whole lines, broken at the terminal's width (print.c). */
void tell(const char *fmt, ...) PRINTF_LIKE(1, 2);
int grade_points(const struct grading *g);
int grade_count(const struct grading *g, enum verdict v);
void grade_release(struct grading *g);

/* --- host.c --- */
struct host *host_look(void);
void host_compare(const struct host *before, struct grading *g); /* fills g->leftovers and g->changes */
void host_forget(struct host *h);

/* --- features.c --- */
/* NULL when this machine has it, else a clause that names the fix. */
const char *feature_missing(const char *name);

/* --- print.c, report.c --- */
void print_head(const struct grading *g);
void print_task(const struct grading *g, int task);
void print_end(const struct grading *g);
enum report_format { REPORT_LEARNER, REPORT_TAP, REPORT_JUNIT, REPORT_JSON };
void report(const struct grading *g, enum report_format format);

#endif
