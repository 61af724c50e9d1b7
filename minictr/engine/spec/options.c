/*
 * spec/options.c - run options and the image's config become docker's "Config" and "HostConfig".
 *
 * Purpose: one shape for everything that describes a container. The command line fills struct run_options;
 * the daemon gets these objects ready-made over HTTP; `inspect` prints them; `start` and `update` read them
 * again. So what a container was asked to be is written down once.
 * Order and why: image first, options over it, as docker has it: Entrypoint given by hand drops the image's
 * Cmd; Env is merged by name; labels are merged by key.
 * Left out: what config.json says about it (spec/spec.c).
 */
#include "engine/spec/options.h"
#include "engine/spec/network_words.h"

#include <unistd.h>
#include "engine/spec/block_io.h"
#include "engine/spec/mount_option.h"
#include "engine/spec/spec.h"
#include "engine/spec/option_words.h"
#include "runtime/caps.h"
#include "runtime/process.h"

extern char **environ;

/* --- Config --- */

static const char *image_string(const struct json *image, const char *key)
{
	return json_text_of(json_at(image, "config.%s", key));
}

static char **image_strv(const struct json *image, const char *key)
{
	char **v = NULL;
	struct mc_err ignored = { 0 };
	const char *text = image_command_text(image, key);
	if (text)
		strv_push(&v, text);
	else
		json_get_strv(image, &v, &ignored, "config.%s", key);
	return v;
}

static const char *first(const char *a, const char *b) { return a ? a : b ? b : ""; }

static void set_command(const struct run_options *o, const struct json *image, struct json *config)
{
	_cleanup_strv_ char **entry = NULL, **cmd = NULL;
	if (o->entrypoint && *o->entrypoint)
		strv_push(&entry, o->entrypoint);
	else if (!o->entrypoint)
		entry = image_strv(image, "Entrypoint");
	if (strv_len(o->command))
		cmd = strv_copy(o->command);
	else if (!o->entrypoint)
		cmd = image_strv(image, "Cmd");
	json_set(config, "Entrypoint", entry ? json_new_strv(entry) : NULL);
	json_set(config, "Cmd", cmd ? json_new_strv(cmd) : NULL);
}

/* "key=value" or "key" over what the image has. */
static void merge_pairs(struct json *into, const struct json *image, char *const pairs[])
{
	struct json_iter it = { 0 };
	while (image && json_next(image, &it))
		json_set(into, it.key, json_copy(it.value));
	for (size_t i = 0; pairs && pairs[i]; i++) {
		_cleanup_free_ char *pair = xstrdup(pairs[i]);
		char *value = strchr(pair, '=');
		if (value)
			*value++ = '\0';
		json_set(into, pair, json_new_string(value ? value : ""));
	}
}

static void set_health(const struct run_health *h, const struct json *image, struct json *config)
{
	struct json *check = image_health(image);
	if (h->disable || h->cmd) {
		struct json *test = json_new_array();
		json_add(test, json_new_string(h->disable ? "NONE" : "CMD-SHELL"));
		if (!h->disable)
			json_add(test, json_new_string(h->cmd));
		json_set(check, "Test", test);
	}
	const struct {
		const char *key;
		int64_t value;
	} numbers[] = { { "Interval", h->interval }, { "Timeout", h->timeout },
		{ "StartPeriod", h->start_period }, { "StartInterval", h->start_interval },
		{ "Retries", h->retries } };
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].value)
			json_set_i64(check, numbers[i].key, numbers[i].value);
	if (json_len(check))
		json_set(config, "Healthcheck", check);
	else
		json_free(check);
}

static void set_keys(struct json *config, const char *key, const struct json *image, char *const more[])
{
	struct json *o = json_sub(config, key);
	struct json_iter it = { 0 };
	while (image && json_next(image, &it))
		json_set(o, it.key, json_new_object());
	for (size_t i = 0; more && more[i]; i++)
		json_set(o, more[i], json_new_object());
	if (!json_len(o))
		json_unset(config, key);
}

static void set_config(const struct run_options *o, const struct json *image, struct json *c)
{
	bool in = o->interactive, out = !o->detach;
	_cleanup_strv_ char **image_env = image_strv(image, "Env");
	_cleanup_strv_ char **env = process_env(image_env, o->env, environ);
	for (size_t i = 0; o->env_removed && o->env_removed[i]; i++) {
		strv_env_unset(env, o->env_removed[i]);
		strv_push(&env, o->env_removed[i]);
	}
	_cleanup_strv_ char **volumes = NULL;
	_cleanup_free_ char *own_dir = image_workdir(image);
	json_set_string(c, "Hostname", o->hostname ? o->hostname : "");
	json_set_string(c, "Domainname", o->domainname ? o->domainname : "");
	json_set_string(c, "User", first(o->user, image_string(image, "User")));
	json_set_bool(c, "AttachStdin", in && out);
	json_set_bool(c, "AttachStdout", out);
	json_set_bool(c, "AttachStderr", out);
	set_keys(c, "ExposedPorts", json_at(image, "config.ExposedPorts"), NULL);
	json_set_bool(c, "Tty", o->tty);
	json_set_bool(c, "OpenStdin", in);
	json_set_bool(c, "StdinOnce", in && out);
	json_set(c, "Env", json_new_strv(env));
	set_command(o, image, c);
	json_set_string(c, "Image", o->image);
	for (size_t i = 0; o->volumes && o->volumes[i]; i++)
		if (!strchr(o->volumes[i], ':'))
			strv_push(&volumes, o->volumes[i]);
	set_keys(c, "Volumes", json_at(image, "config.Volumes"), volumes);
	json_set_string(c, "WorkingDir", first(o->workdir, own_dir));
	merge_pairs(json_sub(c, "Labels"), json_at(image, "config.Labels"), o->labels);
	const char *signal = o->stop_signal && *o->stop_signal ? o->stop_signal : image_stop_signal(image);
	if (signal && *signal)
		json_set_string(c, "StopSignal", signal);
	if (o->stop_timeout >= 0)
		json_set_i64(c, "StopTimeout", o->stop_timeout);
	if (o->timeout)
		json_set_i64(c, "Timeout", o->timeout);
	set_health(&o->health, image, c);
}

/* --- HostConfig --- */

char *options_capability(const char *text)
{
	if (!strcasecmp(text, "ALL") || !strcasecmp(text, "CAP_ALL"))
		return xstrdup("ALL");
	int number = cap_number(text);
	return number < 0 ? NULL : xstrdup(cap_name(number));
}

static void set_capabilities(struct json *h, const char *key, char *const list[])
{
	_cleanup_strv_ char **caps = NULL;
	for (size_t i = 0; list && list[i]; i++) {
		_cleanup_free_ char *name = options_capability(list[i]);
		strv_push(&caps, name ? name : list[i]);
	}
	json_set(h, key, caps ? json_new_strv(caps) : NULL);
}

int options_parse_restart(const char *text, struct json **ret, struct mc_err *err)
{
	static const char *const names[] = { "no", "always", "unless-stopped", "on-failure" };
	_cleanup_free_ char *name = xstrdup(text && *text ? text : "no");
	char *count = strchr(name, ':');
	uint64_t n = 0;
	if (count)
		*count++ = '\0';
	bool known = false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		known |= str_eq(name, names[i]);
	if (!known)
		return err_set(err, EINVAL,
			"invalid restart policy '%s'; use one of 'no', 'always', "
			"'on-failure', or 'unless-stopped'",
			name);
	if (count && !str_eq(name, "on-failure"))
		return err_set(err, EINVAL,
			"invalid restart policy: maximum retry count can only be used with "
			"'on-failure'");
	if (count && (parse_u64(count, &n) < 0 || n > INT32_MAX))
		return err_set(err, EINVAL, "invalid restart policy: maximum retry count must be an integer");
	*ret = json_new_object();
	json_set_string(*ret, "Name", name);
	json_set_u64(*ret, "MaximumRetryCount", n);
	return 0;
}

static void set_ulimits(struct json *h, char *const list[])
{
	struct json *all = json_set(h, "Ulimits", json_new_array());
	for (size_t i = 0; list && list[i]; i++) {
		_cleanup_free_ char *text = xstrdup(list[i]);
		char *soft = strchr(text, '=');
		char *hard = soft ? strchr(soft, ':') : NULL;
		int64_t s = 0, n = 0;
		if (!soft)
			continue; /* options_check() has refused it */
		*soft++ = '\0';
		if (hard)
			*hard++ = '\0';
		parse_i64(soft, &s);
		parse_i64(hard ? hard : soft, &n);
		bool again = false; /* the last of one name counts, as docker has it */
		for (size_t k = i + 1; list[k]; k++)
			again |= str_starts(list[k], text) && list[k][strlen(text)] == '=';
		if (again)
			continue;
		struct json *u = json_add(all, json_new_object());
		json_set_string(u, "Name", text);
		json_set_i64(u, "Soft", s);
		json_set_i64(u, "Hard", n);
	}
}

static void set_devices(struct json *h, char *const list[])
{
	struct json *all = json_set(h, "Devices", json_new_array());
	for (size_t i = 0; list && list[i]; i++) {
		if (spec_cdi_is_name(list[i]))
			continue;
		_cleanup_free_ char *host = xstrdup(list[i]);
		char *inside = strchr(host, ':');
		char *rights = inside ? strchr(inside + 1, ':') : NULL;
		if (inside)
			*inside++ = '\0';
		if (rights)
			*rights++ = '\0';
		if (inside && *inside != '/' && !rights) { /* "/dev/x:r" */
			rights = inside;
			inside = NULL;
		}
		struct json *d = json_add(all, json_new_object());
		json_set_string(d, "PathOnHost", host);
		json_set_string(d, "PathInContainer", inside ? inside : host);
		json_set_string(d, "CgroupPermissions", rights ? rights : "rwm");
	}
}

static void set_log(struct json *h, const struct run_options *o)
{
	struct json *log = json_sub(h, "LogConfig");
	json_set_string(log, "Type", o->log_driver && *o->log_driver ? o->log_driver : "json-file");
	merge_pairs(json_sub(log, "Config"), NULL, o->log_opts);
}

static void set_tmpfs(struct json *h, char *const list[])
{
	for (size_t i = 0; list && list[i]; i++) {
		_cleanup_free_ char *path = xstrdup(list[i]);
		char *words = strchr(path, ':');
		if (words)
			*words++ = '\0';
		json_set(json_sub(h, "Tmpfs"), path, json_new_string(words ? words : ""));
	}
}

static void set_mounts(struct json *h, char *const list[])
{
	struct json *all = json_set(h, "Mounts", json_new_array());
	struct mc_err ignored = { 0 };
	for (size_t i = 0; list && list[i]; i++) {
		struct json *m = NULL;
		if (mount_option_parse(list[i], &m, &ignored) >=
			0) /* options_check() has refused all others */
			json_add(all, m);
	}
}

static void set_numbers(struct json *h, const struct run_options *o)
{
	const struct {
		const char *key;
		int64_t value;
	} numbers[] = {
		{ "Memory", (int64_t)o->memory },
		{ "MemoryReservation", (int64_t)o->memory_reservation },
		{ "MemorySwap", o->memory_swap ? o->memory_swap : (int64_t)o->memory * 2 },
		{ "NanoCpus", (int64_t)o->nano_cpus },
		{ "CpuShares", (int64_t)o->cpu_shares },
		{ "CpuPeriod", (int64_t)o->cpu_period },
		{ "CpuQuota", o->cpu_quota },
		{ "CpuRealtimePeriod", (int64_t)o->cpu_rt_period },
		{ "CpuRealtimeRuntime", o->cpu_rt_runtime },
		{ "BlkioWeight", (int64_t)o->blkio_weight },
		{ "OomScoreAdj", o->oom_score_adj },
		{ "ShmSize", o->shm_size ? (int64_t)o->shm_size : 64 << 20 },
	};
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		json_set_i64(h, numbers[i].key, numbers[i].value);
	/* Docker has null for what was not asked for: 0 would be a choice of its own. */
	json_set(h, "PidsLimit", o->pids_limit ? json_new_i64(o->pids_limit) : NULL);
	json_set(
		h, "MemorySwappiness", o->memory_swappiness >= 0 ? json_new_i64(o->memory_swappiness) : NULL);
}

static void set_strings(struct json *h, const struct run_options *o)
{
	char mode[NETWORK_MODE_MAX];
	const struct {
		const char *key, *value;
	} strings[] = {
		{ "NetworkMode", network_words_mode(o, mode) },
		{ "PidMode", first(o->pid, NULL) },
		{ "IpcMode", first(o->ipc, "private") },
		{ "UTSMode", first(o->uts, NULL) },
		{ "UsernsMode", first(o->userns, NULL) },
		{ "CgroupnsMode", first(o->cgroupns, "private") },
		{ "Runtime", first(o->runtime, NULL) },
		{ "CgroupParent", first(o->cgroup_parent, NULL) },
		{ "CpusetCpus", first(o->cpuset_cpus, NULL) },
		{ "CpusetMems", first(o->cpuset_mems, NULL) },
	};
	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		json_set_string(h, strings[i].key, strings[i].value);
}

/* A profile's file is looked for from here, and read again at each start from wherever that is. */
static char **absolute_profiles(char *const list[])
{
	char **out = NULL;
	for (size_t i = 0; list && list[i]; i++) {
		_cleanup_free_ char *path =
			str_starts(list[i], "seccomp=") ? realpath(list[i] + 8, NULL) : NULL;
		if (path)
			strv_pushf(&out, "seccomp=%s", path);
		else
			strv_push(&out, list[i]);
	}
	return out;
}

static void set_lists(struct json *h, const struct run_options *o)
{
	_cleanup_strv_ char **security = absolute_profiles(o->security_opt);
	_cleanup_strv_ char **binds = NULL;
	for (size_t i = 0; o->volumes && o->volumes[i]; i++)
		if (strchr(o->volumes[i], ':')) {
			_cleanup_free_ char *bind = volume_option_absolute(o->volumes[i]);
			if (!strv_has(binds,
				    bind)) /* twice the same words: one wish, as docker's client has it */
				strv_push(&binds, bind);
		}
	_cleanup_strv_ char **hosts = NULL;
	for (size_t i = 0; o->add_host && o->add_host[i]; i++) {
		_cleanup_free_ char *pair = option_host_pair(o->add_host[i]);
		strv_push(&hosts, pair);
	}
	const struct {
		const char *key;
		char *const *value;
	} lists[] = { { "Binds", binds }, { "Dns", o->dns }, { "DnsSearch", o->dns_search },
		{ "DnsOptions", o->dns_option }, { "ExtraHosts", hosts }, { "GroupAdd", o->group_add },
		{ "SecurityOpt", security }, { "VolumesFrom", o->volumes_from },
		{ "DeviceCgroupRules", o->device_cgroup_rules }, { "MaskedPaths", o->masked_paths },
		{ "ReadonlyPaths", o->read_only_paths } };
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		json_set(h, lists[i].key, lists[i].value ? json_new_strv(lists[i].value) : NULL);
}

static int set_host(const struct run_options *o, struct json *h, struct mc_err *err)
{
	struct json *restart;
	int rc = options_parse_restart(o->restart, &restart, err);
	if (rc < 0)
		return rc;
	json_set(h, "RestartPolicy", restart);
	json_set_bool(h, "AutoRemove", o->rm);
	json_set(h, "Init", o->init ? json_new_bool(o->init > 0) : NULL);
	json_set_bool(h, "Privileged", o->privileged);
	json_set_bool(h, "ReadonlyRootfs", o->read_only);
	json_set_bool(h, "PublishAllPorts", o->publish_all);
	json_set_bool(h, "OomKillDisable", o->oom_kill_disable);
	set_strings(h, o);
	set_numbers(h, o);
	set_lists(h, o);
	set_capabilities(h, "CapAdd", o->cap_add);
	set_capabilities(h, "CapDrop", o->cap_drop);
	set_ulimits(h, o->ulimits);
	set_devices(h, o->devices);
	spec_cdi_requests(h, o->gpus, o->devices);
	set_tmpfs(h, o->tmpfs);
	set_mounts(h, o->mounts);
	block_options_merge(o, h);
	set_log(h, o);
	merge_pairs(json_sub(h, "Sysctls"), NULL, o->sysctls);
	merge_pairs(json_sub(h, "Annotations"), NULL, o->annotations);
	return 0;
}

/* Path and Args: the command line as the kernel will see it. */
static int set_path(struct json *doc, const char *image, struct mc_err *err)
{
	_cleanup_strv_ char **entry = NULL, **cmd = NULL;
	int rc = json_get_strv(doc, &entry, err, "Config.Entrypoint");
	if (rc >= 0)
		rc = json_get_strv(doc, &cmd, err, "Config.Cmd");
	/* [""] is how docker writes an entrypoint that was taken back (--entrypoint ""): there is none. */
	if (strv_len(entry) == 1 && !*entry[0]) {
		strv_free(entry);
		entry = NULL;
	}
	for (size_t i = 0; rc >= 0 && cmd && cmd[i]; i++)
		strv_push(&entry, cmd[i]);
	if (rc < 0)
		return rc;
	if (!strv_len(entry)) {
		err_set(err, EINVAL, "No command specified");
		return err_hint(
			err, "image %s has no default program: write one after the image's name", image);
	}
	json_set_string(doc, "Path", entry[0]);
	json_set(doc, "Args", json_new_strv(entry + 1));
	return 0;
}

static void lay_over(const struct json *exact, const char *part, struct json *doc)
{
	struct json_iter it = { 0 };
	while (json_next(json_member(exact, part), &it))
		json_set(json_sub(doc, part), it.key, it.value ? json_copy(it.value) : NULL);
}

int options_documents(
	const struct run_options *o, const struct json *image, struct json *doc, struct mc_err *err)
{
	set_config(o, image, json_sub(doc, "Config"));
	int rc = set_host(o, json_sub(doc, "HostConfig"), err);
	lay_over(o->exact, "Config", doc);
	lay_over(o->exact, "HostConfig", doc);
	return rc < 0 ? rc : network_words_merge(o, doc, err);
}

int options_merge(const struct run_options *o, const struct json *image, struct json *doc, struct mc_err *err)
{
	int rc = image_config_check(o->image, image, err);
	if (rc >= 0)
		rc = options_documents(o, image, doc, err);
	return rc < 0 ? rc : set_path(doc, o->image, err);
}
