/*
 * pipeline/pipeline_main.c - minictr-pipeline: CI jobs of a .gitlab-ci.yml, each in a container of its own.
 */
#include "cli/pipeline/pipeline.h"

#include "base/explain.h"
#include "base/warn.h"

extern const struct command pipeline_run, pipeline_lint, pipeline_graph, pipeline_explain, pipeline_logs,
	pipeline_ls, pipeline_prune, pipeline_artifacts;

static const struct command *const table[] = { &pipeline_run, &pipeline_lint, &pipeline_graph,
	&pipeline_explain, &pipeline_logs, &pipeline_ls, &pipeline_artifacts, &pipeline_prune, NULL };

static void print_help(FILE *out)
{
	fprintf(out, "Usage:  minictr pipeline COMMAND\n\nCI jobs of a .gitlab-ci.yml, each in its own "
		     "container\n\nCommands:\n");
	for (size_t i = 0; table[i]; i++)
		fprintf(out, "  %-10s %s\n", table[i]->name, table[i]->summary);
	fprintf(out, "\nExample:\n  minictr pipeline run\n  minictr pipeline explain deploy\n");
}

/* --- completion by Tab --- */

static void say(const char *word, const char *partial)
{
	if (str_starts(word, partial))
		puts(word);
}

/* Names of the jobs, for the verbs that take one. A file with a mistake has none to offer. */
static void say_jobs(const char *partial)
{
	struct pipeline_values v = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_ci_model_ struct ci_model m = { 0 };
	warn_to(warn_drop);
	if (pipeline_load(&v, &m, &ignored) < 0)
		return;
	for (size_t i = 0; i < m.p.n_jobs; i++)
		if (ci_model_find(&m, m.p.jobs[i].base, 0) == (int)i)
			say(m.p.jobs[i].base, partial);
}

/* `minictr-pipeline __complete WORD... PARTIAL`: one candidate a line. */
static int complete(int argc, char **argv)
{
	static const char *const with_jobs[] = { "run", "explain", "logs", "artifacts" };
	const char *partial = argc ? argv[argc - 1] : "";
	int words;
	for (size_t i = 0; argc <= 1 && table[i]; i++)
		say(table[i]->name, partial);
	const struct command *cmd = argc > 1 ? command_find(table, argc - 1, argv, &words) : NULL;
	for (const struct option_def *o = cmd && *partial == '-' ? cmd->options : NULL; o && o->name; o++) {
		_cleanup_free_ char *flag = xasprintf("--%s", o->name);
		if (o->help)
			say(flag, partial);
	}
	for (size_t i = 0; cmd && *partial != '-' && i < ARRAY_LEN(with_jobs); i++)
		if (str_eq(cmd->name, with_jobs[i]))
			say_jobs(partial);
	return 0;
}

int main(int argc, char **argv)
{
	struct cli cli = { .program = "minictr-pipeline", .argv = strv_copy(argv) };
	explain_init("minictr-pipeline");
	if (argc > 1 && str_eq(argv[1], "__complete")) /* asked by `minictr internal complete` */
		return complete(argc - 2, argv + 2);
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
