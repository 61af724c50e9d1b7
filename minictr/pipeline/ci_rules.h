/*
 * ci_rules.h - does a job belong to this pipeline, and when does it run: `rules`, `only` and `except`.
 * https://docs.gitlab.com/ci/yaml/#rules
 */
#ifndef MC_PIPELINE_CI_RULES_H
#define MC_PIPELINE_CI_RULES_H

#include "pipeline/ci_source.h"

enum job_when { WHEN_ON_SUCCESS, WHEN_ON_FAILURE, WHEN_ALWAYS, WHEN_MANUAL, WHEN_DELAYED, WHEN_NEVER };
/* "on_failure" -> WHEN_ON_FAILURE; -EINVAL with the place. */
int job_when_read(const struct yaml *y, enum job_when *ret, struct mc_err *err);

struct ci_rules_input { /* all borrowed */
	const struct ci_source *source;
	const struct ci_vars *vars; /* what `if` sees */
};

struct ci_decision {
	bool present;
	bool has_when;
	enum job_when when;
	const struct yaml *allow_failure, *variables, *needs, *start_in; /* of the rule; NULL; borrowed */
	char **why; /* one line for each rule that was looked at: "explain" prints them; owned */
};
void ci_decision_release(struct ci_decision *d);

/* The first rule whose if, changes and exists are all true decides; none: not present. */
int ci_rules(const struct yaml *rules, const struct ci_rules_input *in, struct ci_decision *ret,
	struct mc_err *err);
/*
 * `only` and `except`, each may be NULL. Without both a job runs for branches and tags, not for merge
 * requests.
 */
int ci_only_except(const struct yaml *only, const struct yaml *except, const struct ci_rules_input *in,
	struct ci_decision *ret, struct mc_err *err);

#endif
