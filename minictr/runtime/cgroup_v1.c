/*
 * cgroup_v1.c - where cgroups are mounted, and which v1 file corresponds to a v2 file.
 *
 * Kernel objects: /proc/self/mountinfo (proc_pid_mountinfo(5)), the files of both versions
 * (Documentation/admin-guide/cgroup-v1/ and cgroup-v2.rst).
 *
 * Which version: cgroup2 counts only when no v1 controller is mounted. "Hybrid" machines mount a cgroup2 tree
 * without controllers beside v1; there only v1 can limit. Named v1 trees (name=systemd) are filled too: a
 * systemd inside a container wants its own.
 */
#include "runtime/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

/* v2 key, v1 controller, v1 file, v1's word for "no limit". */
static const struct row {
	const char *key, *controller, *file, *none;
} table[] = {
	{ "memory.max", "memory", "memory.limit_in_bytes", "-1" },
	{ "memory.low", "memory", "memory.soft_limit_in_bytes", "-1" },
	{ "memory.swap.max", "memory", "memory.memsw.limit_in_bytes", "-1" },
	{ "memory.current", "memory", "memory.usage_in_bytes", NULL },
	{ "memory.peak", "memory", "memory.max_usage_in_bytes", NULL },
	{ "memory.stat", "memory", "memory.stat", NULL },
	{ "cpu.weight", "cpu", "cpu.shares", "1024" },
	{ "cpu.idle", "cpu", "cpu.idle", "0" },
	{ "cpu.max.burst", "cpu", "cpu.cfs_burst_us", "0" },
	{ "cpu.stat", "cpu", "cpu.stat", NULL },
	{ "cpuset.cpus", "cpuset", "cpuset.cpus", "" },
	{ "cpuset.mems", "cpuset", "cpuset.mems", "" },
	{ "pids.max", "pids", "pids.max", "max" },
	{ "pids.current", "pids", "pids.current", NULL },
	{ "pids.events", "pids", "pids.events", NULL },
	{ "io.weight", "blkio", "blkio.weight", "500" },
	{ "io.bfq.weight", "blkio", "blkio.bfq.weight", "100" },
	{ "cgroup.freeze", "freezer", "freezer.state", "THAWED" },
	{ "cgroup.procs", NULL, "cgroup.procs", NULL },
};

/* Is word one of the comma-separated words of list? */
static bool in_list(const char *list, const char *word)
{
	size_t len = strlen(word);
	for (const char *p = list; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (strncmp(p, word, len) == 0 && (p[len] == ',' || p[len] == '\0'))
			return true;
	return false;
}

/* "rw,xattr,name=systemd" to "name=systemd": what is left are controllers. */
static void controllers_of(char *options, char *out, size_t size)
{
	static const char other[] = "rw,ro,xattr,clone_children,noprefix,cpuset_v2_mode,none";
	out[0] = '\0';
	for (char *save = NULL, *o = strtok_r(options, ",\n", &save); o; o = strtok_r(NULL, ",\n", &save)) {
		size_t n = strlen(out);
		if (!in_list(other, o) && !str_starts(o, "release_agent="))
			snprintf(out + n, size - n, "%s%s", n ? "," : "", o);
	}
}

/* One line of mountinfo: "36 35 98:0 /root /mount/point options - type source superoptions". */
static void add_line(struct cgroup *cg, struct cgroup_tree *v2, char *line)
{
	char point[sizeof(v2->mount)], type[16], options[256], controllers[sizeof(v2->controllers)];
	char *tail = strstr(line, " - ");
	if (!tail || sscanf(line, "%*s %*s %*s %*s %191s", point) != 1 ||
		sscanf(tail, " - %15s %*s %255s", type, options) != 2)
		return;
	if (str_eq(type, "cgroup2") && !v2->mount[0]) {
		snprintf(v2->mount, sizeof(v2->mount), "%s", point);
	} else if (str_eq(type, "cgroup") && cg->n < CGROUP_TREES) {
		controllers_of(options, controllers, sizeof(controllers));
		for (size_t i = 0; i < cg->n; i++)
			if (str_eq(cg->tree[i].controllers, controllers))
				return; /* the same hierarchy, mounted twice */
		struct cgroup_tree *t = &cg->tree[cg->n++];
		*t = (struct cgroup_tree){ .dir = -1 };
		memcpy(t->controllers, controllers, sizeof(controllers));
		memcpy(t->mount, point, sizeof(point));
	}
}

static int set_path(struct cgroup *cg, const char *path, struct mc_err *err)
{
	const char *p = path + strspn(path, "/");
	if (!*p)
		return err_set(err, EINVAL,
			"\"%s\" is no path for a cgroup: it names the root, which belongs to the host", path);
	for (const char *q = p; q; q = strchr(q, '/') ? strchr(q, '/') + 1 : NULL)
		if (strncmp(q, "..", 2) == 0 && (q[2] == '/' || !q[2]))
			return err_set(err, EINVAL, "cgroup path \"%s\": \"..\" is not allowed", path);
	if ((size_t)snprintf(cg->path, sizeof(cg->path), "/%s", p) >= sizeof(cg->path))
		return err_set(err, ENAMETOOLONG, "cgroup path \"%.60s...\" is longer than %zu bytes", path,
			sizeof(cg->path) - 1);
	for (size_t n = strlen(cg->path); n > 1 && cg->path[n - 1] == '/'; n--)
		cg->path[n - 1] = '\0';
	return 0;
}

int cgroup_trees(struct cgroup *cg, const char *path, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct cgroup_tree v2 = { .dir = -1 };
	bool controllers = false;
	*cg = (struct cgroup){ 0 };
	int rc = set_path(cg, path, err);
	if (rc < 0 || (rc = file_read(AT_FDCWD, "/proc/self/mountinfo", 16 << 20, &text, err)) < 0)
		return rc;
	for (char *save = NULL, *line = strtok_r(text.data, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save))
		add_line(cg, &v2, line);
	for (size_t i = 0; i < cg->n; i++)
		controllers |= !str_starts(cg->tree[i].controllers, "name=");
	if (!controllers && v2.mount[0]) {
		cg->v2 = true;
		cg->tree[0] = v2;
		cg->n = 1;
	}
	if (cg->n)
		return 0;
	err_set(err, ENOENT, "no cgroup file system is mounted");
	return err_hint(err, "mount -t cgroup2 none /sys/fs/cgroup");
}

/* In all trees, or in the one that has this controller. */
static int open_trees(struct cgroup *cg, const char *path, const char *controller, struct mc_err *err)
{
	int found = 0, rc = cgroup_trees(cg, path, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < cg->n; i++) {
		char dir[sizeof(cg->tree[i].mount) + sizeof(cg->path)];
		if (controller && !cg->v2 && !in_list(cg->tree[i].controllers, controller))
			continue;
		snprintf(dir, sizeof(dir), "%s%s", cg->tree[i].mount, cg->path);
		cg->tree[i].dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		found += cg->tree[i].dir >= 0;
	}
	return found ? 0 : err_set(err, ENOENT, "cgroup %s does not exist", cg->path);
}

int cgroup_open(struct cgroup *cg, const char *path, struct mc_err *err)
{
	return open_trees(cg, path, NULL, err);
}

int cgroup_open_one(struct cgroup *cg, const char *path, const char *controller, struct mc_err *err)
{
	return open_trees(cg, path, controller, err);
}

void cgroup_close(struct cgroup *cg)
{
	for (size_t i = 0; i < cg->n; i++)
		cg->tree[i].dir = close_fd(cg->tree[i].dir);
}

int cgroup_fd(const struct cgroup *cg) { return cg->v2 && cg->n ? cg->tree[0].dir : -1; }

int cgroup_controller(const struct cgroup *cg, const char *controller)
{
	for (size_t i = 0; i < cg->n; i++)
		if (cg->v2 || in_list(cg->tree[i].controllers, controller))
			return cg->tree[i].dir;
	return -1;
}

static int no_such_limit(const struct cgroup *cg, const char *key, const char *controller, struct mc_err *err)
{
	err_set(err, EOPNOTSUPP, "%s cannot be set: this machine has no %s%s", key,
		controller ? controller : "file that means it",
		controller ? " controller for us" : " in cgroup v1");
	if (controller && cg->v2)
		return err_hint(err, "is \"%s\" in the cgroup.controllers of the parent of %s?", controller,
			cg->path);
	return err_hint(err,
		"it may be switched off on the kernel's command line (cgroup_disable=), or need cgroup2");
}

int cgroup_file(const struct cgroup *cg, const char *key, int *ret_dir, const char **ret_file,
	const char **ret_none, struct mc_err *err)
{
	char controller[32];
	snprintf(controller, sizeof(controller), "%.*s", (int)strcspn(key, "."), key);
	*ret_file = key;
	*ret_none = "max";
	if (cg->v2) {
		*ret_dir = cgroup_fd(cg);
		/* Not all kernels have io.bfq.weight and cpu.max.burst; a plain ENOENT would say little. */
		return faccessat(*ret_dir, key, F_OK, 0) == 0 ? 0 : no_such_limit(cg, key, controller, err);
	}
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (!str_eq(table[i].key, key))
			continue;
		*ret_dir = table[i].controller ? cgroup_controller(cg, table[i].controller) : cg->tree[0].dir;
		*ret_file = table[i].file;
		*ret_none = table[i].none ? table[i].none : "-1";
		if (*ret_dir < 0)
			return no_such_limit(cg, key, table[i].controller, err);
		if (faccessat(*ret_dir, *ret_file, F_OK, 0) < 0)
			return no_such_limit(cg, key, *ret_file, err);
		return 0;
	}
	return no_such_limit(cg, key, NULL, err);
}

uint64_t cgroup_v1_value(const struct cgroup *cg, const char *key, uint64_t value)
{
	if (cg->v2)
		return value;
	if (str_eq(key, "cpu.weight")) /* 1, 100 (the usual), 10000 are 2, 1024, 262144 shares */
		return value <= 100 ? 2 + ((value - 1) * 1022 + 98) / 99
				    : 1024 + ((value - 100) * (262144 - 1024) + 9899) / 9900;
	if (str_eq(key, "memory.swap.max")) {
		uint64_t memory =
			cgroup_read_number(cgroup_controller(cg, "memory"), "memory.limit_in_bytes", NULL);
		return memory + value;
	}
	return value;
}

int cgroup_write(const struct cgroup *cg, const char *key, const char *text, struct mc_err *err)
{
	int dir;
	const char *file, *none;
	int rc = cgroup_file(cg, key, &dir, &file, &none, err);
	return rc < 0 ? rc : sys_write_file(dir, file, text, err);
}

/* One read(2) is enough: kernfs gives such a file whole. Returns its length, or -1 with errno. */
static ssize_t read_once(int dir, const char *file, char *text, size_t size)
{
	_cleanup_close_ int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
	text[n < 0 ? 0 : n] = '\0';
	return n;
}

int cgroup_inherit_cpuset(const struct cgroup_tree *tree, int dir, struct mc_err *err)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	int rc;
	if (!in_list(tree->controllers, "cpuset"))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char above[32], list[4096];
		/* A cgroup that we have just made is empty; an existing one mostly has its cpus already. */
		ssize_t n = tree->made ? 0 : read_once(dir, files[i], list, sizeof(list));
		if (n > 1)
			continue;
		snprintf(above, sizeof(above), "../%s", files[i]);
		if (n < 0 || read_once(dir, above, list, sizeof(list)) < 0)
			return err_sys(err, "read %s", files[i]);
		if ((rc = sys_write_file(dir, files[i], list, err)) < 0)
			return rc;
	}
	return 0;
}

uint64_t cgroup_read_number(int dir, const char *file, const char *key)
{
	char text[8192];
	if (dir < 0 || read_once(dir, file, text, sizeof(text)) <= 0)
		return 0;
	if (!key)
		return str_starts(text, "max") || text[0] == '-' ? CGROUP_NO_LIMIT : strtoull(text, NULL, 10);
	size_t len = strlen(key);
	for (const char *p = text; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (strncmp(p, key, len) == 0 && p[len] == ' ')
			return strtoull(p + len, NULL, 10);
	return 0;
}

typedef int walk_function(int parent, const char *name, void *arg);

/*
 * Only one descriptor is open at a time, whatever the depth: a container may nest cgroups thousands deep, and
 * the way back is "..", which is reliable in cgroupfs. st_nlink is 2 plus the number of subdirectories.
 */
static int walk_below(int *dir, walk_function *f, void *arg)
{
	_cleanup_strv_ char **names = NULL;
	struct stat st;
	struct mc_err ignored = { 0 };
	if (fstat(*dir, &st) == 0 && st.st_nlink == 2)
		return 0;
	if (dir_list(*dir, ".", &names, &ignored) < 0)
		return 0; /* went away meanwhile */
	for (char **name = names; name && *name; name++) {
		int below = openat(*dir, *name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below < 0)
			continue; /* a file */
		*dir = close_fd(*dir);
		int rc = walk_below(&below, f, arg);
		*dir = below < 0 ? -1 : openat(below, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		int code = -errno;
		close_fd(below);
		if (*dir < 0)
			return rc < 0 ? rc : code;
		if (rc < 0 || (rc = f(*dir, *name, arg)) < 0)
			return rc;
	}
	return 0;
}

int cgroup_walk(const struct cgroup_tree *tree, const char *path, walk_function *f, void *arg)
{
	_cleanup_close_ int top = open(tree->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -errno;
	int dir = openat(top, path + 1, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	int rc = walk_below(&dir, f, arg);
	close_fd(dir);
	return rc < 0 ? rc : f(top, path + 1, arg);
}
