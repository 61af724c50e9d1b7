/*
 * box/limits.c - the crash box's place in every cgroup tree of the machine.
 *
 * Kernel objects: cgroups(7); Documentation/admin-guide/cgroup-v2.rst "Delegation"; proc(5) (mountinfo,
 * /proc/self/cgroup). Two directories a tree: NAME carries the limits and stays root's; NAME/box belongs to
 * the box's root, who may make sub-cgroups there and move own processes. Limit files are never handed over.
 * Entering v1 is writing "0" to `tasks`: a tenth of the time of `cgroup.procs`, which waits for an RCU
 * period. Removing goes depth first and knows no bound: three thousand sub-cgroups have been seen.
 * Left out: machines where an unprivileged user has a delegated tree (the box then has none, checks say
 * `env`).
 */
#include "learn/box/box.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"

#define BOX_START "start"

/* One mounted tree, as /proc/self/mountinfo tells. */
struct tree {
	char options[128]; /* "memory", "cpu,cpuacct", "none,name=systemd"; "" for v2 */
	char point[256];   /* where it is mounted */
	char own[1024];    /* our own directory in it */
};

/* Our path in the tree of these controllers, from /proc/self/cgroup ("4:memory:/a/b", "0::/a"). */
static bool own_path(const char *cgroups, const char *options, char *out, size_t size)
{
	const char *wanted = str_starts(options, "none,") ? options + 5 : options;
	for (const char *line = cgroups; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		const char *names = strchr(line, ':');
		const char *path = names ? strchr(names + 1, ':') : NULL;
		size_t len = path ? (size_t)(path - names - 1) : 0;
		if (!path || len != strlen(wanted) || strncmp(names + 1, wanted, len) != 0)
			continue;
		snprintf(out, size, "%.*s", (int)strcspn(path + 1, "\n"), path + 1);
		return true;
	}
	return false;
}

/* "36 31 0:35 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory" */
static bool parse_tree(const char *line, const char *cgroups, struct tree *t)
{
	char root[256], type[32], super[256], path[384];
	const char *tail = strstr(line, " - ");
	if (!tail || sscanf(line, "%*d %*d %*s %255s %255s", root, t->point) != 2 ||
		sscanf(tail, " - %31s %*s %255s", type, super) != 2)
		return false;
	if (!str_eq(type, "cgroup") && !str_eq(type, "cgroup2"))
		return false;
	t->options[0] = '\0';
	if (str_eq(type, "cgroup")) {
		const char *names = strstr(super, "rw,");
		if (!names)
			return false;
		snprintf(t->options, sizeof(t->options), "%s%.100s",
			str_starts(names + 3, "name=") ? "none," : "", names + 3);
	}
	if (!own_path(cgroups, t->options, path, sizeof(path)))
		return false;
	size_t skip = str_eq(root, "/") || !str_starts(path, root) ? 0 : strlen(root);
	snprintf(t->own, sizeof(t->own), "%s%s", t->point, str_eq(path + skip, "/") ? "" : path + skip);
	return path_is_dir(AT_FDCWD, t->own);
}

static int read_trees(struct tree out[BOX_TREES], struct mc_err *err)
{
	_cleanup_buf_ struct buf mounts = { 0 }, cgroups = { 0 };
	int rc = file_read(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &mounts, err);
	if (rc == 0)
		rc = file_read(AT_FDCWD, "/proc/self/cgroup", 64 << 10, &cgroups, err);
	if (rc < 0)
		return rc;
	int n = 0;
	char *save = NULL;
	for (char *line = strtok_r(mounts.data, "\n", &save); line && n < BOX_TREES;
		line = strtok_r(NULL, "\n", &save))
		if (parse_tree(line, cgroups.data, &out[n]))
			n++;
	return n;
}

/* Writes a file of the cgroup `dir`, a path or a name in the open directory parent. A missing file is no
 * failure: not every kernel has each of them. */
static void set_at(int parent, const char *dir, const char *file, const char *value)
{
	char path[640];
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	int fd = openat(parent, path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, value, strlen(value)) < 0)
		errno = 0; /* e.g. a parent's limit is lower already */
	close_fd(fd);
}

static void set(const char *dir, const char *file, const char *value) { set_at(AT_FDCWD, dir, file, value); }

static void copy_from(const char *from, const char *to, const char *file)
{
	struct mc_err err;
	_cleanup_buf_ struct buf value = { 0 };
	char path[640];
	snprintf(path, sizeof(path), "%s/%s", from, file);
	if (file_read(AT_FDCWD, path, 4096, &value, &err) == 0)
		set(to, file, value.data);
}

/* One by one: a single unknown controller would refuse the whole line. */
static void pass_on(const char *dir)
{
	static const char *const controllers[] = { "+memory", "+pids", "+cpu", "+cpuset", "+io" };
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
		set(dir, "cgroup.subtree_control", controllers[i]);
}

static void set_limits(const struct box *b, const struct box_tree *t, const char *parent)
{
	char memory[32], pids[32];
	snprintf(memory, sizeof(memory), "%llu", (unsigned long long)(b->options.memory ?: 256 << 20));
	snprintf(pids, sizeof(pids), "%u", b->options.pids ?: 128);
	if (t->options[0] == '\0') {
		pass_on(parent);
		pass_on(t->limits);
		set(t->limits, "cgroup.max.descendants", "200");
		set(t->limits, "cgroup.max.depth", "20");
		set(t->limits, "memory.swap.max", "0");
	} else if (strstr(t->options, "cpuset")) { /* an empty cpuset takes no process */
		copy_from(parent, t->limits, "cpuset.cpus");
		copy_from(parent, t->limits, "cpuset.mems");
		set(t->limits, "cgroup.clone_children", "1");
	}
	set(t->limits, t->options[0] ? "memory.limit_in_bytes" : "memory.max", memory);
	set(t->limits, "pids.max", pids);
}

static void delegate(const struct box *b, const struct box_tree *t, const char *path)
{
	static const char *const files[] = { ".", "cgroup.procs", "tasks", "cgroup.threads",
		"cgroup.subtree_control", "memory.oom.group", "memory.reclaim" };
	size_t n = t->options[0] ? 3 : ARRAY_LEN(files);
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; dir >= 0 && i < n; i++)
		if (fchownat(dir, files[i], b->base, b->base, 0) < 0)
			continue; /* which files there are depends on the kernel */
}

/* v2 gives controllers only to children of a cgroup without processes: those of the box live in box/start,
 * so that the root of its cgroup namespace, box/, is free to pass them on. */
static bool make_start(const struct box *b, const struct box_tree *t)
{
	_cleanup_free_ char *start = xasprintf("%s/" BOX_START, t->box);
	if (mkdir(start, 0755) < 0)
		return false;
	delegate(b, t, start);
	return true;
}

static bool make_in(struct box *b, const struct tree *t)
{
	/* v2: a cgroup with processes in it cannot give controllers to children; the root of the tree can. */
	const char *parent = t->options[0] ? t->own : t->point;
	struct box_tree *made = &b->tree[b->trees];
	made->limits = xasprintf("%s/%s", parent, b->name);
	made->box = xasprintf("%s/box", made->limits);
	made->options = xstrdup(t->options);
	made->name = str_eq(t->point, "/sys/fs/cgroup") ? xstrdup("") : xstrdup(strrchr(t->point, '/') + 1);
	b->trees++; /* from here on box_cgroup_remove() frees it */
	if (mkdir(made->limits, 0755) < 0)
		return false;
	set_limits(b, made, parent);
	if (mkdir(made->box, 0755) < 0)
		return false;
	delegate(b, made, made->box);
	return made->options[0] || make_start(b, made);
}

int box_cgroup_make(struct box *b, struct mc_err *err)
{
	struct tree trees[BOX_TREES];
	int n = read_trees(trees, err);
	for (int i = 0; i < n; i++) {
		if (make_in(b, &trees[i]))
			continue;
		box_cgroup_remove(b); /* read-only or foreign trees: the box goes without, as a whole */
		return 0;
	}
	return n < 0 ? n : 0;
}

int box_cgroup_open(const struct box *b, bool start, int fds[BOX_TREES], struct mc_err *err)
{
	for (int i = 0; i < b->trees; i++) {
		const struct box_tree *t = &b->tree[i];
		_cleanup_free_ char *path =
			t->options[0] ? xasprintf("%s/tasks", t->box)
				      : xasprintf("%s%s/cgroup.procs", t->box, start ? "/" BOX_START : "");
		fds[i] = sys_open(AT_FDCWD, path, O_WRONLY, 0, err);
		if (fds[i] < 0)
			return fds[i];
	}
	return 0;
}

int box_cgroup_settle(const struct box *b, struct mc_err *err)
{
	for (int i = 0; i < b->trees; i++) {
		const struct box_tree *t = &b->tree[i];
		_cleanup_free_ char *path =
			xasprintf("/sys/fs/cgroup/%s/" BOX_START "/cgroup.procs", t->name);
		int rc = t->options[0] || !path_exists(AT_FDCWD, path)
				 ? 0
				 : sys_write_file(AT_FDCWD, path, "0", err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int box_cgroup_enter(const struct box *b, const int fds[BOX_TREES], struct mc_err *err)
{
	for (int i = 0; i < b->trees; i++) {
		if (write(fds[i], "0", 1) != 1)
			return err_sys(err, "box: entering %s", b->tree[i].box);
		close(fds[i]);
	}
	return 0;
}

int box_cgroup_mount(const struct box *b, struct mc_err *err)
{
	const unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	if (b->trees == 1 && b->tree[0].name[0] == '\0')
		return sys_mount("cgroup2", "/sys/fs/cgroup", "cgroup2", safe, NULL, err);
	int rc = b->trees ? sys_mount("tmpfs", "/sys/fs/cgroup", "tmpfs", safe, "mode=755,size=1m", err) : 0;
	for (int i = 0; rc == 0 && i < b->trees; i++) {
		char point[320];
		snprintf(point, sizeof(point), "/sys/fs/cgroup/%s", b->tree[i].name);
		rc = sys_mkdir(AT_FDCWD, point, 0755, err);
		bool v2 = b->tree[i].options[0] == '\0';
		const char *type = v2 ? "cgroup2" : "cgroup", *data = v2 ? NULL : b->tree[i].options;
		/* A tree that this user namespace may not mount (options changed since) is left out, not fatal. */
		if (rc == 0 && mount("cgroup", point, type, safe, data) < 0)
			rmdir(point);
	}
	return rc;
}

/* --- the end: thaw, kill, remove --- */

/* What is done to one directory of a tree of cgroups, deepest first. */
typedef void cgroup_deed(int parent, const char *name);

/*
 * The deed for everything below dir, children first. A learner's loop may have made thousands of levels: so
 * no path is built (it would be longer than the kernel takes), and one directory is open at a time. Takes dir
 * and returns it, opened anew; -1 when it is lost.
 */
static int below(int dir, cgroup_deed *deed)
{
	char **names = NULL;
	struct mc_err err;
	if (dir_list(dir, ".", &names, &err) < 0)
		return dir;
	for (char **name = names; name && *name && dir >= 0; name++) {
		int child = openat(dir, *name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0)
			continue; /* a file */
		close_fd(dir);
		child = below(child, deed);
		dir = child < 0 ? -1 : openat(child, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close_fd(child);
		if (dir >= 0)
			deed(dir, *name);
	}
	strv_free(names);
	return dir;
}

static void each_below(const char *path, cgroup_deed *deed)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0)
		close_fd(below(dir, deed));
	deed(AT_FDCWD, path);
}

/* SIGKILL does not reach a frozen process before it thaws (cgroups(7), freezer), and box root may freeze
 * what is below its own cgroup: each directory is thawed, on v1 and on v2. */
static void thaw_one(int parent, const char *name)
{
	set_at(parent, name, "freezer.state", "THAWED");
	set_at(parent, name, "cgroup.freeze", "0");
}

static void kill_one(int parent, const char *name)
{
	struct mc_err err;
	_cleanup_buf_ struct buf pids = { 0 };
	_cleanup_free_ char *file = xasprintf("%s/cgroup.procs", name);
	set_at(parent, name, "cgroup.kill", "1");
	if (file_read(parent, file, 1 << 20, &pids, &err) < 0)
		return;
	for (const char *p = pids.data; p && *p; p += strcspn(p, "\n"), p += *p == '\n')
		if (atoi(p) > 1)
			kill((pid_t)atoi(p), SIGKILL);
}

static int patience; /* how often EBUSY is waited out in one tree, a millisecond each */

/* The files of a cgroup cannot and need not be unlinked: rmdir(2) of each directory is enough. */
static void remove_one(int parent, const char *name)
{
	while (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno == EBUSY && patience-- > 0)
		usleep(1000); /* the last process is dead but not yet forgotten */
}

/* False when something of it is still there. */
static bool remove_tree(const char *path)
{
	patience = 400;
	each_below(path, thaw_one);
	each_below(path, remove_one);
	if (!path_is_dir(AT_FDCWD, path))
		return true;
	/* A process of a dead box may live on where its grader was killed while the box was frozen. */
	each_below(path, kill_one);
	patience = 400;
	each_below(path, remove_one);
	return !path_is_dir(AT_FDCWD, path);
}

void box_cgroup_thaw(const struct box *b)
{
	for (int i = 0; i < b->trees; i++)
		each_below(b->tree[i].limits, thaw_one);
}

int box_cgroup_remove(struct box *b)
{
	int left = 0;
	for (int i = 0; i < b->trees; i++) {
		struct box_tree *t = &b->tree[i];
		left += !remove_tree(t->limits);
		free(t->limits);
		free(t->box);
		free(t->options);
		free(t->name);
	}
	b->trees = 0;
	return left;
}

static unsigned own_pid_namespace(void)
{
	struct stat st;
	return stat("/proc/self/ns/pid", &st) == 0 ? (unsigned)st.st_ino : 0;
}

void box_cgroup_name(char *out, size_t size, pid_t runner, unsigned n)
{
	snprintf(out, size, "minictr-lab-%x-%d-%u", own_pid_namespace(), (int)runner, n);
}

/* Of this runner, or of one that is dead. Whether one in another pid namespace is alive cannot be asked:
 * its cgroups count as left behind when ten minutes old (only such are ended and removed). */
static bool to_sweep(const char *name, const char *path, pid_t runner, bool stale)
{
	unsigned ns;
	int pid;
	struct stat st;
	if (sscanf(name, "minictr-lab-%x-%d-", &ns, &pid) != 2)
		return false;
	if (ns == own_pid_namespace())
		return pid == runner || (stale && kill(pid, 0) < 0 && errno == ESRCH);
	return stale && stat(path, &st) == 0 && time(NULL) - st.st_mtime > 600;
}

int box_cgroup_sweep(pid_t runner, bool stale)
{
	struct tree trees[BOX_TREES];
	struct mc_err err;
	int n = geteuid() == 0 ? read_trees(trees, &err) : 0, left = 0;
	for (int i = 0; i < n; i++) {
		char **names = NULL;
		const char *parent = trees[i].options[0] ? trees[i].own : trees[i].point;
		if (dir_list(AT_FDCWD, parent, &names, &err) < 0)
			continue;
		for (char **name = names; name && *name; name++) {
			_cleanup_free_ char *path = xasprintf("%s/%s", parent, *name);
			if (to_sweep(*name, path, runner, stale))
				left += !remove_tree(path);
		}
		strv_free(names);
	}
	return left;
}
