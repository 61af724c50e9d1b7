/*
 * cgroup.c - the life of a cgroup: make it, limit it, put a process in, read what happened, remove it.
 *
 * Kernel objects: directories of cgroupfs. mkdir(2) makes a cgroup, its files appear by themselves;
 * write(2) to them sets limits; rmdir(2) ends it. cgroups(7), Documentation/admin-guide/cgroup-v2.rst.
 *
 * Order and why: limits are set while the cgroup is empty, so no process ever runs without them; the process
 * enters before its exec, so all its children are inside too; removal comes last, because the kernel does not
 * remove a cgroup with a live process (EBUSY).
 *
 * Two versions: cgroup2 has one tree, and a controller works in a child only when the parent's
 * cgroup.subtree_control says so. In version 1 each controller has its own tree. The code loops over cg->tree
 * for both; the file names differ (cgroup_v1.c).
 *
 * Left out: which limits a config.json asks for (cgroup_limits.c, tail/cgroup_resources.c), freezing and
 * figures (cgroup_use.c), devices (tail/cgroup_devices.c).
 */
#include "runtime/cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"

enum { PERIOD_US = 100000, QUOTA_MIN_US = 1000 }; /* the kernel refuses quotas below one millisecond */

/* Cuts the next name off a path: "/a/b" gives "a", then "b". false at the end. */
static bool next_name(const char **path, char *name, size_t size)
{
	const char *p = *path + strspn(*path, "/");
	size_t len = strcspn(p, "/");
	if (!len || len >= size)
		return false;
	memcpy(name, p, len);
	name[len] = '\0';
	*path = p + len;
	return true;
}

/* v2: children of dir get every controller that dir has. The kernel takes all of them or none. */
static int delegate(int dir, struct mc_err *err)
{
	_cleanup_buf_ struct buf have = { 0 }, on = { 0 }, line = { 0 };
	if (file_read(dir, "cgroup.controllers", 4096, &have, err) < 0 ||
		file_read(dir, "cgroup.subtree_control", 4096, &on, err) < 0)
		return -err->code;
	if (!have.len || (on.len && str_eq(have.data, on.data)))
		return 0;
	for (char *save = NULL, *word = strtok_r(have.data, " \n", &save); word;
		word = strtok_r(NULL, " \n", &save))
		buf_addf(&line, "%s+%s", line.len ? " " : "", word);
	int rc = line.len ? sys_write_file(dir, "cgroup.subtree_control", line.data, err) : 0;
	if (rc == -EBUSY)
		err_hint(err, "a cgroup2 group holds either processes or groups with controllers: move the "
			      "processes of the "
			      "parent into a group below it first");
	return rc;
}

/*
 * Creates the directory name below t->dir when it is missing and enters it; .made tells whether it was new.
 */
static int step_down(struct cgroup_tree *t, const char *name, struct mc_err *err)
{
	/* Not by sys_mkdir(), which would report EEXIST as a failure. */
	t->made = mkdirat(t->dir, name, 0755) == 0;
	if (!t->made && errno != EEXIST)
		return err_sys(err, "mkdir(\"%s\") in %s", name, t->mount);
	int below = sys_open(t->dir, name, O_RDONLY | O_DIRECTORY, 0, err);
	close_fd(t->dir);
	return t->dir = below;
}

/* Takes back a half-made cgroup: only directories that were not there before. */
static void undo(struct cgroup *cg)
{
	for (size_t i = 0; i < cg->n; i++) {
		struct cgroup_tree *t = &cg->tree[i];
		_cleanup_free_ char *dir = xasprintf("%s%s", t->mount, cg->path);
		if (t->made)
			rmdir(dir);
	}
	cgroup_close(cg);
}

/*
 * Makes the cgroup `path` ("/minictr-1a2b3c4d/web") in every tree of this machine and opens it.
 *
 * cgroup_trees() (given) fills cg->tree with what is mounted. Afterwards cg->tree[i].dir is an open
 * directory in each of them, and .made tells that it was not there before. One that is there already is no
 * failure, and no directory on the way stays open. On v2 each directory on the way, but not the last one,
 * has passed its controllers on with delegate(); on v1 every directory of the cpuset tree on the way has
 * its parent's cpus by cgroup_inherit_cpuset(). On failure nothing new is left (undo()), and what was there
 * before still is.
 *
 * Lab 03.1: a cgroup is made with mkdir, and a parent decides what its children can limit.
 */
int cgroup_create(struct cgroup *cg, const char *path, struct mc_err *err)
{
	int rc = cgroup_trees(cg, path, err), tries = 0;
	for (size_t i = 0; rc >= 0 && i < cg->n;) {
		struct cgroup_tree *t = &cg->tree[i];
		const char *rest = cg->path;
		char name[sizeof(cg->path)]; /* the kernel refuses a name that is too long */
		rc = t->dir = sys_open(AT_FDCWD, t->mount, O_RDONLY | O_DIRECTORY, 0, err);
		while (rc >= 0 && next_name(&rest, name, sizeof(name))) {
			/* Not in the leaf: a cgroup that passes controllers on may hold no process. */
			if (cg->v2 && (rc = delegate(t->dir, err)) < 0)
				break;
			rc = step_down(t, name, err);
			/*
			 * Also in an existing directory: another create may have made it just now and not
			 * filled it yet.
			 */
			if (rc >= 0)
				rc = cgroup_inherit_cpuset(t, t->dir, err);
		}
		if (rc >= 0) {
			i++;
		} else if (rc == -ENOENT && tries++ < 50) {
			/* Another container's removal may delete the shared parent meanwhile: retry. */
			t->dir = close_fd(t->dir);
			*err = (struct mc_err){ 0 };
			rc = 0;
		}
	}
	if (rc < 0) {
		undo(cg);
		return err_wrap(err, "cgroup %s", path);
	}
	return 0;
}

/*
 * Writes one limit. key is named as on cgroup2: "memory.max", "memory.swap.max", "pids.max", "cpu.weight" ...
 *
 * value counts bytes (64 MiB is 67108864, not 64000000) or things; CGROUP_NO_LIMIT lifts the limit.
 * cgroup_file() (given) says which file of which directory means key on this machine and how "no limit" is
 * spelled there; cgroup_v1_value() turns the number into v1's.
 *
 * Lab 03.2: a limit is one number in one file, exact to the byte.
 */
int cgroup_set_limit(const struct cgroup *cg, const char *key, uint64_t value, struct mc_err *err)
{
	int dir;
	const char *file, *none;
	char text[32];
	int rc = cgroup_file(cg, key, &dir, &file, &none, err);
	if (rc < 0)
		return rc;
	if (value == CGROUP_NO_LIMIT) {
		snprintf(text, sizeof(text), "%s", none);
	} else {
		/*
		 * memory.max alone is not the whole memory: what does not fit goes to swap until
		 * memory.swap.max says no.
		 */
		snprintf(text, sizeof(text), "%llu", (unsigned long long)cgroup_v1_value(cg, key, value));
	}
	rc = sys_write_file(dir, file, text, err);
	if (rc == -EBUSY)
		err_hint(err, "the processes inside use more than that now, or the limit of a parent cgroup "
			      "is lower");
	return rc;
}

/*
 * Gives the cgroup at most nano_cpus / 1000000000 processors: a quota of time per period, on whichever
 * cores. 0: no limit.
 *
 * Rounded down to whole microseconds of a period of 100 ms (another one will do), whichever period the cgroup
 * had before. v2: "cpu.max" takes "QUOTA PERIOD" in microseconds, "max" for none. v1: cpu.cfs_period_us and
 * cpu.cfs_quota_us, -1 for none (cgroup_controller(cg, "cpu") is their directory). Quotas below 1 ms are
 * refused.
 *
 * Lab 03.3: half a processor is half of the time, neither half of the cores nor a weight.
 */
int cgroup_set_cpus(const struct cgroup *cg, uint64_t nano_cpus, struct mc_err *err)
{
	char text[64];
	uint64_t quota = nano_cpus / 10000; /* nano_cpus / 1e9 * PERIOD_US */
	int dir = cgroup_controller(cg, "cpu");
	if (nano_cpus && quota < QUOTA_MIN_US)
		return err_set(
			err, EINVAL, "%.3g processors are too few: at least 0.01", (double)nano_cpus / 1e9);
	if (dir < 0)
		return err_set(
			err, EOPNOTSUPP, "no limit on processor time: this machine has no cpu controller");
	if (cg->v2) {
		if (nano_cpus)
			snprintf(text, sizeof(text), "%llu %d", (unsigned long long)quota, PERIOD_US);
		return sys_write_file(dir, "cpu.max", nano_cpus ? text : "max", err);
	}
	snprintf(text, sizeof(text), "%d", PERIOD_US);
	int rc = sys_write_file(dir, "cpu.cfs_period_us", text, err);
	snprintf(text, sizeof(text), "%lld", nano_cpus ? (long long)quota : -1LL);
	return rc < 0 ? rc : sys_write_file(dir, "cpu.cfs_quota_us", text, err);
}

/*
 * Moves the calling process, which has one thread, into the cgroup; its children are born inside.
 *
 * When any tree refuses the call fails. Called in the child, before it execs anything and before it gives up
 * root: "0" means "myself". On v2 the child is already there when it was made with CLONE_INTO_CGROUP;
 * entering twice does no harm.
 *
 * Lab 03.4: a process that enters before exec never runs its program outside.
 */
int cgroup_enter(const struct cgroup *cg, struct mc_err *err)
{
	for (size_t i = 0; i < cg->n; i++) {
		/* v1: "tasks" moves this thread only. "cgroup.procs" means all threads of a process and
		 * waits for every processor to notice (an RCU grace period: 5 to 12 ms instead of 0.02). */
		const char *file = cg->v2 ? "cgroup.procs" : "tasks";
		if (cg->tree[i].dir < 0)
			continue;
		int rc = sys_write_file(cg->tree[i].dir, file, "0", err);
		if (rc == -ENOSPC)
			err_hint(err, "the cpuset has no processors or no memory nodes");
		if (rc < 0)
			return err_wrap(err, "entering cgroup %s of %s", cg->path, cg->tree[i].mount);
	}
	return 0;
}

/* v1 counts the victims of each cgroup separately: add up the tree. */
static int add_oom_kills(int parent, const char *name, void *sum)
{
	_cleanup_free_ char *file = xasprintf("%s/memory.oom_control", name);
	*(uint64_t *)sum += cgroup_read_number(parent, file, "oom_kill");
	return 0;
}

static const struct cgroup_tree *tree_of(const struct cgroup *cg, const char *controller)
{
	int dir = cgroup_controller(cg, controller);
	for (size_t i = 0; i < cg->n; i++)
		if (dir >= 0 && cg->tree[i].dir == dir)
			return &cg->tree[i];
	return NULL;
}

/*
 * Reads what the kernel counted for this cgroup and all below it.
 *
 * v2: memory.events has oom and oom_kill, pids.events has max, cpu.stat has nr_throttled, cgroup.events has
 * populated; they include what is below. v1: memory.oom_control has oom_kill, of that one cgroup only: add
 * up the tree (cgroup_walk(), add_oom_kills(), given). Files that are missing count 0.
 *
 * Lab 03.5: only the kernel's counter tells that memory ran out; signal 9 has many senders.
 */
int cgroup_read_events(const struct cgroup *cg, struct cgroup_events *ret, struct mc_err *err)
{
	*ret = (struct cgroup_events){ 0 };
	const struct cgroup_tree *memory = tree_of(cg, "memory");
	if (cg->v2 && memory) {
		ret->oom = cgroup_read_number(memory->dir, "memory.events", "oom");
		ret->oom_kill = cgroup_read_number(memory->dir, "memory.events", "oom_kill");
	} else if (memory) {
		int rc = cgroup_walk(memory, cg->path, add_oom_kills, &ret->oom_kill);
		if (rc < 0)
			return err_code(err, rc, "reading the events of cgroup %s", cg->path);
		ret->oom = ret->oom_kill;
	}
	ret->pids_max = cgroup_read_number(cgroup_controller(cg, "pids"), "pids.events", "max");
	ret->throttled = cgroup_read_number(cgroup_controller(cg, "cpu"), "cpu.stat", "nr_throttled");
	ret->populated = cgroup_populated(cg);
	return 0;
}

/* rmdir(2) fails with EBUSY until the last process has been reaped: retry for a moment. */
static int remove_one(int parent, const char *name, void *unused)
{
	(void)unused;
	for (int tries = 0; tries < 500; tries++) {
		if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = tries < 20 ? 500000 : 10000000 }, NULL);
	}
	return -errno;
}

/*
 * Removes the parent directory when it is one of ours ("/minictr-oci") and now empty; otherwise rmdir(2)
 * fails with EBUSY or ENOTEMPTY.
 */
static void remove_parent(const struct cgroup_tree *t, const char *path)
{
	char dir[sizeof(t->mount) + sizeof(((struct cgroup *)0)->path)];
	int n = snprintf(dir, sizeof(dir), "%s%s", t->mount, path);
	char *last = strrchr(dir, '/');
	if (n < (int)sizeof(dir) && str_starts(path, "/minictr") && last > dir + strlen(t->mount)) {
		*last = '\0';
		rmdir(dir);
	}
}

/*
 * Ends the cgroup: no process and no directory of it is left, in any tree, nested ones included.
 *
 * Never unlink files: they belong to the directory. cgroup_kill() (given) ends the processes, remove_one()
 * removes one directory and waits out EBUSY, cgroup_walk() calls it deepest first. Accepts a cgroup that is
 * half there or gone. A polite signal is not enough. Descriptors are closed; cg->path and the list of trees
 * stay. The directory above it goes too when it is an empty one of ours: remove_parent() (given). When a
 * directory cannot be removed, the first error of rmdir is returned.
 *
 * Lab 03.6: rmdir works once no process is inside, children first.
 */
int cgroup_remove(struct cgroup *cg, struct mc_err *err)
{
	explain_step("cgroup.remove", 3, "the kernel removes a cgroup only when no process is left in it");
	int first = 0;
	bool killed = false;
	for (size_t i = 0; i < cg->n; i++) {
		_cleanup_free_ char *dir = xasprintf("%s%s", cg->tree[i].mount, cg->path);
		/* Mostly all processes have left already, and one call is enough. */
		if (rmdir(dir) == 0 || errno == ENOENT)
			continue;
		if (!killed)
			cgroup_kill(cg, SIGKILL, &(struct mc_err){ 0 });
		killed = true;
		int rc = cgroup_walk(&cg->tree[i], cg->path, remove_one, NULL);
		if (rc < 0 && !first)
			first = err_code(err, rc, "rmdir(\"%s\")", dir);
	}
	for (size_t i = 0; i < cg->n && !first; i++)
		remove_parent(&cg->tree[i], cg->path);
	cgroup_close(cg);
	return first;
}
