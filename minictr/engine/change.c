/*
 * change.c - rename and update: what can be changed about a container that exists.
 *
 * Kernel objects and man pages: symlink(2) claims the new name before the old one is freed; cgroups(7) for
 * limits.
 * Order and why: the kernel first, the record after: a limit the kernel refuses is not written down.
 */
#include "engine/endpoints_live.h"
#include "engine/events.h"
#include "engine/names.h"
#include "engine/spec/options.h"
#include "engine/stop.h"
#include "runtime/cgroup.h"
#include "runtime/config.h"

int container_rename(struct engine *e, const char *name, const char *new_name, struct mc_err *err)
{
	_cleanup_container_ struct container found = { 0 }, c = { 0 };
	if (*new_name == '/')
		new_name++;
	int rc = container_find(e, name, &found, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int lock = container_lock(e, found.id, err);
	rc = lock < 0 ? lock : container_load(e, found.id, &c, err);
	if (rc < 0)
		return rc;
	if (str_eq(c.name, new_name))
		return err_set(err, EINVAL, "Renaming a container with the same name as its current name");
	rc = name_claim(e, new_name, c.id, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *old = c.name;
	_cleanup_free_ char *extra = xasprintf("oldName=/%s", old);
	c.name = xstrdup(new_name);
	rc = container_save(e, &c, err);
	name_free(e, rc < 0 ? new_name : old, c.id);
	if (rc < 0)
		return rc;
	event_container(e, &c, "rename", extra);
	return endpoints_rename(e, &c, err);
}

/* --- update --- */

static int check(const struct container *c, const struct update_options *o, struct mc_err *err)
{
	struct run_options r;
	struct mc_err why = { 0 };
	run_options_init(&r);
	r.memory = o->memory ? o->memory : (uint64_t)json_int_of(json_member(c->host, "Memory"));
	r.memory_swap = o->memory_swap;
	r.nano_cpus = o->nano_cpus;
	if (!o->nano_cpus &&
		(o->cpu_quota || o->cpu_period)) /* --cpus of the start would win at the next one */
		r.nano_cpus = (uint64_t)json_int_of(json_member(c->host, "NanoCpus"));
	r.cpu_period = o->cpu_period;
	r.cpu_quota = o->cpu_quota;
	r.memory_reservation = o->memory_reservation;
	r.pids_limit = o->pids_limit;
	r.cpuset_cpus = (char *)o->cpuset_cpus; /* only read */
	r.cpuset_mems = (char *)o->cpuset_mems;
	int rc = options_check(&r, &why);
	if (rc < 0) {
		*err = why;
		err->exit_status = 0;
		return rc;
	}
	if (o->restart && *o->restart && !str_eq(o->restart, "no") && container_flag(c->host, "AutoRemove"))
		return err_set(err, EINVAL,
			"Restart policy cannot be updated because AutoRemove is enabled for the container");
	return 0;
}

/* Swap on top of memory, as cgroup2 counts it; docker's number is the sum. */
static int apply_memory(const struct cgroup *cg, const struct json *host, struct mc_err *err)
{
	int64_t memory = json_int_of(json_member(host, "Memory")),
		sum = json_int_of(json_member(host, "MemorySwap"));
	uint64_t swap = sum < 0 ? CGROUP_NO_LIMIT : (uint64_t)(sum > memory ? sum - memory : 0);
	struct mc_err first = { 0 };
	if (!memory)
		return 0;
	/* v1 keeps memory <= memory+swap at every moment: which one goes first depends on the direction */
	cgroup_set_limit(cg, "memory.swap.max", swap, &first);
	int rc = cgroup_set_limit(cg, "memory.max", (uint64_t)memory, err);
	first = (struct mc_err){ 0 };
	cgroup_set_limit(
		cg, "memory.swap.max", swap, &first); /* many machines count no swap: no reason to fail */
	return rc;
}

/* By the function that a start uses: one meaning of --cpu-shares, whenever it is said. */
static int apply_others(
	const struct cgroup *cg, const struct json *host, const struct update_options *o, struct mc_err *err)
{
	struct config_limits l = { .memory_low = (int64_t)o->memory_reservation,
		.cpu_shares = o->cpu_shares,
		.pids = o->pids_limit };
	if (!o->nano_cpus && (o->cpu_quota || o->cpu_period)) { /* as config.json of the next start says it */
		l.cpu_quota = json_int_of(json_member(host, "CpuQuota"));
		l.cpu_period = (uint64_t)json_int_of(json_member(host, "CpuPeriod"));
	}
	int rc = o->nano_cpus ? cgroup_set_cpus(cg, o->nano_cpus, err) : 0;
	return rc < 0 ? rc : cgroup_apply(cg, &l, err);
}

static int apply(
	struct engine *e, const struct container *c, const struct update_options *o, struct mc_err *err)
{
	struct cgroup cg = { 0 };
	_cleanup_free_ char *path = container_cgroup(e, c);
	int rc = cgroup_open(&cg, path, err);
	if (rc >= 0 && (o->memory || o->memory_swap))
		rc = apply_memory(&cg, c->host, err);
	if (rc >= 0)
		rc = apply_others(&cg, c->host, o, err);
	if (rc >= 0 && o->cpuset_cpus)
		rc = cgroup_write(&cg, "cpuset.cpus", o->cpuset_cpus, err);
	if (rc >= 0 && o->cpuset_mems)
		rc = cgroup_write(&cg, "cpuset.mems", o->cpuset_mems, err);
	cgroup_close(&cg);
	return rc;
}

static void set_if(struct json *host, const char *key, int64_t value)
{
	if (value)
		json_set_i64(host, key, value);
}

static int merge(struct container *c, const struct update_options *o, struct mc_err *err)
{
	struct json *restart = NULL;
	set_if(c->host, "Memory", (int64_t)o->memory);
	if (o->memory && !o->memory_swap && json_int_of(json_member(c->host, "MemorySwap")) >= 0)
		json_set_i64(c->host, "MemorySwap", (int64_t)o->memory * 2);
	set_if(c->host, "MemorySwap", o->memory_swap);
	set_if(c->host, "MemoryReservation", (int64_t)o->memory_reservation);
	set_if(c->host, "NanoCpus", (int64_t)o->nano_cpus);
	set_if(c->host, "CpuShares", (int64_t)o->cpu_shares);
	set_if(c->host, "CpuPeriod", (int64_t)o->cpu_period);
	set_if(c->host, "CpuQuota", o->cpu_quota);
	set_if(c->host, "PidsLimit", o->pids_limit);
	json_set_string(c->host, "CpusetCpus", o->cpuset_cpus);
	json_set_string(c->host, "CpusetMems", o->cpuset_mems);
	if (!o->restart)
		return 0;
	int rc = options_parse_restart(o->restart, &restart, err);
	if (rc >= 0)
		json_set(c->host, "RestartPolicy", restart);
	return rc;
}

int container_update(struct engine *e, const char *name, const struct update_options *o, struct mc_err *err)
{
	_cleanup_container_ struct container found = { 0 }, c = { 0 };
	int rc = container_find(e, name, &found, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int lock = container_lock(e, found.id, err);
	rc = lock < 0 ? lock : container_load(e, found.id, &c, err);
	if (rc >= 0)
		rc = check(&c, o, err);
	if (rc >= 0)
		rc = merge(&c, o, err);
	if (rc >= 0 && (c.status == CONTAINER_RUNNING || c.status == CONTAINER_PAUSED))
		rc = apply(e, &c, o, err);
	if (rc >= 0)
		rc = container_save(e, &c, err);
	if (rc < 0)
		return err_wrap(err, "Cannot update container %s", found.id);
	event_container(e, &c, "update", NULL);
	return 0;
}
