/*
 * oci/events.c - the verb events: what the kernel counted for a container, once or again and again.
 *
 * One JSON object a line, {"type":"stats","id":ID,"data":{...}} with the keys of `runc events`; an "oom" line
 * when the kernel has killed for lack of memory since the previous line. Our own additional keys:
 * memory.oomKills, and blkio's sums.
 */
#include "runtime/oci/cmd.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/cgroup.h"

static void set_limit_value(struct json *o, const char *key, uint64_t v)
{
	json_set_u64(o, key, v == CGROUP_NO_LIMIT ? UINT64_MAX : v);
}

/* "KEY NUMBER" lines. */
static struct json *flat_file(int dir, const char *file)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	struct json *o = json_new_object();
	if (dir < 0 || file_read(dir, file, 1 << 20, &text, &ignored) < 0 || !text.len)
		return o;
	for (char *rest = text.data, *line; (line = strsep(&rest, "\n"));) {
		uint64_t n;
		char *space = strchr(line, ' ');
		if (space && parse_u64(space + 1, &n) == 0) {
			*space = '\0';
			json_set_u64(o, line, n);
		}
	}
	return o;
}

/* How often a limit was hit, and (v1) the highest it came to. */
static void memory_counts(const struct cgroup *cg, struct json *o, const char *v1, const char *v2)
{
	char file[64];
	int dir = cgroup_controller(cg, "memory");
	snprintf(file, sizeof(file), cg->v2 ? "%s.events" : "memory.%sfailcnt", cg->v2 ? v2 : v1);
	json_set_u64(o, "failcnt", cgroup_read_number(dir, file, cg->v2 ? "max" : NULL));
	snprintf(file, sizeof(file), cg->v2 ? "%s.max" : "memory.%slimit_in_bytes", cg->v2 ? v2 : v1);
	if (!json_member(o, "limit"))
		set_limit_value(o, "limit", cgroup_read_number(dir, file, NULL));
	snprintf(file, sizeof(file), cg->v2 ? "%s.peak" : "memory.%smax_usage_in_bytes", cg->v2 ? v2 : v1);
	if (!json_member(o, "max"))
		json_set_u64(o, "max", cgroup_read_number(dir, file, NULL));
}

static void add_memory(
	struct json *d, const struct cgroup *cg, const struct cgroup_stats *s, uint64_t oom_kills)
{
	struct json *m = json_sub(d, "memory"), *usage = json_sub(m, "usage");
	json_set_u64(usage, "usage", s->memory_usage);
	json_set_u64(usage, "max", s->memory_peak);
	set_limit_value(usage, "limit", s->memory_limit);
	json_set_u64(json_sub(m, "swap"), "usage", s->swap_usage);
	json_set_u64(json_sub(m, "kernel"), "usage", s->kernel_usage);
	memory_counts(cg, usage, "", "memory");
	memory_counts(cg, json_sub(m, "swap"), "memsw.", "memory.swap");
	if (!cg->v2) {
		memory_counts(cg, json_sub(m, "kernel"), "kmem.", "");
		json_set_u64(json_sub(m, "kernelTCP"), "usage",
			cgroup_read_number(
				cgroup_controller(cg, "memory"), "memory.kmem.tcp.usage_in_bytes", NULL));
		memory_counts(cg, json_sub(m, "kernelTCP"), "kmem.tcp.", "");
	}
	json_set(m, "raw", flat_file(cgroup_controller(cg, "memory"), "memory.stat"));
	json_set_u64(m, "oomKills", oom_kills);
}

static void add_cpu(struct json *d, const struct cgroup *cg, const struct cgroup_stats *s)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	struct json *usage = json_sub(json_sub(d, "cpu"), "usage"),
		    *t = json_sub(json_sub(d, "cpu"), "throttling");
	int dir = cg->v2 ? -1 : cgroup_controller(cg, "cpuacct");
	json_set_u64(usage, "total", s->cpu_usage_ns);
	json_set_u64(usage, "user", s->cpu_user_ns);
	json_set_u64(usage, "kernel", s->cpu_system_ns);
	if (dir >= 0 && file_read(dir, "cpuacct.usage_percpu", 1 << 16, &text, &ignored) >= 0 && text.len) {
		struct json *each = json_set(usage, "percpu", json_new_array());
		for (char *rest = text.data, *word; (word = strsep(&rest, " \n"));)
			if (*word)
				json_add(each, json_new_u64(strtoull(word, NULL, 10)));
	}
	json_set_u64(t, "periods", s->cpu_periods);
	json_set_u64(t, "throttledPeriods", s->cpu_throttled);
	json_set_u64(t, "throttledTime", s->cpu_throttled_ns);
}

static void add_io(struct json *list, unsigned major, unsigned minor, const char *op, uint64_t value)
{
	struct json *o = json_add(list, json_new_object());
	json_set_u64(o, "major", major);
	json_set_u64(o, "minor", minor);
	json_set_string(o, "op", op);
	json_set_u64(o, "value", value);
}

/*
 * v2, per disk: "8:0 rbytes=1 wbytes=2 rios=3 ..."; v1: "8:0 Read 1", one file for bytes, one for operations.
 */
static void add_disks(
	struct json *blkio, const struct cgroup *cg, const char *key, const char *v1, const char *v2)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	int dir = cgroup_controller(cg, cg->v2 ? "io" : "blkio");
	struct json *list = json_new_array();
	if (dir >= 0 && file_read(dir, cg->v2 ? "io.stat" : v1, 1 << 20, &text, &ignored) >= 0 && text.len)
		for (char *rest = text.data, *line; (line = strsep(&rest, "\n"));) {
			unsigned major, minor;
			char op[16];
			unsigned long long n;
			if (!cg->v2 && sscanf(line, "%u:%u %15s %llu", &major, &minor, op, &n) == 4)
				add_io(list, major, minor, op, n);
			if (!cg->v2 || sscanf(line, "%u:%u", &major, &minor) != 2)
				continue;
			for (const char *const *w = (const char *const[]){ "rRead", "wWrite", NULL }; *w;
				w++) {
				snprintf(op, sizeof(op), " %c%s=", (*w)[0], v2);
				char *at = strstr(line, op);
				if (at)
					add_io(list, major, minor, *w + 1,
						strtoull(at + strlen(op), NULL, 10));
			}
		}
	if (json_len(list))
		json_set(blkio, key, list);
	else
		json_free(list);
}

static struct json *stats_json(
	const struct cgroup *cg, const struct cgroup_stats *s, const struct cgroup_events *e)
{
	struct json *d = json_new_object(), *blkio = json_sub(d, "blkio");
	add_cpu(d, cg, s);
	add_memory(d, cg, s, e->oom_kill);
	json_set_u64(json_sub(d, "pids"), "current", s->pids);
	set_limit_value(json_sub(d, "pids"), "limit", s->pids_limit);
	add_disks(blkio, cg, "ioServiceBytesRecursive", "blkio.throttle.io_service_bytes_recursive", "bytes");
	add_disks(blkio, cg, "ioServicedRecursive", "blkio.throttle.io_serviced_recursive", "ios");
	json_set_u64(blkio, "readBytes", s->io_read_bytes);
	json_set_u64(blkio, "writeBytes", s->io_write_bytes);
	json_set_u64(blkio, "reads", s->io_reads);
	json_set_u64(blkio, "writes", s->io_writes);
	json_sub(d, "hugetlb");
	json_sub(d, "intel_rdt");
	json_set(d, "network_interfaces", NULL);
	return d;
}

static int print_event(const char *type, const char *id, struct json *data, struct mc_err *err)
{
	struct json *o = json_new_object();
	json_set_string(o, "type", type);
	json_set_string(o, "id", id);
	if (data)
		json_set(o, "data", data);
	_cleanup_free_ char *text = json_dump(o, false);
	json_free(o);
	puts(text);
	return fflush(stdout) == 0 ? 0 : err_sys(err, "writing");
}

/* 1 while a process is inside. *kills: the number already reported. */
static int print_stats(const char *id, const struct cgroup *cg, uint64_t *kills, struct mc_err *err)
{
	struct cgroup_stats s = { 0 };
	struct cgroup_events e = { 0 };
	int rc = cgroup_stats(cg, &s, err);
	if (rc < 0 || (rc = cgroup_read_events(cg, &e, err)) < 0)
		return rc;
	if (e.oom_kill > *kills && (rc = print_event("oom", id, NULL, err)) < 0)
		return rc;
	*kills = e.oom_kill;
	rc = print_event("stats", id, stats_json(cg, &s, &e), err);
	return rc < 0 ? rc : (int)e.populated;
}

/* "5s", "1m", "500ms", "1h", as runc has it; a bare number is seconds. */
static int parse_interval(const char *text, struct timespec *ret, struct mc_err *err)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = { { "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "m", 60000 }, { "h", 3600000 } };
	size_t digits = strspn(text, "0123456789");
	_cleanup_free_ char *number = xstrndup(text, digits);
	uint64_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (parse_u64(number, &n) == 0 && n > 0 && n < 1 << 20 &&
			str_eq(text + digits, units[i].unit)) {
			n *= units[i].ms;
			*ret = (struct timespec){ (time_t)(n / 1000), (long)(n % 1000) * 1000000 };
			return 0;
		}
	return err_set(err, EINVAL, "--interval %s: expected a time above 0, like 5s, 1m or 500ms", text);
}

int oci_cmd_events(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	static const struct option options[] = { { "stats", no_argument, NULL, 's' },
		{ "interval", required_argument, NULL, 'i' }, { 0 } };
	struct cgroup cg = { 0 };
	struct timespec pause = { 5, 0 };
	bool once = false;
	int rc = 0;
	for (int c; rc >= 0 && (c = getopt_long(argc, argv, "+i:", options, NULL)) != -1;) {
		if (c == '?')
			return oci_bad_option(argv, err);
		once |= c == 's';
		if (c == 'i')
			rc = parse_interval(optarg, &pause, err);
	}
	const char *id = rc < 0 ? NULL : oci_only_id(argc, argv, err);
	rc = id ? oci_open_cgroup(g, id, &cg, err) : -err->code;
	struct cgroup_events before = { 0 };
	if (rc >= 0)
		rc = cgroup_read_events(&cg, &before, err);
	while (rc >= 0 && (rc = print_stats(id, &cg, &before.oom_kill, err)) > 0 && !once)
		nanosleep(&pause, NULL);
	cgroup_close(&cg);
	return rc < 0 ? rc : 0;
}
