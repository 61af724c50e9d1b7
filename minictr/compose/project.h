/*
 * project.h - a compose project: the files, read, merged, checked, as one model of canonical shape.
 *
 *     struct project_options o = { .files = files, .environment = environ };
 *     struct project p; rc = project_load(&o, &p, &err); ... project_release(&p);
 * https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */
#ifndef MC_COMPOSE_PROJECT_H
#define MC_COMPOSE_PROJECT_H

#include "compose/interpolate.h"

struct project_options { /* all borrowed */
	char *const
		*files; /* -f; "-" is standard input. NULL: COMPOSE_FILE, or looked for upwards from here */
	const char *directory;    /* --project-directory; NULL: of the first file */
	const char *name;         /* -p; NULL: COMPOSE_PROJECT_NAME, name:, or the directory's */
	char *const *env_files;   /* --env-file; NULL: .env of the project directory */
	char *const *profiles;    /* --profile, beside COMPOSE_PROFILES; "*" all */
	char *const *services;    /* named on the command line: their profiles are on; may be NULL */
	char *const *environment; /* the client's */
	bool no_interpolate, no_path_resolution, no_normalize, all_profiles;
	bool no_env_files; /* names alone are wanted: env files may be missing, images may be empty */
	int parallel;      /* --parallel: so many services at a time; 0 or -1: as many as can */
	bool dry_run;
	bool keep_optional; /* dependencies with `required: false` that are not there stay in the model */
};

struct project {
	char *name;
	char *dir;             /* absolute */
	char **files;          /* absolute, for the labels of what is made */
	struct yaml *model;    /* name, services, networks, volumes, secrets, configs, x-...; owned */
	struct yaml *services; /* these five are borrowed from model, never NULL */
	struct yaml *networks, *volumes, *secrets, *configs;
	char **off;            /* services that no active profile wants */
	struct variables vars; /* what ${X} meant; owned except environment */
	int parallel;          /* services at a time; 0 or less: as many as can */
	bool dry_run;          /* everything is told, nothing is done */
};

int project_load(const struct project_options *o, struct project *ret, struct mc_err *err);
void project_release(struct project *p);
#define _cleanup_project_ __attribute__((cleanup(project_release)))

/* The name alone, and the directory: for `down -p NAME`, which needs no file. *ret is owned by the caller. */
int project_name_check(const char *name, struct mc_err *err);

/* A service's map. -ENOENT "no such service: X". */
int project_service(const struct project *p, const char *name, const struct yaml **ret, struct mc_err *err);
/* "project_key", or what `name:` says; for networks and volumes. Caller frees. */
char *project_resource_name(const struct project *p, const struct yaml *section, const char *key);
/* Does this network or volume exist outside the project (external: true)? */
bool project_is_external(const struct yaml *section, const char *key);

/* --- steps of loading, one file each --- */
/* project_files.c: which files, which directory, which name, which variables. */
int project_find_files(const struct project_options *o, struct project *p, struct mc_err *err);
int project_choose_name(
	const struct project_options *o, struct project *p, const struct yaml *files, struct mc_err *err);
/* project_merge.c: a file as a list of documents; then these into the model. */
int project_read_file(const char *path, struct yaml **ret, struct mc_err *err);
int project_add_file(const struct project_options *o, struct project *p, const struct yaml *documents,
	struct yaml *model, struct mc_err *err);
/* project_check.c: profiles, references, env_file, defaults: what can only be said of the whole. */
int project_finish(const struct project_options *o, struct project *p, struct mc_err *err);

#endif
