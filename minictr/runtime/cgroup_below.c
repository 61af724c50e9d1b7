/*
 * cgroup_below.c - cgroups that a container has made below its own: where `exec` may or must put a program.
 *
 * Kernel objects: cgroupfs directories (openat2(2) RESOLVE_BENEATH: a path with ".." never leaves the
 * container's group), /proc/PID/cgroup. On cgroup2 a cgroup that has passed controllers on takes no process:
 * EBUSY (cgroups(7), "no internal processes").
 */
#include "runtime/cgroup.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

/* Is one of "cpu,memory" a controller of this tree? An empty list means all trees. */
static bool is_meant(const struct cgroup_tree *t, const char *list)
{
	_cleanup_free_ char *copy = xstrdup(list);
	if (!*list)
		return true;
	for (char *rest = copy, *want; (want = strsep(&rest, ","));) {
		_cleanup_free_ char *have = xstrdup(t->controllers);
		for (char *more = have, *one; (one = strsep(&more, ","));)
			if (*one && str_eq(one, want))
				return true;
	}
	return false;
}

int cgroup_descend(struct cgroup *cg, const char *spec, struct mc_err *err)
{
	const struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	const char *colon = strchr(spec, ':'), *path = colon ? colon + 1 : spec;
	_cleanup_free_ char *list = xstrndup(spec, colon ? (size_t)(colon - spec) : 0);
	bool found = false;
	path += strspn(path, "/");
	path = *path ? path : ".";
	if (colon && cg->v2)
		return err_set(err, EINVAL,
			"--cgroup %s: cgroup2 has one tree for all controllers, leave \"%s:\" out", spec,
			list);
	for (size_t i = 0; i < cg->n; i++) {
		struct cgroup_tree *t = &cg->tree[i];
		if (t->dir < 0 || !is_meant(t, list))
			continue;
		int dir = sys_openat2(t->dir, path, &how, err);
		if (dir < 0)
			return err_wrap(err, "--cgroup %s: no such group below the container's in %s", spec,
				t->mount);
		close_fd(t->dir);
		t->dir = dir;
		found = true;
	}
	return found ? 0
		     : err_set(err, ENOENT, "--cgroup %s: no tree of this host has such a controller", spec);
}

char *cgroup_of_inner(const struct cgroup *cg, pid_t pid)
{
	_cleanup_buf_ struct buf on = { 0 }, text = { 0 };
	struct mc_err ignored = { 0 };
	char file[64];
	size_t len = strlen(cg->path);
	snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
	if (!cg->v2 || file_read(cgroup_fd(cg), "cgroup.subtree_control", 4096, &on, &ignored) < 0 ||
		on.len < 2 || file_read(AT_FDCWD, file, 1 << 16, &text, &ignored) < 0)
		return NULL;
	for (char *rest = text.data, *line; rest && (line = strsep(&rest, "\n"));) {
		/* Our own view may begin below the root of the tree; then compare the end of the path. */
		char *at = str_starts(line, "0::") ? strstr(line + 3, cg->path) : NULL;
		if (at && at[len] == '/')
			return xstrdup(at + len);
	}
	return NULL;
}
