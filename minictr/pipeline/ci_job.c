/*
 * ci_job.c - one job of the file: defaults put in, rules asked, parallel instances made.
 */
#include "pipeline/ci_model.h"

#include "base/buf.h"
#include "pipeline/ci_keys.h"
#include "pipeline/ci_values.h"

enum { MATRIX_MAX = 200 };

void ci_job_release(struct job *j)
{
	char *const owned[] = { j->name, j->base, j->image, j->dir, j->reason };
	for (size_t i = 0; i < ARRAY_LEN(owned); i++)
		free(owned[i]);
	free(j->needs);
	path_set_release(&j->artifacts);
	ci_vars_release(&j->vars);
	ci_vars_release(&j->given);
	strv_free(j->why);
	*j = (struct job){ 0 };
}

/* --- defaults --- */

/* inherit: {default: false | [image, ...]}; missing: everything. */
static bool inherits(const struct yaml *conf, const char *kind, const char *key)
{
	const struct yaml *y = ynode_get(ynode_get(conf, "inherit"), kind);
	if (!y)
		return true;
	if (y->kind != YAML_LIST)
		return !str_eq(ynode_text(y), "false");
	for (size_t i = 0; i < y->n; i++)
		if (str_eq(ynode_text(y->items[i]), key))
			return true;
	return false;
}

/* A key of the job replaces the default wholly; `default:` wins over the older place, the top of the file. */
static void put_defaults(const struct ci_model *m, struct yaml *conf)
{
	static const char *const at_top[] = { "image", "services", "cache", "before_script", "after_script" };
	for (size_t i = 0; ci_default_keys[i]; i++) {
		const char *key = ci_default_keys[i];
		const struct yaml *value = ynode_get(ynode_get(m->config.tree, "default"), key);
		for (size_t k = 0; !value && k < ARRAY_LEN(at_top); k++)
			if (str_eq(at_top[k], key))
				value = ynode_get(m->config.tree, key);
		if (value && !ynode_get(conf, key) && inherits(conf, "default", key))
			ynode_set(conf, key, ynode_copy(value));
	}
}

static int put_variables(const struct ci_model *m, const struct yaml *conf, struct job *j, struct mc_err *err)
{
	const struct yaml *root = ynode_get(m->config.tree, "variables");
	for (char **p = m->base.pairs; p && *p; p++) {
		_cleanup_free_ char *name = xstrndup(*p, strcspn(*p, "="));
		if (ynode_get(root, name) && !inherits(conf, "variables", name))
			continue;
		ci_vars_set(&j->vars, name, *p + strlen(name) + 1);
		if (strv_has(m->base.raw, name))
			strv_push(&j->vars.raw, name);
	}
	return ci_vars_read(ynode_get(conf, "variables"), &j->vars, err);
}

/* --- values of a job --- */

static int read_stage(const struct ci_model *m, const struct yaml *conf, struct job *j, struct mc_err *err)
{
	const struct yaml *y = ynode_get(conf, "stage");
	const char *name = y ? ynode_text(y) : "test";
	for (int i = 0; m->stages[i]; i++)
		if (str_eq(m->stages[i], name)) {
			j->stage = i;
			j->stage_name = m->stages[i];
			return 0;
		}
	ynode_error(y ? y : conf, err, "job %s: there is no stage %s", j->base, name ? name : "of that kind");
	return err_hint(err, "`stages:` lists them: they are built in that order");
}

static int read_allow(const struct yaml *y, struct job *j, struct mc_err *err)
{
	if (!y || y->kind != YAML_MAP)
		return y ? ynode_bool(y, "allow_failure", &j->allow_failure, err) : 0;
	return ci_numbers(ynode_get(y, "exit_codes"), "exit_codes", j->allowed, ARRAY_LEN(j->allowed),
		&j->n_allowed, err);
}

static int read_retry(const struct yaml *y, struct job *j, struct mc_err *err)
{
	const struct yaml *max = y && y->kind == YAML_MAP ? ynode_get(y, "max") : y;
	if (!max)
		return 0;
	int rc = ynode_int(max, "retry", &j->retries, err);
	if (rc >= 0 && (j->retries < 0 || j->retries > 2))
		return ynode_error(max, err, "retry is 0, 1 or 2");
	return rc;
}

/* `when`, `allow_failure` and `start_in`: of the rule that decided, else of the job. */
static int read_when(const struct yaml *conf, const struct ci_decision *d, struct job *j, struct mc_err *err)
{
	const struct yaml *when = ynode_get(conf, "when"),
			  *start_in = d->start_in ? d->start_in : ynode_get(conf, "start_in");
	const struct yaml *allow = d->allow_failure ? d->allow_failure : ynode_get(conf, "allow_failure");
	int rc = 0;
	if (d->has_when)
		j->when = d->when;
	else if (when)
		rc = job_when_read(when, &j->when, err);
	/* a manual job holds nothing up, unless a rule made it manual */
	if (j->when == WHEN_MANUAL && !ynode_get(conf, "rules"))
		j->allow_failure = true;
	if (rc >= 0)
		rc = read_allow(allow, j, err);
	if (rc >= 0 && j->when == WHEN_DELAYED && !start_in)
		return ynode_error(conf, err, "job %s: `when: delayed` needs `start_in`", j->base);
	if (rc >= 0 && j->when == WHEN_DELAYED)
		rc = ci_duration(start_in, "start_in", &j->delay, err);
	if (rc >= 0)
		rc = read_retry(ynode_get(conf, "retry"), j, err);
	if (rc >= 0 && ynode_get(conf, "timeout"))
		rc = ci_duration(ynode_get(conf, "timeout"), "timeout", &j->timeout, err);
	return rc;
}

/* Lists of the job are read once here, so that a mistake is found before anything runs. */
static int check_values(const struct yaml *conf, const struct job *j, struct mc_err *err)
{
	static const char *const lists[] = { "before_script", "script", "after_script", "dependencies" };
	const struct yaml *artifacts = ynode_get(conf, "artifacts"), *image = ynode_get(conf, "image");
	_cleanup_strv_ char **ignored = NULL;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(lists); i++) {
		_cleanup_free_ char *what = xasprintf("job %s: %s", j->base, lists[i]);
		rc = ci_strings(ynode_get(conf, lists[i]), what, &ignored, err);
	}
	if (rc >= 0 && artifacts && !ynode_is_null(artifacts))
		rc = ynode_want_map(artifacts, "artifacts", err);
	if (rc >= 0)
		rc = ci_strings(ynode_get(artifacts, "paths"), "artifacts:paths", &ignored, err);
	if (rc >= 0 && image && !ynode_text(image) && !ynode_text(ynode_get(image, "name")))
		return ynode_error(image, err, "job %s: image needs a name", j->base);
	return rc;
}

/* --- rules --- */

static const char *environment_of(const struct yaml *conf)
{
	const struct yaml *y = ynode_get(conf, "environment");
	return ynode_text(y) ? ynode_text(y) : ynode_text(ynode_get(y, "name"));
}

static int read_given(const struct ci_model *m, const struct yaml *conf, struct job *j, struct mc_err *err)
{
	_cleanup_free_ char *environment = NULL;
	int rc =
		ci_vars_expand(&j->vars, environment_of(conf) ? environment_of(conf) : "", &environment, err);
	return rc < 0 ? rc : ci_project_vars(m, environment, &j->given, err);
}

static int decide(
	struct ci_model *m, const struct yaml *conf, struct job *j, struct ci_decision *d, struct mc_err *err)
{
	const struct yaml *rules = ynode_get(conf, "rules");
	_cleanup_ci_vars_ struct ci_vars seen = { 0 };
	ci_vars_add(&seen, &j->vars);
	ci_vars_add(&seen, &j->given);
	ci_vars_set(&seen, "CI_JOB_NAME", j->base);
	ci_vars_set(&seen, "CI_JOB_STAGE", j->stage_name);
	struct ci_rules_input in = { .source = &m->source, .vars = &seen };
	int rc = rules ? ci_rules(rules, &in, d, err)
		       : ci_only_except(ynode_get(conf, "only"), ynode_get(conf, "except"), &in, d, err);
	const struct yaml *when = ynode_get(conf, "when");
	if (rc >= 0 && d->present && !d->has_when && str_eq(ynode_text(when), "never"))
		d->present = false;
	return rc;
}

/* --- parallel --- */

static struct job *add_instance(
	struct ci_model *m, const struct job *from, const struct yaml *conf, struct mc_err *err)
{
	if (m->p.n_jobs == JOBS_MAX) {
		err_set(err, E2BIG, "a pipeline has at most %d jobs", JOBS_MAX);
		return NULL;
	}
	if ((m->p.n_jobs & (m->p.n_jobs - 1)) == 0)
		m->p.jobs = xrealloc(m->p.jobs, (m->p.n_jobs ? m->p.n_jobs * 2 : 1) * sizeof(*m->p.jobs));
	struct job *j = &m->p.jobs[m->p.n_jobs];
	*j = *from;
	j->index = m->p.n_jobs++;
	j->name = NULL;
	j->base = xstrdup(from->base);
	j->dir = xasprintf("jobs/%zu", j->index);
	j->conf = conf;
	j->exit_code = -1;
	j->vars = j->given = (struct ci_vars){ 0 };
	ci_vars_add(&j->vars, &from->vars);
	ci_vars_add(&j->given, &from->given);
	j->why = strv_copy(from->why);
	return j;
}

/* Number of values that one key of a matrix row has. */
static size_t row_values(const struct yaml *y) { return y->kind == YAML_LIST ? y->n : 1; }

static int add_row(struct ci_model *m, const struct job *from, const struct yaml *conf,
	const struct yaml *row, struct mc_err *err)
{
	size_t total = 1;
	int rc = ynode_want_map(row, "a row of parallel:matrix", err);
	for (size_t i = 0; rc >= 0 && i < row->n; i++) {
		total *= row_values(row->items[i]);
		if (total == 0 || total > MATRIX_MAX)
			return ynode_error(row, err, "parallel:matrix: from 1 to 200 jobs");
	}
	for (size_t k = 0; rc >= 0 && k < total; k++) {
		struct job *j = add_instance(m, from, conf, err);
		_cleanup_buf_ struct buf name = { 0 };
		size_t rest = k, below = total;
		if (!j)
			return -E2BIG;
		buf_addf(&name, "%s: [", from->base);
		for (size_t i = 0; i < row->n; i++) { /* the last key changes fastest */
			const struct yaml *values = row->items[i];
			below /= row_values(values);
			const char *text =
				ynode_text(values->kind == YAML_LIST ? values->items[rest / below] : values);
			rest %= below;
			if (!text || strpbrk(row->keys[i], "= \n") || !*row->keys[i])
				rc = ynode_error(
					values, err, "parallel:matrix: NAME: value or NAME: [values]");
			buf_addf(&name, "%s%s", i ? ", " : "", text ? text : "");
			ci_vars_set(&j->vars, row->keys[i], text ? text : "");
		}
		buf_adds(&name, "]");
		j->name = buf_take(&name);
	}
	return rc;
}

static int add_matrix(struct ci_model *m, const struct job *from, const struct yaml *conf,
	const struct yaml *matrix, struct mc_err *err)
{
	size_t first = m->p.n_jobs;
	int rc = ynode_want_list(matrix, "parallel:matrix", err);
	for (size_t i = 0; rc >= 0 && i < matrix->n; i++)
		rc = add_row(m, from, conf, matrix->items[i], err);
	if (rc >= 0 && m->p.n_jobs - first > MATRIX_MAX)
		return ynode_error(matrix, err, "parallel:matrix: from 1 to 200 jobs");
	for (size_t i = first; i < m->p.n_jobs; i++) {
		m->p.jobs[i].node_index = (int)(i - first) + 1;
		m->p.jobs[i].node_total = (int)(m->p.n_jobs - first);
	}
	return rc;
}

static int add_instances(
	struct ci_model *m, const struct job *from, const struct yaml *conf, struct mc_err *err)
{
	const struct yaml *parallel = ynode_get(conf, "parallel");
	int64_t n = 1;
	if (parallel && parallel->kind == YAML_MAP)
		return add_matrix(m, from, conf, ynode_get(parallel, "matrix"), err);
	int rc = parallel ? ynode_int(parallel, "parallel", &n, err) : 0;
	if (rc >= 0 && (n < 1 || n > MATRIX_MAX))
		return ynode_error(parallel, err, "parallel: from 1 to 200 jobs");
	for (int64_t i = 1; rc >= 0 && i <= n; i++) {
		struct job *j = add_instance(m, from, conf, err);
		if (!j)
			return -E2BIG;
		j->name = parallel ? xasprintf("%s %lld/%lld", from->base, (long long)i, (long long)n)
				   : xstrdup(from->base);
		j->node_index = parallel ? (int)i : 0;
		j->node_total = parallel ? (int)n : 0;
	}
	return rc;
}

int ci_job_add(struct ci_model *m, const char *name, struct yaml *conf, struct mc_err *err)
{
	struct job one = { .base = xstrdup(name), .unsupported = ci_is_bridge(conf) };
	struct ci_decision d = { 0 };
	put_defaults(m, conf);
	int rc = read_stage(m, conf, &one, err);
	if (rc >= 0)
		rc = put_variables(m, conf, &one, err);
	if (rc >= 0)
		rc = read_given(m, conf, &one, err);
	if (rc >= 0)
		rc = check_values(conf, &one, err);
	if (rc >= 0)
		rc = decide(m, conf, &one, &d, err);
	if (rc >= 0 && d.present)
		rc = read_when(conf, &d, &one, err);
	if (rc >= 0)
		rc = ci_vars_read(d.variables, &one.vars, err);
	if (rc >= 0 && d.needs) /* a rule's needs take the place of the job's */
		ynode_set(conf, "needs", ynode_copy(d.needs));
	one.why = take_ptr(&d.why);
	if (rc >= 0 && d.present)
		rc = add_instances(m, &one, conf, err);
	for (size_t i = 0; rc >= 0 && !d.present && one.why && one.why[i]; i++)
		strv_pushf(&m->absent, "%s\t%s", name, one.why[i]);
	ci_decision_release(&d);
	ci_job_release(&one);
	return rc < 0 ? rc : 0;
}
