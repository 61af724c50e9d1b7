/*
 * interpolate.h - ${VARIABLE} in the values of a compose file.
 * https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md
 */
#ifndef MC_COMPOSE_INTERPOLATE_H
#define MC_COMPOSE_INTERPOLATE_H

#include "base/yaml.h"

/* Where variables come from, first wins: the client's environment, then .env or --env-file. Borrowed. */
struct variables {
	char *const *environment; /* "NAME=value" */
	char **file;              /* "NAME=value" */
	const char *
		project; /* what COMPOSE_PROJECT_NAME is, wherever the name came from; NULL: not chosen yet */
	char **missing;  /* names without a value that were told of already; owned */
};
const char *variables_get(const struct variables *v, const char *name, size_t len); /* NULL: unset */

/*
 * Replaces in text; *ret is owned by the caller. at: where the text stands, for messages. A variable
 * without value and without default is told of once, and becomes the empty string.
 */
int interpolate(const char *text, struct variables *v, const struct yaml *at, char **ret, struct mc_err *err);
/* In all values of a tree, never in keys. Plain scalars that become empty stay strings. */
int interpolate_tree(struct yaml *y, struct variables *v, struct mc_err *err);

#endif
