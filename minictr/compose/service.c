/*
 * service.c - a service of canonical shape becomes the options that `minictr create` takes.
 *
 * One function per subject; each reads keys of the service and fills fields of struct run_options. The
 * command line fills the same struct, so every container of compose can also be made by `minictr create`.
 */
#include "compose/service.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "compose/canon.h"
#include "compose/secret_files.h"
#include "compose/yaml_json.h"

const char label_project[] = "com.docker.compose.project", label_service[] = "com.docker.compose.service",
	   label_number[] = "com.docker.compose.container-number",
	   label_oneoff[] = "com.docker.compose.oneoff", label_hash[] = "com.docker.compose.config-hash",
	   label_network[] = "com.docker.compose.network", label_volume[] = "com.docker.compose.volume",
	   label_depends[] = "com.docker.compose.depends_on",
	   label_dir[] = "com.docker.compose.project.working_dir",
	   label_files[] = "com.docker.compose.project.config_files";

/* --- names, scale, hash --- */

static int64_t service_int(const struct yaml *y, int64_t otherwise)
{
	int64_t n;
	const char *t = ynode_text(y);
	return t && parse_i64(t, &n) == 0 ? n : otherwise;
}

static bool service_true(const struct yaml *service, const char *key)
{
	return str_eq(ynode_text(ynode_get(service, key)), "true");
}

int64_t service_scale(const struct yaml *service, const char *name, char *const scales[])
{
	int64_t n;
	const char *wanted = strv_env(scales, name);
	if (wanted && parse_i64(wanted, &n) == 0)
		return n;
	return service_int(ynode_get(service, "scale"),
		service_int(ynode_get(ynode_get(service, "deploy"), "replicas"), 1));
}

char *service_container_name(const struct project *p, const char *name, int64_t number)
{
	const char *fixed = ynode_text(ynode_get(ynode_get(p->services, name), "container_name"));
	return fixed && *fixed ? xstrdup(fixed) : xasprintf("%s-%s-%lld", p->name, name, (long long)number);
}

char *service_image(const struct project *p, const char *name)
{
	const char *image = ynode_text(ynode_get(ynode_get(p->services, name), "image"));
	return image && *image ? xstrdup(image) : xasprintf("%s-%s", p->name, name);
}

/* The same parts, as canonical JSON: `explain` compares them key by key. Caller frees. */
static char *service_fingerprint(const struct project *p, const char *name)
{
	static const char *const left_out[] = { "build", "scale", "pull_policy", "depends_on", "profiles",
		"develop", "attach" };
	_cleanup_yaml_ struct yaml *copy = ynode_copy(ynode_get(p->services, name));
	struct yaml *deploy = ynode_get(copy, "deploy");
	for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
		ynode_unset(copy, left_out[i]);
	if (deploy)
		ynode_unset(deploy, "replicas");
	if (deploy && !deploy->n)
		ynode_unset(copy, "deploy");
	secret_fingerprint(p, copy);
	_cleanup_json_ struct json *j = ynode_to_json(copy);
	return json_dump(j, false);
}

void service_hash(const struct project *p, const char *name, char out[SERVICE_HASH_LEN + 1])
{
	_cleanup_free_ char *text = service_fingerprint(p, name);
	snprintf(out, SERVICE_HASH_LEN + 1, "%016llx", (unsigned long long)fnv1a(text, strlen(text)));
}

/* --- plain fields --- */

static void take_text(const struct yaml *service, const char *key, char **field)
{
	const char *t = ynode_text(ynode_get(service, key));
	if (t) {
		free(*field);
		*field = xstrdup(t);
	}
}

static void take_list(const struct yaml *service, const char *key, char ***field)
{
	const struct yaml *list = ynode_get(service, key);
	for (size_t i = 0; list && list->kind == YAML_LIST && i < list->n; i++)
		if (ynode_text(list->items[i]))
			strv_push(field, ynode_text(list->items[i]));
}

/* {A: 1, B: null}: "A=1", and with names_alone "B=": the others have no use for a name without a value. */
static void take_pairs(const struct yaml *service, const char *key, bool names_alone, char ***field)
{
	const struct yaml *map = ynode_get(service, key);
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++) {
		if (ynode_text(map->items[i]))
			strv_pushf(field, "%s=%s", map->keys[i], ynode_text(map->items[i]));
		else if (names_alone)
			strv_pushf(field, "%s=", map->keys[i]);
	}
}

static uint64_t take_bytes(const struct yaml *y)
{
	uint64_t n = 0;
	const char *t = ynode_text(y);
	return t && parse_u64(t, &n) == 0 ? n : 0;
}

/* A name of CDI (vendor.com/class=one) is no path, and has neither target nor permissions. */
static void service_devices(const struct yaml *s, struct run_options *o)
{
	const struct yaml *devices = ynode_get(s, "devices"), *gpus = ynode_get(s, "gpus");
	for (size_t i = 0; devices && i < devices->n; i++) {
		const char *source = ynode_text(ynode_get(devices->items[i], "source"));
		if (*source != '/')
			strv_push(&o->devices, source);
		else
			strv_pushf(&o->devices, "%s:%s:%s", source,
				ynode_text(ynode_get(devices->items[i], "target")),
				ynode_text(ynode_get(devices->items[i], "permissions")));
	}
	if (!gpus || !gpus->n)
		gpus = ynode_get(
			ynode_get(ynode_get(ynode_get(s, "deploy"), "resources"), "reservations"), "devices");
	if (!gpus || !gpus->n)
		return;
	const struct yaml *ids = ynode_get(gpus->items[0], "device_ids");
	const char *count = ynode_text(ynode_get(gpus->items[0], "count"));
	_cleanup_buf_ struct buf words = { 0 };
	for (size_t i = 0; ids && i < ids->n; i++)
		buf_addf(&words, "%s%s", i ? "," : "device=", ynode_text(ids->items[i]));
	o->gpus = xstrdup(words.len ? words.data : str_eq(count, "-1") ? "all" : count);
}

static void service_basics(const struct yaml *s, struct run_options *o)
{
	take_text(s, "working_dir", &o->workdir);
	take_text(s, "user", &o->user);
	take_text(s, "hostname", &o->hostname);
	take_text(s, "domainname", &o->domainname);
	take_text(s, "stop_signal", &o->stop_signal);
	take_text(s, "platform", &o->platform);
	take_text(s, "runtime", &o->runtime);
	take_text(s, "cgroup_parent", &o->cgroup_parent);
	take_text(s, "userns_mode", &o->userns);
	take_text(s, "uts", &o->uts);
	take_text(s, "mac_address", &o->mac_address);
	take_pairs(s, "environment", false, &o->env);
	take_pairs(s, "labels", true, &o->labels);
	take_pairs(s, "annotations", true, &o->annotations);
	o->tty = service_true(s, "tty");
	o->interactive = service_true(s, "stdin_open");
	o->init = service_true(s, "init") ? 1 : ynode_get(s, "init") ? -1 : 0;
	o->privileged = service_true(s, "privileged");
	o->read_only = service_true(s, "read_only");
	take_list(s, "cap_add", &o->cap_add);
	take_list(s, "cap_drop", &o->cap_drop);
	take_list(s, "security_opt", &o->security_opt);
	service_devices(s, o);
	take_list(s, "device_cgroup_rules", &o->device_cgroup_rules);
	take_list(s, "group_add", &o->group_add);
	take_list(s, "dns", &o->dns);
	take_list(s, "dns_search", &o->dns_search);
	take_list(s, "dns_opt", &o->dns_option);
	take_list(s, "tmpfs", &o->tmpfs);
	take_list(s, "expose", &o->expose);
	take_pairs(s, "sysctls", false, &o->sysctls);
	const struct yaml *hosts = ynode_get(s, "extra_hosts");
	for (size_t i = 0; hosts && i < hosts->n; i++) {
		_cleanup_free_ char *host = xstrdup(ynode_text(hosts->items[i]));
		*strchr(host, '=') = ':';
		strv_push(&o->add_host, host);
	}
	int64_t grace;
	const char *stop = ynode_text(ynode_get(s, "stop_grace_period"));
	if (stop && canon_parse_duration(stop, &grace) == 0)
		o->stop_timeout = (int)((grace + 999999999) / 1000000000);
}

/* An entrypoint of several words: the first is the program, the others stand before the command. */
static void service_command(const struct yaml *s, struct run_options *o)
{
	const struct yaml *entrypoint = ynode_get(s, "entrypoint"), *command = ynode_get(s, "command");
	if (entrypoint && entrypoint->kind == YAML_LIST) {
		o->entrypoint = xstrdup(entrypoint->n ? ynode_text(entrypoint->items[0]) : "");
		for (size_t i = 1; i < entrypoint->n; i++)
			strv_push(&o->command, ynode_text(entrypoint->items[i]));
	}
	for (size_t i = 0; command && command->kind == YAML_LIST && i < command->n; i++)
		strv_push(&o->command, ynode_text(command->items[i]));
}

/* --- limits --- */

static void service_limits(const struct yaml *s, struct run_options *o)
{
	const struct yaml *resources = ynode_get(ynode_get(s, "deploy"), "resources"),
			  *limits = ynode_get(resources, "limits");
	const struct yaml *reserved = ynode_get(resources, "reservations");
	const char *cpus = ynode_text(ynode_get(s, "cpus"));
	o->memory = take_bytes(
		ynode_get(s, "mem_limit") ? ynode_get(s, "mem_limit") : ynode_get(limits, "memory"));
	o->memory_reservation = take_bytes(ynode_get(s, "mem_reservation") ? ynode_get(s, "mem_reservation")
									   : ynode_get(reserved, "memory"));
	const char *swap = ynode_text(ynode_get(s, "memswap_limit"));
	o->memory_swap = str_eq(swap, "-1") ? -1 : (int64_t)take_bytes(ynode_get(s, "memswap_limit"));
	o->shm_size = take_bytes(ynode_get(s, "shm_size"));
	if (!cpus)
		cpus = ynode_text(ynode_get(limits, "cpus"));
	o->nano_cpus = cpus ? (uint64_t)(strtod(cpus, NULL) * 1e9 + 0.5) : 0;
	o->cpu_shares = (uint64_t)service_int(ynode_get(s, "cpu_shares"), 0);
	o->pids_limit = service_int(ynode_get(s, "pids_limit"), service_int(ynode_get(limits, "pids"), 0));
	o->oom_score_adj = (int)service_int(ynode_get(s, "oom_score_adj"), 0);
	take_text(s, "cpuset", &o->cpuset_cpus);
	int64_t ns;
	const char *quota = ynode_text(ynode_get(s, "cpu_quota")),
		   *period = ynode_text(ynode_get(s, "cpu_period"));
	if (quota)
		o->cpu_quota = parse_i64(quota, &ns) == 0              ? ns
			       : canon_parse_duration(quota, &ns) == 0 ? ns / 1000
								       : 0;
	if (period)
		o->cpu_period = (uint64_t)(parse_i64(period, &ns) == 0              ? ns
					   : canon_parse_duration(period, &ns) == 0 ? ns / 1000
										    : 0);
	const struct yaml *ulimits = ynode_get(s, "ulimits");
	for (size_t i = 0; ulimits && i < ulimits->n; i++) {
		const struct yaml *one = ulimits->items[i];
		if (ynode_text(one))
			strv_pushf(&o->ulimits, "%s=%s", ulimits->keys[i], ynode_text(one));
		else
			strv_pushf(&o->ulimits, "%s=%lld:%lld", ulimits->keys[i],
				(long long)service_int(ynode_get(one, "soft"), 0),
				(long long)service_int(
					ynode_get(one, "hard"), service_int(ynode_get(one, "soft"), 0)));
	}
}

static void service_restart(const struct yaml *s, struct run_options *o)
{
	const char *restart = ynode_text(ynode_get(s, "restart"));
	const struct yaml *policy = ynode_get(ynode_get(s, "deploy"), "restart_policy");
	const char *condition = ynode_text(ynode_get(policy, "condition")),
		   *tries = ynode_text(ynode_get(policy, "max_attempts"));
	if (restart)
		o->restart = xstrdup(restart);
	else if (policy && str_eq(condition, "none"))
		o->restart = xstrdup("no");
	else if (policy && str_eq(condition, "on-failure"))
		o->restart = tries ? xasprintf("on-failure:%s", tries) : xstrdup("on-failure");
	else if (policy)
		o->restart = xstrdup("always");
}

static int64_t health_duration(const struct yaml *h, const char *key)
{
	int64_t ns = 0;
	const char *t = ynode_text(ynode_get(h, key));
	return t && canon_parse_duration(t, &ns) == 0 ? ns : 0;
}

/* CMD [words] has no flag of its own: it is quoted for the shell. */
static char *health_command(const struct yaml *test)
{
	struct buf line = { 0 };
	if (str_eq(ynode_text(test->items[0]), "CMD-SHELL"))
		return xstrdup(test->n > 1 ? ynode_text(test->items[1]) : "");
	for (size_t i = 1; i < test->n; i++) {
		buf_adds(&line, i > 1 ? " '" : "'");
		for (const char *p = ynode_text(test->items[i]); *p; p++)
			buf_addf(&line, *p == '\'' ? "'\\''" : "%c", *p);
		buf_adds(&line, "'");
	}
	return buf_take(&line);
}

static void service_health(const struct yaml *s, struct run_options *o)
{
	const struct yaml *h = ynode_get(s, "healthcheck"), *test = ynode_get(h, "test");
	if (!h)
		return;
	if (service_true(h, "disable") || (test && test->n && str_eq(ynode_text(test->items[0]), "NONE"))) {
		o->health.disable = true;
		return;
	}
	if (test && test->n)
		o->health.cmd = health_command(test);
	o->health.interval = health_duration(h, "interval");
	o->health.timeout = health_duration(h, "timeout");
	o->health.start_period = health_duration(h, "start_period");
	o->health.start_interval = health_duration(h, "start_interval");
	o->health.retries = (int)service_int(ynode_get(h, "retries"), 0);
}

static void service_logging(const struct yaml *s, struct run_options *o)
{
	const struct yaml *logging = ynode_get(s, "logging");
	take_text(logging, "driver", &o->log_driver);
	take_pairs(logging, "options", false, &o->log_opts);
}

/* --- files --- */

/* A field of --mount, in quotes when its value has a character that would end the field. */
static void mount_field(struct buf *b, const char *key, const char *value)
{
	bool quote = strpbrk(value, ",\"\n") != NULL;
	buf_addf(b, "%s%s%s=", b->len ? "," : "", quote ? "\"" : "", key);
	for (const char *p = value; *p; p++)
		buf_addf(b, *p == '"' ? "\"\"" : "%c", *p);
	buf_adds(b, quote ? "\"" : "");
}

static void service_mount(const struct project *p, const struct yaml *v, struct run_options *o)
{
	const char *type = ynode_text(ynode_get(v, "type")), *source = ynode_text(ynode_get(v, "source"));
	const struct yaml *bind = ynode_get(v, "bind"), *volume = ynode_get(v, "volume"),
			  *tmpfs = ynode_get(v, "tmpfs");
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *name =
		source && str_eq(type, "volume") ? project_resource_name(p, p->volumes, source) : NULL;
	mount_field(&b, "type", type);
	if (source && !str_eq(type, "tmpfs"))
		mount_field(&b, "source", name ? name : source);
	mount_field(&b, "target", ynode_text(ynode_get(v, "target")));
	if (service_true(v, "read_only"))
		buf_adds(&b, ",readonly");
	if (service_true(bind, "create_host_path"))
		buf_adds(&b, ",bind-create-src=true");
	if (ynode_text(ynode_get(bind, "propagation")))
		mount_field(&b, "bind-propagation", ynode_text(ynode_get(bind, "propagation")));
	if (service_true(volume, "nocopy"))
		buf_adds(&b, ",volume-nocopy=true");
	if (ynode_text(ynode_get(volume, "subpath")))
		mount_field(&b, "volume-subpath", ynode_text(ynode_get(volume, "subpath")));
	if (ynode_text(ynode_get(tmpfs, "size")))
		mount_field(&b, "tmpfs-size", ynode_text(ynode_get(tmpfs, "size")));
	const char *mode = ynode_text(ynode_get(tmpfs, "mode")); /* a decimal number by now: canon_mode() */
	if (mode)
		buf_addf(&b, ",tmpfs-mode=%lo", strtoul(mode, NULL, 10));
	strv_push(&o->mounts, b.data);
}

static void service_volumes(const struct project *p, const struct yaml *s, struct run_options *o)
{
	const struct yaml *volumes = ynode_get(s, "volumes"), *from = ynode_get(s, "volumes_from");
	for (size_t i = 0; volumes && i < volumes->n; i++)
		service_mount(p, volumes->items[i], o);
	for (size_t i = 0; from && i < from->n; i++) {
		const char *text = ynode_text(from->items[i]);
		_cleanup_free_ char *word = xstrndup(text, strcspn(text, ":")), *name = NULL;
		if (str_starts(text, "container:")) {
			strv_push(&o->volumes_from, text + strlen("container:"));
			continue;
		}
		name = service_container_name(p, word, 1);
		strv_pushf(&o->volumes_from, "%s%s", name, text + strlen(word));
	}
}

/* --- networks and namespaces --- */

/* "service:X" means the first container of X. Caller frees. */
static char *service_shared(const struct project *p, const char *mode)
{
	if (!mode || !str_starts(mode, "service:"))
		return xstrdup(mode);
	_cleanup_free_ char *name = service_container_name(p, mode + strlen("service:"), 1);
	return xasprintf("container:%s", name);
}

static void service_attachment(const struct project *p, const char *name, const char *key,
	const struct yaml *n, bool oneoff, struct run_options *o)
{
	static const struct {
		const char *key, *word;
	} words[] = { { "ipv4_address", "ip" }, { "ipv6_address", "ip6" }, { "mac_address", "mac-address" },
		{ "gw_priority", "gw-priority" } };
	_cleanup_free_ char *network = project_resource_name(p, p->networks, key);
	const struct yaml *aliases = ynode_get(n, "aliases"),
			  *links = ynode_get(ynode_get(p->services, name), "links");
	_cleanup_buf_ struct buf b = { 0 };
	mount_field(&b, "name", network);
	if (!oneoff)
		mount_field(&b, "alias", name);
	for (size_t i = 0; !oneoff && aliases && i < aliases->n; i++)
		mount_field(&b, "alias", ynode_text(aliases->items[i]));
	/* "db:alias" is a name that this service's containers alone know; "db" is known to all. */
	for (size_t i = 0; links && i < links->n; i++) {
		const char *text = ynode_text(links->items[i]), *colon = strchr(text, ':');
		_cleanup_free_ char *service = xstrndup(text, strcspn(text, ":"));
		_cleanup_free_ char *target = service_container_name(p, service, 1);
		_cleanup_free_ char *link = xasprintf("%s%s", target, colon ? colon : "");
		if (colon)
			mount_field(&b, "link", link);
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (ynode_text(ynode_get(n, words[i].key)))
			mount_field(&b, words[i].word, ynode_text(ynode_get(n, words[i].key)));
	strv_push(&o->networks, b.data);
}

/* By priority, then by name: the first one gives the default route, as compose has it. */
static void service_networks(
	const struct project *p, const char *name, const struct yaml *s, bool oneoff, struct run_options *o)
{
	const struct yaml *all = ynode_get(s, "networks");
	size_t n = all && all->kind == YAML_MAP ? all->n : 0;
	_cleanup_free_ size_t *order = xcalloc(n + 1, sizeof(*order));
	for (size_t i = 0; i < n; i++) {
		size_t at = i;
		int64_t mine = service_int(ynode_get(all->items[i], "priority"), 0);
		for (; at > 0; at--) {
			int64_t theirs = service_int(ynode_get(all->items[order[at - 1]], "priority"), 0);
			if (theirs > mine ||
				(theirs == mine && strcmp(all->keys[order[at - 1]], all->keys[i]) < 0))
				break;
			order[at] = order[at - 1];
		}
		order[at] = i;
	}
	const char *mode = ynode_text(ynode_get(s, "network_mode"));
	if (mode)
		o->network = service_shared(p, mode);
	for (size_t i = 0; !mode && i < n; i++)
		service_attachment(p, name, all->keys[order[i]], all->items[order[i]], oneoff, o);
	o->pid = service_shared(p, ynode_text(ynode_get(s, "pid")));
	o->ipc = service_shared(p, ynode_text(ynode_get(s, "ipc")));
	o->cgroupns = xstrdup(ynode_text(ynode_get(s, "cgroup")));
}

static void service_ports(const struct yaml *s, struct run_options *o)
{
	const struct yaml *ports = ynode_get(s, "ports");
	if (str_eq(ynode_text(ynode_get(s, "network_mode")), "host"))
		return;
	for (size_t i = 0; ports && i < ports->n; i++) {
		const struct yaml *p = ports->items[i];
		const char *ip = ynode_text(ynode_get(p, "host_ip")),
			   *published = ynode_text(ynode_get(p, "published"));
		bool v6 = ip && strchr(ip, ':');
		strv_pushf(&o->publish, "%s%s%s%s%s%s%s/%s", v6 ? "[" : "", ip ? ip : "", v6 ? "]" : "",
			ip ? ":" : "", published ? published : "", published || ip ? ":" : "",
			ynode_text(ynode_get(p, "target")), ynode_text(ynode_get(p, "protocol")));
	}
}

/* --- labels --- */

static void service_labels(const struct project *p, const char *name, int64_t number, bool oneoff,
	const struct yaml *s, struct run_options *o)
{
	char hash[SERVICE_HASH_LEN + 1];
	_cleanup_buf_ struct buf needs = { 0 }, files = { 0 };
	const struct yaml *depends = ynode_get(s, "depends_on");
	buf_adds(&needs, "");
	buf_adds(&files, "");
	for (size_t i = 0; depends && i < depends->n; i++)
		buf_addf(&needs, "%s%s:%s:%s", i ? "," : "", depends->keys[i],
			ynode_text(ynode_get(depends->items[i], "condition")),
			service_true(depends->items[i], "restart") ? "true" : "false");
	for (size_t i = 0; p->files && p->files[i]; i++)
		buf_addf(&files, "%s%s", i ? "," : "", p->files[i]);
	service_hash(p, name, hash);
	strv_pushf(&o->labels, "%s=%s", label_project, p->name);
	strv_pushf(&o->labels, "%s=%s", label_service, name);
	strv_pushf(&o->labels, "%s=%lld", label_number, (long long)number);
	strv_pushf(&o->labels, "%s=%s", label_oneoff, oneoff ? "True" : "False");
	strv_pushf(&o->labels, "%s=%s", label_hash, hash);
	strv_pushf(&o->labels, "%s=%s", label_depends, needs.data);
	strv_pushf(&o->labels, "%s=%s", label_dir, p->dir);
	strv_pushf(&o->labels, "%s=%s", label_files, files.data);
}

/*
 * Refuses a bind of an engine's socket that does not exist: the bind would make a directory of that name, and
 * the program in the container would fail with a message about a directory.
 */
static int service_check_socket(const char *name, const struct yaml *s, struct mc_err *err)
{
	const struct yaml *volumes = ynode_get(s, "volumes");
	for (size_t i = 0; volumes && i < volumes->n; i++) {
		const char *source = ynode_text(ynode_get(volumes->items[i], "source"));
		struct stat st;
		if (!source || !str_ends(source, "/docker.sock") ||
			!str_eq(ynode_text(ynode_get(volumes->items[i], "type")), "bind") ||
			(stat(source, &st) == 0 && S_ISSOCK(st.st_mode)))
			continue;
		ynode_error(volumes->items[i], err, "service %s mounts %s, and no engine listens there", name,
			source);
		return err_hint(err, "`minictrd -H unix://%s` serves the Docker API there", source);
	}
	return 0;
}

int service_options(struct engine *e, const struct project *p, const char *name, int64_t number, bool oneoff,
	struct run_options *o, struct mc_err *err)
{
	const struct yaml *s;
	int rc = project_service(p, name, &s, err);
	if (rc >= 0)
		rc = service_check_socket(name, s, err);
	if (rc < 0)
		return rc;
	const char *pull = ynode_text(ynode_get(s, "pull_policy"));
	o->image = service_image(p, name);
	o->name = oneoff ? NULL : service_container_name(p, name, number);
	o->pull = str_eq(pull, "never") || ynode_get(s, "build") ? PULL_NEVER : PULL_MISSING;
	service_basics(s, o);
	service_command(s, o);
	service_limits(s, o);
	service_restart(s, o);
	service_health(s, o);
	service_logging(s, o);
	service_volumes(p, s, o);
	service_networks(p, name, s, oneoff, o);
	if (!oneoff)
		service_ports(s, o);
	service_labels(p, name, number, oneoff, s, o);
	return secret_files_write(e, p, name, o, err);
}
