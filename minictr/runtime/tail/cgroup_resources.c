/*
 * tail/cgroup_resources.c - all of linux.resources that the core leaves out: cpuset, disks, huge pages,
 * network classes, RDMA, and `unified`, the files of cgroup2 by name.
 *
 * Version 1 and 2 differ in more than names here, so this is a table where it can be one and two branches
 * where it cannot. A limit without a controller on this machine is an error: a limit that is silently missing
 * is worse than none. config-linux.md, "Control groups".
 */
#include "runtime/tail/config_keys.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/cgroup.h"
#include "base/warn.h"
#include "runtime/tail/config_shape.h"

struct job {
	const struct cgroup *cg;
	const struct json *res;
};

/* Writes text to the file of a v1 controller or to the v2 file. NULL: this version has no such file. */
static int put(const struct cgroup *cg, const char *controller, const char *v1, const char *v2,
	const char *text, const char *key, struct mc_err *err)
{
	int dir = cgroup_controller(cg, controller);
	const char *file = cg->v2 ? v2 : v1;
	if (!file)
		return err_set(err, EOPNOTSUPP, "linux.resources.%s: cgroup v%d has nothing like it", key,
			cg->v2 ? 2 : 1);
	if (dir < 0 || faccessat(dir, file, F_OK, 0) < 0) {
		err_set(err, EOPNOTSUPP, "linux.resources.%s: this machine has no %s in its %s controller",
			key, file, controller);
		return err_hint(err, "leave the limit out, or use a kernel with it");
	}
	int rc = sys_write_file(dir, file, text, err);
	return rc < 0 ? err_wrap(err, "linux.resources.%s", key) : 0;
}

/* Values that are one number or text in one file. */
static const struct simple {
	const char *key, *controller, *v1, *v2;
	bool lenient; /* v2 dropped it on purpose: told, not failed */
} simple[] = {
	{ "cpu.cpus", "cpuset", "cpuset.cpus", "cpuset.cpus", false },
	{ "cpu.mems", "cpuset", "cpuset.mems", "cpuset.mems", false },
	{ "cpu.burst", "cpu", "cpu.cfs_burst_us", "cpu.max.burst", false },
	{ "cpu.idle", "cpu", "cpu.idle", "cpu.idle", false },
	{ "cpu.realtimePeriod", "cpu", "cpu.rt_period_us", NULL, true },
	{ "cpu.realtimeRuntime", "cpu", "cpu.rt_runtime_us", NULL, true },
	{ "memory.swappiness", "memory", "memory.swappiness", NULL, true },
	{ "memory.kernelTCP", "memory", "memory.kmem.tcp.limit_in_bytes", NULL, true },
	{ "blockIO.leafWeight", "blkio", "blkio.leaf_weight", NULL, true },
	{ "network.classID", "net_cls", "net_cls.classid", NULL, true },
};

/*
 * cgroup v1 gives a group real time only out of its parent's share, and a new group has none. So each group
 * above ours gets as much more, from the top down (sched-rt-group.rst, "Basic usage").
 */
static void raise_realtime_above(const struct cgroup *cg, int64_t more)
{
	const char *file = "cpu.rt_runtime_us";
	for (const char *end = strchr(cg->path + 1, '/'); end; end = strchr(end + 1, '/'))
		for (size_t i = 0; i < cg->n; i++) {
			char text[32];
			struct mc_err ignored = { 0 };
			if (cg->tree[i].dir != cgroup_controller(cg, "cpu"))
				continue;
			_cleanup_free_ char *dir =
				xasprintf("%s%.*s", cg->tree[i].mount, (int)(end - cg->path), cg->path);
			_cleanup_close_ int above =
				sys_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, &ignored);
			snprintf(text, sizeof(text), "%lld",
				(long long)cgroup_read_number(above, file, NULL) + (long long)more);
			if (above >= 0)
				sys_write_file(above, file, text, &ignored);
		}
}

static int put_simple(const struct job *j, const struct simple *s, const char *text, struct mc_err *err)
{
	struct mc_err refused = { 0 };
	int rc = put(j->cg, s->controller, s->v1, s->v2, text, s->key, &refused);
	if (rc == -EINVAL && str_eq(s->key, "cpu.realtimeRuntime")) {
		raise_realtime_above(j->cg, json_int_of(json_at(j->res, "%s", s->key)));
		return put(j->cg, s->controller, s->v1, s->v2, text, s->key, err);
	}
	if (rc < 0)
		*err = refused;
	return rc;
}

static int write_simple(const struct job *j, const struct simple *s, struct mc_err *err)
{
	char number[32];
	const struct json *v = json_at(j->res, "%s", s->key);
	enum json_kind kind = json_kind_of(v);
	bool list = str_eq(s->controller, "cpuset"); /* "0-3,7"; all others are numbers */
	if (kind == JSON_NULL)
		return 0;
	if (kind != (list ? JSON_STRING : JSON_INT))
		return err_set(err, EINVAL, "linux.resources.%s: expected %s", s->key,
			list ? "a string" : "an integer");
	snprintf(number, sizeof(number), "%lld", (long long)json_int_of(v));
	const char *text = list ? json_text_of(v) : number;
	if (!*text)
		return 0;
	if (j->cg->v2 && s->lenient && !s->v2) {
		warn_user("linux.resources.%s is left out: cgroup v2 has nothing like it", s->key);
		return 0;
	}
	return put_simple(j, s, text, err);
}

/* Warns of limits that kernels dropped (memory.kernel is gone since 6.1, hierarchy is always on). */
static int tell_of_old(const struct job *j, struct mc_err *err)
{
	int64_t kernel = 0;
	bool hierarchy;
	if (json_get_i64(j->res, &kernel, err, "memory.kernel") < 0 ||
		json_get_bool(j->res, &hierarchy, err, "memory.useHierarchy") < 0)
		return err_wrap(err, "linux.resources");
	if (kernel > 0)
		warn_user("linux.resources.memory.kernel is left out: kernels have no such limit any more");
	return 0;
}

static int set_oom_killer(const struct job *j, struct mc_err *err)
{
	bool off = false;
	int rc = json_get_bool(j->res, &off, err, "memory.disableOOMKiller");
	if (rc < 0 || !off)
		return rc;
	if (j->cg->v2) {
		warn_user(
			"linux.resources.memory.disableOOMKiller is left out: cgroup v2 has nothing like it");
		return 0;
	}
	return put(j->cg, "memory", "memory.oom_control", NULL, "1", "memory.disableOOMKiller", err);
}

/* The default weight is 500 in v1 (10..1000), 100 in v2 (1..10000). BFQ's file has another name. */
static int set_weight(const struct job *j, struct mc_err *err)
{
	char text[64];
	uint32_t weight = 0;
	int rc = json_get_u32(j->res, &weight, err, "blockIO.weight");
	if (rc < 0 || !weight)
		return rc;
	int dir = cgroup_controller(j->cg, j->cg->v2 ? "io" : "blkio");
	if (weight < 10 || weight > 1000)
		return err_set(
			err, EINVAL, "linux.resources.blockIO.weight: %u is not between 10 and 1000", weight);
	const char *bfq = j->cg->v2 ? "io.bfq.weight" : "blkio.bfq.weight";
	bool has_bfq = dir >= 0 && faccessat(dir, bfq, F_OK, 0) == 0;
	snprintf(text, sizeof(text), "%u", j->cg->v2 && !has_bfq ? 1 + (weight - 10) * 9999 / 990 : weight);
	return put(j->cg, j->cg->v2 ? "io" : "blkio", has_bfq ? bfq : "blkio.weight",
		has_bfq ? bfq : "io.weight", text, "blockIO.weight", err);
}

/* One weight of one disk; v2 knows none for leaves. */
static int put_weight(const struct job *j, const struct json *d, const char *key, const char *v1,
	const char *v2, struct mc_err *err)
{
	char text[96];
	int64_t major = 0, minor = 0;
	uint32_t weight = 0;
	int rc = json_get_u32(d, &weight, err, "%s", key);
	if (rc <= 0)
		return rc < 0 ? err_wrap(err, "linux.resources.blockIO.weightDevice") : 0;
	if (json_get_i64(d, &major, err, "major") < 0 || json_get_i64(d, &minor, err, "minor") < 0)
		return err_wrap(err, "linux.resources.blockIO.weightDevice");
	snprintf(text, sizeof(text), "%lld:%lld %u", (long long)major, (long long)minor, weight);
	rc = put(j->cg, j->cg->v2 ? "io" : "blkio", v1, v2, text, "blockIO.weightDevice", err);
	return rc < 0 ? rc : 1;
}

static int set_device_weights(const struct job *j, struct mc_err *err)
{
	const struct json *list = json_at(j->res, "blockIO.weightDevice");
	int dir = json_len(list) ? cgroup_controller(j->cg, "blkio") : -1;
	bool bfq = !j->cg->v2 && dir >= 0 && faccessat(dir, "blkio.bfq.weight_device", F_OK, 0) == 0;
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *d = json_item(list, i);
		int rc = put_weight(j, d, "weight", bfq ? "blkio.bfq.weight_device" : "blkio.weight_device",
			"io.bfq.weight", err);
		int leaf =
			rc < 0 ? rc : put_weight(j, d, "leafWeight", "blkio.leaf_weight_device", NULL, err);
		if (leaf < 0)
			return leaf;
		if (!rc && !leaf)
			return err_set(err, EINVAL,
				"linux.resources.blockIO.weightDevice[%zu]: weight or leafWeight is missing",
				i);
	}
	return 0;
}

static int set_throttles(const struct job *j, struct mc_err *err)
{
	static const struct {
		const char *key, *v1, *v2;
	} kinds[] = { { "throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps" },
		{ "throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps" },
		{ "throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops" },
		{ "throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops" } };
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const struct json *list = json_at(j->res, "blockIO.%s", kinds[k].key);
		for (size_t i = 0; i < json_len(list); i++) {
			char text[128];
			int64_t major = 0, minor = 0;
			uint64_t rate = 0;
			const struct json *d = json_item(list, i);
			if (json_get_i64(d, &major, err, "major") < 0 ||
				json_get_i64(d, &minor, err, "minor") < 0 ||
				json_get_u64(d, &rate, err, "rate") < 0)
				return err_wrap(err, "linux.resources.blockIO.%s[%zu]", kinds[k].key, i);
			snprintf(text, sizeof(text), j->cg->v2 ? "%lld:%lld %s=%llu" : "%lld:%lld %.0s%llu",
				(long long)major, (long long)minor, kinds[k].v2, (unsigned long long)rate);
			int rc = put(j->cg, j->cg->v2 ? "io" : "blkio", kinds[k].v1, "io.max", text,
				kinds[k].key, err);
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

/*
 * Limits reservations where the kernel counts them (5.7), and always the use: a limit of reservations alone
 * misses programs that do not reserve.
 */
static int put_huge_pages(const struct job *j, const char *size, const char *text, struct mc_err *err)
{
	static const char *const names[][2] = { { "hugetlb.%.40s.limit_in_bytes", "hugetlb.%.40s.max" },
		{ "hugetlb.%.40s.rsvd.limit_in_bytes", "hugetlb.%.40s.rsvd.max" } };
	int rc = 0, dir = cgroup_controller(j->cg, "hugetlb");
	for (size_t i = 0; i < ARRAY_LEN(names) && rc >= 0; i++) {
		char v1[80], v2[80];
		snprintf(v1, sizeof(v1), names[i][0], size);
		snprintf(v2, sizeof(v2), names[i][1], size);
		if (i == 0 || (dir >= 0 && faccessat(dir, j->cg->v2 ? v2 : v1, F_OK, 0) == 0))
			rc = put(j->cg, "hugetlb", v1, v2, text, "hugepageLimits", err);
	}
	return rc;
}

static int set_huge_pages(const struct job *j, struct mc_err *err)
{
	const struct json *list = json_member(j->res, "hugepageLimits");
	for (size_t i = 0; i < json_len(list); i++) {
		char text[32];
		const char *size = NULL;
		uint64_t limit = 0;
		if (json_get_string(json_item(list, i), &size, err, "pageSize") < 0 ||
			json_get_u64(json_item(list, i), &limit, err, "limit") < 0)
			return err_wrap(err, "linux.resources.hugepageLimits[%zu]", i);
		if (!size || strchr(size, '/'))
			return err_set(
				err, EINVAL, "linux.resources.hugepageLimits[%zu].pageSize: missing", i);
		snprintf(text, sizeof(text), "%llu", (unsigned long long)limit);
		int rc = put_huge_pages(j, size, text, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int set_priorities(const struct job *j, struct mc_err *err)
{
	const struct json *list = json_at(j->res, "network.priorities");
	for (size_t i = 0; i < json_len(list); i++) {
		char text[96];
		const char *name = NULL;
		uint32_t priority = 0;
		if (json_get_string(json_item(list, i), &name, err, "name") < 0 ||
			json_get_u32(json_item(list, i), &priority, err, "priority") < 0)
			return err_wrap(err, "linux.resources.network.priorities[%zu]", i);
		snprintf(text, sizeof(text), "%.40s %u", name ? name : "", priority);
		int rc = put(j->cg, "net_prio", "net_prio.ifpriomap", NULL, text, "network.priorities", err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

enum { IB_NAME_MAX = 64 };

static int set_rdma(const struct job *j, struct mc_err *err)
{
	struct json_iter it = { 0 };
	const struct json *rdma = json_member(j->res, "rdma");
	while (rdma && json_next(rdma, &it)) {
		char text[160];
		uint32_t handles = 0, objects = 0;
		if (json_get_u32(it.value, &handles, err, "hcaHandles") < 0 ||
			json_get_u32(it.value, &objects, err, "hcaObjects") < 0)
			return err_wrap(err, "linux.resources.rdma.%s", it.key);
		if (!json_member(it.value, "hcaHandles") && !json_member(it.value, "hcaObjects"))
			return err_set(err, EINVAL,
				"linux.resources.rdma.%s: hcaHandles or hcaObjects is missing", it.key);
		if (strlen(it.key) >= IB_NAME_MAX)
			return err_set(
				err, EINVAL, "linux.resources.rdma: no adapter is called %.80s", it.key);
		int n = snprintf(text, sizeof(text), "%s", it.key);
		if (json_member(it.value, "hcaHandles"))
			n += snprintf(text + n, sizeof(text) - n, " hca_handle=%u", handles);
		if (json_member(it.value, "hcaObjects"))
			snprintf(text + n, sizeof(text) - n, " hca_object=%u", objects);
		int rc = put(j->cg, "rdma", "rdma.max", "rdma.max", text, "rdma", err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* File names of cgroup2 with their contents: passed on as they are, but never out of the directory. */
static int set_unified(const struct job *j, struct mc_err *err)
{
	struct json_iter it = { 0 };
	const struct json *unified = json_member(j->res, "unified");
	if (json_len(unified) && !j->cg->v2)
		return err_set(err, EOPNOTSUPP, "linux.resources.unified: this machine has cgroup v1");
	while (unified && json_next(unified, &it)) {
		const char *text = json_text_of(it.value);
		char controller[32];
		snprintf(controller, sizeof(controller), "%.*s", (int)strcspn(it.key, "."), it.key);
		if (!text || strchr(it.key, '/') || !strchr(it.key, '.'))
			return err_set(err, EINVAL, "linux.resources.unified: \"%s\" is no file of a cgroup",
				it.key);
		int rc = put(j->cg, controller, NULL, it.key, text, "unified", err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Everything but devices, which `update` must not touch. */
static int set_all(const struct cgroup *cg, const struct json *resources, struct mc_err *err)
{
	static int (*const parts[])(const struct job *, struct mc_err *) = { tell_of_old, set_oom_killer,
		set_weight, set_device_weights, set_throttles, set_huge_pages, set_priorities, set_rdma,
		set_unified };
	struct job j = { cg, resources };
	int rc = 0;
	for (size_t i = 0; i < ARRAY_LEN(simple) && rc >= 0; i++)
		rc = write_simple(&j, &simple[i], err);
	for (size_t i = 0; i < ARRAY_LEN(parts) && rc >= 0; i++)
		rc = parts[i](&j, err);
	return rc < 0 ? rc : 0;
}

int tail_cgroup(const struct config *c, const struct cgroup *cg, struct mc_err *err)
{
	int rc = cgroup_delegate(c, cg, err);
	if (rc < 0 || !c->resources || (rc = set_all(cg, c->resources, err)) < 0)
		return rc;
	return cgroup_devices(cg, json_member(c->resources, "devices"), err);
}

int tail_update(const struct json *resources, const struct cgroup *cg, struct mc_err *err)
{
	uint64_t usage = cgroup_read_number(
		cgroup_controller(cg, "memory"), cg->v2 ? "memory.current" : "memory.usage_in_bytes", NULL);
	bool check = false;
	int64_t limit = 0;
	if (config_shape(resources, "", CONFIG_RESOURCES, err) < 0 ||
		json_get_bool(resources, &check, err, "memory.checkBeforeUpdate") < 0 ||
		json_get_i64(resources, &limit, err, "memory.limit") < 0)
		return -err->code;
	if (check && limit > 0 && (uint64_t)limit < usage)
		return err_set(err, EBUSY, "memory.limit of %lld bytes is below what is in use now, %llu",
			(long long)limit, (unsigned long long)usage);
	return set_all(cg, resources, err);
}
