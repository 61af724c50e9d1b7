/*
 * spec/linux.c - "linux" of config.json: namespaces, limits, devices, masks, sysctls, the system call filter.
 *
 * Interface: config-linux.md; the lists are docker's defaults.
 * Order and why: nothing here depends on order; what needs the capabilities (the filter lets more through
 * for a container that has more) gets them as an argument, so that the two cannot disagree.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/warn.h"
#include "engine/rootless.h"
#include "engine/spec/block_io.h"
#include "engine/spec/spec.h"
#include "runtime/cgroup.h"
#include "runtime/seccomp.h"

static int64_t number(const struct json *o, const char *key) { return json_int_of(json_member(o, key)); }

/* --- namespaces --- */

/* mode "container:X": the namespace file of X's first process; it must run. */
static int shared_namespace(
	const struct spec_input *in, const char *mode, const char *file, char **ret, struct mc_err *err)
{
	_cleanup_container_ struct container other = { 0 };
	int rc = container_find(in->engine, mode + strlen("container:"), &other, err);
	if (rc < 0)
		return rc;
	if (other.init.pid == 0) {
		err_set(err, EINVAL, "cannot join the %s namespace of a non running container: %s", file,
			other.name);
		return err_hint(err, "start it first: minictr start %s", other.name);
	}
	*ret = xasprintf("/proc/%d/ns/%s", (int)other.init.pid, file);
	return 0;
}

/* The kinds of namespaces that docker's "HostConfig" has a mode for. */
static const struct {
	const char *type, *key, *file;
} kinds[] = { { "mount", NULL, NULL }, { "pid", "PidMode", "pid" }, { "network", "NetworkMode", "net" },
	{ "ipc", "IpcMode", "ipc" }, { "uts", "UTSMode", "uts" }, { "cgroup", "CgroupnsMode", NULL } };

/* Do both processes have the same namespace of this kind? */
static bool same_namespace(pid_t a, pid_t b, const char *file)
{
	struct stat sa, sb;
	_cleanup_free_ char *pa = xasprintf("/proc/%d/ns/%s", (int)a, file),
			    *pb = xasprintf("/proc/%d/ns/%s", (int)b, file);
	return stat(pa, &sa) == 0 && stat(pb, &sb) == 0 && sa.st_ino == sb.st_ino;
}

static bool is_shared(const struct container *c, size_t kind)
{
	return kinds[kind].key && kinds[kind].file &&
	       str_starts(json_text_at(c->host, kinds[kind].key, ""), "container:");
}

bool spec_shares(const struct container *c)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (is_shared(c, i))
			return true;
	return false;
}

int spec_check_shared(struct engine *e, const struct container *c, struct mc_err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		_cleanup_container_ struct container other = { 0 };
		if (!is_shared(c, i))
			continue;
		int rc = container_find(
			e, json_text_at(c->host, kinds[i].key, "") + strlen("container:"), &other, err);
		if (rc < 0)
			return rc;
		if (other.init.pid == 0 || !same_namespace(c->init.pid, other.init.pid, kinds[i].file))
			return err_set(err, ESRCH, "container %s ended while its %s namespace was joined",
				other.name, kinds[i].file);
	}
	return 0;
}

static int set_namespaces(const struct spec_input *in, struct json *list, struct mc_err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *mode = kinds[i].key ? json_text_at(in->container->host, kinds[i].key, "") : "";
		_cleanup_free_ char *path = NULL;
		if (str_eq(mode, "host"))
			continue;
		if (str_starts(mode, "container:") && kinds[i].file) {
			int rc = shared_namespace(in, mode, kinds[i].file, &path, err);
			if (rc < 0)
				return rc;
		}
		struct json *n = json_add(list, json_new_object());
		json_set_string(n, "type", kinds[i].type);
		json_set_string(n, "path", path);
	}
	return 0;
}

/* --- limits --- */

static void set_if(struct json *o, const char *key, int64_t value)
{
	if (value)
		json_set_i64(o, key, value);
}

static void set_memory(const struct json *host, struct json *memory)
{
	bool disable = false;
	struct mc_err ignored = { 0 };
	set_if(memory, "limit", number(host, "Memory"));
	set_if(memory, "swap", number(host, "MemorySwap"));
	set_if(memory, "reservation", number(host, "MemoryReservation"));
	if (json_kind_of(json_member(host, "MemorySwappiness")) == JSON_INT)
		json_set_i64(memory, "swappiness", number(host, "MemorySwappiness"));
	json_get_bool(host, &disable, &ignored, "OomKillDisable");
	if (disable)
		json_set_bool(memory, "disableOOMKiller", true);
}

static void set_cpu(const struct json *host, struct json *cpu)
{
	int64_t nano = number(host, "NanoCpus");
	set_if(cpu, "shares", number(host, "CpuShares"));
	if (nano) { /* config.json has no number of processors: it says a time per period, in microseconds */
		json_set_i64(cpu, "period", 100000);
		json_set_i64(cpu, "quota", nano / 10000);
	} else {
		set_if(cpu, "period", number(host, "CpuPeriod"));
		set_if(cpu, "quota", number(host, "CpuQuota"));
	}
	set_if(cpu, "realtimePeriod", number(host, "CpuRealtimePeriod"));
	set_if(cpu, "realtimeRuntime", number(host, "CpuRealtimeRuntime"));
	if (*json_text_at(host, "CpusetCpus", ""))
		json_set_string(cpu, "cpus", json_text_at(host, "CpusetCpus", ""));
	if (*json_text_at(host, "CpusetMems", ""))
		json_set_string(cpu, "mems", json_text_at(host, "CpusetMems", ""));
}

static void set_resources(const struct json *host, struct json *resources)
{
	set_memory(host, json_sub(resources, "memory"));
	set_cpu(host, json_sub(resources, "cpu"));
	if (number(host, "PidsLimit"))
		json_set_i64(json_sub(resources, "pids"), "limit", number(host, "PidsLimit"));
	if (number(host, "BlkioWeight"))
		json_set_i64(json_sub(resources, "blockIO"), "weight", number(host, "BlkioWeight"));
	spec_block_io(host, resources);
	static const char *const parts[] = { "memory", "cpu" };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (!json_len(json_member(resources, parts[i])))
			json_unset(resources, parts[i]);
}

/* --- masks, sysctls, filter --- */

/*
 * Per processor, where there are any: how hot it runs tells neighbours what others do (docker's list,
 * too).
 */
static void mask_thermal(char ***masked)
{
	for (long i = 0, n = sysconf(_SC_NPROCESSORS_CONF); i < n; i++) {
		_cleanup_free_ char *path = xasprintf("/sys/devices/system/cpu/cpu%ld/thermal_throttle", i);
		if (access(path, F_OK) == 0)
			strv_push(masked, path);
	}
}

/* Are paths of /proc and /sys masked and read-only (not --privileged, not systempaths=unconfined)? */
static bool masks_usual_paths(const struct json *host)
{
	const char *value = NULL;
	bool off = spec_security(host, "systempaths", &value) && str_eq(value, "unconfined");
	return !off && !container_flag(host, "Privileged");
}

/* A list that the container brings replaces the usual one, also when it is empty. */
static void set_paths(
	const struct json *host, const char *asked, char *const usual[], struct json *part, const char *key)
{
	const struct json *own = json_member(host, asked);
	if (json_kind_of(own) == JSON_ARRAY)
		json_set(part, key, json_copy(own));
	else if (masks_usual_paths(host))
		json_set_strv(part, key, usual);
}

void spec_set_paths(
	const struct json *host, struct json *part, const char *masked_key, const char *read_only_key)
{
	static const char *const masked[] = { "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys",
		"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
		"/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap", "/proc/interrupts", NULL };
	static const char *const read_only[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
		"/proc/sysrq-trigger", NULL };
	_cleanup_strv_ char **all = strv_copy((char *const *)masked);
	mask_thermal(&all);
	set_paths(host, "MaskedPaths", all, part, masked_key);
	set_paths(host, "ReadonlyPaths", (char *const *)read_only, part, read_only_key);
}

static void set_sysctls(const struct spec_input *in, struct json *sysctl)
{
	const struct json *host = in->container->host;
	const char *net = json_text_at(host, "NetworkMode", "");
	struct json_iter it = { 0 };
	if (!str_eq(net, "host") && !str_starts(net, "container:")) {
		/* what once needed capabilities: ping, and ports below 1024 */
		_cleanup_free_ char *groups = spec_all_groups(in);
		json_set_string(sysctl, "net.ipv4.ip_unprivileged_port_start", "0");
		json_set_string(sysctl, "net.ipv4.ping_group_range", groups);
	}
	while (json_next(json_member(host, "Sysctls"), &it))
		json_set_string(sysctl, it.key, json_text_of(it.value));
}

static int set_filter(
	const struct json *host, bool privileged, uint64_t caps, struct json *part, struct mc_err *err)
{
	const char *name = NULL;
	struct json *filter = NULL;
	if (!spec_security(host, "seccomp", &name))
		name = privileged ? "unconfined" : NULL;
	int rc = seccomp_profile(name, caps, &filter, err);
	if (rc >= 0 && filter)
		json_set(part, "seccomp", filter);
	return rc;
}

/*
 * An unprivileged user may make cgroups only where root has given a piece of the tree away (systemd's
 * Delegate=).
 */
static bool may_limit(const struct spec_input *in)
{
	struct cgroup cg = { 0 };
	struct mc_err ignored = { 0 };
	if (!in->engine->rootless || in->engine->systemd)
		return true;
	for (size_t i = 0; cgroup_trees(&cg, "/x", &ignored) >= 0 && i < cg.n; i++)
		if (cg.v2 || str_eq(cg.tree[i].controllers, "memory"))
			return access(cg.tree[i].mount, W_OK) == 0;
	return false;
}

/* What root has not delegated to the user's systemd: usually cpuset and io. */
static void leave_out(struct json *resources)
{
	static const struct {
		const char *controller, *part, *key;
	} limits[] = { { "memory", "memory", NULL }, { "pids", "pids", NULL }, { "io", "blockIO", NULL },
		{ "cpuset", "cpu", "cpus" }, { "cpuset", "cpu", "mems" }, { "cpu", "cpu", "shares" },
		{ "cpu", "cpu", "quota" }, { "cpu", "cpu", "period" } };
	_cleanup_free_ char *text = rootless_controllers();
	_cleanup_strv_ char **have = NULL;
	for (char *save = NULL, *word = strtok_r(text, " \n", &save); word;
		word = strtok_r(NULL, " \n", &save))
		strv_push(&have, word);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		const struct json *part = json_member(resources, limits[i].part);
		if (strv_has(have, limits[i].controller) || !part ||
			(limits[i].key && !json_member(part, limits[i].key)))
			continue;
		warn_user("a limit (%s) is ignored: root has not delegated the %s controller to this user's "
			  "systemd "
			  "(Delegate= of user@.service)",
			limits[i].key ? limits[i].key : limits[i].part, limits[i].controller);
		if (limits[i].key)
			json_unset(json_sub(resources, limits[i].part), limits[i].key);
		else
			json_unset(resources, limits[i].part);
	}
}

static void set_limits(const struct spec_input *in, struct json *resources)
{
	_cleanup_json_ struct json *wanted = json_new_object();
	set_resources(in->container->host, wanted);
	if (json_len(wanted) && !may_limit(in)) {
		warn_user("limits are ignored: this user may not make cgroups on this machine (root could "
			  "give a part "
			  "of the tree away: systemd's Delegate=yes)");
		return;
	}
	set_resources(in->container->host, resources);
	if (in->engine->systemd)
		leave_out(resources);
}

int spec_linux(const struct spec_input *in, uint64_t caps, struct json *part, struct mc_err *err)
{
	const struct container *c = in->container;
	bool privileged = false;
	_cleanup_free_ char *cgroup = container_cgroup(in->engine, c);
	int rc = json_get_bool(c->host, &privileged, err, "Privileged");
	if (in->engine->systemd) {
		free(cgroup);
		cgroup = xasprintf("user.slice:minictr:%s", c->id);
	}
	json_set_string(part, "cgroupsPath", cgroup);
	if (rc >= 0)
		rc = set_namespaces(in, json_set(part, "namespaces", json_new_array()), err);
	if (rc >= 0)
		spec_user_namespace(in, part);
	if (rc >= 0)
		rc = spec_devices(in, privileged, part, err);
	if (rc >= 0)
		rc = set_filter(c->host, privileged, caps, part, err);
	if (rc < 0)
		return rc;
	set_limits(in, json_sub(part, "resources"));
	set_sysctls(in, json_sub(part, "sysctl"));
	spec_set_paths(c->host, part, "maskedPaths", "readonlyPaths");
	return 0;
}
