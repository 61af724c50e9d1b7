/*
 * ci_model.c - the road from a file to jobs: the table of contents.
 *
 * Order and why: git first, since predefined variables come from it; then the file, since `include` may use
 * them; stages before jobs, which name them; `workflow` before jobs, which see its variables; needs last,
 * since they name jobs anywhere in the file.
 */
#include "pipeline/ci_model.h"

#include <fcntl.h>

#include "base/file.h"
#include "pipeline/ci_keys.h"
#include "pipeline/ci_values.h"

static const char default_file[] = ".gitlab-ci.yml";

/* --- stages --- */

static int read_stages(struct ci_model *m, struct mc_err *err)
{
	static const char *const usual[] = { "build", "test", "deploy" };
	const struct yaml *y = ynode_get(m->config.tree, "stages");
	strv_push(&m->stages, ".pre");
	if (y && y->kind != YAML_LIST)
		return ynode_error(y, err, "stages must be a list");
	for (size_t i = 0; !y && i < ARRAY_LEN(usual); i++)
		strv_push(&m->stages, usual[i]);
	_cleanup_strv_ char **named = NULL;
	int rc = ci_strings(y, "stages", &named, err);
	for (char **s = named; rc >= 0 && s && *s; s++)
		if (!strv_has(m->stages, *s) && !str_eq(*s, ".post"))
			strv_push(&m->stages, *s);
	strv_push(&m->stages, ".post");
	return rc;
}

/* --- variables of the whole --- */

static void take_refs(struct ci_model *m)
{
	struct ci_source *s = &m->source;
	if (m->options.tag || m->options.branch) {
		free(s->branch);
		free(s->tag);
		s->tag = xstrdup(m->options.tag ? m->options.tag : "");
		s->branch = xstrdup(m->options.branch && !m->options.tag ? m->options.branch : "");
	}
	ci_predefined(s, &m->options.trigger, &m->base);
}

static int read_workflow(struct ci_model *m, struct mc_err *err)
{
	const struct yaml *rules = ynode_get(ynode_get(m->config.tree, "workflow"), "rules");
	_cleanup_ci_vars_ struct ci_vars seen = { 0 };
	struct ci_decision d = { 0 };
	m->runs = true;
	int rc = ci_vars_read(ynode_get(m->config.tree, "variables"), &m->base, err);
	if (rc < 0 || !rules)
		return rc;
	ci_vars_add(&seen, &m->base);
	rc = ci_project_vars(m, "", &seen, err);
	struct ci_rules_input in = { .source = &m->source, .vars = &seen };
	if (rc >= 0)
		rc = ci_rules(rules, &in, &d, err);
	if (rc < 0)
		return rc;
	m->runs = d.present;
	m->workflow_why = take_ptr(&d.why);
	rc = ci_vars_read(d.variables, &m->base, err);
	ci_decision_release(&d);
	return rc;
}

/* --- jobs --- */

static int read_jobs(struct ci_model *m, struct mc_err *err)
{
	struct yaml *tree = m->config.tree;
	int rc = 0, found = 0;
	for (size_t i = 0; rc >= 0 && i < tree->n; i++) {
		if (!ci_is_job(tree->keys[i]))
			continue;
		found++;
		rc = ci_check_job(tree->keys[i], tree->items[i], err);
		if (rc >= 0)
			rc = ci_job_add(m, tree->keys[i], tree->items[i], err);
	}
	if (rc >= 0 && !found)
		return err_set(err, EINVAL, "%s: there is no job in it", m->file);
	return rc;
}

/* The name as it stands in the project: `-f ci/x.yml` is meant from where the command was typed. */
static int find_file(struct ci_model *m, struct mc_err *err)
{
	const char *wanted = m->options.file;
	if (!wanted) {
		m->file = xstrdup(default_file);
		if (path_exists(m->source.fd, default_file))
			return 0;
		err_set(err, ENOENT, "there is no %s in %s", default_file, m->source.dir);
		return err_hint(err, "`-f FILE` names another one");
	}
	_cleanup_free_ char *there =
		*wanted == '/' ? xstrdup(wanted) : xasprintf("%s/%s", m->options.dir, wanted);
	_cleanup_free_ char *real = realpath(there, NULL);
	if (!real)
		return err_sys(err, "%s", wanted);
	size_t top = strlen(m->source.dir);
	if (strncmp(real, m->source.dir, top) || real[top] != '/')
		return err_set(err, EINVAL, "%s is not in the project %s", wanted, m->source.dir);
	m->file = xstrdup(real + top + 1);
	return 0;
}

int ci_model_load(const struct ci_options *o, struct ci_model *m, struct mc_err *err)
{
	*m = (struct ci_model){ .options = *o, .source.fd = -1, .p.dir = -1 };
	_cleanup_ci_vars_ struct ci_vars seen = { 0 };
	int rc = o->saved ? ci_source_load(o->saved, o->saved_files, &m->source, err)
			  : ci_source_open(o->dir, &m->source, err);
	if (rc >= 0 && o->saved)
		m->file = xstrdup(o->file);
	else if (rc >= 0)
		rc = find_file(m, err);
	if (rc >= 0) {
		take_refs(m);
		rc = ci_project_read(m, err);
	}
	if (rc >= 0) {
		ci_vars_add(&seen, &m->base);
		rc = ci_project_vars(m, "", &seen, err);
	}
	if (rc >= 0)
		rc = ci_load(&m->source, m->file, &seen, &m->config, err);
	if (rc >= 0)
		rc = ci_check_root(m->config.tree, err);
	if (rc >= 0)
		rc = read_stages(m, err);
	if (rc >= 0)
		rc = read_workflow(m, err);
	if (rc >= 0)
		rc = read_jobs(m, err);
	if (rc >= 0)
		rc = ci_needs_resolve(m, err);
	if (rc < 0)
		ci_model_release(m);
	return rc;
}

void ci_model_release(struct ci_model *m)
{
	for (size_t i = 0; i < m->p.n_jobs; i++)
		ci_job_release(&m->p.jobs[i]);
	free(m->p.jobs);
	ci_config_release(&m->config);
	ci_source_release(&m->source);
	ci_vars_release(&m->base);
	ynode_free(m->project);
	strv_free(m->stages);
	strv_free(m->absent);
	strv_free(m->workflow_why);
	free(m->file);
	*m = (struct ci_model){ .source.fd = -1, .p.dir = -1 };
}
