/*
 * job_files.c - what a job gets from earlier ones and hands on: artifacts, reports, dotenv variables.
 *
 * A job's artifacts are removed before it runs again, and appear under their name only when they are
 * complete (renameat(2)): a later job never sees half of them, nor those of an earlier try.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "image/tree.h"
#include "pipeline/ci_values.h"
#include "pipeline/job_run.h"

enum { REPORT_MAX = 1 << 20 };

void job_sources(const struct pipeline *p, const struct job *j, bool want[])
{
	const struct yaml *y = ynode_get(j->conf, "dependencies");
	_cleanup_strv_ char **named = NULL;
	struct mc_err ignored = { 0 };
	ci_strings(y, "dependencies", &named, &ignored);
	for (size_t i = 0; i < p->n_jobs; i++) {
		const struct job *k = &p->jobs[i];
		want[i] = k != j && job_waits_for(p, j, k);
		for (size_t n = 0; j->by_needs && n < j->n_needs; n++)
			if (j->needs[n].job == i)
				want[i] = j->needs[n].artifacts;
		if (y && !strv_has(named, k->name) && !strv_has(named, k->base))
			want[i] = false;
	}
}

int job_take_dotenv(struct job_trip *t, struct mc_err *err)
{
	const struct pipeline *p = &t->run->m.p;
	_cleanup_free_ bool *want = xcalloc(p->n_jobs + 1, sizeof(*want));
	int rc = 0;
	job_sources(p, t->job, want);
	for (size_t i = 0; rc >= 0 && i < p->n_jobs; i++) {
		_cleanup_free_ char *path = xasprintf("%s/dotenv", p->jobs[i].dir);
		_cleanup_buf_ struct buf text = { 0 };
		_cleanup_ci_vars_ struct ci_vars vars = { 0 };
		if (!want[i] || !path_exists(t->run->dir, path))
			continue;
		rc = file_read(t->run->dir, path, REPORT_MAX, &text, err);
		if (rc >= 0)
			rc = ci_vars_read_dotenv(text.data ? text.data : "", &vars, err);
		if (rc >= 0)
			ci_vars_add(&t->vars, &vars);
	}
	return rc;
}

int job_take_artifacts(struct job_trip *t, struct mc_err *err)
{
	const struct pipeline *p = &t->run->m.p;
	_cleanup_free_ bool *want = xcalloc(p->n_jobs + 1, sizeof(*want));
	int rc = 0;
	job_sources(p, t->job, want);
	for (size_t i = 0; rc >= 0 && i < p->n_jobs; i++) {
		_cleanup_free_ char *path = xasprintf("%s/artifacts", p->jobs[i].dir);
		if (!want[i] || !path_is_dir(t->run->dir, path))
			continue;
		_cleanup_close_ int dir = dir_open(t->run->dir, path, err);
		rc = dir < 0 ? dir : path_take_all(dir, t->work, true, err);
		if (rc >= 0)
			job_say("Artifacts of %s", p->jobs[i].name);
	}
	return rc;
}

/* --- storing --- */

static int read_patterns(struct job_trip *t, const struct yaml *y, char ***ret, struct mc_err *err)
{
	return ci_strings_expanded(y, "artifacts", &t->vars, ret, err);
}

bool job_result_agrees(const struct job_trip *t, const struct yaml *part)
{
	const char *when = ynode_text(ynode_get(part, "when"));
	return !when || str_eq(when, "on_success") ? t->passed
	       : str_eq(when, "on_failure")        ? !t->passed
						   : str_eq(when, "always");
}

static void tell_missing(const struct job_trip *t, const struct path_set *s)
{
	for (int i = path_set_unseen(s, 0); i >= 0; i = path_set_unseen(s, i + 1))
		job_say("Warning: job %s: %s: no matching files", t->job->name, s->include[i]);
}

/* `untracked`: what the source does not have; a directory that it does not have stands for all in it. */
static int add_untracked(struct job_trip *t, char ***patterns, struct mc_err *err)
{
	struct tree *tree = NULL;
	const struct tree_item *i;
	struct stat st;
	int rc = tree_open(t->work, &tree, err);
	while (rc >= 0 && (rc = tree_next(tree, &i, err)) > 0) {
		if (str_eq(i->path, ".") || fstatat(t->run->source, i->path, &st, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		strv_push(patterns, i->path);
		if (S_ISDIR(i->st.st_mode))
			tree_skip(tree);
	}
	tree_close(tree);
	return rc;
}

static int store_set(struct job_trip *t, const char *name, struct mc_err *err)
{
	_cleanup_free_ char *fresh = xasprintf("%s.new", name);
	struct path_set *s = &t->job->artifacts;
	dir_remove(t->dir, fresh, &(struct mc_err){ 0 });
	int rc = path_set_compile(s, t->project_dir, "artifacts", err);
	_cleanup_close_ int store = rc < 0 ? rc : dir_make_open(t->dir, fresh, 0755, err);
	if (store < 0)
		return store;
	rc = job_artifacts(t->job, t->work, store, err);
	if (rc < 0)
		return rc;
	tell_missing(t, s);
	dir_remove(t->dir, name, &(struct mc_err){ 0 });
	if (renameat(t->dir, fresh, t->dir, name) < 0)
		return err_sys(err, "rename %s", fresh);
	job_say("%s: %d entries stored", name, rc);
	return 0;
}

static int store_paths(struct job_trip *t, const struct yaml *artifacts, struct mc_err *err)
{
	struct path_set *s = &t->job->artifacts;
	path_set_release(s);
	if (!job_result_agrees(t, artifacts))
		return 0;
	int rc = read_patterns(t, ynode_get(artifacts, "paths"), &s->include, err);
	if (rc >= 0)
		rc = read_patterns(t, ynode_get(artifacts, "exclude"), &s->exclude, err);
	if (rc >= 0 && str_eq(ynode_text(ynode_get(artifacts, "untracked")), "true"))
		rc = add_untracked(t, &s->include, err);
	return rc < 0 || !s->include ? rc : store_set(t, "artifacts", err);
}

/* All files of a dotenv report, one after the other. */
static int join_dotenv(struct job_trip *t, struct mc_err *err)
{
	struct tree *tree = NULL;
	const struct tree_item *i;
	_cleanup_buf_ struct buf all = { 0 };
	_cleanup_ci_vars_ struct ci_vars checked = { 0 };
	_cleanup_close_ int dir = dir_open(t->dir, "reports/dotenv", err);
	int rc = dir < 0 ? dir : tree_open(dir, &tree, err);
	while (rc >= 0 && (rc = tree_next(tree, &i, err)) > 0 && all.len < REPORT_MAX) {
		_cleanup_buf_ struct buf one = { 0 };
		if (!S_ISREG(i->st.st_mode))
			continue;
		_cleanup_close_ int fd = file_open_regular(i->dir, i->name, NULL, err);
		rc = fd < 0 ? fd : file_read_fd(fd, i->path, REPORT_MAX, &one, err);
		buf_add(&all, one.data ? one.data : "", one.len);
		buf_addc(&all, '\n');
	}
	tree_close(tree);
	if (rc >= 0)
		rc = ci_vars_read_dotenv(all.data ? all.data : "", &checked, err);
	return rc < 0 ? rc
		      : file_write_atomic(t->dir, "dotenv", all.data ? all.data : "", all.len, 0600, 0, err);
}

static int store_report(struct job_trip *t, const char *kind, const struct yaml *y, struct mc_err *err)
{
	struct path_set *s = &t->job->artifacts;
	const struct yaml *paths = y->kind == YAML_MAP ? ynode_get(y, "path") : y;
	_cleanup_free_ char *name = xasprintf("reports/%s", kind);
	if (strchr(kind, '/') || str_eq(kind, ".."))
		return ynode_error(y, err, "artifacts:reports: %s is no kind of report", kind);
	path_set_release(s);
	int rc = read_patterns(t, paths, &s->include, err);
	if (rc < 0 || !s->include)
		return rc;
	rc = store_set(t, name, err);
	return rc >= 0 && str_eq(kind, "dotenv") ? join_dotenv(t, err) : rc;
}

void job_forget_artifacts(struct job_trip *t)
{
	static const char *const stored[] = { "artifacts", "reports", "dotenv" };
	for (size_t i = 0; i < ARRAY_LEN(stored); i++)
		dir_remove(t->dir, stored[i], &(struct mc_err){ 0 });
}

int job_store_artifacts(struct job_trip *t, struct mc_err *err)
{
	const struct yaml *artifacts = ynode_get(t->job->conf, "artifacts"),
			  *reports = ynode_get(artifacts, "reports");
	int rc = artifacts ? store_paths(t, artifacts, err) : 0;
	if (rc >= 0 && reports && reports->n)
		rc = dir_make(t->dir, "reports", 0755, err);
	for (size_t i = 0; rc >= 0 && reports && reports->kind == YAML_MAP && i < reports->n; i++)
		rc = store_report(t, reports->keys[i], reports->items[i], err);
	return rc;
}
