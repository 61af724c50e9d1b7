/*
 * oci/stats.c - the verbs ps and update: lists the processes of the cgroup, changes its limits.
 */
#include "runtime/oci/cmd.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "runtime/cgroup.h"
#include "runtime/config.h"
#include "runtime/state.h"
#include "runtime/tail.h"

/* State and cgroup of a container that has processes. */
int oci_open_cgroup(const struct oci_global *g, const char *id, struct cgroup *ret, struct mc_err *err)
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
		if (oci_format(optarg, &json, err) < 0)
			return -err->code;
	}
	const char *id = oci_only_id(argc, argv, err);
	int n = id ? oci_open_cgroup(g, id, &cg, err) : -err->code;
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
enum limit_kind { NUMBER, BYTES, TEXT };
static const struct {
	const char *option, *object, *key;
	enum limit_kind kind;
} limits[] = {
	{ "memory", "memory", "limit", BYTES },
	{ "memory-swap", "memory", "swap", BYTES },
	{ "memory-reservation", "memory", "reservation", BYTES },
	{ "kernel-memory", "memory", "kernel", BYTES },
	{ "kernel-memory-tcp", "memory", "kernelTCP", BYTES },
	{ "cpu-quota", "cpu", "quota", NUMBER },
	{ "cpu-period", "cpu", "period", NUMBER },
	{ "cpu-share", "cpu", "shares", NUMBER },
	{ "cpu-shares", "cpu", "shares", NUMBER },
	{ "cpu-burst", "cpu", "burst", NUMBER },
	{ "cpu-idle", "cpu", "idle", NUMBER },
	{ "cpu-rt-period", "cpu", "realtimePeriod", NUMBER },
	{ "cpu-rt-runtime", "cpu", "realtimeRuntime", NUMBER },
	{ "cpuset-cpus", "cpu", "cpus", TEXT },
	{ "cpuset-mems", "cpu", "mems", TEXT },
	{ "pids-limit", "pids", "limit", NUMBER },
	{ "blkio-weight", "blockIO", "weight", NUMBER },
};
enum { FIRST_LIMIT = 300 };

static int set_limit(struct json *resources, size_t i, const char *text, struct mc_err *err)
{
	int64_t n;
	uint64_t bytes;
	struct json *o = json_sub(resources, limits[i].object);
	if (limits[i].kind == TEXT)
		json_set_string(o, limits[i].key, text);
	else if (parse_i64(text, &n) == 0)
		json_set_i64(o, limits[i].key, n);
	else if (limits[i].kind == BYTES && parse_bytes(text, &bytes) == 0 && bytes <= INT64_MAX)
		json_set_u64(o, limits[i].key, bytes);
	else
		return err_set(err, EINVAL, "--%s %s: expected a number%s", limits[i].option, text,
			limits[i].kind == BYTES ? " of bytes" : "");
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
	if ((rc = json_parse(text.data, text.len, "resources", ret, err)) < 0)
		return rc;
	return json_kind_of(*ret) == JSON_OBJECT ? 0 : err_set(err, EINVAL, "resources: expected an object");
}

/* Two rounds: FILE first, wherever --resources stands, then what the other flags change of it. */
static int parse_update(struct json **ret, int argc, char **argv, struct mc_err *err)
{
	struct option options[ARRAY_LEN(limits) + 2] = { { "resources", required_argument, NULL, 'r' } };
	int rc = 0;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		options[i + 1] =
			(struct option){ limits[i].option, required_argument, NULL, FIRST_LIMIT + (int)i };
	for (int round = 0; round < 2; round++) {
		optind = 0;
		for (int c; rc >= 0 && (c = getopt_long(argc, argv, "+r:", options, NULL)) != -1;) {
			if (c != 'r' && c < FIRST_LIMIT)
				return oci_bad_option(argv, err);
			if (c == 'r' && round == 0)
				rc = read_resources(optarg, ret, err);
			else if (c != 'r' && round == 1)
				rc = set_limit(*ret, (size_t)(c - FIRST_LIMIT), optarg, err);
		}
	}
	return rc;
}

int oci_cmd_update(const struct oci_global *g, int argc, char **argv, struct mc_err *err)
{
	struct config_limits l = { 0 };
	struct cgroup cg = { 0 };
	struct json *resources = json_new_object();
	int rc = parse_update(&resources, argc, argv, err);
	const char *id = rc < 0 ? NULL : oci_only_id(argc, argv, err);
	rc = id ? config_parse_limits(resources, &l, err) : -err->code;
	if (rc >= 0)
		rc = oci_open_cgroup(g, id, &cg, err);
	/* The tail first: it checks whether the new limit would kill (memory.checkBeforeUpdate). */
	if (rc >= 0 && (rc = tail_update(resources, &cg, err)) >= 0)
		rc = cgroup_apply(&cg, &l, err);
	cgroup_close(&cg);
	json_free(resources);
	return rc < 0 ? rc : 0;
}
