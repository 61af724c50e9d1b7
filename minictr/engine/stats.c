/*
 * stats.c - what a container uses now, and which processes are in it.
 *
 * Kernel objects and man pages: cgroups(7) for memory, cpu, pids and blocks; /proc/PID/net/dev
 * (proc_pid_net(5)) for links; /proc/stat for the whole machine; ps(1) for the columns people know.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/inspect.h"
#include "runtime/cgroup.h"
#include "runtime/process.h"

static int open_cgroup(struct engine *e, const struct container *c, struct cgroup *ret, struct mc_err *err)
{
	_cleanup_free_ char *path = container_cgroup(e, c);
	return cgroup_open(ret, path, err);
}

/* First line of /proc/stat: ticks of all processors together, idle included. */
static uint64_t system_ns(void)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	uint64_t sum = 0;
	if (file_read(AT_FDCWD, "/proc/stat", 1 << 20, &b, &ignored) < 0 || !b.data)
		return 0;
	const char *p = b.data + strcspn(b.data, " ");
	for (int i = 0; i < 8; i++) {
		char *end;
		sum += strtoull(p, &end, 10);
		p = end;
	}
	return sum * (1000000000ull / (uint64_t)sysconf(_SC_CLK_TCK));
}

static void read_links(pid_t pid, struct container_stats *s)
{
	char path[40], name[32];
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	char *save = NULL;
	snprintf(path, sizeof(path), "/proc/%d/net/dev", (int)pid);
	if (file_read(AT_FDCWD, path, 1 << 20, &b, &ignored) < 0 || !b.data)
		return;
	for (char *line = strtok_r(b.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned long long rx, tx;
		if (sscanf(line, " %31[^:]: %llu %*u %*u %*u %*u %*u %*u %*u %llu", name, &rx, &tx) != 3 ||
			str_eq(name, "lo"))
			continue;
		s->net_rx += rx;
		s->net_tx += tx;
	}
}

int container_stats(
	struct engine *e, const struct container *c, struct container_stats *ret, struct mc_err *err)
{
	struct cgroup cg = { 0 };
	struct cgroup_stats s = { 0 };
	struct sysinfo machine;
	*ret = (struct container_stats){ .time = now_ns(CLOCK_MONOTONIC),
		.system_ns = system_ns(),
		.online_cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN) };
	if (!c->init.pid)
		return 0; /* docker: zeros for one that does not run */
	int rc = open_cgroup(e, c, &cg, err);
	if (rc >= 0)
		rc = cgroup_stats(&cg, &s, err);
	cgroup_close(&cg);
	if (rc < 0)
		return rc;
	sysinfo(&machine);
	uint64_t total = (uint64_t)machine.totalram * machine.mem_unit;
	ret->cpu_ns = s.cpu_usage_ns;
	ret->memory = s.memory_usage > s.memory_inactive_file ? s.memory_usage - s.memory_inactive_file : 0;
	ret->memory_limit = s.memory_limit && s.memory_limit < total ? s.memory_limit : total;
	ret->pids = s.pids;
	ret->pids_limit = s.pids_limit;
	ret->block_read = s.io_read_bytes;
	ret->block_write = s.io_write_bytes;
	read_links(c->init.pid, ret);
	return 0;
}

/* --- top --- */

/* One line into at most n words, the last takes the rest. */
static struct json *split(char *line, size_t n)
{
	struct json *row = json_new_array();
	char *save = line; /* one column: all of it */
	while (n-- > 1) {
		char *w = strtok_r(line, " ", &save);
		if (!w)
			return row;
		json_add(row, json_new_string(w));
		line = NULL;
	}
	while (save && *save == ' ')
		save++;
	if (save && *save)
		json_add(row, json_new_string(save));
	return row;
}

static size_t words(const char *line)
{
	size_t n = 0;
	for (const char *p = line; *p; p++)
		n += *p != ' ' && (p == line || p[-1] == ' ');
	return n;
}

static bool has_pid(const struct json *row, int column, const pid_t *pids, int n)
{
	const char *text = json_text_of(json_item(row, (size_t)column));
	for (int i = 0; text && i < n; i++)
		if (atoi(text) == pids[i])
			return true;
	return false;
}

static int run_ps(char *const args[], struct buf *ret, struct mc_err *err)
{
	_cleanup_strv_ char **argv = NULL;
	int out[2], status = 0;
	pid_t pid;
	strv_push(&argv, "ps");
	for (size_t i = 0; args && args[i]; i++)
		strv_push(&argv, args[i]);
	if (!strv_len(args))
		strv_push(&argv, "-ef");
	int rc = sys_pipe(out, err);
	if (rc < 0)
		return rc;
	struct process p = { .argv = argv, .stdio = { -1, out[1], -1 } };
	rc = process_spawn(&p, &pid, err);
	close(out[1]);
	if (rc >= 0)
		rc = file_read_fd(out[0], "ps", 16 << 20, ret, err);
	close(out[0]);
	if (rc >= 0)
		rc = sys_wait(pid, &status, err);
	if (rc >= 0 && process_exit_code(status))
		return err_set(err, EINVAL, "ps ended with status %d", process_exit_code(status));
	return rc;
}

static int pick_rows(char *text, const pid_t *pids, int n, struct json *doc, struct mc_err *err)
{
	char *save = NULL;
	char *line = strtok_r(text, "\n", &save);
	size_t columns = line ? words(line) : 0;
	struct json *titles = json_set(doc, "Titles", line ? split(line, columns) : json_new_array());
	struct json *rows = json_set(doc, "Processes", json_new_array());
	int column = -1;
	for (size_t i = 0; i < json_len(titles); i++)
		if (str_eq(json_text_of(json_item(titles, i)), "PID"))
			column = (int)i;
	if (column < 0)
		return err_set(err, EINVAL, "Couldn't find PID field in ps output");
	for (line = strtok_r(NULL, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct json *row = split(line, columns);
		if (has_pid(row, column, pids, n))
			json_add(rows, row);
		else
			json_free(row);
	}
	return 0;
}

/*
 * Without a cgroup (an unprivileged user): every process in the container's pid namespace, by its inode
 * (namespaces(7)).
 */
static int same_namespace(pid_t init, pid_t **ret, struct mc_err *err)
{
	struct stat mine, other;
	char path[40];
	int n = 0;
	_cleanup_strv_ char **names = NULL;
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)init);
	if (stat(path, &mine) < 0)
		return err_sys(err, "%s", path);
	int rc = dir_list(AT_FDCWD, "/proc", &names, err);
	*ret = rc < 0 ? NULL : xcalloc(strv_len(names) + 1, sizeof(pid_t));
	for (size_t i = 0; rc >= 0 && names[i]; i++) {
		int pid = atoi(names[i]);
		snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
		if (pid > 0 && stat(path, &other) == 0 && other.st_ino == mine.st_ino)
			(*ret)[n++] = pid;
	}
	return rc < 0 ? rc : n;
}

static int find_pids(struct engine *e, const struct container *c, pid_t **ret, struct mc_err *err)
{
	struct cgroup cg = { 0 };
	struct mc_err none = { 0 };
	if (open_cgroup(e, c, &cg, &none) < 0)
		return same_namespace(c->init.pid, ret, err);
	int n = cgroup_pids(&cg, ret, err);
	cgroup_close(&cg);
	return n;
}

int container_top(
	struct engine *e, const char *name, char *const ps_args[], struct json **ret, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	_cleanup_json_ struct json *doc = json_new_object();
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_free_ pid_t *pids = NULL;
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	if (!c.init.pid)
		return err_set(err, ESRCH, "container %s is not running", c.id);
	int n = find_pids(e, &c, &pids, err);
	rc = n < 0 ? n : run_ps(ps_args, &text, err);
	if (rc >= 0)
		rc = pick_rows(text.data ? text.data : (char[]){ "" }, pids, n, doc, err);
	if (rc < 0)
		return rc;
	*ret = take_ptr(&doc);
	return 0;
}
