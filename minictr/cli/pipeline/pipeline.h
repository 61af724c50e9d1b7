/*
 * pipeline/pipeline.h - what the commands of minictr-pipeline share: which file, which variables.
 */
#ifndef MC_CLI_PIPELINE_H
#define MC_CLI_PIPELINE_H

#include "cli/command.h"
#include "cli/engine_use.h"
#include "pipeline/ci_run.h"

/* Flags of every verb that reads the file; the first member of each verb's own values. */
struct pipeline_values {
	const char *file, *variables, *source, *branch, *tag, *registry;
	char **given;
};

#define PIPELINE_OPTIONS(type)                                                                               \
	{ 'f', "file", OPT_STRING, offsetof(type, common.file), "file",                                      \
		"Pipeline file (default .gitlab-ci.yml)" },                                                  \
		{ 'e', "variable", OPT_LIST, offsetof(type, common.given), "name=value",                     \
			"A variable that wins over the file's" },                                            \
		{ 0, "variables-file", OPT_STRING, offsetof(type, common.variables), "file",                 \
			"The project's variables (default .gitlab-ci-local-variables.yml)" },                \
		{ 0, "source", OPT_STRING, offsetof(type, common.source), "word",                            \
			"CI_PIPELINE_SOURCE: push (default), merge_request_event, schedule ..." },           \
		{ 0, "branch", OPT_STRING, offsetof(type, common.branch), "name",                            \
			"As if this branch were checked out" },                                              \
		{ 0, "tag", OPT_STRING, offsetof(type, common.tag), "name",                                  \
			"As if this tag were checked out" },                                                 \
	{                                                                                                    \
		0, "registry", OPT_STRING, offsetof(type, common.registry), "host:port",                     \
			"CI_REGISTRY, and CI_REGISTRY_IMAGE from it"                                         \
	}

struct ci_options pipeline_options(const struct pipeline_values *v);
/* Reads the pipeline for looking at it; no engine is opened. */
int pipeline_load(const struct pipeline_values *v, struct ci_model *ret, struct mc_err *err);
/* Opens the engine and the project's directory of runs. */
int pipeline_home(struct cli *cli, struct engine *e, struct ci_run *r, struct mc_err *err);

/* --- log.c --- */
/* Prints a job's log from *at on: whole lines, each behind prefix when it is not NULL; *at moves on. */
void log_print(int run_dir, const char *job_dir, const char *prefix, size_t *at, FILE *out);
/* Names of jobs as coloured prefixes, as wide as the widest. Caller frees. */
char *log_prefix(const char *name, size_t width, size_t index, FILE *out);

/* --- result.c --- */
/* The table of a run's jobs, from its record. */
void result_print(const struct json *run, FILE *out);

#endif
