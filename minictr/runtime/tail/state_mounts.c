/*
 * tail/state_mounts.c - mounts that config.json does not list: their sources are made in the state directory.
 *
 * The caller's NOTIFY_SOCKET: a directory in which `start` makes a socket (oci/notify.c), and the variable
 * that names it. The directory is bound in, not the socket: that belongs to the process that listens, and
 * `create`, which mounts, has ended by then.
 *
 * Devices of a new user namespace: mknod(2) fails in there for every user (user_namespaces(7)), so init binds
 * the host's node. Where the host has no such node, its root makes one here, and that is bound.
 */
#include "runtime/tail/config_keys.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/mounts.h"

#define NOTIFY "/run/notify"

static int add_bind(struct config *c, int dir, const char *source, const char *destination,
	unsigned long clear, struct mc_err *err)
{
	char path[PATH_MAX], self[64];
	snprintf(self, sizeof(self), "/proc/self/fd/%d", dir);
	if (!realpath(self, path))
		return err_sys(err, "the path of the state directory");
	c->mounts = xrealloc(c->mounts, (c->n_mounts + 1) * sizeof(*c->mounts));
	c->mounts[c->n_mounts++] = (struct config_mount){
		.destination = destination,
		.type = "bind",
		.source = xasprintf("%s/%s", path, source),
		.options = xcalloc(1, sizeof(char *)),
		.flags = MS_BIND | MS_NOSUID | MS_NOEXEC,
		.clear = clear,
		.data = xstrdup(""),
	};
	return 0;
}

static int add_notify(struct config *c, int dir, struct mc_err *err)
{
	for (size_t i = 0; i < c->n_mounts; i++)
		if (str_eq(c->mounts[i].destination, NOTIFY))
			return 0; /* the caller listens by itself */
	if (!c->has_process || strv_env(c->process.env, "NOTIFY_SOCKET"))
		return 0;
	/* 0755 whatever the umask: the program may be any user. */
	if (mkdirat(dir, "notify", 0755) < 0 || fchmodat(dir, "notify", 0755, 0) < 0)
		return err_sys(err, "a directory for the program's NOTIFY_SOCKET");
	strv_env_set(&c->process.env, "NOTIFY_SOCKET=" NOTIFY "/notify.sock");
	return add_bind(c, dir, "notify", NOTIFY, 0, err);
}

static bool host_has(const struct device *d)
{
	struct stat st;
	return stat(d->path, &st) == 0 && (st.st_mode & S_IFMT) == d->type &&
	       st.st_rdev == makedev((unsigned)d->major, (unsigned)d->minor);
}

static int add_device(struct config *c, int dir, size_t i, struct mc_err *err)
{
	const struct device *d = &c->tail->devices[i];
	_cleanup_free_ char *name = xasprintf("device%zu", i);
	/* An owner that has no id in there is -1, which leaves the node the host's root's. */
	struct stat want = { .st_mode = d->type | d->mode,
		.st_rdev = makedev((unsigned)d->major, (unsigned)d->minor),
		.st_uid = (uid_t)id_map_outside(&c->uids, d->uid),
		.st_gid = (gid_t)id_map_outside(&c->gids, d->gid) };
	struct mc_err ignored = { 0 };
	int rc = sys_mknod(dir, name, want.st_mode, want.st_rdev, &ignored);
	if (rc < 0) /* also of an unprivileged user: init binds, and says what is missing */
		return 0;
	rc = dev_dress(dir, name, &want, err);
	/* /run, where states are, is often mounted without devices. */
	return rc < 0 ? rc : add_bind(c, dir, name, d->path, MS_NODEV, err);
}

int tail_state_mounts(struct config *c, int dir, bool notify, struct mc_err *err)
{
	int rc = notify ? add_notify(c, dir, err) : 0;
	for (size_t i = 0; rc >= 0 && config_has_new(c, NS_USER) && i < c->tail->n_devices; i++)
		if (c->tail->devices[i].type != S_IFIFO && !host_has(&c->tail->devices[i]))
			rc = add_device(c, dir, i, err);
	return rc;
}
