/*
 * ci_load.h - .gitlab-ci.yml and what it includes, as one tree: included, extended, references put in.
 *
 * https://docs.gitlab.com/ci/yaml/ ; the order is GitLab's: include, then extends, then !reference.
 */
#ifndef MC_PIPELINE_CI_LOAD_H
#define MC_PIPELINE_CI_LOAD_H

#include "pipeline/ci_source.h"

struct ci_config {
	struct yaml *tree; /* a map; jobs and hidden jobs still in it; owned */
	char **files;      /* read, relative to the project; owned */
};

/* file: relative to the project's directory. vars: for `include:rules` and variables in include paths. */
int ci_load(const struct ci_source *s, const char *file, const struct ci_vars *vars, struct ci_config *ret,
	struct mc_err *err);
void ci_config_release(struct ci_config *c);

/* --- ci_extends.c --- */
/* Maps are merged deeply, everything else is replaced; later wins. base is changed, later is borrowed. */
void ci_merge(struct yaml *base, const struct yaml *later);
/* `extends` of all maps of the tree; -ELOOP names the circle. */
int ci_extend_all(struct yaml *tree, struct mc_err *err);
/* Every !reference [job, key...] is replaced by what it names. */
int ci_resolve_references(struct yaml *tree, struct mc_err *err);

#endif
