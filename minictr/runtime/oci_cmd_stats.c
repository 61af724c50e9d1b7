/*
 * oci_cmd_stats.c - the verbs ps, update, events: what the cgroup knows, and other limits for it.
 */
#include "runtime/oci_cmd.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/cgroup.h"
#include "runtime/config.h"
#include "runtime/container.h"
#include "runtime/state.h"
#include "runtime/tail.h"

/* State and cgroup of a container that has processes. */
static int open_cgroup(const struct oci_global *g, const char *id, struct cgroup *ret, struct mc_err *err)
{
	_cleanup_state_ struct state s = { 0 };
	_cleanup_close_ int dir = state_load(g->root, id, &s, err);
	if (dir < 0)
		return dir;
	if (s.status == STATUS_STOPPED || s.status == STATUS_CREATING)
		return err_set(err, ESRCH, "container not running");
	if (!*s.cgroup)
		return err_set(err, ENOTSUP, "container \"%s\" has no cgroup", id);
	return cgroup_open(ret, s.cgroup, err);
}

/* Command line of a process with blanks for NULs; "?" when it is gone. */
static void print_process(pid_t pid)
{
	char path[64];
	_cleanup_buf_ struct buf line = { 0 };
	struct mc_err ignored = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	file_read(AT_FDCWD, path, 4096, &line, &ignored);
	for (size_t i = 0; i + 1 < line.len; i++)
		if (!line.data[i])
			line.data[i] = ' ';
	printf("%-10d %s\n", pid, line.len ? line.data : "?");
}

int oci_cmd_ps(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	static const struct option options[] = { { "format", required_argument, NULL, 'f' }, { 0 } };
	struct cgroup cg = { 0 };
	bool json = false;
	_cleanup_free_ pid_t *pids = NULL;
	for (int c; (c = getopt_long(argc, argv, "+f:", options, NULL)) != -1;) {
		if (c != 'f')
			return oci_bad_option(argv, err);
		json = str_eq(optarg, "json");
	}
	const char *id = oci_id(argc, argv, err);
	int n = id ? open_cgroup(g, id, &cg, err) : -err->code;
	if (n >= 0)
		n = cgroup_pids(&cg, &pids, err);
	cgroup_close(&cg);
	if (n < 0)
		return n;
	struct json *list = json_new_array();
	if (!json)
		printf("%-10s %s\n", "PID", "CMD");
	for (int i = 0; i < n; i++) {
		if (!json)
			print_process(pids[i]);
		json_add(list, json_new_i64(pids[i]));
	}
	if (!json) {
		json_free(list);
		return 0;
	}
	_cleanup_free_ char *text = json_dump(list, false); /* one line: that is what shims read */
	json_free(list);
	return puts(text) < 0;
}

/* Options of update and the place in linux.resources that each one is. */
static const struct {
	const char *option, *object, *key;
	bool text;
} limits[] = {
	{ "memory", "memory", "limit", false },
	{ "memory-swap", "memory", "swap", false },
	{ "memory-reservation", "memory", "reservation", false },
	{ "kernel-memory", "memory", "kernel", false },
	{ "cpu-quota", "cpu", "quota", false },
	{ "cpu-period", "cpu", "period", false },
	{ "cpu-share", "cpu", "shares", false },
	{ "cpu-shares", "cpu", "shares", false },
	{ "cpu-burst", "cpu", "burst", false },
	{ "cpuset-cpus", "cpu", "cpus", true },
	{ "cpuset-mems", "cpu", "mems", true },
	{ "pids-limit", "pids", "limit", false },
	{ "blkio-weight", "blockIO", "weight", false },
};
enum { FIRST_LIMIT = 300 };

static int set_limit(struct json *resources, size_t i, const char *text, struct mc_err *err)
{
	int64_t n;
	struct json *o = json_sub(resources, limits[i].object);
	if (limits[i].text) {
		json_set_string(o, limits[i].key, text);
		return 0;
	}
	if (parse_i64(text, &n) < 0)
		return err_set(err, EINVAL, "--%s %s: expected a number", limits[i].option, text);
	json_set_i64(o, limits[i].key, n);
	return 0;
}

/* FILE, or "-": standard input. */
static int read_resources(const char *file, struct json **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	int rc = str_eq(file, "-") ? file_read_fd(0, "standard input", 1 << 20, &text, err)
				   : file_read(AT_FDCWD, file, 1 << 20, &text, err);
	if (rc < 0)
		return rc;
	json_free(*ret);
	*ret = NULL;
	return json_parse(text.data, text.len, "resources", ret, err);
}

static int parse_update(struct json **ret, int argc, char **argv, struct mc_err *err)
{
	struct option options[ARRAY_LEN(limits) + 2] = { { "resources", required_argument, NULL, 'r' } };
	int rc = 0;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		options[i + 1] =
			(struct option){ limits[i].option, required_argument, NULL, FIRST_LIMIT + (int)i };
	for (int c; rc >= 0 && (c = getopt_long(argc, argv, "+r:", options, NULL)) != -1;) {
		if (c == 'r')
			rc = read_resources(optarg, ret, err);
		else if (c >= FIRST_LIMIT)
			rc = set_limit(*ret, (size_t)(c - FIRST_LIMIT), optarg, err);
		else
			return oci_bad_option(argv, err);
	}
	return rc;
}

int oci_cmd_update(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	struct config_limits l = { 0 };
	struct cgroup cg = { 0 };
	struct json *resources = json_new_object();
	int rc = parse_update(&resources, argc, argv, err);
	const char *id = rc < 0 ? NULL : oci_id(argc, argv, err);
	rc = id ? config_parse_limits(resources, &l, err) : -err->code;
	if (rc >= 0)
		rc = open_cgroup(g, id, &cg, err);
	/* The tail first: it looks whether the new limit would kill (memory.checkBeforeUpdate). */
	if (rc >= 0 && (rc = tail_update(resources, &cg, err)) >= 0)
		rc = cgroup_apply(&cg, &l, err);
	cgroup_close(&cg);
	json_free(resources);
	return rc < 0 ? rc : 0;
}

static void set_limit_value(struct json *o, const char *key, uint64_t v)
{
	json_set_u64(o, key, v == CGROUP_NO_LIMIT ? UINT64_MAX : v);
}

/* The shape of runc's `events --stats`. */
static struct json *stats_json(const struct cgroup_stats *s, const struct cgroup_events *e)
{
	struct json *d = json_new_object();
	struct json *usage = json_sub(json_sub(d, "memory"), "usage"), *cpu = json_sub(d, "cpu");
	json_set_u64(usage, "usage", s->memory_usage);
	json_set_u64(usage, "max", s->memory_peak);
	set_limit_value(usage, "limit", s->memory_limit);
	json_set_u64(json_sub(json_sub(d, "memory"), "swap"), "usage", s->swap_usage);
	json_set_u64(json_sub(json_sub(d, "memory"), "kernel"), "usage", s->kernel_usage);
	json_set_u64(json_sub(json_sub(d, "memory"), "raw"), "inactive_file", s->memory_inactive_file);
	json_set_u64(json_sub(d, "memory"), "oomKills", e->oom_kill);
	json_set_u64(json_sub(d, "blkio"), "readBytes", s->io_read_bytes);
	json_set_u64(json_sub(d, "blkio"), "writeBytes", s->io_write_bytes);
	json_set_u64(json_sub(d, "blkio"), "reads", s->io_reads);
	json_set_u64(json_sub(d, "blkio"), "writes", s->io_writes);
	json_set_u64(json_sub(cpu, "usage"), "total", s->cpu_usage_ns);
	json_set_u64(json_sub(cpu, "usage"), "user", s->cpu_user_ns);
	json_set_u64(json_sub(cpu, "usage"), "kernel", s->cpu_system_ns);
	json_set_u64(json_sub(cpu, "throttling"), "periods", s->cpu_periods);
	json_set_u64(json_sub(cpu, "throttling"), "throttledPeriods", s->cpu_throttled);
	json_set_u64(json_sub(cpu, "throttling"), "throttledTime", s->cpu_throttled_ns);
	json_set_u64(json_sub(d, "pids"), "current", s->pids);
	set_limit_value(json_sub(d, "pids"), "limit", s->pids_limit);
	return d;
}

static int print_stats(const char *id, const struct cgroup *cg, struct mc_err *err)
{
	struct cgroup_stats s = { 0 };
	struct cgroup_events e = { 0 };
	int rc = cgroup_stats(cg, &s, err);
	if (rc < 0 || (rc = cgroup_read_events(cg, &e, err)) < 0)
		return rc;
	struct json *o = json_new_object();
	json_set_string(o, "type", "stats");
	json_set_string(o, "id", id);
	json_set(o, "data", stats_json(&s, &e));
	_cleanup_free_ char *text = json_dump(o, false);
	json_free(o);
	puts(text);
	return fflush(stdout) == 0 ? (int)e.populated : err_sys(err, "writing");
}

int oci_cmd_events(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	static const struct option options[] = { { "stats", no_argument, NULL, 's' },
		{ "interval", required_argument, NULL, 'i' }, { 0 } };
	struct cgroup cg = { 0 };
	bool once = false;
	int seconds = 5, rc = 0;
	for (int c; rc >= 0 && (c = getopt_long(argc, argv, "+i:", options, NULL)) != -1;) {
		if (c == '?')
			return oci_bad_option(argv, err);
		once |= c == 's';
		if (c == 'i') {
			_cleanup_free_ char *n =
				xstrndup(optarg, strspn(optarg, "0123456789")); /* "5s", as runc */
			rc = oci_number(n, "--interval", &seconds, err);
		}
	}
	const char *id = rc < 0 ? NULL : oci_id(argc, argv, err);
	rc = id ? open_cgroup(g, id, &cg, err) : -err->code;
	while (rc >= 0 && (rc = print_stats(id, &cg, err)) > 0 && !once)
		sleep((unsigned)(seconds ? seconds : 1));
	cgroup_close(&cg);
	return rc < 0 ? rc : 0;
}
