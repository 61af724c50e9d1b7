/*
 * pipeline/pipeline_main.c - minictr-pipeline: CI jobs of a .gitlab-ci.yml, each in a container of its own.
 */
#include "cli/pipeline/pipeline.h"

#include "base/explain.h"

extern const struct command pipeline_run, pipeline_lint, pipeline_graph, pipeline_explain, pipeline_logs,
	pipeline_ls, pipeline_prune, pipeline_artifacts;

static const struct command *const table[] = { &pipeline_run, &pipeline_lint, &pipeline_graph,
	&pipeline_explain, &pipeline_logs, &pipeline_ls, &pipeline_artifacts, &pipeline_prune, NULL };

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

static void print_help(FILE *out)
{
	fprintf(out, "Usage:  minictr pipeline COMMAND\n\nCI jobs of a .gitlab-ci.yml, each in its own "
		     "container\n\nCommands:\n");
	for (size_t i = 0; table[i]; i++)
		fprintf(out, "  %-10s %s\n", table[i]->name, table[i]->summary);
	fprintf(out, "\nExample:\n  minictr pipeline run\n  minictr pipeline explain deploy\n");
}

int main(int argc, char **argv)
{
	struct cli cli = { .program = "minictr-pipeline", .argv = strv_copy(argv) };
	explain_init("minictr-pipeline");
	int first = argc > 1 && str_eq(argv[1], "pipeline") ? 2 : 1, words = 1;
	if (first >= argc || str_eq(argv[first], "help") || str_eq(argv[first], "--help") ||
		str_eq(argv[first], "-h")) {
		print_help(first >= argc ? stderr : stdout);
		return first >= argc;
	}
	const struct command *cmd = command_find(table, argc - first, argv + first, &words);
	if (!cmd) {
		const char *near = command_nearest(table, argv[first]);
		fprintf(stderr,
			"minictr: unknown pipeline command: %s%s%s%s\nSee 'minictr pipeline --help'.\n",
			argv[first], near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
		return 1;
	}
	_cleanup_free_ char *called = xasprintf("pipeline %s", argv[first]);
	return command_run(&cli, cmd, called, argc - first - words, argv + first + words);
}
