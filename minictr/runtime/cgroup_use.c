/*
 * cgroup_use.c - the uses of a cgroup besides limits: stop, kill and list its processes, read its figures.
 *
 * Kernel objects: v2 cgroup.freeze, cgroup.kill (Linux 5.14), cgroup.procs, cgroup.events; v1 freezer.state.
 * v1's freezer delays even SIGKILL: after a kill there, thaw.
 */
#include "runtime/cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

static void sleep_ms(long ms) { nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL); }

/* First word of a small file; "" when it cannot be read. */
static void read_word(int dir, const char *file, char *out, size_t size)
{
	int fd = dir < 0 ? -1 : openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);
	close_fd(fd);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, " \n")] = '\0';
}

bool cgroup_is_frozen(const struct cgroup *cg)
{
	char word[32];
	if (cg->v2)
		return cgroup_read_number(cgroup_fd(cg), "cgroup.events", "frozen") == 1;
	read_word(cgroup_controller(cg, "freezer"), "freezer.state", word, sizeof(word));
	return str_eq(word, "FROZEN");
}

int cgroup_freeze(const struct cgroup *cg, bool freeze, struct mc_err *err)
{
	const char *text = cg->v2 ? (freeze ? "1" : "0") : (freeze ? "FROZEN" : "THAWED");
	for (int tries = 0; tries < 200; tries++) {
		/*
		 * v1: a process in the middle of a fork can keep the state at FREEZING; writing again
		 * helps it along.
		 */
		if (tries == 0 || (!cg->v2 && tries % 10 == 0)) {
			int rc = cgroup_write(cg, "cgroup.freeze", text, err);
			if (rc < 0)
				return rc;
		}
		if (cgroup_is_frozen(cg) == freeze)
			return 0;
		sleep_ms(tries < 20 ? 1 : 20);
	}
	if (freeze)
		cgroup_write(cg, "cgroup.freeze", cg->v2 ? "0" : "THAWED", &(struct mc_err){ 0 });
	return err_set(
		err, ETIMEDOUT, "cgroup %s did not %s in 4 seconds", cg->path, freeze ? "freeze" : "thaw");
}

/* "4:freezer:/a/b" on v1, "0::/a/b" on v2. Caller frees; NULL when there is none. */
static char *freezer_of(pid_t pid)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	char file[64], *v2 = NULL;
	snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
	if (file_read(AT_FDCWD, file, 1 << 16, &text, &ignored) < 0)
		return NULL;
	for (char *rest = text.data, *line; rest && (line = strsep(&rest, "\n"));) {
		char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;
		if (path && strstr(names, "freezer"))
			return xstrdup(path + 1);
		if (str_starts(line, "0::"))
			v2 = path + 1;
	}
	return xstrdup(v2);
}

void cgroup_thaw_process(pid_t pid)
{
	struct cgroup cg = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *path = freezer_of(pid);
	/* Not asked whether it is frozen: on v1 one that is half-way there (FREEZING) does not say so. */
	if (path && cgroup_open_one(&cg, path, "freezer", &ignored) >= 0)
		cgroup_freeze(&cg, false, &ignored);
	cgroup_close(&cg);
}

struct pid_list {
	pid_t *pid;
	size_t n, cap;
};

static int add_pids(int parent, const char *name, void *arg)
{
	struct pid_list *list = arg;
	_cleanup_free_ char *file = xasprintf("%s/cgroup.procs", name);
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	if (file_read(parent, file, 16 << 20, &text, &ignored) < 0 || !text.len)
		return 0;
	for (char *p = text.data; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		pid_t pid = (pid_t)strtol(p, NULL, 10);
		if (pid <= 0) /* 0: lives in a pid namespace that we cannot see */
			continue;
		if (list->n == list->cap) {
			list->cap = list->cap ? list->cap * 2 : 64;
			list->pid = xrealloc(list->pid, list->cap * sizeof(pid_t));
		}
		list->pid[list->n++] = pid;
	}
	return 0;
}

/* v1: every process of a container is in every tree; the first one that is there will do. */
int cgroup_pids(const struct cgroup *cg, pid_t **ret, struct mc_err *err)
{
	struct pid_list list = { 0 };
	for (size_t i = 0; i < cg->n && !list.n; i++) {
		int rc = cgroup_walk(&cg->tree[i], cg->path, add_pids, &list);
		if (rc < 0) {
			free(list.pid);
			return err_code(err, rc, "reading the processes of cgroup %s", cg->path);
		}
	}
	*ret = list.pid;
	return (int)list.n;
}

bool cgroup_populated(const struct cgroup *cg)
{
	_cleanup_free_ pid_t *pids = NULL;
	if (cg->v2)
		return cgroup_read_number(cgroup_fd(cg), "cgroup.events", "populated") == 1;
	return cgroup_pids(cg, &pids, &(struct mc_err){ 0 }) > 0;
}

/* Signals every process in every tree once; returns their number. A process may have left some trees. */
static size_t signal_all(const struct cgroup *cg, int signal)
{
	size_t n = 0;
	for (size_t i = 0; i < cg->n; i++) {
		struct pid_list list = { 0 };
		cgroup_walk(&cg->tree[i], cg->path, add_pids, &list);
		for (size_t k = 0; k < list.n; k++)
			if (list.pid[k] != getpid())
				kill(list.pid[k], signal);
		n += list.n;
		free(list.pid);
		if (signal != SIGKILL && n)
			break; /* once each */
	}
	return n;
}

int cgroup_kill(const struct cgroup *cg, int signal, struct mc_err *err)
{
	struct mc_err ignored = { 0 };
	if (signal != SIGKILL) {
		signal_all(cg, signal);
		return 0;
	}
	if (cg->v2 && sys_write_file(cgroup_fd(cg), "cgroup.kill", "1", &ignored) == 0)
		return 0;
	/* Frozen processes cannot fork meanwhile; each round catches those that started before it. */
	for (int round = 0; round < 100; round++) {
		bool frozen = cgroup_freeze(cg, true, &ignored) == 0;
		size_t n = signal_all(cg, SIGKILL);
		if (frozen)
			cgroup_freeze(cg, false, &ignored);
		if (!n)
			return 0;
		sleep_ms(round < 10 ? 1 : 50);
	}
	return err_set(
		err, EBUSY, "processes of cgroup %s survive SIGKILL: they are stuck in the kernel", cg->path);
}

static uint64_t number(
	const struct cgroup *cg, const char *controller, const char *v2, const char *v1, const char *key)
{
	return cgroup_read_number(cgroup_controller(cg, controller), cg->v2 ? v2 : v1, key);
}

static void memory_stats(const struct cgroup *cg, struct cgroup_stats *s)
{
	s->memory_usage = number(cg, "memory", "memory.current", "memory.usage_in_bytes", NULL);
	s->memory_limit = number(cg, "memory", "memory.max", "memory.limit_in_bytes", NULL);
	s->memory_peak = number(cg, "memory", "memory.peak", "memory.max_usage_in_bytes", NULL);
	s->memory_inactive_file = number(
		cg, "memory", "memory.stat", "memory.stat", cg->v2 ? "inactive_file" : "total_inactive_file");
	s->kernel_usage = cg->v2 ? number(cg, "memory", "memory.stat", "", "kernel")
				 : number(cg, "memory", "", "memory.kmem.usage_in_bytes", NULL);
	s->swap_usage = number(cg, "memory", "memory.swap.current", "memory.memsw.usage_in_bytes", NULL);
	if (!cg->v2)
		s->swap_usage -= s->swap_usage < s->memory_usage ? s->swap_usage : s->memory_usage;
	if (s->memory_limit >= (uint64_t)LLONG_MAX / 4096 * 4096) /* v1 spells "none" so */
		s->memory_limit = CGROUP_NO_LIMIT;
}

static void cpu_stats(const struct cgroup *cg, struct cgroup_stats *s)
{
	int dir = cgroup_controller(cg, "cpu");
	s->cpu_periods = cgroup_read_number(dir, "cpu.stat", "nr_periods");
	s->cpu_throttled = cgroup_read_number(dir, "cpu.stat", "nr_throttled");
	if (cg->v2) {
		s->cpu_usage_ns = cgroup_read_number(dir, "cpu.stat", "usage_usec") * 1000;
		s->cpu_user_ns = cgroup_read_number(dir, "cpu.stat", "user_usec") * 1000;
		s->cpu_system_ns = cgroup_read_number(dir, "cpu.stat", "system_usec") * 1000;
		s->cpu_throttled_ns = cgroup_read_number(dir, "cpu.stat", "throttled_usec") * 1000;
		return;
	}
	s->cpu_throttled_ns = cgroup_read_number(dir, "cpu.stat", "throttled_time");
	dir = cgroup_controller(cg, "cpuacct");
	s->cpu_usage_ns = cgroup_read_number(dir, "cpuacct.usage", NULL);
	s->cpu_user_ns = cgroup_read_number(dir, "cpuacct.usage_user", NULL);
	s->cpu_system_ns = cgroup_read_number(dir, "cpuacct.usage_sys", NULL);
}

/* v2: "8:0 rbytes=1 wbytes=2 rios=3 ..." per disk; v1: "8:0 Read 1" per disk in two files. */
static void io_stats(const struct cgroup *cg, struct cgroup_stats *s)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	const struct {
		const char *file, *word;
		uint64_t *sum;
	} want[] = {
		{ cg->v2 ? "io.stat" : "blkio.throttle.io_service_bytes_recursive",
			cg->v2 ? "rbytes=" : "Read ", &s->io_read_bytes },
		{ cg->v2 ? "io.stat" : "blkio.throttle.io_service_bytes_recursive",
			cg->v2 ? "wbytes=" : "Write ", &s->io_write_bytes },
		{ cg->v2 ? "io.stat" : "blkio.throttle.io_serviced_recursive", cg->v2 ? "rios=" : "Read ",
			&s->io_reads },
		{ cg->v2 ? "io.stat" : "blkio.throttle.io_serviced_recursive", cg->v2 ? "wios=" : "Write ",
			&s->io_writes },
	};
	int dir = cgroup_controller(cg, cg->v2 ? "io" : "blkio");
	for (size_t i = 0; dir >= 0 && i < ARRAY_LEN(want); i++) {
		buf_clear(&text);
		if (file_read(dir, want[i].file, 1 << 20, &text, &ignored) < 0 || !text.len)
			continue;
		for (char *p = strstr(text.data, want[i].word); p; p = strstr(p + 1, want[i].word))
			*want[i].sum += strtoull(p + strlen(want[i].word), NULL, 10);
	}
}

int cgroup_stats(const struct cgroup *cg, struct cgroup_stats *ret, struct mc_err *err)
{
	*ret = (struct cgroup_stats){ 0 };
	if (!cg->n)
		return err_set(err, ENOENT, "cgroup %s is not open", cg->path);
	memory_stats(cg, ret);
	cpu_stats(cg, ret);
	io_stats(cg, ret);
	ret->pids = number(cg, "pids", "pids.current", "pids.current", NULL);
	ret->pids_limit = number(cg, "pids", "pids.max", "pids.max", NULL);
	return 0;
}
