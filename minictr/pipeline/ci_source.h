/*
 * ci_source.h - the project a pipeline is run of: its files as git knows them, and what git says of the
 * commit. Without git: the directory as it is.
 */
#ifndef MC_PIPELINE_CI_SOURCE_H
#define MC_PIPELINE_CI_SOURCE_H

#include "base/json.h"
#include "pipeline/ci_vars.h"

struct ci_source {
	char *dir;        /* absolute; the top of the repository; owned */
	int fd;           /* of it */
	bool git;         /* it is a work tree of git */
	char **files;     /* tracked ones that are there, sorted; owned */
	char **untracked; /* not tracked and not ignored: jobs do not see them; owned */
	/* of the commit; "" when unknown; owned */
	char *sha, *before, *branch, *tag, *default_branch, *message, *author, *timestamp, *url;
	char **changed; /* files that differ from the previous commit; NULL: unknown, so everything */
};

/* dir: where to look (a directory within the project). Release with ci_source_release(). */
/* The top of the repository that dir lies in, else dir, absolute. Caller frees *ret. */
int ci_source_top(const char *dir, char **ret, struct mc_err *err);
int ci_source_open(const char *dir, struct ci_source *ret, struct mc_err *err);
void ci_source_release(struct ci_source *s);
/* What git said, kept with a run; and the source of that run: files is the directory of its snapshot. */
struct json *ci_source_save(const struct ci_source *s);
int ci_source_load(const struct json *saved, int files, struct ci_source *ret, struct mc_err *err);
/* Files that differ from ref (`changes: compare_to`). Caller strv_free()s. */
int ci_source_compare(const struct ci_source *s, const char *ref, char ***ret, struct mc_err *err);
/*
 * Copies the files, and `also` (the pipeline's own YAML files), into the directory `to`: what all jobs of
 * one run begin with, whatever is edited meanwhile.
 */
int ci_source_snapshot(const struct ci_source *s, char *const also[], int to, struct mc_err *err);
/* The repository itself, for jobs that ask git about tags and history. */
int ci_source_add_git(const struct ci_source *s, int to, struct mc_err *err);

#endif
