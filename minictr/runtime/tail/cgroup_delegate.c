/*
 * tail/cgroup_delegate.c - gives a container that may write its cgroup file system the cgroup itself
 * (config-linux.md, "Cgroup ownership").
 *
 * Only on cgroup2 (delegation of version 1 is not safe), only with a cgroup namespace of its own, only when
 * its cgroup mount is writable. The directory and the files that the kernel lists in
 * /sys/kernel/cgroup/delegate go to the user that runs the program; the limits stay ours, so they cannot be
 * lifted from inside.
 */
#include "runtime/tail/config_keys.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/cgroup.h"

static bool is_writable(const struct config *c)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct config_mount *m = &c->mounts[i];
		if (str_eq(m->destination, "/sys/fs/cgroup") && str_eq(m->source, "cgroup"))
			return !strv_has(m->options, "ro");
	}
	return false;
}

int cgroup_delegate(const struct config *c, const struct cgroup *cg, struct mc_err *err)
{
	_cleanup_buf_ struct buf list = { 0 };
	struct mc_err ignored = { 0 };
	int dir = cgroup_fd(cg);
	if (!cg->v2 || !config_has_new(c, NS_CGROUP) || !c->has_process || !is_writable(c))
		return 0;
	int64_t uid = config_has_new(c, NS_USER) ? id_map_outside(&c->uids, c->process.user.uid)
						 : c->process.user.uid;
	if (uid <= 0) /* root's already, or without an owner */
		return 0;
	if (file_read(AT_FDCWD, "/sys/kernel/cgroup/delegate", 4096, &list, &ignored) < 0)
		buf_adds(&list, "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n");
	int rc = sys_chown(dir, "", (uid_t)uid, (gid_t)-1, AT_EMPTY_PATH, err);
	for (char *rest = list.data, *name; rc >= 0 && rest && (name = strsep(&rest, "\n"));)
		if (*name && faccessat(dir, name, F_OK, 0) == 0) /* not every file is in every cgroup */
			rc = sys_chown(dir, name, (uid_t)uid, (gid_t)-1, 0, err);
	return rc < 0 ? err_wrap(err, "giving the cgroup to user %lld", (long long)uid) : 0;
}
