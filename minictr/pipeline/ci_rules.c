/*
 * ci_rules.c - the first rule that holds decides; and the older `only` and `except`.
 */
#include "pipeline/ci_rules.h"

#include "pipeline/ci_if.h"
#include "pipeline/ci_regex.h"
#include "pipeline/path_set.h"

int job_when_read(const struct yaml *y, enum job_when *ret, struct mc_err *err)
{
	static const char *const words[] = { "on_success", "on_failure", "always", "manual", "delayed",
		"never" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(ynode_text(y), words[i])) {
			*ret = (enum job_when)i;
			return 0;
		}
	return ynode_error(y, err, "when is one of on_success, on_failure, always, manual, delayed, never");
}

void ci_decision_release(struct ci_decision *d)
{
	strv_free(d->why);
	*d = (struct ci_decision){ 0 };
}

/* --- changes and exists --- */

/* Does one of the patterns (a list, or {paths: list}) match one of the files? Variables are expanded. */
static int match_files(const struct yaml *y, char *const files[], const struct ci_rules_input *in,
	const char **ret_file, struct mc_err *err)
{
	const struct yaml *list = y->kind == YAML_MAP ? ynode_get(y, "paths") : y;
	if (!list || list->kind != YAML_LIST)
		return ynode_error(y, err, "expected a list of paths");
	for (size_t i = 0; i < list->n; i++) {
		const char *text;
		_cleanup_free_ char *pattern = NULL;
		int rc = ynode_want_text(list->items[i], "a path", &text, err);
		if (rc >= 0)
			rc = ci_vars_expand(in->vars, text, &pattern, err);
		if (rc < 0)
			return rc;
		const char *p = pattern + strspn(pattern, "/");
		for (size_t k = 0; files && files[k]; k++)
			if (path_match(p, files[k])) {
				*ret_file = files[k];
				return 1;
			}
	}
	return 0;
}

static int match_changes(
	const struct yaml *y, const struct ci_rules_input *in, const char **ret_file, struct mc_err *err)
{
	const struct yaml *base = y->kind == YAML_MAP ? ynode_get(y, "compare_to") : NULL;
	_cleanup_strv_ char **since = NULL;
	if (base) {
		_cleanup_free_ char *ref = NULL;
		const char *text;
		int rc = ynode_want_text(base, "compare_to", &text, err);
		if (rc >= 0)
			rc = ci_vars_expand(in->vars, text, &ref, err);
		if (rc >= 0)
			rc = ci_source_compare(in->source, ref, &since, err);
		if (rc >= 0)
			rc = match_files(y, since, in, ret_file, err);
		*ret_file = rc == 1 ? "compare_to" : NULL; /* the list goes with this function */
		return rc < 0 && err->code == EINVAL && !err->hint[0]
			       ? ynode_error(base, err, "%s", err->what)
			       : rc;
	}
	if (!in->source->changed) {
		*ret_file = "there is no previous commit";
		return 1;
	}
	return match_files(y, in->source->changed, in, ret_file, err);
}

/* --- rules --- */

static void why_add(struct ci_decision *d, const struct yaml *at, const char *text, bool truth)
{
	strv_pushf(
		&d->why, "%s:%d:%d: %s: %s", at->file, at->line, at->column, text, truth ? "true" : "false");
}

/* Do all conditions of one rule hold? Adds a line for each that was looked at. */
static int rule_holds(
	const struct yaml *rule, const struct ci_rules_input *in, struct ci_decision *d, struct mc_err *err)
{
	const struct yaml *condition = ynode_get(rule, "if"), *changes = ynode_get(rule, "changes"),
			  *exists = ynode_get(rule, "exists");
	const char *text, *file = NULL;
	int rc = 1;
	if (condition) {
		struct mc_err inner = { 0 };
		rc = ynode_want_text(condition, "if", &text, err);
		if (rc >= 0)
			rc = ci_if(text, in->vars, &inner);
		if (rc < 0)
			return inner.code ? ynode_error(condition, err, "%s", inner.what) : rc;
		_cleanup_free_ char *line = xasprintf("if %s", text);
		why_add(d, condition, line, rc);
	}
	if (rc == 1 && changes) {
		rc = match_changes(changes, in, &file, err);
		_cleanup_free_ char *line =
			xasprintf("changes%s%s%s", file ? " (" : "", file ? file : "", file ? ")" : "");
		why_add(d, changes, line, rc == 1);
	}
	if (rc == 1 && exists) {
		rc = match_files(exists, in->source->files, in, &file, err);
		_cleanup_free_ char *line =
			xasprintf("exists%s%s%s", file ? " (" : "", file ? file : "", file ? ")" : "");
		why_add(d, exists, line, rc == 1);
	}
	if (!condition && !changes && !exists)
		why_add(d, rule, "a rule without a condition", true);
	return rc;
}

static int rule_decides(const struct yaml *rule, struct ci_decision *d, struct mc_err *err)
{
	d->present = true;
	d->has_when = ynode_get(rule, "when") != NULL;
	d->allow_failure = ynode_get(rule, "allow_failure");
	d->variables = ynode_get(rule, "variables");
	d->needs = ynode_get(rule, "needs");
	d->start_in = ynode_get(rule, "start_in");
	if (!d->has_when)
		return 0;
	int rc = job_when_read(ynode_get(rule, "when"), &d->when, err);
	d->present = rc >= 0 && d->when != WHEN_NEVER;
	return rc;
}

/* A list among the rules is an anchor of other rules: they stand in its place. */
static int rules_check_keys(const struct yaml *rules, struct mc_err *err);

static int rule_check_keys(const struct yaml *rule, struct mc_err *err)
{
	static const char *const known[] = { "if", "changes", "exists", "when", "allow_failure", "variables",
		"needs", "start_in", "interruptible", "auto_cancel" };
	if (rule->kind == YAML_LIST)
		return rules_check_keys(rule, err);
	int rc = ynode_want_map(rule, "a rule", err);
	for (size_t i = 0; rc >= 0 && i < rule->n; i++) {
		size_t k = 0;
		while (k < ARRAY_LEN(known) && !str_eq(rule->keys[i], known[k]))
			k++;
		if (k == ARRAY_LEN(known))
			return ynode_error(rule->items[i], err, "rules: unknown key %s", rule->keys[i]);
	}
	return rc;
}

static int rules_check_keys(const struct yaml *rules, struct mc_err *err)
{
	int rc = ynode_want_list(rules, "rules", err);
	for (size_t i = 0; rc >= 0 && i < rules->n; i++)
		rc = rule_check_keys(rules->items[i], err);
	return rc;
}

/* 1: one of them holds, and has decided. */
static int first_rule(
	const struct yaml *rules, const struct ci_rules_input *in, struct ci_decision *d, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < rules->n; i++) {
		const struct yaml *rule = rules->items[i];
		rc = rule->kind == YAML_LIST ? first_rule(rule, in, d, err) : rule_holds(rule, in, d, err);
		if (rc == 1 && rule->kind != YAML_LIST && rule_decides(rule, d, err) < 0)
			return -EINVAL;
	}
	return rc;
}

int ci_rules(
	const struct yaml *rules, const struct ci_rules_input *in, struct ci_decision *d, struct mc_err *err)
{
	*d = (struct ci_decision){ 0 };
	int rc = rules_check_keys(rules, err);
	if (rc >= 0)
		rc = first_rule(rules, in, d, err);
	if (rc == 0)
		strv_push(&d->why, "no rule holds");
	if (rc < 0)
		ci_decision_release(d);
	return rc < 0 ? rc : 0;
}

/* --- only and except --- */

static bool is_source(const struct ci_rules_input *in, const char *word)
{
	static const char *const words[][2] = { { "pushes", "push" }, { "web", "web" },
		{ "schedules", "schedule" }, { "triggers", "trigger" }, { "api", "api" },
		{ "external", "external" }, { "pipelines", "pipeline" }, { "chat", "chat" },
		{ "merge_requests", "merge_request_event" } };
	const char *source = ci_vars_get(in->vars, "CI_PIPELINE_SOURCE");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(word, words[i][0]))
			return str_eq(source, words[i][1]);
	return false;
}

static int match_ref(const char *word, const struct ci_rules_input *in, struct mc_err *err)
{
	const char *branch = ci_vars_get(in->vars, "CI_COMMIT_BRANCH"),
		   *tag = ci_vars_get(in->vars, "CI_COMMIT_TAG"),
		   *ref = ci_vars_get(in->vars, "CI_COMMIT_REF_NAME"),
		   *path = ci_vars_get(in->vars, "CI_PROJECT_PATH");
	if (str_eq(word, "branches"))
		return branch && *branch;
	if (str_eq(word, "tags"))
		return tag && *tag;
	if (is_source(in, word))
		return 1;
	const char *at = *word == '/' ? NULL : strchr(word, '@');
	if (at && !str_eq(at + 1, path))
		return 0;
	if (ci_regex_is(word, NULL))
		return ci_regex_match(word, ref ? ref : "", err);
	_cleanup_free_ char *name = at ? xstrndup(word, (size_t)(at - word)) : xstrdup(word);
	return str_eq(name, ref);
}

/* Does one word of a list of refs, or of conditions, hold? */
static int match_any(
	const struct yaml *list, bool conditions, const struct ci_rules_input *in, struct mc_err *err)
{
	struct mc_err inner = { 0 };
	int rc = 0;
	if (list->kind == YAML_SCALAR)
		rc = conditions ? ci_if(list->text, in->vars, &inner) : match_ref(list->text, in, &inner);
	else if (list->kind != YAML_LIST)
		return ynode_error(list, err, "only, except: expected a list");
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		rc = match_any(list->items[i], conditions, in, err);
	return rc < 0 && inner.code ? ynode_error(list, err, "%s", inner.what) : rc;
}

/* all: `only` wants every kind of condition to hold, `except` is content with one. */
static int match_policy(const struct yaml *y, bool all, const struct ci_rules_input *in, struct mc_err *err)
{
	static const char *const keys[] = { "refs", "variables", "changes", "kubernetes" };
	const char *file;
	if (y->kind != YAML_MAP)
		return match_any(y, false, in, err);
	int result = all;
	for (size_t i = 0; i < y->n; i++) {
		size_t k = 0;
		while (k < ARRAY_LEN(keys) && !str_eq(y->keys[i], keys[k]))
			k++;
		if (k == ARRAY_LEN(keys))
			return ynode_error(y->items[i], err, "only, except: %s is not supported", y->keys[i]);
		int rc = k == 3   ? 0 /* active: no cluster ever is */
			 : k == 2 ? match_changes(y->items[i], in, &file, err)
				  : match_any(y->items[i], k == 1, in, err);
		if (rc < 0)
			return rc;
		result = all ? result && rc : result || rc;
	}
	return result;
}

int ci_only_except(const struct yaml *only, const struct yaml *except, const struct ci_rules_input *in,
	struct ci_decision *d, struct mc_err *err)
{
	*d = (struct ci_decision){ 0 };
	int rc;
	if (only)
		rc = match_policy(only, true, in, err);
	else
		rc = !str_eq(ci_vars_get(in->vars, "CI_PIPELINE_SOURCE"), "merge_request_event");
	if (rc < 0)
		return rc;
	d->present = rc == 1;
	if (only)
		why_add(d, only, "only", d->present);
	else
		strv_push(&d->why, d->present ? "no rules, no only: it runs for branches and tags"
					      : "no rules, no only: it does not run for merge requests");
	rc = d->present && except ? match_policy(except, false, in, err) : 0;
	if (d->present && except && rc >= 0)
		why_add(d, except, "except", rc == 1);
	d->present = d->present && rc == 0;
	if (rc < 0)
		ci_decision_release(d);
	return rc < 0 ? rc : 0;
}
