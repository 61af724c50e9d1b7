/*
 * canon_service.c - the parts of a service that have a short and a long form.
 *
 * Each function leaves the long form, with compose's defaults filled in where `compose config` shows them:
 * so two files that mean the same have the same model, and the hash of a service does not depend on how it
 * was written.
 */
#include <stdlib.h>

#include "compose/canon.h"

/* --- build --- */

int canon_build(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	if (ynode_text(*value)) {
		struct yaml *map = ynode_new(YAML_MAP, *value);
		ynode_set(map, "context", *value);
		*value = map;
	}
	int rc = canon_map(c, *value, canon_build_keys, what, err);
	if (rc >= 0 && ynode_get(*value, "dockerfile") && ynode_get(*value, "dockerfile_inline"))
		rc = ynode_error(*value, err, "%s: can't combine dockerfile and dockerfile_inline", what);
	return rc;
}

/* --- depends_on, networks, env_file --- */

static const struct canon_key depends_keys[] = {
	{ "condition", canon_text, CANON_REPLACE, NULL },
	{ "required", canon_bool, CANON_REPLACE, NULL },
	{ "restart", canon_bool, CANON_REPLACE, NULL },
	{ 0 },
};

/* A list of names as a map of names to nothing. */
static int part_names(struct yaml **value, const char *what, struct mc_err *err)
{
	const char *name;
	if ((*value)->kind != YAML_LIST)
		return ynode_want_map(*value, what, err);
	struct yaml *map = ynode_new(YAML_MAP, *value);
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		rc = ynode_want_text((*value)->items[i], what, &name, err);
		if (rc >= 0)
			ynode_set(map, name, ynode_new(YAML_NULL, (*value)->items[i]));
	}
	ynode_free(rc < 0 ? map : *value);
	if (rc >= 0)
		*value = map;
	return rc;
}

int canon_depends_on(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = part_names(value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		struct yaml *d = (*value)->items[i];
		if (d->kind == YAML_NULL)
			d->kind = YAML_MAP;
		_cleanup_free_ char *path = xasprintf("%s.%s", what, (*value)->keys[i]);
		rc = canon_map(c, d, depends_keys, path, err);
		if (rc < 0)
			return rc;
		canon_put_default(d, "condition", "service_started");
		if (!ynode_get(d, "required"))
			canon_put_plain(d, "required", "true", d);
		const char *condition = ynode_text(ynode_get(d, "condition"));
		if (!str_eq(condition, "service_started") && !str_eq(condition, "service_healthy") &&
			!str_eq(condition, "service_completed_successfully"))
			return ynode_error(ynode_get(d, "condition"), err,
				"%s.condition \"%s\": there are service_started, "
				"service_healthy and service_completed_successfully",
				path, condition);
	}
	return rc;
}

static const struct canon_key attachment_keys[] = {
	{ "aliases", canon_texts, CANON_UNIQUE, NULL },
	{ "driver_opts", canon_labels, CANON_MERGE, NULL },
	{ "gw_priority", canon_int, CANON_REPLACE, NULL },
	{ "interface_name", canon_text, CANON_REPLACE, "interfaces are eth0, eth1, ..." },
	{ "ipv4_address", canon_text, CANON_REPLACE, NULL },
	{ "ipv6_address", canon_text, CANON_REPLACE, NULL },
	{ "link_local_ips", canon_texts, CANON_UNIQUE,
		"interfaces have no link-local addresses of your own" },
	{ "mac_address", canon_text, CANON_REPLACE, NULL },
	{ "priority", canon_int, CANON_REPLACE, NULL },
	{ 0 },
};

int canon_networks(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = ynode_is_null(*value) ? 0 : part_names(value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		struct yaml *n = (*value)->items[i];
		_cleanup_free_ char *path = xasprintf("%s.%s", what, (*value)->keys[i]);
		if (n->kind != YAML_NULL)
			rc = canon_map(c, n, attachment_keys, path, err);
	}
	return rc;
}

static const struct canon_key env_file_keys[] = {
	{ "format", canon_text, CANON_REPLACE, NULL },
	{ "path", canon_path, CANON_REPLACE, NULL },
	{ "required", canon_bool, CANON_REPLACE, NULL },
	{ 0 },
};

int canon_env_file(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	if (ynode_text(*value)) {
		struct yaml *list = ynode_new(YAML_LIST, *value);
		ynode_add(list, *value);
		*value = list;
	}
	int rc = canon_list(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		struct yaml **item = &(*value)->items[i];
		if (ynode_text(*item)) {
			struct yaml *map = ynode_new(YAML_MAP, *item);
			ynode_set(map, "path", *item);
			*item = map;
		}
		rc = canon_map(c, *item, env_file_keys, what, err);
		if (rc >= 0 && !ynode_get(*item, "required"))
			canon_put_plain(*item, "required", "true", *item);
		if (rc >= 0 && !ynode_text(ynode_get(*item, "path")))
			rc = ynode_error(*item, err, "%s: path is missing", what);
	}
	return rc;
}

int canon_labels_file(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_text_or_list(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++)
		rc = canon_path(c, &(*value)->items[i], what, err);
	return rc;
}

int canon_pull_policy(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	static const char *const words[] = { "always", "never", "missing", "if_not_present", "build", "daily",
		"weekly" };
	int rc = canon_text(c, value, what, err);
	const char *text = ynode_text(*value);
	bool known = rc < 0 || !text || str_starts(text, "every_") || (c->raw && strchr(text, '$'));
	for (size_t i = 0; !known && i < ARRAY_LEN(words); i++)
		known = str_eq(text, words[i]);
	return known ? rc
		     : ynode_error(*value, err,
			       "%s \"%s\": there are always, missing, never, build, daily, weekly and "
			       "every_DURATION",
			       what, text);
}

/* --- healthcheck --- */

static int health_test(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	if (c->raw)
		return 0;
	if (ynode_text(*value)) { /* a string is run by the shell */
		struct yaml *list = ynode_new(YAML_LIST, *value);
		ynode_add(list, ynode_new_text("CMD-SHELL", *value));
		ynode_add(list, *value);
		(*value)->quoted = true;
		*value = list;
		return 0;
	}
	int rc = canon_texts(c, value, what, err);
	const char *first = rc >= 0 && (*value)->n ? (*value)->items[0]->text : "";
	if (rc >= 0 && !str_eq(first, "CMD") && !str_eq(first, "CMD-SHELL") && !str_eq(first, "NONE"))
		rc = ynode_error(*value, err,
			"%s: when specified as a list the first item must be NONE, CMD or CMD-SHELL", what);
	return rc;
}

static const struct canon_key health_keys[] = {
	{ "disable", canon_bool, CANON_REPLACE, NULL },
	{ "interval", canon_duration, CANON_REPLACE, NULL },
	{ "retries", canon_int, CANON_REPLACE, NULL },
	{ "start_interval", canon_duration, CANON_REPLACE, NULL },
	{ "start_period", canon_duration, CANON_REPLACE, NULL },
	{ "test", health_test, CANON_REPLACE, NULL },
	{ "timeout", canon_duration, CANON_REPLACE, NULL },
	{ 0 },
};

int canon_healthcheck(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	return canon_map(c, *value, health_keys, what, err);
}

/* --- devices --- */

static const struct canon_key device_keys[] = {
	{ "permissions", canon_text, CANON_REPLACE, NULL },
	{ "source", canon_text, CANON_REPLACE, NULL },
	{ "target", canon_text, CANON_REPLACE, NULL },
	{ 0 },
};

/* "SOURCE[:TARGET[:rwm]]" */
int canon_devices(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	static const size_t order[] = { 1, 2, 0 }; /* source, target, permissions */
	int rc = canon_list(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		struct yaml **item = &(*value)->items[i];
		if (ynode_text(*item)) {
			struct yaml *map = ynode_new(YAML_MAP, *item);
			char *save = NULL;
			for (size_t k = 0; k < 3; k++) {
				const char *word = strtok_r(k ? NULL : (*item)->text, ":", &save);
				if (word)
					canon_put_text(map, device_keys[order[k]].name, word, *item);
			}
			ynode_free(*item);
			*item = map;
		}
		rc = canon_map(c, *item, device_keys, what, err);
		const char *source = ynode_text(ynode_get(*item, "source"));
		if (rc >= 0 && !source)
			return ynode_error(*item, err, "%s: source is missing", what);
		if (rc >= 0)
			canon_put_default(*item, "target", source);
		if (rc >= 0)
			canon_put_default(*item, "permissions", "rwm");
	}
	return rc;
}

/* all, or how many. */
static int gpu_count(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	if (str_eq(ynode_text(*value), "all")) {
		free((*value)->text);
		(*value)->text = xstrdup("-1");
		(*value)->quoted = false;
	}
	int64_t n;
	if (!ynode_text(*value) || parse_i64((*value)->text, &n) < 0)
		return ynode_error(*value, err, "%s: the only value allowed is 'all' or a number", what);
	(*value)->quoted = false;
	return 0;
}

static const struct canon_key gpu_keys[] = {
	{ "capabilities", canon_texts, CANON_UNIQUE, NULL },
	{ "count", gpu_count, CANON_REPLACE, NULL },
	{ "device_ids", canon_texts, CANON_UNIQUE, NULL },
	{ "driver", canon_text, CANON_REPLACE, NULL },
	{ "options", canon_labels, CANON_MERGE, NULL },
	{ 0 },
};

/* "all", or a list of requests; one that names neither a number nor devices means all. */
int canon_gpus(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	if (str_eq(ynode_text(*value), "all")) {
		struct yaml *list = ynode_new(YAML_LIST, *value);
		ynode_add(list, ynode_new(YAML_MAP, *value));
		ynode_free(*value);
		*value = list;
	}
	int rc = canon_list(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		struct yaml *one = (*value)->items[i];
		rc = canon_map(c, one, gpu_keys, what, err);
		if (rc >= 0 && ynode_get(one, "count") && ynode_get(one, "device_ids"))
			return ynode_error(one, err, "%s: count and device_ids are exclusive", what);
		if (rc >= 0 && !ynode_get(one, "count") && !ynode_get(one, "device_ids"))
			canon_put_plain(one, "count", "-1", one);
	}
	return rc;
}

/* --- hooks: a command run inside --- */

static const struct canon_key hook_keys[] = {
	{ "command", canon_command, CANON_REPLACE, NULL },
	{ "environment", canon_pairs, CANON_MERGE, NULL },
	{ "privileged", canon_bool, CANON_REPLACE, NULL },
	{ "user", canon_text, CANON_REPLACE, NULL },
	{ "working_dir", canon_text, CANON_REPLACE, NULL },
	{ 0 },
};

static int canon_hook(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_map(c, *value, hook_keys, what, err);
	const struct yaml *command = ynode_get(*value, "command");
	return rc < 0 || c->raw || (command && command->n)
		       ? rc
		       : ynode_error(*value, err, "%s: command is missing", what);
}

int canon_hooks(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_list(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++)
		rc = canon_hook(c, &(*value)->items[i], what, err);
	return rc;
}

/* --- deploy --- */

static const struct canon_key resource_keys[] = {
	{ "cpus", canon_number, CANON_REPLACE, NULL },
	{ "devices", canon_gpus, CANON_APPEND, NULL },
	{ "generic_resources", canon_any, CANON_APPEND, "it is for swarm" },
	{ "memory", canon_bytes, CANON_REPLACE, NULL },
	{ "pids", canon_int, CANON_REPLACE, NULL },
	{ 0 },
};
static int deploy_part(const struct canon *c, struct yaml **v, const char *what, struct mc_err *err)
{
	return canon_map(c, *v, resource_keys, what, err);
}
static const struct canon_key resources_keys[] = {
	{ "limits", deploy_part, CANON_MERGE, NULL },
	{ "reservations", deploy_part, CANON_MERGE, NULL },
	{ 0 },
};
static int deploy_resources(const struct canon *c, struct yaml **v, const char *what, struct mc_err *err)
{
	return canon_map(c, *v, resources_keys, what, err);
}
static const struct canon_key restart_keys[] = {
	{ "condition", canon_text, CANON_REPLACE, NULL },
	{ "delay", canon_duration, CANON_REPLACE, NULL },
	{ "max_attempts", canon_int, CANON_REPLACE, NULL },
	{ "window", canon_duration, CANON_REPLACE, NULL },
	{ 0 },
};
static int deploy_restart(const struct canon *c, struct yaml **v, const char *what, struct mc_err *err)
{
	return canon_map(c, *v, restart_keys, what, err);
}
static const struct canon_key rollout_keys[] = {
	{ "delay", canon_duration, CANON_REPLACE, NULL },
	{ "failure_action", canon_text, CANON_REPLACE, NULL },
	{ "max_failure_ratio", canon_number, CANON_REPLACE, NULL },
	{ "monitor", canon_duration, CANON_REPLACE, NULL },
	{ "order", canon_text, CANON_REPLACE, NULL },
	{ "parallelism", canon_int, CANON_REPLACE, NULL },
	{ 0 },
};
static int deploy_rollout(const struct canon *c, struct yaml **v, const char *what, struct mc_err *err)
{
	return canon_map(c, *v, rollout_keys, what, err);
}
static const struct canon_key deploy_keys[] = {
	{ "endpoint_mode", canon_text, CANON_REPLACE, "it is for swarm" },
	{ "labels", canon_labels, CANON_MERGE, NULL },
	{ "mode", canon_text, CANON_REPLACE, NULL },
	{ "placement", canon_any, CANON_REPLACE, "there is one machine" },
	{ "replicas", canon_int, CANON_REPLACE, NULL },
	{ "resources", deploy_resources, CANON_MERGE, NULL },
	{ "restart_policy", deploy_restart, CANON_MERGE, NULL },
	{ "rollback_config", deploy_rollout, CANON_MERGE, "it is for swarm" },
	{ "update_config", deploy_rollout, CANON_MERGE, "it is for swarm" },
	{ 0 },
};

int canon_deploy(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	return canon_map(c, *value, deploy_keys, what, err);
}

/* --- ulimits, logging, extra_hosts, develop --- */

static const struct canon_key ulimit_keys[] = { { "hard", canon_int, CANON_REPLACE, NULL },
	{ "soft", canon_int, CANON_REPLACE, NULL }, { 0 } };

int canon_ulimits(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = ynode_want_map(*value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		_cleanup_free_ char *path = xasprintf("%s.%s", what, (*value)->keys[i]);
		struct yaml **one = &(*value)->items[i];
		rc = ynode_text(*one) ? canon_int(c, one, path, err)
				      : canon_map(c, *one, ulimit_keys, path, err);
	}
	return rc;
}

static const struct canon_key logging_keys[] = { { "driver", canon_text, CANON_REPLACE, NULL },
	{ "options", canon_labels, CANON_MERGE, NULL }, { 0 } };

int canon_logging(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	return canon_map(c, *value, logging_keys, what, err);
}

/* "host=address", sorted by host, so that a map and a list mean the same. "1.2.3.4,5.6.7.8" is two. */
static void host_add(struct yaml *list, const char *host, const char *addresses, const struct yaml *at)
{
	_cleanup_free_ char *copy = xstrdup(addresses ? addresses : "");
	char *save = NULL;
	for (char *address = strtok_r(copy, ",", &save); address; address = strtok_r(NULL, ",", &save)) {
		size_t n = strlen(address);
		bool brackets = *address == '[' && n && address[n - 1] == ']';
		_cleanup_free_ char *pair =
			xasprintf("%s=%.*s", host, (int)(brackets ? n - 2 : n), address + brackets);
		struct yaml *one = ynode_add(list, ynode_new_text(pair, at));
		size_t to = list->n - 1, len = strlen(host) + 1;
		for (; to > 0 && strncmp(list->items[to - 1]->text, pair, len) > 0; to--)
			list->items[to] = list->items[to - 1];
		list->items[to] = one;
	}
}

/* ["host:ip", "host=ip"] or {host: ip, host: [ip, ip]}: a list of "host=ip". */
int canon_extra_hosts(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	struct yaml *list = ynode_new(YAML_LIST, *value);
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		struct yaml *item = (*value)->items[i];
		bool map = (*value)->kind == YAML_MAP, several = map && item->kind == YAML_LIST;
		const char *text = ynode_text(item);
		if (several)
			for (size_t k = 0; k < item->n; k++)
				host_add(list, (*value)->keys[i], ynode_text(item->items[k]), item);
		else if (map && text)
			host_add(list, (*value)->keys[i], text, item);
		else if (text && strpbrk(text, "=:")) {
			_cleanup_free_ char *host = xstrndup(text, strcspn(text, "=:"));
			host_add(list, host, text + strlen(host) + 1, item);
		} else
			rc = ynode_error(item, err, "%s: expected HOST=ADDRESS", what);
	}
	ynode_free(rc < 0 ? list : *value);
	if (rc >= 0)
		*value = list;
	return rc;
}

/* [default, ID=SOCKET] or {default: , ID: SOCKET}: a list. */
int canon_ssh(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	if ((*value)->kind != YAML_MAP)
		return canon_texts(c, value, what, err);
	struct yaml *list = ynode_new(YAML_LIST, *value);
	for (size_t i = 0; i < (*value)->n; i++) {
		const char *path = ynode_text((*value)->items[i]);
		_cleanup_free_ char *word =
			xasprintf("%s%s%s", (*value)->keys[i], path ? "=" : "", path ? path : "");
		ynode_add(list, ynode_new_text(word, (*value)->items[i]));
	}
	ynode_free(*value);
	*value = list;
	return 0;
}

static const struct canon_key watch_keys[] = {
	{ "action", canon_text, CANON_REPLACE, NULL },
	{ "exec", canon_hook, CANON_REPLACE, NULL },
	{ "ignore", canon_text_or_list, CANON_APPEND, NULL },
	{ "include", canon_text_or_list, CANON_APPEND, NULL },
	{ "initial_sync", canon_bool, CANON_REPLACE, NULL },
	{ "path", canon_path, CANON_REPLACE, NULL },
	{ "target", canon_text, CANON_REPLACE, NULL },
	{ 0 },
};
static int develop_watch(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_list(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++)
		rc = canon_map(c, (*value)->items[i], watch_keys, what, err);
	return rc;
}
static const struct canon_key develop_keys[] = { { "watch", develop_watch, CANON_APPEND, NULL }, { 0 } };

int canon_develop(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	return ynode_is_null(*value) ? 0 : canon_map(c, *value, develop_keys, what, err);
}

/* --- secrets and configs of a service --- */

static const struct canon_key file_ref_keys[] = {
	{ "gid", canon_text, CANON_REPLACE, NULL },
	{ "mode", canon_mode, CANON_REPLACE, NULL },
	{ "source", canon_text, CANON_REPLACE, NULL },
	{ "target", canon_text, CANON_REPLACE, NULL },
	{ "uid", canon_text, CANON_REPLACE, NULL },
	{ 0 },
};

int canon_file_refs(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_list(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		struct yaml **item = &(*value)->items[i];
		if (ynode_text(*item)) {
			struct yaml *map = ynode_new(YAML_MAP, *item);
			ynode_set(map, "source", *item);
			*item = map;
		}
		rc = canon_map(c, *item, file_ref_keys, what, err);
		if (rc >= 0 && !ynode_text(ynode_get(*item, "source")))
			rc = ynode_error(*item, err, "%s: source is missing", what);
		if (rc >= 0 && !ynode_get(*item, "target") && str_ends(what, ".secrets") &&
			!str_ends(what, ".build.secrets")) {
			_cleanup_free_ char *target =
				xasprintf("/run/secrets/%s", ynode_text(ynode_get(*item, "source")));
			canon_put_text(*item, "target", target, *item);
		}
	}
	return rc;
}

/* --- networks and volumes of the project --- */

static const struct canon_key pool_keys[] = {
	{ "aux_addresses", canon_pairs, CANON_MERGE, NULL },
	{ "gateway", canon_text, CANON_REPLACE, NULL },
	{ "ip_range", canon_text, CANON_REPLACE, NULL },
	{ "subnet", canon_text, CANON_REPLACE, NULL },
	{ 0 },
};
static int ipam_pools(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_list(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++)
		rc = canon_map(c, (*value)->items[i], pool_keys, what, err);
	return rc;
}
static const struct canon_key ipam_keys[] = { { "config", ipam_pools, CANON_APPEND, NULL },
	{ "driver", canon_text, CANON_REPLACE, NULL }, { "options", canon_pairs, CANON_MERGE, NULL }, { 0 } };

int canon_ipam(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	return canon_map(c, *value, ipam_keys, what, err);
}

/* true, or the old form {name: X}. */
int canon_external(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	return (*value)->kind == YAML_MAP ? 0 : canon_bool(c, value, what, err);
}
