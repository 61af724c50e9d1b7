/*
 * health.c - one health check: run the image's test in the container, keep the result. The monitor calls
 * for it at each interval (`minictr internal health ID`), so nothing of ours sleeps between two checks.
 *
 * Kernel objects and man pages: pidfd_open(2) and poll(2) for the time limit, pipe(7) for what the test says.
 * Order and why: a check that comes too late is a failed one and is killed. Failures within the start
 * period do not count.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/events.h"
#include "engine/exec_process.h"
#include "engine/oci.h"
#include "engine/restore.h"
#include "runtime/process.h"

enum { OUTPUT_MAX = 4096, RESULTS_KEPT = 5 };

struct check {
	int64_t timeout, start_period; /* ns */
	int64_t retries;
	char **command;
};

static int read_check(const struct container *c, struct check *k, struct mc_err *err)
{
	const struct json *h = json_member(c->config, "Healthcheck");
	_cleanup_strv_ char **test = NULL;
	int rc = json_get_strv(h, &test, err, "Test");
	if (rc <= 0 || strv_len(test) < 2)
		return rc < 0 ? rc : err_set(err, ENOENT, "container %s has no health check", c->name);
	k->timeout = json_int_of(json_member(h, "Timeout"));
	k->start_period = json_int_of(json_member(h, "StartPeriod"));
	k->retries = json_int_of(json_member(h, "Retries"));
	if (!k->timeout)
		k->timeout = 30ll * 1000000000;
	if (!k->retries)
		k->retries = 3;
	if (str_eq(test[0], "CMD-SHELL")) {
		strv_push(&k->command, "/bin/sh");
		strv_push(&k->command, "-c");
	}
	for (size_t i = 1; test[i]; i++)
		strv_push(&k->command, test[i]);
	return 0;
}

/* Field 4 of proc_pid_stat(5), behind the last parenthesis: the name may hold anything. */
static pid_t parent_of(pid_t pid)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *path = xasprintf("/proc/%d/stat", (int)pid);
	struct mc_err ignored = { 0 };
	char state;
	int parent = 0;
	const char *rest =
		file_read(AT_FDCWD, path, 4096, &b, &ignored) < 0 || !b.data ? NULL : strrchr(b.data, ')');
	return rest && sscanf(rest, ") %c %d", &state, &parent) == 2 ? parent : 0;
}

/* The time limit must end the test itself, not only the runtime that waits for it. The test's pid is
 * believed while it is the runtime's child: a number read from a file may by now be another
 * process's. */
static void end_test(pid_t runtime, int runtime_fd, const char *pid_file)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	bool told = file_read(AT_FDCWD, pid_file, 32, &b, &ignored) >= 0 && b.data;
	pid_t test = told ? atoi(b.data) : 0;
	_cleanup_close_ int fd = test > 1 ? sys_pidfd_open(test, &ignored) : -1;
	if (fd >= 0 && parent_of(test) == runtime)
		sys_pidfd_send_signal(fd, SIGKILL, &ignored);
	sys_pidfd_send_signal(runtime_fd, SIGKILL, &ignored);
}

/* Reads what it says until it ends or its time is over. Returns its exit code; -1: too late. Neither
 * endless output nor a process that it left behind and that goes on writing holds us up. */
static int watch(pid_t pid, int out, int64_t timeout, const char *pid_file, struct buf *said)
{
	struct mc_err ignored = { 0 };
	int status = 0;
	_cleanup_close_ int pidfd = sys_pidfd_open(pid, &ignored);
	int64_t deadline = (int64_t)now_ns(CLOCK_MONOTONIC) + timeout;
	for (;;) {
		struct pollfd set[] = { { pidfd, POLLIN, 0 }, { out, POLLIN, 0 } };
		int64_t left = (deadline - (int64_t)now_ns(CLOCK_MONOTONIC)) / 1000000;
		if (left <= 0 || poll(set, 2, left > INT_MAX ? INT_MAX : (int)left) == 0) {
			end_test(pid, pidfd, pid_file);
			sys_wait(pid, &status, &ignored);
			return -1;
		}
		char text[1024];
		ssize_t n = set[1].revents ? read(out, text, sizeof(text)) : 0;
		if (n > 0 && said->len < OUTPUT_MAX)
			buf_add(said, text, (size_t)n);
		if (set[1].revents && n <= 0)
			out = -1;
		if (set[0].revents && (n <= 0 || said->len >= OUTPUT_MAX))
			break;
	}
	sys_wait(pid, &status, &ignored);
	return process_exit_code(status);
}

static int run_test(struct engine *e, const struct container *c, const struct check *k, struct buf *said,
	struct mc_err *err)
{
	struct exec_options o = { .command = k->command };
	_cleanup_json_ struct json *process = NULL;
	_cleanup_free_ char *run = engine_run_path(e, c->id);
	_cleanup_free_ char *path = xasprintf("%s/health.json", run),
			    *pid_file = xasprintf("%s/health.pid", run);
	_cleanup_close_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct oci oci = { 0 };
	int out[2], rc = exec_process_json(e, c, &o, &process, err);
	pid_t pid;
	if (rc >= 0)
		rc = json_write_file(AT_FDCWD, path, process, 0600, 0, err);
	if (rc >= 0)
		rc = oci_find(e, c, &oci, err);
	if (rc >= 0)
		rc = sys_pipe(out, err);
	if (rc < 0)
		return rc;
	char *argv[] = { oci.path, "--root", e->oci_root, "exec", "--process", path, "--pid-file", pid_file,
		(char *)c->id, NULL };
	rc = oci_spawn(&oci, argv, (int[3]){ null, out[1], out[1] }, &pid, err);
	close(out[1]);
	int code = rc < 0 ? -1 : watch(pid, out[0], k->timeout, pid_file, said);
	close(out[0]);
	unlink(pid_file);
	oci_release(&oci);
	return rc < 0 ? rc : code < 0 ? 255 : code; /* 255: the time limit; docker says -1 */
}

/* health.json: docker's State.Health. Returns the new status. */
static const char *record(struct engine *e, const struct container *c, const struct check *k, int code,
	int64_t begin, const struct buf *said)
{
	_cleanup_free_ char *path = container_path(e, c->id, "health.json");
	_cleanup_json_ struct json *doc = NULL;
	struct mc_err ignored = { 0 };
	char start[40], end[40];
	if (json_parse_record(AT_FDCWD, path, 1 << 20, &doc, &ignored) < 0)
		doc = json_new_object();
	bool starting = !str_eq(c->health, "healthy") && begin < c->started + k->start_period;
	int64_t streak = code == 0 ? 0 : json_int_of(json_member(doc, "FailingStreak")) + (starting ? 0 : 1);
	const char *status = code == 0 ? "healthy" : streak >= k->retries ? "unhealthy" : c->health;
	time_rfc3339(begin, start, sizeof(start));
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), end, sizeof(end));
	struct json *log = json_new_array(), *one = json_new_object();
	const struct json *old = json_member(doc, "Log");
	for (size_t n = json_len(old), i = n >= RESULTS_KEPT ? n - RESULTS_KEPT + 1 : 0; i < n; i++)
		json_add(log, json_copy(json_item(old, i)));
	json_set_string(one, "Start", start);
	json_set_string(one, "End", end);
	json_set_i64(one, "ExitCode", code == 255 ? -1 : code);
	json_set_string(one, "Output", said->data ? said->data : "");
	json_add(log, one);
	json_set(doc, "Log", log);
	json_set_string(doc, "Status", status);
	json_set_i64(doc, "FailingStreak", streak);
	json_write_file(AT_FDCWD, path, doc, 0600, 0, &ignored);
	return status;
}

int container_health(struct engine *e, const char *id, int *ret_code, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 }, now = { 0 };
	_cleanup_buf_ struct buf said = { 0 };
	struct check k = { 0 };
	int64_t begin = (int64_t)now_ns(CLOCK_REALTIME);
	int rc = container_load(e, id, &c, err);
	if (rc < 0 || c.status != CONTAINER_RUNNING)
		return rc;
	rc = read_check(&c, &k, err);
	if (rc >= 0)
		rc = run_test(e, &c, &k, &said, err);
	if (rc >= 0 && ret_code)
		*ret_code = rc;
	if (rc >= 0) {
		_cleanup_close_ int lock = container_lock(e, id, err);
		if (lock >= 0 && container_load(e, id, &now, err) == 0 && now.status == CONTAINER_RUNNING &&
			now.init.start == c.init.start) {
			const char *status = record(e, &now, &k, rc, begin, &said);
			if (!str_eq(status, now.health)) {
				_cleanup_free_ char *action = xasprintf("health_status: %s", status);
				free(now.health);
				now.health = xstrdup(status);
				container_save_state(e, &now, err);
				event_container(e, &now, action, NULL);
			}
		}
	}
	strv_free(k.command);
	return rc < 0 ? rc : 0;
}
