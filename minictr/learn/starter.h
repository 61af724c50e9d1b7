/*
 * starter.h - a learner's file made from the engine's own source, and variations of it (mutants, unusual
 * solutions).
 */
#ifndef MC_LEARN_STARTER_H
#define MC_LEARN_STARTER_H

#include "learn/lab.h"
#include "learn/source.h"

/* The starter of owned file i: contracts, signatures and given helpers stay, bodies become TODO. Caller
 * frees *ret. */
int starter_text(const struct lab *l, int i, char **ret, struct mc_err *err);
/* The starter with the functions that `variant` defines replaced by its text. Caller frees *ret. */
int starter_variant(const struct lab *l, int i, const char *variant, char **ret, struct mc_err *err);
/* The task as the starter has it, for `start = as-is` ("is it changed?"). Caller frees. */
char *function_text(const struct source *s, const char *name);
/* The owned task of this function, NULL when it is a given one. */
const struct lab_task *task_of_function(const struct lab *l, const char *name);

#endif
