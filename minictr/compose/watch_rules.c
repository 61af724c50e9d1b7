/*
 * watch_rules.c - develop.watch of a compose file, checked.
 *
 * https://github.com/compose-spec/compose-spec/blob/main/develop.md. A path is left out by the build
 * context's .dockerignore, by the rule's own `ignore`, or because it is an editor's own file.
 */
#include "compose/watch_rules.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

enum { WATCH_IGNORE_BYTES = 1 << 20 };

static const char *const actions[] = { "sync", "rebuild", "restart", "sync+restart", "sync+exec" };
static const char *const editors[] = { "**/.git", "**/.idea", "**/.#*", "**/*~", "**/*.sw?", "**/4913",
	"**/*___jb_tmp___" };

bool watch_copies(enum watch_action action) { return action != WATCH_REBUILD && action != WATCH_RESTART; }

static int rule_action(
	const struct yaml *entry, const char *service, enum watch_action *ret, struct mc_err *err)
{
	const char *text = ynode_text(ynode_get(entry, "action"));
	for (size_t i = 0; text && i < ARRAY_LEN(actions); i++)
		if (str_eq(actions[i], text)) {
			*ret = (enum watch_action)i;
			return 0;
		}
	return ynode_error(entry, err,
		"services.%s.develop.watch: action \"%s\": there are sync, rebuild, restart, sync+restart "
		"and sync+exec",
		service, text ? text : "");
}

static int rule_patterns(const struct yaml *list, struct ignore *ret, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc >= 0 && list && list->kind == YAML_LIST && i < list->n; i++) {
		rc = ignore_add(ret, ynode_text(list->items[i]) ? ynode_text(list->items[i]) : "", err);
		if (rc < 0)
			rc = ynode_error(
				list->items[i], err, "pattern \"%s\" is broken", ynode_text(list->items[i]));
	}
	return rc;
}

/* The .dockerignore beside the context, if there is one, and where in it the rule's path stands. */
static int rule_context(const struct yaml *service, struct watch_rule *r, struct mc_err *err)
{
	const char *context = ynode_text(ynode_get(ynode_get(service, "build"), "context"));
	size_t n = context ? strlen(context) : 0;
	if (!n || strncmp(r->path, context, n) || (r->path[n] && r->path[n] != '/'))
		return 0;
	_cleanup_free_ char *name = xasprintf("%s/.dockerignore", context);
	_cleanup_buf_ struct buf text = { 0 };
	r->below = xstrdup(r->path[n] ? r->path + n + 1 : "");
	if (access(name, F_OK) < 0)
		return 0;
	int rc = file_read(AT_FDCWD, name, WATCH_IGNORE_BYTES, &text, err);
	return rc < 0 ? rc : ignore_parse(text.data, text.len, name, &r->dockerignore, err);
}

static int rule_read(const struct yaml *service, const char *name, const struct yaml *entry,
	struct watch_rule *r, struct mc_err *err)
{
	*r = (struct watch_rule){ .service = name,
		.entry = entry,
		.path = ynode_text(ynode_get(entry, "path")),
		.target = ynode_text(ynode_get(entry, "target")),
		.initial_sync = str_eq(ynode_text(ynode_get(entry, "initial_sync")), "true") };
	int rc = rule_action(entry, name, &r->action, err);
	if (rc >= 0 && (!r->path || access(r->path, F_OK) < 0))
		rc = ynode_error(entry, err, "services.%s.develop.watch: path %s does not exist", name,
			r->path ? r->path : "is missing and");
	if (rc >= 0 && watch_copies(r->action) && (!r->target || *r->target != '/'))
		rc = ynode_error(entry, err,
			"services.%s.develop.watch: %s needs a target, an absolute path in the container",
			name, actions[r->action]);
	if (rc >= 0 && r->action == WATCH_REBUILD && !ynode_get(service, "build"))
		rc = ynode_error(entry, err,
			"services.%s.develop.watch: rebuild without `build` of the service", name);
	if (rc >= 0 && r->action == WATCH_SYNC_EXEC && !ynode_get(ynode_get(entry, "exec"), "command"))
		rc = ynode_error(entry, err, "services.%s.develop.watch: sync+exec needs exec.command", name);
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(editors); i++)
		rc = ignore_add(&r->ignored, editors[i], err);
	if (rc >= 0)
		rc = rule_patterns(ynode_get(entry, "ignore"), &r->ignored, err);
	if (rc >= 0)
		rc = rule_patterns(ynode_get(entry, "include"), &r->included, err);
	return rc < 0 ? rc : rule_context(service, r, err);
}

int watch_rules_read(
	const struct project *p, char *const services[], struct watch_rules *ret, struct mc_err *err)
{
	*ret = (struct watch_rules){ 0 };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < p->services->n; i++) {
		const char *name = p->services->keys[i];
		const struct yaml *s = p->services->items[i],
				  *list = ynode_get(ynode_get(s, "develop"), "watch");
		if (services && services[0] && !strv_has((char **)services, name))
			continue;
		for (size_t k = 0; rc >= 0 && list && k < list->n; k++) {
			ret->items = xrealloc(ret->items, (ret->n + 1) * sizeof(*ret->items));
			rc = rule_read(s, name, list->items[k], &ret->items[ret->n++], err);
		}
	}
	if (rc >= 0 && !ret->n) {
		err_set(err, ENOENT, "none of the services is watched");
		rc = err_hint(err,
			"`develop: {watch: [{action: sync, path: ./src, target: /app}]}` of a service "
			"says what is");
	}
	return rc;
}

void watch_rules_release(struct watch_rules *r)
{
	for (size_t i = 0; i < r->n; i++) {
		ignore_free(&r->items[i].ignored);
		ignore_free(&r->items[i].included);
		ignore_free(&r->items[i].dockerignore);
		free(r->items[i].below);
		tree_release(&r->items[i].tree);
	}
	free(r->items);
	*r = (struct watch_rules){ 0 };
}

static bool set_skips(const struct ignore *set, const char *path, bool directory)
{
	return directory ? ignore_may_prune(set, path) : ignore_match(set, path, NULL);
}

bool watch_skips(const void *rule, const char *path, bool directory)
{
	const struct watch_rule *r = rule;
	_cleanup_free_ char *inside =
		r->below ? xasprintf("%s%s%s", r->below, *r->below ? "/" : "", path) : NULL;
	if (set_skips(&r->ignored, path, directory) ||
		(inside && set_skips(&r->dockerignore, inside, directory)))
		return true;
	return !directory && r->included.n && !ignore_match(&r->included, path, NULL);
}
