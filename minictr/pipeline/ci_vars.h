/*
 * ci_vars.h - variables of a pipeline: NAME=value pairs in order of rank, and what $NAME means.
 * https://docs.gitlab.com/ci/variables/
 */
#ifndef MC_PIPELINE_CI_VARS_H
#define MC_PIPELINE_CI_VARS_H

#include "base/yaml.h"

struct ci_vars {
	char **pairs; /* "NAME=value"; a later ci_vars_set() replaces an earlier one */
	char **raw;   /* names whose value is not expanded: `expand: false` */
};

void ci_vars_set(struct ci_vars *v, const char *name, const char *value);
void ci_vars_setf(struct ci_vars *v, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Everything of `from`, which wins. */
void ci_vars_add(struct ci_vars *v, const struct ci_vars *from);
const char *ci_vars_get(const struct ci_vars *v, const char *name); /* as written; NULL: unset */
void ci_vars_release(struct ci_vars *v);
#define _cleanup_ci_vars_ __attribute__((cleanup(ci_vars_release)))

bool ci_vars_is_name(const char *text); /* letters, digits and _, no digit first */

/*
 * The pairs of a `variables:` map: NAME: text, or NAME: {value, description, expand, options}. -EINVAL
 * with the place of what is no variable.
 */
int ci_vars_read(const struct yaml *map, struct ci_vars *into, struct mc_err *err);
/* "NAME=value" lines of a dotenv report, GitLab's rules: no comments, no expansion, quotes taken off. */
int ci_vars_read_dotenv(const char *text, struct ci_vars *into, struct mc_err *err);

/*
 * Replaces $NAME and ${NAME}, and in the values found there, too. An unset name is the empty text; $$ is one
 * $; a name that leads to itself stays as it is written. ${A_${B}} is not shell: only ${B} is replaced.
 * Caller frees *ret. -E2BIG when more than a mebibyte would come of it.
 */
int ci_vars_expand(const struct ci_vars *v, const char *text, char **ret, struct mc_err *err);
/* All values expanded: the environment of a job. Caller strv_free()s *ret. */
int ci_vars_environment(const struct ci_vars *v, char ***ret, struct mc_err *err);

#endif
