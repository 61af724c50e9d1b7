/*
 * work_state.h - what the tool remembers of a learner, below .lab/: progress.ini (one section a task),
 * history.log, starters as they were handed out, the evidence of the last round. Plain text, the learner's
 * own, never overwritten without a trace.
 */
#ifndef MC_LEARN_STATE_H
#define MC_LEARN_STATE_H

#include "learn/grade.h"
#include "learn/lab.h"

/* section: "learner", "01" (a lab) or "01.4" (a task). Values are strings; NULL when absent. Borrowed. */
const char *state_get(const char *section, const char *key);
long state_number(const char *section, const char *key, long otherwise);
void state_set(const char *section, const char *key, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Writes progress.ini when something was set. */
int state_save(struct mc_err *err);
/* One line into .lab/history.log: time, then the text. */
void state_log(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* Verdicts, attempts, points and evidence of a round. */
void state_record(const struct grading *g);

const char *state_current_lab(void); /* "01", or NULL before the first start */
const char *state_word(void);        /* this learner's word for task 00.1 */
bool state_passed(const char *task);
/* Is to be done: never passed, or begun anew since (passed it stays, for the points). */
bool work_state_open(const char *task);
/* File i of a lab was handed out: its tasks are open and their hints begin at the first, whatever was
 * passed before. */
void state_begin_anew(const struct lab *l, int i);
const char *state_reference_size(
	const struct lab *l, const struct lab_task *t); /* "8 lines", of the reference */
bool lab_started(const struct lab *l);                  /* at least one of its files is in work/ */

#endif
