/*
 * ci_project.c - the project's variables. GitLab keeps them in its settings; here they are a file beside the
 * pipeline file. Each holds for all environments or for some.
 *
 * https://docs.gitlab.com/ci/environments/#limit-the-environment-scope-of-a-cicd-variable
 */
#include "pipeline/ci_model.h"

#include <fcntl.h>

#include "base/file.h"

static const char variables_file[] = ".gitlab-ci-local-variables.yml";

int ci_project_read(struct ci_model *m, struct mc_err *err)
{
	_cleanup_free_ char *path = m->options.variables ? xstrdup(m->options.variables)
							 : xasprintf("%s/%s", m->source.dir, variables_file);
	_cleanup_yaml_ struct yaml *docs = NULL;
	struct mc_err absent = { 0 };
	int rc = ynode_load_file(AT_FDCWD, path, path, &docs, &absent);
	if (rc == -ENOENT && !m->options.variables)
		return 0;
	if (rc < 0) {
		*err = absent;
		return rc;
	}
	if (!docs->n || ynode_is_null(docs->items[0]))
		return 0;
	m->project = ynode_copy(docs->items[0]);
	return ynode_want_map(m->project, "a file of variables", err);
}

/* Does "production", "review/ *" or "*" cover this environment? Whole names, never parts. */
static bool scope_covers(const char *scope, const char *environment)
{
	const char *star = strchr(scope, '*');
	if (!star)
		return str_eq(scope, environment);
	size_t head = (size_t)(star - scope), tail = strlen(star + 1), len = strlen(environment);
	return len >= head + tail && !strncmp(scope, environment, head) &&
	       str_eq(environment + len - tail, star + 1);
}

/* NAME: {values: {"*": a, production: b}}: the longest scope that covers wins. */
static const struct yaml *value_for(const struct yaml *values, const char *environment)
{
	const struct yaml *best = NULL;
	size_t longest = 0;
	for (size_t i = 0; i < values->n; i++)
		if (scope_covers(values->keys[i], environment) &&
			(!best || strlen(values->keys[i]) >= longest)) {
			best = values->items[i];
			longest = strlen(values->keys[i]);
		}
	return best;
}

int ci_project_vars(
	const struct ci_model *m, const char *environment, struct ci_vars *into, struct mc_err *err)
{
	for (size_t i = 0; m->project && i < m->project->n; i++) {
		const struct yaml *y = m->project->items[i], *value = y;
		if (y->kind == YAML_MAP) {
			const char *scope = ynode_text(ynode_get(y, "environment"));
			value = ynode_get(y, "values") ? value_for(ynode_get(y, "values"), environment)
						       : ynode_get(y, "value");
			if (scope && !scope_covers(scope, environment))
				value = NULL;
		}
		if (!ci_vars_is_name(m->project->keys[i]))
			return ynode_error(y, err, "\"%s\" is no name of a variable", m->project->keys[i]);
		if (ynode_text(value))
			ci_vars_set(into, m->project->keys[i], ynode_text(value));
	}
	for (char *const *g = m->options.given; g && *g; g++) {
		_cleanup_free_ char *name = xstrndup(*g, strcspn(*g, "="));
		if (!strchr(*g, '=') || !ci_vars_is_name(name))
			return err_set(err, EINVAL, "variable \"%s\": NAME=VALUE is expected", *g);
		ci_vars_set(into, name, *g + strlen(name) + 1);
	}
	return 0;
}
