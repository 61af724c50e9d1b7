/*
 * ci_keys.h - which keys a pipeline file may have, and what becomes of those that are not supported: each is
 * named with its place, as an error or a warning, never passed over.
 */
#ifndef MC_PIPELINE_CI_KEYS_H
#define MC_PIPELINE_CI_KEYS_H

#include "base/yaml.h"

/* A job is a key of the top level that is none of GitLab's own words and does not begin with a dot. */
bool ci_is_job(const char *key);
/* Keys of the top level. */
int ci_check_root(const struct yaml *tree, struct mc_err *err);
/* Keys of one job, and of the maps in it. */
int ci_check_job(const char *name, const struct yaml *job, struct mc_err *err);
/* A job that stands for another pipeline: it starts one, or takes over how one went. */
bool ci_is_bridge(const struct yaml *job);
/* Keys that `default:` gives to jobs; NULL-terminated. */
extern const char *const ci_default_keys[];

#endif
