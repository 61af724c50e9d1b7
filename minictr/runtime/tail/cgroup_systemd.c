/*
 * tail/cgroup_systemd.c - `--systemd-cgroup`: cgroupsPath is "slice:prefix:name" and the cgroup is a scope
 * made by systemd.
 *
 * The helper minictr-systemd (tail/systemd_main.c) talks to systemd, so only it links systemd's library. It
 * stays in the scope until we end it: by then the container's init is inside. The common limits go to systemd
 * as properties too: on a reload systemd writes its own values again.
 *
 * The systemd of an unprivileged user makes scopes, too. But a process can start a child in a cgroup only
 * when it may move processes there from its own cgroup (cgroups(7), "Delegation containment"), and root owns
 * the cgroup of a login session. So we first ask that systemd to move us into its tree.
 */
#include "runtime/tail/config_keys.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "base/sys.h"
#include "runtime/cgroup.h"
#include "runtime/process.h"
#include "runtime/seal.h"
#include "runtime/userns.h"

/* The helper of the one container that this process makes. */
static int hold = -1;
static pid_t helper;

static void property(char ***argv, const char *name, uint64_t value)
{
	strv_pushf(argv, "%s=%llu", name, (unsigned long long)value);
}

static void limits(char ***argv, const struct config_limits *l, bool v2)
{
	if (l->memory)
		property(argv, v2 ? "MemoryMax" : "MemoryLimit",
			l->memory < 0 ? UINT64_MAX : (uint64_t)l->memory);
	if (v2 && l->memory > 0 && l->memory_swap)
		property(argv, "MemorySwapMax",
			l->memory_swap < 0 ? UINT64_MAX : (uint64_t)(l->memory_swap - l->memory));
	if (v2 && l->memory_low > 0)
		property(argv, "MemoryLow", (uint64_t)l->memory_low);
	if (l->cpu_shares)
		property(argv, v2 ? "CPUWeight" : "CPUShares",
			v2 ? cgroup_weight_of_shares(l->cpu_shares) : l->cpu_shares);
	if (l->cpu_quota > 0) {
		uint64_t period = l->cpu_period ? l->cpu_period : 100000;
		property(argv, "CPUQuotaPerSecUSec", (uint64_t)l->cpu_quota * 1000000 / period);
	}
	if (l->pids)
		property(argv, "TasksMax", l->pids < 0 ? UINT64_MAX : (uint64_t)l->pids);
}

/* "slice:prefix:name", each part may be empty. A name that ends in .slice stands for itself. */
static int parse_path(
	const struct config *c, const char *id, char **ret_slice, char **ret_unit, struct mc_err *err)
{
	const char *path = c->cgroups_path && *c->cgroups_path ? c->cgroups_path : NULL;
	_cleanup_free_ char *text = path ? xstrdup(path) : xasprintf(":minictr:%s", id);
	char *first = strchr(text, ':'), *second = first ? strchr(first + 1, ':') : NULL;
	if (!second || strchr(second + 1, ':') || strchr(text, '/')) {
		err_set(err, EINVAL,
			"--systemd-cgroup: linux.cgroupsPath is \"%s\", expected \"slice:prefix:name\"",
			path);
		return err_hint(err, "a path with slashes is for cgroupfs: leave --systemd-cgroup out");
	}
	*first = *second = '\0';
	*ret_slice = xstrdup(*text ? text : userns_host_uid() ? "user.slice" : "system.slice");
	*ret_unit = first[1] ? xasprintf("%s-%s.scope", first + 1, second + 1)
			     : xasprintf("%s.scope", second + 1);
	return 0;
}

/* Beside the path that seal.c kept, because /proc/self/exe is a clone without a path by now. */
static int find_helper(char **ret, struct mc_err *err)
{
	const char *self = getenv(SEAL_PATH), *slash = self ? strrchr(self, '/') : NULL;
	char *path = slash ? xasprintf("%.*s/minictr-systemd", (int)(slash - self), self) : NULL;
	if (path && access(path, X_OK) == 0) {
		*ret = path;
		return 0;
	}
	free(path);
	return program_path("minictr-systemd", ret, err);
}

/* Reads the helper's one line. */
static int read_line(int fd, char **ret, struct mc_err *err)
{
	char text[4096];
	size_t n = 0;
	ssize_t got;
	while (n < sizeof(text) - 1 && (got = read(fd, text + n, sizeof(text) - 1 - n)) > 0) {
		n += (size_t)got;
		if (memchr(text, '\n', n))
			break;
	}
	text[n] = '\0';
	char *end = strchr(text, '\n');
	if (!end)
		return err_set(err, EIO, "systemd made no scope for this container (see its message above)");
	*end = '\0';
	*ret = xstrdup(text);
	return 0;
}

/* Starts the helper: it prints a path when its scope is there, and holds it until *ret_hold is closed. */
static int ask(char **argv, int *ret_hold, pid_t *ret_pid, char **ret_path, struct mc_err *err)
{
	_cleanup_close_ int our_in = -1, our_out = -1;
	int in[2], out[2];
	uid_t user = userns_host_uid();
	int rc = sys_pipe(in, err);
	if (rc < 0)
		return rc;
	our_in = in[1];
	if ((rc = sys_pipe(out, err)) < 0) {
		close_fd(in[0]);
		return rc;
	}
	our_out = out[0];
	if (user) {
		_cleanup_free_ char *run = xasprintf("/run/user/%u", user);
		setenv("MINICTR_SYSTEMD_USER", "1", 1);
		setenv("XDG_RUNTIME_DIR", run,
			0); /* lost by su and the like; the user's bus is there all the same */
	}
	struct process p = { .argv = argv, .stdio = { in[0], out[1], -1 } };
	rc = process_spawn(&p, ret_pid, err);
	close_fd(in[0]);
	close_fd(out[1]);
	if (rc < 0 || (rc = read_line(our_out, ret_path, err)) < 0)
		return rc;
	*ret_hold = take_fd(&our_in);
	return 0;
}

int tail_systemd_join(const char *cgroup, struct mc_err *err)
{
	_cleanup_strv_ char **argv = NULL;
	_cleanup_buf_ struct buf own = { 0 };
	_cleanup_free_ char *program = NULL, *path = NULL;
	char tree[64];
	uid_t user = userns_host_uid();
	int end, rc;
	pid_t pid;
	snprintf(tree, sizeof(tree), "/user@%u.service/", user);
	if (!user || (cgroup && !strstr(cgroup, tree)))
		return 0;
	if ((rc = file_read(AT_FDCWD, "/proc/self/cgroup", 1 << 16, &own, err)) < 0)
		return rc;
	if (strstr(own.data, tree) || !path_exists(AT_FDCWD, "/sys/fs/cgroup/cgroup.controllers"))
		return 0; /* version 1 knows no such rule */
	if ((rc = find_helper(&program, err)) < 0)
		return rc;
	strv_push(&argv, program);
	strv_pushf(&argv, "minictr-oci-%d.scope", getpid());
	strv_push(&argv, "user.slice");
	strv_push(&argv, "minictr: starting a process of a container");
	strv_pushf(&argv, "PID=%d", getpid());
	if ((rc = ask(argv, &end, &pid, &path, err)) < 0)
		return rc;
	close_fd(end);
	return sys_wait(pid, &rc, err);
}

int tail_systemd_begin(const struct config *c, const char *id, char **ret_path, struct mc_err *err)
{
	_cleanup_strv_ char **argv = NULL;
	_cleanup_free_ char *program = NULL, *slice = NULL, *unit = NULL;
	struct cgroup probe;
	int rc = parse_path(c, id, &slice, &unit, err);
	if (rc < 0 || (rc = find_helper(&program, err)) < 0 || (rc = cgroup_trees(&probe, "/x", err)) < 0 ||
		(rc = tail_systemd_join(NULL, err)) < 0)
		return rc;
	strv_push(&argv, program);
	strv_push(&argv, unit);
	strv_push(&argv, slice);
	strv_pushf(&argv, "minictr container %s", id);
	limits(&argv, &c->limits, probe.v2);
	return ask(argv, &hold, &helper, ret_path, err);
}

void tail_systemd_end(void)
{
	int status;
	struct mc_err ignored = { 0 };
	if (hold < 0)
		return;
	hold = close_fd(hold);
	sys_wait(helper, &status, &ignored);
}
