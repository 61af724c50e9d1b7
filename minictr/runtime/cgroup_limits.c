/*
 * cgroup_limits.c - the common limits of linux.resources, in an order that the kernel accepts while processes
 * run.
 *
 * Meanings follow the runtime-spec, which follows cgroup v1: memory.swap is memory and swap together,
 * cpu.shares go from 2 to 262144 with 1024 as the usual. -1 lifts a limit, 0 leaves it alone.
 */
#include "runtime/cgroup.h"

#include "base/sys.h"
#include "runtime/config.h"
#include "base/warn.h"

static uint64_t or_none(int64_t v) { return v < 0 ? CGROUP_NO_LIMIT : (uint64_t)v; }

/* Shares onto weights so that ends and the usual value meet: 2 is 1, 1024 is 100, 262144 is 10000. */
uint64_t cgroup_weight_of_shares(uint64_t shares)
{
	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	return shares <= 1024 ? 1 + (shares - 2) * 99 / 1022 : 100 + (shares - 1024) * 9900 / (262144 - 1024);
}

/*
 * The present limit, for an update that names only the sum; 0: none. Huge numbers mean "none" in v1 and v2.
 */
static int64_t memory_now(const struct cgroup *cg)
{
	uint64_t now = cgroup_read_number(
		cgroup_controller(cg, "memory"), cg->v2 ? "memory.max" : "memory.limit_in_bytes", NULL);
	return now < 1ULL << 62 ? (int64_t)now : 0;
}

/* A machine without swap (or without accounting for it) has nothing that could be limited. */
static int set_swap(const struct cgroup *cg, int64_t memory, int64_t total, struct mc_err *err)
{
	struct mc_err missing = { 0 };
	if (!memory)
		memory = memory_now(cg);
	if (total >= 0 && memory <= 0)
		return err_set(
			err, EINVAL, "memory.swap (memory and swap together) needs memory.limit beside it");
	if (total >= 0 && total < memory)
		return err_set(err, EINVAL,
			"memory.swap is %lld: it includes memory.limit, so it cannot be less than %lld",
			(long long)total, (long long)memory);
	int rc = cgroup_set_limit(
		cg, "memory.swap.max", total < 0 ? CGROUP_NO_LIMIT : (uint64_t)(total - memory), &missing);
	if (rc == -EOPNOTSUPP)
		warn_user("no limit on swap: %s", missing.what);
	else if (rc < 0)
		*err = missing;
	return rc == -EOPNOTSUPP ? 0 : rc;
}

/*
 * v1 never allows memory.limit_in_bytes above memory.memsw.limit_in_bytes, the sum of memory and swap: write
 * the one that grows first. An update that does not name the sum keeps the amount of swap, as on v2.
 */
static int set_memory_v1(const struct cgroup *cg, const struct config_limits *l, struct mc_err *err)
{
	char text[32];
	int dir = cgroup_controller(cg, "memory"), rc = 0;
	uint64_t now = cgroup_read_number(dir, "memory.memsw.limit_in_bytes", NULL);
	uint64_t swap = now - cgroup_read_number(dir, "memory.limit_in_bytes", NULL);
	bool grows = l->memory < 0 || (uint64_t)l->memory > now;
	if (grows && now) { /* lift the sum, then set the memory, then the sum as wanted */
		rc = sys_write_file(dir, "memory.memsw.limit_in_bytes", "-1", err);
		if (rc < 0)
			return rc;
	}
	rc = cgroup_set_limit(cg, "memory.max", or_none(l->memory), err);
	if (rc < 0 || !grows || !now || l->memory < 0 || l->memory_swap)
		return rc;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)l->memory + swap);
	return sys_write_file(dir, "memory.memsw.limit_in_bytes", text, err);
}

static int set_memory(const struct cgroup *cg, const struct config_limits *l, struct mc_err *err)
{
	int rc = 0;
	if (!l->memory && !l->memory_swap)
		return 0;
	if (cgroup_controller(cg, "memory") < 0)
		return err_set(err, EOPNOTSUPP, "no limit on memory: this machine has no memory controller");
	if (l->memory)
		rc = cg->v2 ? cgroup_set_limit(cg, "memory.max", or_none(l->memory), err)
			    : set_memory_v1(cg, l, err);
	if (rc >= 0 && l->memory_swap)
		rc = set_swap(cg, l->memory, l->memory_swap, err);
	return rc;
}

static int set_cpu(const struct cgroup *cg, const struct config_limits *l, struct mc_err *err)
{
	char quota[32], text[64];
	int dir = cgroup_controller(cg, "cpu"), rc = 0;
	if (!l->cpu_quota && !l->cpu_period)
		return 0;
	if (dir < 0)
		return err_set(
			err, EOPNOTSUPP, "no limit on processor time: this machine has no cpu controller");
	/* The usual period, as --cpus has it: the quota is a number of processors again. */
	if (l->cpu_quota > 0 && l->cpu_period == 100000)
		return cgroup_set_cpus(cg, (uint64_t)l->cpu_quota * 10000, err);
	snprintf(quota, sizeof(quota),
		l->cpu_quota > 0 ? "%lld"
		: cg->v2         ? "max"
				 : "-1",
		(long long)l->cpu_quota);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)l->cpu_period);
	if (cg->v2) {
		char both[100];
		snprintf(both, sizeof(both), l->cpu_period ? "%s %s" : "%s", quota, text);
		return sys_write_file(dir, "cpu.max", both, err);
	}
	/* A shorter period may need a smaller quota first, or the reverse: lift the quota in between. */
	if (l->cpu_period && (rc = sys_write_file(dir, "cpu.cfs_period_us", text, err)) == -EINVAL &&
		l->cpu_quota) {
		sys_write_file(dir, "cpu.cfs_quota_us", "-1", err);
		rc = sys_write_file(dir, "cpu.cfs_period_us", text, err);
	}
	return rc < 0 || !l->cpu_quota ? rc : sys_write_file(dir, "cpu.cfs_quota_us", quota, err);
}

static int set_shares(const struct cgroup *cg, uint64_t shares, struct mc_err *err)
{
	char text[32];
	int dir = cgroup_controller(cg, "cpu");
	if (cg->v2 || dir < 0) /* -1: cgroup_set_limit() says what is missing */
		return cgroup_set_limit(cg, "cpu.weight", cgroup_weight_of_shares(shares), err);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)shares);
	return sys_write_file(dir, "cpu.shares", text, err); /* exact: no way round by weights */
}

int cgroup_apply(const struct cgroup *cg, const struct config_limits *l, struct mc_err *err)
{
	int rc = set_memory(cg, l, err);
	if (rc >= 0)
		rc = set_cpu(cg, l, err);
	if (rc >= 0 && l->memory_low)
		rc = cgroup_set_limit(cg, "memory.low", or_none(l->memory_low), err);
	if (rc >= 0 && l->cpu_shares)
		rc = set_shares(cg, l->cpu_shares, err);
	if (rc >= 0 && l->pids)
		rc = cgroup_set_limit(cg, "pids.max", or_none(l->pids), err);
	return rc < 0 ? err_wrap(err, "linux.resources") : 0;
}
