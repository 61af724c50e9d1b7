/*
 * ci_values.h - single values of a pipeline file: texts, lists, times, with the place in every message.
 */
#ifndef MC_PIPELINE_CI_VALUES_H
#define MC_PIPELINE_CI_VALUES_H

#include "pipeline/ci_vars.h"

/* A text, or a list of texts (lists in it are flattened). Appends to *ret. y may be NULL. */
int ci_strings(const struct yaml *y, const char *what, char ***ret, struct mc_err *err);
/* The same with variables expanded. */
int ci_strings_expanded(
	const struct yaml *y, const char *what, const struct ci_vars *vars, char ***ret, struct mc_err *err);
/* One text with variables expanded; NULL when y is absent. Caller frees. */
int ci_text_expanded(
	const struct yaml *y, const char *what, const struct ci_vars *vars, char **ret, struct mc_err *err);
/* "1h 30m", "90 minutes", "3600" (seconds) in ns. */
int ci_duration(const struct yaml *y, const char *what, int64_t *ret_ns, struct mc_err *err);
/* A number, or a list of numbers: exit codes. *n of them, at most max. */
int ci_numbers(
	const struct yaml *y, const char *what, int64_t ret[], size_t max, size_t *n, struct mc_err *err);

#endif
