/*
 * ci_predefined.h - the CI_... variables that a job finds although no file sets them.
 * https://docs.gitlab.com/ci/variables/predefined_variables/
 */
#ifndef MC_PIPELINE_CI_PREDEFINED_H
#define MC_PIPELINE_CI_PREDEFINED_H

#include "pipeline/jobs.h"

struct ci_trigger {           /* who started it; all borrowed */
	const char *source;   /* "push" (default), "merge_request_event", "schedule", "web", "api" ... */
	const char *registry; /* CI_REGISTRY: "localhost:5000"; NULL: none */
	int64_t id;           /* of the pipeline, from 1 */
};

/* What is the same for the whole pipeline. Lowest rank: the file may say otherwise. */
void ci_predefined(const struct ci_source *s, const struct ci_trigger *t, struct ci_vars *into);
/* What says which job this is: nothing else may set these, and they come last. */
void ci_predefined_job(const struct job *j, const struct ci_trigger *t, struct ci_vars *into);
/* Lower case, digits, and - for all else; at most 63 characters. Caller frees. */
char *ci_slug(const char *text);
/* "/builds/group/project": where the work tree is in a job. Caller frees. */
char *ci_project_dir(const struct ci_source *s);

#endif
