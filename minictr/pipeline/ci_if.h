/*
 * ci_if.h - the conditions of `rules:if`: $VARIABLE, == != =~ !~ && || ( ), null, "text", /pattern/.
 * https://docs.gitlab.com/ci/jobs/job_rules/#cicd-variable-expressions
 */
#ifndef MC_PIPELINE_CI_IF_H
#define MC_PIPELINE_CI_IF_H

#include "pipeline/ci_vars.h"

/*
 * 1: true, 0: false; -EINVAL with the position when it is no expression. && binds stronger than ||. A
 * variable alone is true when it is set and not empty. Values are expanded before they are compared.
 */
int ci_if(const char *expression, const struct ci_vars *vars, struct mc_err *err);

#endif
