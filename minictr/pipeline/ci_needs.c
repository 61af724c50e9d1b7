/*
 * ci_needs.c - who waits for whom, by name: `needs`, `dependencies`, and no circle.
 */
#include "compose/graph.h"
#include "pipeline/ci_model.h"
#include "pipeline/ci_values.h"

int ci_model_find(const struct ci_model *m, const char *name, size_t i)
{
	for (; i < m->p.n_jobs; i++)
		if (str_eq(m->p.jobs[i].name, name) || str_eq(m->p.jobs[i].base, name))
			return (int)i;
	return -1;
}

static void add_need(struct job *j, size_t other, bool artifacts)
{
	j->needs = xrealloc(j->needs, (j->n_needs + 1) * sizeof(*j->needs));
	j->needs[j->n_needs++] = (struct job_need){ .job = other, .artifacts = artifacts };
}

/* `parallel: {matrix: ...}` of a need: only the instance with these values. */
static bool is_wanted_instance(const struct job *k, const struct yaml *need)
{
	const struct yaml *rows = ynode_get(ynode_get(need, "parallel"), "matrix");
	for (size_t i = 0; rows && i < rows->n; i++) {
		bool same = true;
		for (size_t v = 0; v < rows->items[i]->n; v++) {
			const struct yaml *value = rows->items[i]->items[v];
			const char *text = ynode_text(
				value && value->kind == YAML_LIST && value->n ? value->items[0] : value);
			same = same && str_eq(text, ci_vars_get(&k->vars, rows->items[i]->keys[v]));
		}
		if (same)
			return true;
	}
	return !rows;
}

/* Why there is no such job: absent by its rules, or unknown. */
static int no_such_job(const struct ci_model *m, const struct job *j, const char *name, const struct yaml *at,
	struct mc_err *err)
{
	if (ynode_get(m->config.tree, name)) {
		ynode_error(at, err, "job %s needs %s, which is not in this pipeline", j->base, name);
		return err_hint(
			err, "`optional: true` allows that; `minictr pipeline explain %s` tells why", name);
	}
	ynode_error(at, err, "job %s needs %s, and there is no such job", j->base, name);
	const char *near = nearest_word(name, (const char *const *)m->config.tree->keys, m->config.tree->n);
	return near ? err_hint(err, "did you mean %s?", near) : -EINVAL;
}

static int read_need(struct ci_model *m, struct job *j, const struct yaml *y, struct mc_err *err)
{
	const char *name = y->kind == YAML_MAP ? ynode_text(ynode_get(y, "job")) : ynode_text(y);
	bool artifacts = true, optional = false, found = false;
	int rc = 0;
	if (ynode_get(y, "pipeline") || ynode_get(y, "project")) {
		if (j->node_index <= 1) /* once, not for each instance */
			ynode_warn(y,
				"job %s: needs: artifacts of another pipeline or project do not come here",
				j->base);
		return 0;
	}
	if (!name)
		return ynode_error(y, err, "job %s: needs takes names, or maps with `job:`", j->base);
	if (ynode_get(y, "artifacts"))
		rc = ynode_bool(ynode_get(y, "artifacts"), "artifacts", &artifacts, err);
	if (rc >= 0 && ynode_get(y, "optional"))
		rc = ynode_bool(ynode_get(y, "optional"), "optional", &optional, err);
	for (int i = ci_model_find(m, name, 0); rc >= 0 && i >= 0;
		i = ci_model_find(m, name, (size_t)i + 1)) {
		const struct job *k = &m->p.jobs[i];
		found = true;
		if (k->stage > j->stage)
			return ynode_error(y, err, "job %s (stage %s) needs %s of a later stage (%s)",
				j->base, j->stage_name, name, k->stage_name);
		if (is_wanted_instance(k, y))
			add_need(j, (size_t)i, artifacts);
	}
	return rc < 0 || found || optional ? rc : no_such_job(m, j, name, y, err);
}

/* `dependencies` says whose artifacts come along, of all that came before. */
static int read_dependencies(struct ci_model *m, struct job *j, const struct yaml *y, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	int rc = ci_strings(y, "dependencies", &names, err);
	for (char **n = names; rc >= 0 && n && *n; n++) {
		int i = ci_model_find(m, *n, 0);
		if (i < 0 && !ynode_get(m->config.tree, *n))
			return no_such_job(m, j, *n, y, err);
		/* with needs: [] the job waits for nothing, and gets nothing */
		if (i >= 0 && (!j->by_needs || j->n_needs) && !job_waits_for(&m->p, j, &m->p.jobs[i]))
			return ynode_error(
				y, err, "job %s depends on %s, which does not run before it", j->base, *n);
	}
	return rc;
}

/* The first instance of a parallel job stands for all of them. */
static size_t first_of(const struct ci_model *m, size_t i)
{
	return (size_t)ci_model_find(m, m->p.jobs[i].base, 0);
}

static int check_circle(struct ci_model *m, struct mc_err *err)
{
	size_t n = m->p.n_jobs, edges = 0;
	for (size_t i = 0; i < n; i++)
		edges += m->p.jobs[i].n_needs;
	_cleanup_free_ int *from = xcalloc(edges + 1, sizeof(int)), *to = xcalloc(edges + 1, sizeof(int)),
			   *order = xcalloc(n + 1, sizeof(int));
	_cleanup_free_ const char **names = xcalloc(n + 1, sizeof(*names));
	struct graph g = { .n = n, .names = names, .from = from, .to = to };
	for (size_t i = 0; i < n; i++) {
		names[i] = m->p.jobs[i].base;
		for (size_t k = 0; first_of(m, i) == i && k < m->p.jobs[i].n_needs; k++) {
			int other = (int)first_of(m, m->p.jobs[i].needs[k].job);
			if (g.n_edges && from[g.n_edges - 1] == (int)i && to[g.n_edges - 1] == other)
				continue;
			from[g.n_edges] = (int)i;
			to[g.n_edges++] = other;
		}
	}
	return graph_order(&g, order, err);
}

int ci_needs_resolve(struct ci_model *m, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < m->p.n_jobs; i++) {
		struct job *j = &m->p.jobs[i];
		const struct yaml *needs = ynode_get(j->conf, "needs");
		j->by_needs = needs != NULL;
		if (needs && needs->kind != YAML_LIST && !j->unsupported)
			rc = ynode_error(needs, err, "job %s: needs must be a list", j->base);
		for (size_t k = 0; rc >= 0 && needs && needs->kind == YAML_LIST && k < needs->n; k++)
			rc = read_need(m, j, needs->items[k], err);
	}
	for (size_t i = 0; rc >= 0 && i < m->p.n_jobs; i++)
		rc = read_dependencies(m, &m->p.jobs[i], ynode_get(m->p.jobs[i].conf, "dependencies"), err);
	return rc < 0 ? rc : check_circle(m, err);
}
