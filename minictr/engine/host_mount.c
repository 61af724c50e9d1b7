/*
 * host_mount.c - a container's files under a path of the host, see host_mount.h.
 *
 * Kernel objects and man pages: open_tree(2) OPEN_TREE_CLONE, move_mount(2), setns(2), umount2(2),
 * mount_namespaces(7).
 * Order and why: this is the one mount that the host's table shows, because a person asked for it. A
 * container that does not run gets its overlay, which is then attached. One that runs has it mounted
 * already, in a mount namespace of its own, and a second overlay over one upper directory is undefined; so
 * a child enters that namespace, clones the mount at "/", and hands the detached clone back over a socket.
 */
#include "engine/host_mount.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "engine/container_root.h"

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#endif

static char *mount_path(const struct engine *e, const char *id) { return container_path(e, id, "merged"); }

bool host_mount_is_there(struct engine *e, const char *id)
{
	struct stat here, above;
	_cleanup_free_ char *path = mount_path(e, id);
	_cleanup_free_ char *dir = container_path(e, id, "");
	/* An overlay has a device number of its own. */
	return stat(path, &here) == 0 && stat(dir, &above) == 0 && here.st_dev != above.st_dev;
}

/* In a child: enters the container's mount namespace and sends a clone of its "/". */
static int send_clone(int ns, int sock)
{
	struct mc_err err = { 0 };
	if (sys_setns(ns, CLONE_NEWNS, &err) < 0)
		return err.code;
	int tree = sys_open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE, &err);
	return tree < 0 || sys_send_fd(sock, "m", 1, tree, &err) < 0 ? err.code : 0;
}

static int clone_of_running(const struct container *c, struct mc_err *err)
{
	char path[48], text[8];
	int pair[2], tree = -1, status = 0;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)c->init.pid);
	_cleanup_close_ int ns = sys_open(AT_FDCWD, path, O_RDONLY, 0, err);
	if (ns >= 0 && !process_id_alive(&c->init))
		return err_set(err, ESRCH, "container %s has just ended; try again", c->name);
	int rc = ns < 0 ? ns : sys_socketpair(SOCK_SEQPACKET, pair, err);
	if (rc < 0)
		return rc;
	pid_t pid = fork();
	if (pid == 0)
		_exit(send_clone(ns, pair[1]));
	close(pair[1]);
	if (pid < 0)
		rc = err_sys(err, "fork()");
	else if (sys_recv_fd(pair[0], text, sizeof(text), &tree, err) < 0 || tree < 0)
		rc = err_set(err, EPERM,
			"the files of container %s cannot be mounted here: its mount namespace cannot be "
			"entered",
			c->name);
	close(pair[0]);
	if (pid > 0)
		sys_wait(pid, &status, &(struct mc_err){ 0 });
	return rc < 0 ? rc : tree;
}

int host_mount(struct engine *e, const char *name, char **ret, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	_cleanup_close_ int lock = rc < 0 ? rc : container_lock(e, c.id, err);
	if (lock < 0)
		return lock;
	_cleanup_free_ char *path = mount_path(e, c.id);
	if (!host_mount_is_there(e, c.id)) {
		_cleanup_close_ int tree =
			c.init.pid ? clone_of_running(&c, err) : container_mount(e, &c, err);
		rc = tree < 0 ? tree : dir_make(AT_FDCWD, path, 0700, err);
		if (rc >= 0)
			rc = sys_move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH, err);
		if (rc < 0)
			return rc;
	}
	*ret = take_ptr(&path);
	return 0;
}

bool host_mount_drop(struct engine *e, const char *id)
{
	_cleanup_free_ char *path = mount_path(e, id);
	bool was = umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
	rmdir(path);
	return was;
}

int host_unmount(struct engine *e, const char *name, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	_cleanup_close_ int lock = rc < 0 ? rc : container_lock(e, c.id, err);
	if (lock < 0)
		return lock;
	host_mount_drop(e, c.id);
	return 0;
}
