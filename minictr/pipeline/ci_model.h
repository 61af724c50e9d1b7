/*
 * ci_model.h - a pipeline file becomes jobs: nothing is started here.
 *
 *     struct ci_options o = { .dir = ".", .id = 1 };
 *     struct ci_model m; rc = ci_model_load(&o, &m, &err); ... m.p.jobs ... ci_model_release(&m);
 */
#ifndef MC_PIPELINE_CI_MODEL_H
#define MC_PIPELINE_CI_MODEL_H

#include "pipeline/ci_load.h"
#include "pipeline/ci_predefined.h"
#include "pipeline/jobs.h"

struct ci_options {               /* all borrowed */
	const char *dir;          /* of the project */
	const char *file;         /* NULL: .gitlab-ci.yml; relative to the project's directory */
	char *const *given;       /* "NAME=value" of the command line */
	const char *variables;    /* file of the project's variables; NULL: .gitlab-ci-local-variables.yml */
	const char *branch, *tag; /* instead of what git says; NULL */
	struct ci_trigger trigger;
	const struct json *saved; /* of a run that is resumed: its source, instead of dir; NULL */
	int saved_files;          /* and the directory with its files */
};

struct ci_model {
	struct ci_source source;
	struct ci_config config;
	struct ci_options options;
	char **stages;
	struct ci_vars base;  /* predefined, root and workflow variables, in order of rank */
	struct yaml *project; /* the project's variables; NULL */
	struct pipeline p;
	char **absent; /* "job: why it is not in this pipeline" */
	bool runs;     /* what workflow:rules say */
	char **workflow_why;
	char *file; /* name of the pipeline file, relative to the project */
};

int ci_model_load(const struct ci_options *o, struct ci_model *ret, struct mc_err *err);
void ci_model_release(struct ci_model *m);
#define _cleanup_ci_model_ __attribute__((cleanup(ci_model_release)))

/* --- ci_job.c --- */
/* Adds the job (all of its parallel instances) to m->p, or its name to m->absent. */
int ci_job_add(struct ci_model *m, const char *name, struct yaml *conf, struct mc_err *err);
void ci_job_release(struct job *j);
/* --- ci_project.c --- */
/* The file of them, into m->project; none when it is not there and was not asked for. */
int ci_project_read(struct ci_model *m, struct mc_err *err);
/* The project's variables that hold for this environment ("" when the job has none), and what was given. */
int ci_project_vars(
	const struct ci_model *m, const char *environment, struct ci_vars *into, struct mc_err *err);
/* --- ci_needs.c --- */
/* A job by its name, or each instance of a parallel one by its name in the file: the next from i on; -1. */
int ci_model_find(const struct ci_model *m, const char *name, size_t i);
/* `needs` and `dependencies` of all jobs become indices; -ELOOP names a circle. */
int ci_needs_resolve(struct ci_model *m, struct mc_err *err);

#endif
