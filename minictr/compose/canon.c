/*
 * canon.c - which keys a compose file may have, what each one holds, and how two files' values meet.
 *
 * The tables are the subset: what stands in no table is an error with the place and the nearest known name,
 * and what stands there with a reason is accepted and said to be without effect. Nothing is passed over in
 * silence.
 */
#include "compose/canon.h"

const struct canon_key canon_service_keys[] = {
	{ "annotations", canon_labels, CANON_MERGE, NULL },
	{ "attach", canon_bool, CANON_REPLACE, NULL },
	{ "blkio_config", canon_any, CANON_MERGE, NULL },
	{ "build", canon_build, CANON_MERGE, NULL },
	{ "cap_add", canon_texts, CANON_UNIQUE, NULL },
	{ "cap_drop", canon_texts, CANON_UNIQUE, NULL },
	{ "cgroup", canon_text, CANON_REPLACE, NULL },
	{ "cgroup_parent", canon_text, CANON_REPLACE, NULL },
	{ "command", canon_command, CANON_REPLACE, NULL },
	{ "configs", canon_file_refs, CANON_BY_TARGET, NULL },
	{ "container_name", canon_text, CANON_REPLACE, NULL },
	{ "cpu_count", canon_any, CANON_REPLACE, "it is for Windows" },
	{ "cpu_percent", canon_any, CANON_REPLACE, "it is for Windows" },
	{ "cpu_period", canon_duration, CANON_REPLACE, NULL },
	{ "cpu_quota", canon_duration, CANON_REPLACE, NULL },
	{ "cpu_rt_period", canon_any, CANON_REPLACE, "realtime cgroups are not given" },
	{ "cpu_rt_runtime", canon_any, CANON_REPLACE, "realtime cgroups are not given" },
	{ "cpu_shares", canon_int, CANON_REPLACE, NULL },
	{ "cpus", canon_number, CANON_REPLACE, NULL },
	{ "cpuset", canon_text, CANON_REPLACE, NULL },
	{ "credential_spec", canon_any, CANON_REPLACE, "it is for Windows" },
	{ "depends_on", canon_depends_on, CANON_MERGE, NULL },
	{ "deploy", canon_deploy, CANON_MERGE, NULL },
	{ "develop", canon_develop, CANON_MERGE, NULL },
	{ "device_cgroup_rules", canon_texts, CANON_APPEND, NULL },
	{ "devices", canon_devices, CANON_BY_TARGET, NULL },
	{ "dns", canon_text_or_list, CANON_UNIQUE, NULL },
	{ "dns_opt", canon_texts, CANON_UNIQUE, NULL },
	{ "dns_search", canon_text_or_list, CANON_UNIQUE, NULL },
	{ "domainname", canon_text, CANON_REPLACE, NULL },
	{ "entrypoint", canon_command, CANON_REPLACE, NULL },
	{ "env_file", canon_env_file, CANON_APPEND, NULL },
	{ "environment", canon_pairs, CANON_MERGE, NULL },
	{ "expose", canon_expose, CANON_UNIQUE, NULL },
	{ "extends", canon_any, CANON_REPLACE, NULL },
	{ "external_links", canon_texts, CANON_APPEND,
		"containers find each other by name on a common network" },
	{ "extra_hosts", canon_extra_hosts, CANON_UNIQUE, NULL },
	{ "gpus", canon_gpus, CANON_APPEND, NULL },
	{ "group_add", canon_texts, CANON_UNIQUE, NULL },
	{ "healthcheck", canon_healthcheck, CANON_MERGE, NULL },
	{ "hostname", canon_text, CANON_REPLACE, NULL },
	{ "image", canon_text, CANON_REPLACE, NULL },
	{ "init", canon_bool, CANON_REPLACE, NULL },
	{ "ipc", canon_text, CANON_REPLACE, NULL },
	{ "isolation", canon_any, CANON_REPLACE, "it is for Windows" },
	{ "label_file", canon_labels_file, CANON_APPEND, NULL },
	{ "labels", canon_labels, CANON_MERGE, NULL },
	{ "links", canon_texts, CANON_UNIQUE, NULL },
	{ "logging", canon_logging, CANON_MERGE, NULL },
	{ "mac_address", canon_text, CANON_REPLACE, NULL },
	{ "mem_limit", canon_bytes, CANON_REPLACE, NULL },
	{ "mem_reservation", canon_bytes, CANON_REPLACE, NULL },
	{ "mem_swappiness", canon_bytes, CANON_REPLACE, "cgroup v2 has no such setting" },
	{ "memswap_limit", canon_bytes, CANON_REPLACE, NULL },
	{ "models", canon_any, CANON_REPLACE, "there are no models here" },
	{ "network_mode", canon_text, CANON_REPLACE, NULL },
	{ "networks", canon_networks, CANON_MERGE, NULL },
	{ "oom_kill_disable", canon_any, CANON_REPLACE, "cgroup v2 has no such setting" },
	{ "oom_score_adj", canon_int, CANON_REPLACE, NULL },
	{ "pid", canon_text, CANON_REPLACE, NULL },
	{ "pids_limit", canon_int, CANON_REPLACE, NULL },
	{ "platform", canon_text, CANON_REPLACE, NULL },
	{ "ports", canon_ports, CANON_BY_TARGET, NULL },
	{ "post_start", canon_hooks, CANON_APPEND, NULL },
	{ "pre_start", canon_any, CANON_APPEND, "a service of its own and depends_on do it" },
	{ "pre_stop", canon_hooks, CANON_APPEND, NULL },
	{ "privileged", canon_bool, CANON_REPLACE, NULL },
	{ "profiles", canon_texts, CANON_UNIQUE, NULL },
	{ "provider", canon_any, CANON_REPLACE, "there are no providers here; its image is run" },
	{ "pull_policy", canon_pull_policy, CANON_REPLACE, NULL },
	{ "read_only", canon_bool, CANON_REPLACE, NULL },
	{ "restart", canon_text_or_bool, CANON_REPLACE, NULL },
	{ "runtime", canon_text, CANON_REPLACE, NULL },
	{ "scale", canon_int, CANON_REPLACE, NULL },
	{ "secrets", canon_file_refs, CANON_BY_TARGET, NULL },
	{ "security_opt", canon_texts, CANON_UNIQUE, NULL },
	{ "shm_size", canon_bytes, CANON_REPLACE, NULL },
	{ "stdin_open", canon_bool, CANON_REPLACE, NULL },
	{ "stop_grace_period", canon_duration, CANON_REPLACE, NULL },
	{ "stop_signal", canon_text, CANON_REPLACE, NULL },
	{ "storage_opt", canon_any, CANON_REPLACE, "layers have no quota here" },
	{ "sysctls", canon_labels, CANON_MERGE, NULL },
	{ "tmpfs", canon_text_or_list, CANON_UNIQUE, NULL },
	{ "tty", canon_bool, CANON_REPLACE, NULL },
	{ "ulimits", canon_ulimits, CANON_MERGE, NULL },
	{ "use_api_socket", canon_any, CANON_REPLACE, "the engine has no socket unless minictrd runs" },
	{ "user", canon_text, CANON_REPLACE, NULL },
	{ "userns_mode", canon_text, CANON_REPLACE, NULL },
	{ "uts", canon_text, CANON_REPLACE, NULL },
	{ "volumes", canon_volumes, CANON_BY_TARGET, NULL },
	{ "volumes_from", canon_texts, CANON_UNIQUE, NULL },
	{ "working_dir", canon_text, CANON_REPLACE, NULL },
	{ 0 },
};

/* {name: place}: a place that is no URL, image or service is a directory. */
static int build_contexts(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_pairs(c, value, what, err);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		const char *place = ynode_text((*value)->items[i]);
		if (place && !strstr(place, "://") && !str_starts(place, "service:"))
			rc = canon_path(c, &(*value)->items[i], what, err);
	}
	return rc;
}

const struct canon_key canon_build_keys[] = {
	{ "additional_contexts", build_contexts, CANON_MERGE, NULL },
	{ "args", canon_pairs, CANON_MERGE, NULL },
	{ "cache_from", canon_texts, CANON_APPEND, NULL },
	{ "cache_to", canon_texts, CANON_APPEND, "the cache stays in the engine's store" },
	{ "context", canon_path, CANON_REPLACE, NULL },
	{ "dockerfile", canon_text, CANON_REPLACE, NULL },
	{ "dockerfile_inline", canon_text, CANON_REPLACE, NULL },
	{ "entitlements", canon_texts, CANON_APPEND, NULL },
	{ "extra_hosts", canon_extra_hosts, CANON_UNIQUE, NULL },
	{ "isolation", canon_any, CANON_REPLACE, "it is for Windows" },
	{ "labels", canon_labels, CANON_MERGE, NULL },
	{ "network", canon_text, CANON_REPLACE, NULL },
	{ "no_cache", canon_bool, CANON_REPLACE, NULL },
	{ "platforms", canon_texts, CANON_APPEND, NULL },
	{ "privileged", canon_any, CANON_REPLACE, "RUN has the engine's default confinement" },
	{ "pull", canon_bool, CANON_REPLACE, NULL },
	{ "secrets", canon_file_refs, CANON_BY_TARGET, NULL },
	{ "shm_size", canon_bytes, CANON_REPLACE, "RUN has no limits of its own" },
	{ "ssh", canon_ssh, CANON_APPEND, NULL },
	{ "tags", canon_texts, CANON_APPEND, NULL },
	{ "target", canon_text, CANON_REPLACE, NULL },
	{ "ulimits", canon_ulimits, CANON_MERGE, "RUN has no limits of its own" },
	{ 0 },
};

const struct canon_key canon_network_keys[] = {
	{ "attachable", canon_bool, CANON_REPLACE, NULL },
	{ "driver", canon_text, CANON_REPLACE, NULL },
	{ "driver_opts", canon_labels, CANON_MERGE, NULL },
	{ "enable_ipv4", canon_bool, CANON_REPLACE, NULL },
	{ "enable_ipv6", canon_bool, CANON_REPLACE, NULL },
	{ "external", canon_external, CANON_REPLACE, NULL },
	{ "internal", canon_bool, CANON_REPLACE, NULL },
	{ "ipam", canon_ipam, CANON_MERGE, NULL },
	{ "labels", canon_labels, CANON_MERGE, NULL },
	{ "name", canon_text, CANON_REPLACE, NULL },
	{ 0 },
};

const struct canon_key canon_volume_keys[] = {
	{ "driver", canon_text, CANON_REPLACE, NULL },
	{ "driver_opts", canon_labels, CANON_MERGE, NULL },
	{ "external", canon_external, CANON_REPLACE, NULL },
	{ "labels", canon_labels, CANON_MERGE, NULL },
	{ "name", canon_text, CANON_REPLACE, NULL },
	{ 0 },
};

const struct canon_key canon_file_keys[] = {
	{ "content", canon_text, CANON_REPLACE, NULL },
	{ "driver", canon_any, CANON_REPLACE, "there are no drivers for secrets" },
	{ "driver_opts", canon_any, CANON_REPLACE, "there are no drivers for secrets" },
	{ "environment", canon_text, CANON_REPLACE, NULL },
	{ "external", canon_external, CANON_REPLACE, NULL },
	{ "file", canon_path, CANON_REPLACE, NULL },
	{ "labels", canon_labels, CANON_MERGE, NULL },
	{ "name", canon_text, CANON_REPLACE, NULL },
	{ "template_driver", canon_any, CANON_REPLACE, "there are no templates" },
	{ 0 },
};

const struct canon_key *canon_find(const struct canon_key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (str_eq(keys->name, name))
			return keys;
	return NULL;
}

/* A single value, which may be "${SIZE}" as long as variables are not replaced. */
static bool canon_is_single(canon_fn *fn)
{
	static canon_fn *const single[] = { canon_text, canon_bool, canon_int, canon_number, canon_bytes,
		canon_duration, canon_texts, canon_text_or_bool, canon_pairs, canon_labels, canon_command,
		canon_mode, canon_expose, canon_extra_hosts, canon_ulimits, canon_external };
	for (size_t i = 0; i < ARRAY_LEN(single); i++)
		if (fn == single[i])
			return true;
	return false;
}

static int canon_unknown(
	const struct yaml *map, size_t i, const struct canon_key *keys, const char *what, struct mc_err *err)
{
	const char *names[128];
	size_t n = 0;
	while (keys[n].name && n < ARRAY_LEN(names)) {
		names[n] = keys[n].name;
		n++;
	}
	struct yaml at = *map->items[i];
	at.line = map->key_lines[i];
	at.column = map->column;
	ynode_error(&at, err, "%s: Additional property %s is not allowed", what, map->keys[i]);
	const char *near = nearest_word(map->keys[i], names, n);
	return near ? err_hint(err, "did you mean %s?", near) : -EINVAL;
}

int canon_map(const struct canon *c, struct yaml *map, const struct canon_key *keys, const char *what,
	struct mc_err *err)
{
	int rc = ynode_want_map(map, what, err);
	for (size_t i = 0; rc >= 0 && i < map->n; i++) {
		const struct canon_key *k = canon_find(keys, map->keys[i]);
		if (!k && str_starts(map->keys[i], "x-"))
			continue;
		if (!k)
			return canon_unknown(map, i, keys, what, err);
		_cleanup_free_ char *path = xasprintf("%s.%s", what, k->name);
		if (k->ignored)
			ynode_warn(map->items[i], "%s has no effect here: %s", path, k->ignored);
		enum yaml_merge merge = map->items[i]->merge;
		if (merge ==
			YAML_RESET) /* its value means nothing; it takes the key away when files are merged */
			continue;
		rc = c->raw && canon_is_single(k->fn) ? 0 : k->fn(c, &map->items[i], path, err);
		if (rc >= 0 && map->items[i])
			map->items[i]->merge = merge;
	}
	return rc;
}
