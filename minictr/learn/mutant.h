/*
 * mutant.h - wrong (and unusual) solutions on purpose: the tests of the graders.
 */
#ifndef MC_LEARN_MUTANT_H
#define MC_LEARN_MUTANT_H

#include "learn/lab.h"

/* A file of mutants/ or right/. Strings are owned. */
struct mutant {
	char *path, *text;
	char task[8];     /* "01.4" */
	char misread[32]; /* "M-PIVOT-1", "-" for none; empty for a right solution */
	char needs[16];   /* "cgroup2": only there the mistake shows; "" everywhere */
};

/* Reads the first line, "mutant TASK ID [FEATURE]: sentence" (FEATURE may be missing) or "right TASK:
 * sentence", in a comment. */
int mutant_read(const char *path, struct mutant *ret, struct mc_err *err);
void mutant_release(struct mutant *m);

enum stock { STOCK_NOTHING, STOCK_PRINTS, STOCK_LEAKS, STOCK_ERRORS, STOCK_COUNT };
extern const char *const stock_names[STOCK_COUNT];
/* Text of a stock mutant of this task; NULL when it cannot apply (no err parameter, lab.ini says exempt).
 * words are those that `prints` prints. Caller frees. */
char *mutant_stock(const struct lab *l, const struct lab_task *t, enum stock kind, const char *words);

#endif
