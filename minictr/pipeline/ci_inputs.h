/*
 * ci_inputs.h - `spec: inputs:` of a file that is included with values: $[[ inputs.NAME ]].
 */
#ifndef MC_PIPELINE_CI_INPUTS_H
#define MC_PIPELINE_CI_INPUTS_H

#include "base/yaml.h"
#include "pipeline/ci_vars.h"

/*
 * declared: the map below spec:inputs. given: include's `inputs`, may be NULL. at: who includes, NULL for the
 * project's own file. Replaces in the values and keys of doc. vars: for `expand_vars`.
 */
int ci_inputs_apply(const struct yaml *declared, const struct yaml *given, const struct yaml *at,
	const struct ci_vars *vars, struct yaml *doc, struct mc_err *err);

#endif
