/*
 * create_body.c - see create_body.h.
 *
 * Most members are one row of a table: where the value stands in the body, what it is, and which field of
 * struct run_options gets it. What docker writes as an object becomes the word that the command line would
 * have had ("/a:/b:ro", "nofile=1:2"), because those words are what the engine checks.
 */
#include "daemon/create_body.h"

#include <fcntl.h>
#include <stddef.h>

#include "base/file.h"
#include "base/warn.h"
#include "daemon/body_kinds.h"

enum kind { TEXT, TEXTS, KEYS, PAIRS, NUMBER, UNSIGNED, INTEGER, FLAG, YES_NO };

static const struct field {
	const char *path;
	enum kind kind;
	size_t offset;
} fields[] = {
	{ "Image", TEXT, offsetof(struct run_options, image) },
	{ "Hostname", TEXT, offsetof(struct run_options, hostname) },
	{ "Domainname", TEXT, offsetof(struct run_options, domainname) },
	{ "User", TEXT, offsetof(struct run_options, user) },
	{ "WorkingDir", TEXT, offsetof(struct run_options, workdir) },
	{ "StopSignal", TEXT, offsetof(struct run_options, stop_signal) },
	{ "StopTimeout", INTEGER, offsetof(struct run_options, stop_timeout) },
	{ "Tty", FLAG, offsetof(struct run_options, tty) },
	{ "OpenStdin", FLAG, offsetof(struct run_options, interactive) },
	{ "Labels", PAIRS, offsetof(struct run_options, labels) },
	{ "ExposedPorts", KEYS, offsetof(struct run_options, expose) },
	{ "Healthcheck.Interval", NUMBER, offsetof(struct run_options, health.interval) },
	{ "Healthcheck.Timeout", NUMBER, offsetof(struct run_options, health.timeout) },
	{ "Healthcheck.StartPeriod", NUMBER, offsetof(struct run_options, health.start_period) },
	{ "Healthcheck.StartInterval", NUMBER, offsetof(struct run_options, health.start_interval) },
	{ "Healthcheck.Retries", INTEGER, offsetof(struct run_options, health.retries) },
	{ "HostConfig.AutoRemove", FLAG, offsetof(struct run_options, rm) },
	{ "HostConfig.Init", YES_NO, offsetof(struct run_options, init) },
	{ "HostConfig.Privileged", FLAG, offsetof(struct run_options, privileged) },
	{ "HostConfig.ReadonlyRootfs", FLAG, offsetof(struct run_options, read_only) },
	{ "HostConfig.PublishAllPorts", FLAG, offsetof(struct run_options, publish_all) },
	{ "HostConfig.OomKillDisable", FLAG, offsetof(struct run_options, oom_kill_disable) },
	{ "Runtime", TEXT, offsetof(struct run_options, runtime) },
	{ "HostConfig.Runtime", TEXT, offsetof(struct run_options, runtime) },
	{ "HostConfig.LogConfig.Type", TEXT, offsetof(struct run_options, log_driver) },
	{ "HostConfig.LogConfig.Config", PAIRS, offsetof(struct run_options, log_opts) },
	{ "HostConfig.Annotations", PAIRS, offsetof(struct run_options, annotations) },
	{ "HostConfig.Sysctls", PAIRS, offsetof(struct run_options, sysctls) },
	{ "HostConfig.Memory", UNSIGNED, offsetof(struct run_options, memory) },
	{ "HostConfig.MemoryReservation", UNSIGNED, offsetof(struct run_options, memory_reservation) },
	{ "HostConfig.MemorySwap", NUMBER, offsetof(struct run_options, memory_swap) },
	{ "HostConfig.MemorySwappiness", NUMBER, offsetof(struct run_options, memory_swappiness) },
	{ "HostConfig.NanoCpus", UNSIGNED, offsetof(struct run_options, nano_cpus) },
	{ "HostConfig.CpuShares", UNSIGNED, offsetof(struct run_options, cpu_shares) },
	{ "HostConfig.CpuPeriod", UNSIGNED, offsetof(struct run_options, cpu_period) },
	{ "HostConfig.CpuQuota", NUMBER, offsetof(struct run_options, cpu_quota) },
	{ "HostConfig.CpuRealtimePeriod", UNSIGNED, offsetof(struct run_options, cpu_rt_period) },
	{ "HostConfig.CpuRealtimeRuntime", NUMBER, offsetof(struct run_options, cpu_rt_runtime) },
	{ "HostConfig.CpusetCpus", TEXT, offsetof(struct run_options, cpuset_cpus) },
	{ "HostConfig.CpusetMems", TEXT, offsetof(struct run_options, cpuset_mems) },
	{ "HostConfig.PidsLimit", NUMBER, offsetof(struct run_options, pids_limit) },
	{ "HostConfig.BlkioWeight", UNSIGNED, offsetof(struct run_options, blkio_weight) },
	{ "HostConfig.OomScoreAdj", INTEGER, offsetof(struct run_options, oom_score_adj) },
	{ "HostConfig.ShmSize", UNSIGNED, offsetof(struct run_options, shm_size) },
	{ "HostConfig.CgroupParent", TEXT, offsetof(struct run_options, cgroup_parent) },
	{ "HostConfig.CapAdd", TEXTS, offsetof(struct run_options, cap_add) },
	{ "HostConfig.CapDrop", TEXTS, offsetof(struct run_options, cap_drop) },
	{ "HostConfig.DeviceCgroupRules", TEXTS, offsetof(struct run_options, device_cgroup_rules) },
	{ "HostConfig.Links", TEXTS, offsetof(struct run_options, links) },
	{ "HostConfig.GroupAdd", TEXTS, offsetof(struct run_options, group_add) },
	{ "HostConfig.MaskedPaths", TEXTS, offsetof(struct run_options, masked_paths) },
	{ "HostConfig.ReadonlyPaths", TEXTS, offsetof(struct run_options, read_only_paths) },
	{ "HostConfig.Binds", TEXTS, offsetof(struct run_options, volumes) },
	{ "HostConfig.VolumesFrom", TEXTS, offsetof(struct run_options, volumes_from) },
	{ "HostConfig.ExtraHosts", TEXTS, offsetof(struct run_options, add_host) },
	{ "HostConfig.Dns", TEXTS, offsetof(struct run_options, dns) },
	{ "HostConfig.DnsSearch", TEXTS, offsetof(struct run_options, dns_search) },
	{ "HostConfig.DnsOptions", TEXTS, offsetof(struct run_options, dns_option) },
	{ "HostConfig.PidMode", TEXT, offsetof(struct run_options, pid) },
	{ "HostConfig.IpcMode", TEXT, offsetof(struct run_options, ipc) },
	{ "HostConfig.UTSMode", TEXT, offsetof(struct run_options, uts) },
	{ "HostConfig.UsernsMode", TEXT, offsetof(struct run_options, userns) },
	{ "HostConfig.CgroupnsMode", TEXT, offsetof(struct run_options, cgroupns) },
};

/* --- one field --- */

static int set_text(const struct json *body, const char *path, char **ret, struct mc_err *err)
{
	const char *text = NULL;
	int rc = json_get_string(body, &text, err, "%s", path);
	if (rc > 0 && *text) {
		free(*ret);
		*ret = xstrdup(text);
	}
	return rc;
}

static int set_texts(const struct json *body, const char *path, char ***ret, struct mc_err *err)
{
	_cleanup_strv_ char **list = NULL;
	int rc = json_get_strv(body, &list, err, "%s", path);
	for (size_t i = 0; rc > 0 && list && list[i]; i++)
		strv_push(ret, list[i]);
	return rc;
}

/* {"a": {}, "b": {}} -> a, b; or {"a": "1"} -> a=1. */
static int set_keys(const struct json *body, const struct field *f, char ***ret, struct mc_err *err)
{
	const struct json *map = NULL;
	struct json_iter it = { 0 };
	int rc = json_get_object(body, &map, err, "%s", f->path);
	while (rc > 0 && json_next(map, &it)) {
		const char *value = json_text_of(it.value);
		if (f->kind == KEYS)
			strv_push(ret, it.key);
		else if (value)
			strv_pushf(ret, "%s=%s", it.key, value);
		else
			return err_set(err, EINVAL, "%s: the value of \"%s\" is no text", f->path, it.key);
	}
	return rc;
}

static int set_number(const struct json *body, const struct field *f, void *at, struct mc_err *err)
{
	int64_t n;
	int rc = json_get_i64(body, &n, err, "%s", f->path);
	if (rc <= 0)
		return rc;
	if (f->kind == INTEGER && (n > INT32_MAX || n < INT32_MIN))
		return err_set(err, EINVAL, "%s: %lld is out of range", f->path, (long long)n);
	if (f->kind == INTEGER)
		*(int *)at = (int)n;
	else if (f->kind == NUMBER)
		*(int64_t *)at = n;
	else if (n < 0)
		return err_set(err, EINVAL, "%s: %lld is below zero", f->path, (long long)n);
	else
		*(uint64_t *)at = (uint64_t)n;
	return 0;
}

static int set_field(
	const struct json *body, const struct field *f, struct run_options *o, struct mc_err *err)
{
	void *at = (char *)o + f->offset;
	bool yes;
	int rc;
	switch (f->kind) {
	case TEXT: return set_text(body, f->path, at, err);
	case TEXTS: return set_texts(body, f->path, at, err);
	case KEYS:
	case PAIRS: return set_keys(body, f, at, err);
	case FLAG: return json_get_bool(body, at, err, "%s", f->path);
	case YES_NO:
		rc = json_get_bool(body, &yes, err, "%s", f->path);
		if (rc > 0)
			*(int *)at = yes ? 1 : -1;
		return rc;
	default: return set_number(body, f, at, err);
	}
}

/* --- objects that become words --- */

static void set_objects(const struct json *host, struct run_options *o)
{
	const struct json *limits = json_member(host, "Ulimits"), *devices = json_member(host, "Devices");
	struct json_iter it = { 0 };
	for (size_t i = 0; i < json_len(limits); i++) {
		const struct json *u = json_item(limits, i);
		strv_pushf(&o->ulimits, "%s=%lld:%lld", json_text_at(u, "Name", ""),
			(long long)json_int_of(json_member(u, "Soft")),
			(long long)json_int_of(json_member(u, "Hard")));
	}
	for (size_t i = 0; i < json_len(devices); i++) {
		const struct json *d = json_item(devices, i);
		const char *host_path = json_text_at(d, "PathOnHost", ""),
			   *inside = json_text_at(d, "PathInContainer", "");
		const char *access = json_text_at(d, "CgroupPermissions", "");
		strv_pushf(&o->devices, "%s:%s:%s", host_path, *inside ? inside : host_path,
			*access ? access : "rwm");
	}
	while (json_next(json_member(host, "Tmpfs"), &it)) {
		const char *words = json_text_of(it.value);
		strv_pushf(&o->tmpfs, "%s%s%s", it.key, words && *words ? ":" : "", words ? words : "");
	}
	const char *policy = json_text_of(json_at(host, "RestartPolicy.Name"));
	int64_t count = json_int_of(json_at(host, "RestartPolicy.MaximumRetryCount"));
	if (policy && *policy)
		o->restart = count ? xasprintf("%s:%lld", policy, (long long)count) : xstrdup(policy);
	/* An empty list is one, too: no path is masked, or read-only. Absent or null: the usual ones. */
	if (!o->masked_paths && json_kind_of(json_member(host, "MaskedPaths")) == JSON_ARRAY)
		o->masked_paths = xcalloc(1, sizeof(char *));
	if (!o->read_only_paths && json_kind_of(json_member(host, "ReadonlyPaths")) == JSON_ARRAY)
		o->read_only_paths = xcalloc(1, sizeof(char *));
}

static void set_block_io(const struct json *host, struct run_options *o)
{
	const struct {
		const char *key, *value;
		char ***list;
	} rows[] = { { "BlkioWeightDevice", "Weight", &o->blkio_weight_device },
		{ "BlkioDeviceReadBps", "Rate", &o->device_read_bps },
		{ "BlkioDeviceWriteBps", "Rate", &o->device_write_bps },
		{ "BlkioDeviceReadIOps", "Rate", &o->device_read_iops },
		{ "BlkioDeviceWriteIOps", "Rate", &o->device_write_iops } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct json *list = json_member(host, rows[i].key);
		for (size_t k = 0; k < json_len(list); k++)
			strv_pushf(rows[i].list, "%s:%lld", json_text_at(json_item(list, k), "Path", ""),
				(long long)json_int_of(json_member(json_item(list, k), rows[i].value)));
	}
}

/* --- mounts: an object becomes one --mount word, quoted as CSV (RFC 4180) --- */

static void add_csv(struct buf *b, const char *key, const char *value)
{
	buf_addf(b, "%s\"%s=", b->len ? "," : "", key);
	for (const char *p = value; *p; p++) {
		if (*p == '"')
			buf_addc(b, '"');
		buf_addc(b, *p);
	}
	buf_addc(b, '"');
}

static void add_pairs(struct buf *b, const char *key, const struct json *map)
{
	struct json_iter it = { 0 };
	while (json_next(map, &it)) {
		_cleanup_free_ char *pair =
			xasprintf("%s=%s", it.key, json_text_of(it.value) ? json_text_of(it.value) : "");
		add_csv(b, key, pair);
	}
}

static const struct {
	const char *path, *key;
	enum kind kind;
} mount_members[] = { { "Type", "type", TEXT }, { "Source", "source", TEXT }, { "Target", "target", TEXT },
	{ "ReadOnly", "readonly", FLAG }, { "Consistency", "consistency", TEXT },
	{ "BindOptions.Propagation", "bind-propagation", TEXT },
	{ "BindOptions.NonRecursive", "bind-nonrecursive", FLAG },
	{ "BindOptions.CreateMountpoint", "bind-create-src", FLAG },
	{ "VolumeOptions.NoCopy", "volume-nocopy", FLAG },
	{ "VolumeOptions.Subpath", "volume-subpath", TEXT },
	{ "VolumeOptions.DriverConfig.Name", "volume-driver", TEXT },
	{ "TmpfsOptions.SizeBytes", "tmpfs-size", NUMBER }, { "TmpfsOptions.Mode", "tmpfs-mode", INTEGER } };

/* A value of a wrong kind is refused: "ReadOnly": "yes" must not become a mount that can be written. */
static int set_mount(const struct json *m, struct run_options *o, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(mount_members); i++) {
		const char *key = mount_members[i].key, *path = mount_members[i].path, *text = NULL;
		char number[32];
		bool is_set = false;
		int64_t n = 0;
		rc = mount_members[i].kind == TEXT   ? json_get_string(m, &text, err, "%s", path)
		     : mount_members[i].kind == FLAG ? json_get_bool(m, &is_set, err, "%s", path)
						     : json_get_i64(m, &n, err, "%s", path);
		snprintf(number, sizeof(number), mount_members[i].kind == INTEGER ? "%llo" : "%lld",
			(long long)n);
		if (mount_members[i].kind == TEXT && text && *text)
			add_csv(&b, key, text);
		else if (mount_members[i].kind == FLAG && is_set)
			add_csv(&b, key, "true");
		else if (mount_members[i].kind >= NUMBER && n)
			add_csv(&b, key, number);
	}
	/* "ro" holds for what is mounted below, too, as far as the kernel can; two flags change that. */
	if (container_flag(json_member(m, "BindOptions"), "ReadOnlyNonRecursive"))
		add_csv(&b, "bind-recursive", "writable");
	if (container_flag(json_member(m, "BindOptions"), "ReadOnlyForceRecursive"))
		add_csv(&b, "bind-recursive", "readonly");
	add_pairs(&b, "volume-label", json_at(m, "VolumeOptions.Labels"));
	add_pairs(&b, "volume-opt", json_at(m, "VolumeOptions.DriverConfig.Options"));
	strv_push(&o->mounts, b.data ? b.data : "");
	return rc < 0 ? err_wrap(err, "HostConfig.Mounts") : 0;
}

/* Does "a:/data:ro", or a mount, stand at this place? */
static bool has_target(const struct json *host, const char *place)
{
	const struct json *binds = json_member(host, "Binds"), *mounts = json_member(host, "Mounts");
	for (size_t i = 0; i < json_len(binds); i++) {
		const char *bind = json_text_of(json_item(binds, i));
		const char *target = bind && strchr(bind, ':') ? strchr(bind, ':') + 1 : bind;
		size_t len = target ? strcspn(target, ":") : 0;
		if (target && len == strlen(place) && !strncmp(target, place, len))
			return true;
	}
	for (size_t i = 0; i < json_len(mounts); i++)
		if (str_eq(json_text_at(json_item(mounts, i), "Target", ""), place))
			return true;
	return json_member(json_member(host, "Tmpfs"), place) != NULL;
}

/* Clients name each place twice, as a bind and here: only the others want an anonymous volume. */
static void set_volumes(const struct json *body, struct run_options *o)
{
	struct json_iter it = { 0 };
	const struct json *places = json_member(body, "Volumes");
	while (json_kind_of(places) == JSON_OBJECT && json_next(places, &it))
		if (!has_target(json_member(body, "HostConfig"), it.key))
			strv_push(&o->volumes, it.key);
}

/* --- security options --- */

/*
 * The client has read the profile and sends its text; the engine reads it again at each start. It is kept
 * under the hash of the text, so equal ones are one file.
 */
static int set_profile(struct engine *e, const char *text, struct run_options *o, struct mc_err *err)
{
	char name[48];
	int rc = dir_make(e->dir, "seccomp", 0700, err);
	snprintf(name, sizeof(name), "seccomp/%016llx.json", (unsigned long long)fnv1a(text, strlen(text)));
	if (rc >= 0)
		rc = file_write_atomic(e->dir, name, text, strlen(text), 0600, 0, err);
	strv_pushf(&o->security_opt, "seccomp=%s/%s", e->root, name);
	return rc;
}

static int set_security(struct engine *e, const struct json *host, struct run_options *o, struct mc_err *err)
{
	_cleanup_strv_ char **list = NULL;
	int rc = json_get_strv(host, &list, err, "SecurityOpt");
	for (size_t i = 0; rc >= 0 && list && list[i]; i++) {
		const char *text = str_starts(list[i], "seccomp=") ? list[i] + 8 : NULL;
		if (text && text[strspn(text, " \t\r\n")] == '{')
			rc = set_profile(e, text, o, err);
		else
			strv_push(&o->security_opt, list[i]);
	}
	return rc;
}

/* --- the command --- */

/* A list, or a text for a list of one word. NULL: absent, or null. */
static struct json *word_list(const struct json *v)
{
	if (json_kind_of(v) == JSON_ARRAY)
		return json_copy(v);
	if (!json_text_of(v))
		return NULL;
	struct json *list = json_new_array();
	if (*json_text_of(v))
		json_add(list, json_copy(v));
	return list;
}

static int set_words(const struct json *list, const char *what, char ***ret, struct mc_err *err)
{
	for (size_t i = 0; i < json_len(list); i++) {
		if (!json_text_of(json_item(list, i)))
			return err_set(err, EINVAL, "%s[%zu]: expected a string", what, i);
		strv_push(ret, json_text_of(json_item(list, i)));
	}
	return 0;
}

/*
 * The engine's options hold one word for the entry point; the exact lists are laid over what it makes of
 * them. An entry point of [] or [""] takes the image's away.
 */
static int set_command(const struct json *body, struct run_options *o, struct json *exact, struct mc_err *err)
{
	_cleanup_json_ struct json *entry = word_list(json_member(body, "Entrypoint"));
	_cleanup_json_ struct json *cmd = word_list(json_member(body, "Cmd"));
	_cleanup_strv_ char **words = NULL;
	static const char *const keys[] = { "Entrypoint", "Cmd" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct json *v = json_member(body, keys[i]);
		if (json_kind_of(v) != JSON_NULL && json_kind_of(v) != JSON_ARRAY && !json_text_of(v))
			return err_set(err, EINVAL, "%s: expected a string or a list of strings", keys[i]);
	}
	int rc = set_words(entry, "Entrypoint", &words, err);
	if (rc >= 0)
		rc = set_words(cmd, "Cmd", &o->command, err);
	if (rc < 0)
		return rc;
	if (entry) {
		const char *first = words ? words[0] : "";
		o->entrypoint = xstrdup(first);
		json_set(exact, "Entrypoint", *first ? json_copy(entry) : NULL);
	}
	return 0;
}

/* --- all of it --- */

static void set_exact(const struct json *body, struct json *exact)
{
	static const char *const flags[] = { "AttachStdin", "AttachStdout", "AttachStderr", "OpenStdin",
		"StdinOnce" };
	const struct json *check = json_member(body, "Healthcheck");
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		json_set_bool(exact, flags[i], container_flag(body, flags[i]));
	if (json_len(json_member(check, "Test")))
		json_set(exact, "Healthcheck", json_copy(check));
	if (json_len(json_member(body, "OnBuild")))
		json_set(exact, "OnBuild", json_copy(json_member(body, "OnBuild")));
}

void body_warn_limits(const struct json *resources)
{
	static const char *const limits[] = { "KernelMemory", "KernelMemoryTCP", "CpuCount", "CpuPercent",
		"IOMaximumIOps", "IOMaximumBandwidth" };
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (json_int_of(json_member(resources, limits[i])))
			warn_user("%s is not limited: this engine knows no such limit", limits[i]);
}

/* Isolation is Windows' own. A client that asks for a limit must learn that it has none. */
static int check_elsewhere(const struct json *host, struct mc_err *err)
{
	const char *isolation = json_text_at(host, "Isolation", "");
	if (*isolation && !str_eq(isolation, "default"))
		return err_set(err, EINVAL, "invalid isolation '%s': Linux knows 'default' only", isolation);
	body_warn_limits(host);
	return 0;
}

/*
 * Words without a meaning here are shown again, as they were written.
 * Devices that a vendor describes are looked up at the start (engine/spec/cdi.c).
 */
static void set_exact_host(const struct json *host, struct json *exact)
{
	static const char *const words[] = { "Isolation", "VolumeDriver" };
	if (json_len(json_member(host, "DeviceRequests")))
		json_set(exact, "DeviceRequests", json_copy(json_member(host, "DeviceRequests")));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (*json_text_at(host, words[i], ""))
			json_set_string(exact, words[i], json_text_at(host, words[i], ""));
}

static int set_env(const struct json *body, struct run_options *o, struct mc_err *err)
{
	_cleanup_strv_ char **env = NULL;
	int rc = json_get_strv(body, &env, err, "Env");
	/* A name alone would take its value from the daemon's own environment. */
	for (size_t i = 0; rc > 0 && env && env[i]; i++)
		strv_push(strchr(env[i], '=') ? &o->env : &o->env_removed, env[i]);
	return rc;
}

int create_body_parse(struct engine *e, struct json *body, struct run_options *o, struct json **ret_exact,
	struct mc_err *err)
{
	const struct json *host = json_member(body, "HostConfig"), *mounts = json_member(host, "Mounts");
	*ret_exact = json_new_object();
	struct json *exact = json_sub(*ret_exact, "Config");
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(fields); i++) {
		body_set_names(body, fields[i].path);
		rc = set_field(body, &fields[i], o, err);
	}
	if (rc >= 0)
		rc = set_env(body, o, err);
	if (rc >= 0)
		rc = set_command(body, o, exact, err);
	if (rc >= 0)
		rc = set_security(e, host, o, err);
	if (rc >= 0)
		rc = create_networks_parse(body, o, err);
	if (rc >= 0)
		rc = check_elsewhere(host, err);
	if (rc < 0)
		return rc;
	set_volumes(body, o);
	set_objects(host, o);
	set_block_io(host, o);
	for (size_t i = 0; rc >= 0 && i < json_len(mounts); i++)
		rc = set_mount(json_item(mounts, i), o, err);
	if (rc < 0)
		return rc;
	set_exact(body, exact);
	set_exact_host(host, json_sub(*ret_exact, "HostConfig"));
	o->exact = *ret_exact;
	o->detach = !container_flag(body, "AttachStdout") && !container_flag(body, "AttachStdin");
	o->pull = PULL_NEVER;
	if (json_len(json_member(host, "StorageOpt")))
		return err_set(
			err, EINVAL, "StorageOpt: the size of a container's files cannot be limited here");
	if (!o->image)
		return err_set(err, EINVAL, "no image: the member \"Image\" is missing or empty");
	return 0;
}
