/*
 * row_filter.h - --filter KEY=VALUE: checked before anything is read, then asked of each row.
 */
#ifndef MC_ENGINE_ROW_FILTER_H
#define MC_ENGINE_ROW_FILTER_H

#include <stdbool.h>
#include "base/err.h"

/* What stands behind the '=' of a key. */
enum filter_value {
	/* anything */
	FILTER_TEXT,
	/* one of words */
	FILTER_WORD,
	/* true, false, 1, 0 */
	FILTER_BOOL,
	/* a whole number */
	FILTER_NUMBER,
	/* 2024-01-02T15:04:05Z, 10m (ago) */
	FILTER_TIME,
	/* a regular expression, regex(7) */
	FILTER_REGEX,
};

struct filter_key {
	const char *name;
	enum filter_value value;
	const char *const *words; /* of FILTER_WORD, NULL-terminated */
};

/* -EINVAL with docker's words for a text that is not KEY=VALUE, or whose key is not in keys[]
 * (NULL-terminated). */
int filter_check(char *const filters[], const char *const keys[], struct mc_err *err);
/* The same with the values: keys[] ends with an empty entry. */
int filter_check_values(char *const filters[], const struct filter_key keys[], struct mc_err *err);

/* Does any value of KEY satisfy match()? True when KEY is not filtered by. */
bool filter_passes(
	char *const filters[], const char *key, bool (*match)(const char *value, void *data), void *data);
/* Do all of them? docker's rule for labels, and for "label!" with match() turned round. */
bool filter_passes_all(
	char *const filters[], const char *key, bool (*match)(const char *value, void *data), void *data);

/* Does pattern match anywhere in text? False for one that is no regular expression. */
bool filter_regex(const char *pattern, const char *text);

#endif
