/*
 * ci_keys.c - the subset as tables. Which keys are in it was chosen by how often real files use them
 * (tutorial/differences.md has the list).
 */
#include "pipeline/ci_keys.h"

/*
 * KEY_USED does what GitLab does. KEY_NOTED changes nothing here, and a warning says so. KEY_SILENT means
 * something to a server only, and a job cannot notice. KEY_REFUSED: without it the result would be wrong.
 */
enum key_rank { KEY_USED, KEY_NOTED, KEY_SILENT, KEY_REFUSED };

struct ci_key {
	const char *name;
	enum key_rank rank;
	const char *why;
};

static const struct ci_key root_keys[] = {
	{ "after_script", KEY_USED, NULL },
	{ "before_script", KEY_USED, NULL },
	{ "cache", KEY_USED, NULL },
	{ "default", KEY_USED, NULL },
	{ "image", KEY_USED, NULL },
	{ "include", KEY_USED, NULL },
	{ "pages", KEY_USED, NULL },
	{ "services", KEY_USED, NULL },
	{ "stages", KEY_USED, NULL },
	{ "types", KEY_REFUSED, "it is called stages now" },
	{ "variables", KEY_USED, NULL },
	{ "workflow", KEY_USED, NULL },
	{ "spec", KEY_REFUSED, "inputs are not supported" },
	{ NULL, 0, NULL },
};

const char *const ci_default_keys[] = { "after_script", "artifacts", "before_script", "cache", "hooks",
	"id_tokens", "image", "interruptible", "retry", "services", "tags", "timeout", NULL };

static const struct ci_key default_keys[] = {
	{ "after_script", KEY_USED, NULL },
	{ "artifacts", KEY_USED, NULL },
	{ "before_script", KEY_USED, NULL },
	{ "cache", KEY_USED, NULL },
	{ "hooks", KEY_NOTED, "nothing is cloned here, so they have no moment to run in" },
	{ "id_tokens", KEY_NOTED, "there is no server that signs tokens; the variables are unset" },
	{ "image", KEY_USED, NULL },
	{ "interruptible", KEY_SILENT, NULL },
	{ "retry", KEY_USED, NULL },
	{ "services", KEY_USED, NULL },
	{ "tags", KEY_NOTED, "this machine is the only runner" },
	{ "timeout", KEY_USED, NULL },
	{ NULL, 0, NULL },
};

static const struct ci_key job_keys[] = {
	{ "after_script", KEY_USED, NULL },
	{ "allow_failure", KEY_USED, NULL },
	{ "artifacts", KEY_USED, NULL },
	{ "before_script", KEY_USED, NULL },
	{ "cache", KEY_USED, NULL },
	{ "coverage", KEY_USED, NULL },
	{ "dependencies", KEY_USED, NULL },
	{ "environment", KEY_USED, NULL },
	{ "except", KEY_USED, NULL },
	{ "extends", KEY_USED, NULL },
	{ "image", KEY_USED, NULL },
	{ "inherit", KEY_USED, NULL },
	{ "interruptible", KEY_SILENT, NULL },
	{ "needs", KEY_USED, NULL },
	{ "only", KEY_USED, NULL },
	{ "parallel", KEY_USED, NULL },
	{ "retry", KEY_USED, NULL },
	{ "rules", KEY_USED, NULL },
	{ "script", KEY_USED, NULL },
	{ "services", KEY_USED, NULL },
	{ "stage", KEY_USED, NULL },
	{ "start_in", KEY_USED, NULL },
	{ "timeout", KEY_USED, NULL },
	{ "variables", KEY_USED, NULL },
	{ "when", KEY_USED, NULL },
	{ "tags", KEY_NOTED, "this machine is the only runner" },
	{ "id_tokens", KEY_NOTED, "there is no server that signs tokens; the variables are unset" },
	{ "resource_group", KEY_NOTED, "runs of other pipelines are not held back" },
	{ "release", KEY_NOTED, "no release is made" },
	{ "pages", KEY_NOTED, "nothing is published" },
	{ "publish", KEY_NOTED, "nothing is published" },
	{ "secrets", KEY_NOTED, "there is no vault; the variables are unset" },
	{ "trigger", KEY_NOTED, "other pipelines are not started: this job is left out" },
	{ "hooks", KEY_NOTED, "nothing is cloned here, so they have no moment to run in" },
	{ "identity", KEY_NOTED, "there is no cloud to sign in to" },
	{ "inputs", KEY_REFUSED, "inputs of a job are not supported: use variables" },
	{ "run", KEY_REFUSED, "steps are not supported: write a script" },
	{ "manual_confirmation", KEY_SILENT, NULL },
	{ "dast_configuration", KEY_NOTED, "it needs a server" },
	{ NULL, 0, NULL },
};

static const struct ci_key artifacts_keys[] = {
	{ "paths", KEY_USED, NULL },
	{ "exclude", KEY_USED, NULL },
	{ "when", KEY_USED, NULL },
	{ "reports", KEY_USED, NULL },
	{ "untracked", KEY_USED, NULL },
	{ "name", KEY_SILENT, NULL },
	{ "expire_in", KEY_SILENT, NULL },
	{ "expose_as", KEY_SILENT, NULL },
	{ "public", KEY_SILENT, NULL },
	{ "access", KEY_SILENT, NULL },
	{ NULL, 0, NULL },
};

static const struct ci_key cache_keys[] = {
	{ "key", KEY_USED, NULL },
	{ "paths", KEY_USED, NULL },
	{ "policy", KEY_USED, NULL },
	{ "when", KEY_USED, NULL },
	{ "untracked", KEY_USED, NULL },
	{ "fallback_keys", KEY_USED, NULL },
	{ "unprotect", KEY_SILENT, NULL },
	{ NULL, 0, NULL },
};

static const struct ci_key image_keys[] = {
	{ "name", KEY_USED, NULL },
	{ "entrypoint", KEY_USED, NULL },
	{ "pull_policy", KEY_USED, NULL },
	{ "docker", KEY_USED, NULL },
	{ "kubernetes", KEY_SILENT, NULL },
	{ NULL, 0, NULL },
};

static const struct ci_key service_keys[] = {
	{ "name", KEY_USED, NULL },
	{ "alias", KEY_USED, NULL },
	{ "entrypoint", KEY_USED, NULL },
	{ "command", KEY_USED, NULL },
	{ "variables", KEY_USED, NULL },
	{ "pull_policy", KEY_USED, NULL },
	{ "docker", KEY_USED, NULL },
	{ "kubernetes", KEY_SILENT, NULL },
	{ NULL, 0, NULL },
};

static const struct ci_key retry_keys[] = {
	{ "max", KEY_USED, NULL },
	{ "when", KEY_USED, NULL },
	{ "exit_codes", KEY_USED, NULL },
	{ NULL, 0, NULL },
};

static const struct ci_key workflow_keys[] = {
	{ "rules", KEY_USED, NULL },
	{ "name", KEY_USED, NULL },
	{ "auto_cancel", KEY_SILENT, NULL },
	{ NULL, 0, NULL },
};

bool ci_is_job(const char *key)
{
	for (const struct ci_key *k = root_keys; k->name; k++)
		if (str_eq(k->name, key) && !str_eq(key, "pages"))
			return false;
	return *key != '.';
}

/* --- checking a map against a table --- */

static const struct ci_key *find_key(const struct ci_key *table, const char *name)
{
	for (const struct ci_key *k = table; k->name; k++)
		if (str_eq(k->name, name))
			return k;
	return NULL;
}

static int unknown_key(const struct ci_key *table, const char *name, const struct yaml *at, const char *where,
	struct mc_err *err)
{
	const char *names[64];
	size_t n = 0;
	for (const struct ci_key *k = table; k->name && n < ARRAY_LEN(names); k++)
		names[n++] = k->name;
	const char *near = nearest_word(name, names, n);
	ynode_error(at, err, "%s: unknown key %s", where, name);
	return near ? err_hint(err, "did you mean %s?", near) : -EINVAL;
}

static int check_map(
	const struct yaml *map, const struct ci_key *table, const char *where, struct mc_err *err)
{
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++) {
		const struct ci_key *k = find_key(table, map->keys[i]);
		if (!k)
			return unknown_key(table, map->keys[i], map->items[i], where, err);
		if (k->rank == KEY_REFUSED)
			return ynode_error(map->items[i], err, "%s: %s: %s", where, k->name, k->why);
		if (k->rank == KEY_NOTED && !ynode_is_null(map->items[i]))
			ynode_warn(map->items[i], "%s: %s: %s", where, k->name, k->why);
	}
	return 0;
}

/* The same for each map of a list, or for the one map. */
static int check_maps(const struct yaml *y, const struct ci_key *table, const char *where, struct mc_err *err)
{
	if (y && y->kind == YAML_MAP)
		return check_map(y, table, where, err);
	int rc = 0;
	for (size_t i = 0; rc >= 0 && y && y->kind == YAML_LIST && i < y->n; i++)
		rc = check_map(y->items[i], table, where, err);
	return rc;
}

/* Words of ours only: one with a variable in it is known when the job runs. */
static int check_cache_policy(const struct yaml *cache, struct mc_err *err)
{
	const struct yaml *y = ynode_get(cache, "policy");
	const char *word = ynode_text(y);
	int rc = 0;
	for (size_t i = 0; rc >= 0 && cache && cache->kind == YAML_LIST && i < cache->n; i++)
		rc = check_cache_policy(cache->items[i], err);
	if (rc < 0 || ynode_is_null(y) || (word && strchr(word, '$')) || str_eq(word, "pull") ||
		str_eq(word, "push") || str_eq(word, "pull-push"))
		return rc;
	return ynode_error(y, err, "cache:policy is pull, push or pull-push");
}

static int check_parts(const char *name, const struct yaml *map, struct mc_err *err)
{
	static const struct {
		const char *key;
		const struct ci_key *table;
	} parts[] = { { "artifacts", artifacts_keys }, { "cache", cache_keys }, { "image", image_keys },
		{ "services", service_keys }, { "retry", retry_keys } };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(parts); i++) {
		_cleanup_free_ char *where = xasprintf("%s: %s", name, parts[i].key);
		rc = check_maps(ynode_get(map, parts[i].key), parts[i].table, where, err);
	}
	return rc < 0 ? rc : check_cache_policy(ynode_get(map, "cache"), err);
}

int ci_check_root(const struct yaml *tree, struct mc_err *err)
{
	const struct yaml *defaults = ynode_get(tree, "default");
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < tree->n; i++) {
		const struct ci_key *k = find_key(root_keys, tree->keys[i]);
		if (k && k->rank == KEY_REFUSED)
			rc = ynode_error(tree->items[i], err, "%s: %s", k->name, k->why);
	}
	if (rc >= 0 && defaults && !ynode_is_null(defaults))
		rc = ynode_want_map(defaults, "default", err);
	if (rc >= 0)
		rc = check_map(defaults, default_keys, "default", err);
	if (rc >= 0)
		rc = check_parts("default", defaults, err);
	if (rc >= 0)
		rc = check_parts("the file", tree, err);
	return rc < 0 ? rc : check_map(ynode_get(tree, "workflow"), workflow_keys, "workflow", err);
}

bool ci_is_bridge(const struct yaml *job)
{
	const struct yaml *needs = ynode_get(job, "needs");
	return ynode_get(job, "trigger") || (!ynode_get(job, "script") && needs && needs->kind == YAML_MAP &&
						    ynode_get(needs, "pipeline"));
}

int ci_check_job(const char *name, const struct yaml *job, struct mc_err *err)
{
	if (job->kind != YAML_MAP) {
		ynode_error(job, err,
			"%s is neither a key of GitLab's nor a job: a job is a map with a script", name);
		return err_hint(err, "a name that begins with a dot is left alone: .%s", name);
	}
	_cleanup_free_ char *where = xasprintf("job %s", name);
	int rc = check_map(job, job_keys, where, err);
	if (rc >= 0 && ci_is_bridge(job) && !ynode_get(job, "trigger"))
		ynode_warn(job, "%s: needs: no other pipeline is asked how it went: this job is left out",
			where);
	else if (rc >= 0 && !ynode_get(job, "script") && !ci_is_bridge(job))
		return ynode_error(job, err, "job %s has no script", name);
	if (rc >= 0 && ynode_get(job, "rules") && (ynode_get(job, "only") || ynode_get(job, "except")))
		return ynode_error(ynode_get(job, "rules"), err,
			"job %s has `rules` and `only` or `except`: it can have one kind of them", name);
	return rc < 0 ? rc : check_parts(where, job, err);
}
