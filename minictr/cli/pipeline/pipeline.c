/*
 * pipeline/pipeline.c - what the verbs of minictr-pipeline share: their flags as options of the model, the
 * directory of the project's runs.
 */
#include "cli/pipeline/pipeline.h"

struct ci_options pipeline_options(const struct pipeline_values *v)
{
	return (struct ci_options){ .dir = ".",
		.file = v->file,
		.given = v->given,
		.variables = v->variables,
		.branch = v->branch,
		.tag = v->tag,
		.trigger = { .source = v->source, .registry = v->registry } };
}

int pipeline_load(const struct pipeline_values *v, struct ci_model *ret, struct mc_err *err)
{
	struct ci_options o = pipeline_options(v);
	return ci_model_load(&o, ret, err);
}

int pipeline_home(struct cli *cli, struct engine *e, struct ci_run *r, struct mc_err *err)
{
	_cleanup_free_ char *top = NULL;
	*r = (struct ci_run){ .engine = e, .dir = -1, .source = -1, .lock = -1, .m.source.fd = -1 };
	int rc = use_engine(cli, e, err);
	if (rc >= 0)
		rc = ci_source_top(".", &top, err);
	return rc < 0 ? rc : ci_run_home(r, top, err);
}
