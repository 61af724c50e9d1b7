/*
 * box/view.c - what is to be seen inside the crash box.
 *
 * Kernel objects: open_tree(2), mount_setattr(2), move_mount(2), fsopen(2), pivot_root(2), proc(5),
 * sysfs(5), tmpfs(5). Outside the user namespace a tmpfs is filled with read-only clones of /usr and /etc,
 * a few device nodes and the probe, and becomes the root; an engine installed there is covered. Nothing else
 * of the host is there: /home, /root, /var, /boot are out of sight for free. Inside, fresh instances that
 * belong to the box are mounted on top.
 *
 * /proc and /sys are mounted twice on purpose: the kernel allows a fresh proc in a user namespace only
 * where a fully visible one is seen already (`mount_already_visible`). The lower one hides foreign processes
 * (hidepid), so that `umount /proc` inside shows nothing of the host.
 */
#include "learn/box/box.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

struct view_entry {
	const char *source; /* on the host; opened before the tmpfs hides anything */
	const char *target; /* below the new root */
	uint64_t attrs;
	bool directory;
	int tree; /* detached clone */
};

#define LOCKED_DIR (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV)

/* --- outside --- */

static int entry_open(struct view_entry *e, struct mc_err *err)
{
	struct mount_attr attr = { .attr_set = e->attrs };
	e->tree = sys_open_tree(AT_FDCWD, e->source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE, err);
	if (e->tree < 0)
		return e->tree;
	return sys_mount_setattr(e->tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, err);
}

static int entry_attach(const struct view_entry *e, int root, struct mc_err *err)
{
	if (e->directory) {
		int rc = dir_make(root, e->target, 0755, err);
		if (rc < 0)
			return rc;
	} else {
		int fd = sys_open(root, e->target, O_WRONLY | O_CREAT, 0644, err);
		if (fd < 0)
			return fd;
		close(fd);
	}
	int rc = sys_move_mount(e->tree, "", root, e->target, MOVE_MOUNT_F_EMPTY_PATH, err);
	close(e->tree);
	return rc;
}

/* /bin, /lib: links on a merged system, directories on an older one. */
static int add_system_directory(const char *name, int root, struct mc_err *err)
{
	char path[32], target[256];
	snprintf(path, sizeof(path), "/%s", name);
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	if (n > 0) {
		target[n] = '\0';
		return sys_symlink(target, root, name, err);
	}
	if (!path_is_dir(AT_FDCWD, path))
		return 0;
	struct view_entry e = { path, name, LOCKED_DIR, true, -1 };
	int rc = entry_open(&e, err);
	return rc < 0 ? rc : entry_attach(&e, root, err);
}

/* A node of our own, because the host's belongs to ids that the box does not have. */
static int add_kvm(int root, struct mc_err *err)
{
	struct stat st;
	if (stat("/dev/kvm", &st) < 0)
		return err_sys(err, "stat(\"/dev/kvm\")");
	if (geteuid() == 0)
		return sys_mknod(root, "dev/kvm", S_IFCHR | 0666, st.st_rdev, err);
	struct view_entry e = { "/dev/kvm", "dev/kvm", 0, false, -1 };
	int rc = entry_open(&e, err);
	return rc < 0 ? rc : entry_attach(&e, root, err);
}

static int add_devices(int root, struct mc_err *err)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
	static const char *const links[][2] = { { "pts/ptmx", "dev/ptmx" }, { "/proc/self/fd", "dev/fd" },
		{ "/proc/self/fd/0", "dev/stdin" }, { "/proc/self/fd/1", "dev/stdout" },
		{ "/proc/self/fd/2", "dev/stderr" } };
	int rc = dir_make(root, "dev", 0755, err);
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(nodes); i++) {
		char source[32], target[32];
		snprintf(source, sizeof(source), "/dev/%s", nodes[i]);
		snprintf(target, sizeof(target), "dev/%s", nodes[i]);
		struct view_entry e = { source, target, 0, false, -1 };
		rc = entry_open(&e, err); /* mknod(2) of devices is refused in user namespaces: bind them */
		if (rc == 0)
			rc = entry_attach(&e, root, err);
	}
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(links); i++)
		rc = sys_symlink(links[i][0], root, links[i][1], err);
	return rc;
}

static int add_empty_directories(int root, struct mc_err *err)
{
	static const char *const names[] = { "proc", "sys", "work", "tmp", "run", "var", "root", "dev/pts",
		"dev/shm", "dev/mqueue" };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(names); i++)
		rc = dir_make(root, names[i], 0755, err);
	return rc;
}

/* A fresh tmpfs, attached to /tmp of this mount namespace only because pivot_root(2) wants a mount point. */
static int new_root(struct mc_err *err)
{
	int fs = sys_fsopen("tmpfs", err);
	int rc = fs < 0 ? fs : sys_fsconfig_string(fs, "mode", "0755", err);
	if (rc == 0)
		rc = sys_fsconfig_create(fs, err);
	int root = rc < 0 ? rc : sys_fsmount(fs, 0, err);
	close_fd(fs);
	if (root < 0)
		return root;
	rc = sys_move_mount(root, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH, err);
	return rc < 0 ? rc : root;
}

static int add_kernel_views(bool user, struct mc_err *err)
{
	if (user) { /* no pid namespace of our own yet: only the host's can be shown below ours */
		int rc = sys_mount("/proc", "/tmp/proc", NULL, MS_BIND | MS_REC, NULL, err);
		return rc == 0 ? sys_mount("/sys", "/tmp/sys", NULL, MS_BIND | MS_REC, NULL, err) : rc;
	}
	int rc = sys_mount(
		"proc", "/tmp/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=invisible", err);
	return rc == 0 ? sys_mount("sysfs", "/tmp/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, err)
		       : rc;
}

static int pivot_into(int root, struct mc_err *err)
{
	int rc = sys_fchdir(root, err);
	if (rc == 0)
		rc = sys_pivot_root(".", ".", err);
	if (rc == 0)
		rc = sys_umount(".", MNT_DETACH, err);
	return rc == 0 ? sys_chdir("/", err) : rc;
}

static int enter_root(int root, struct mc_err *err)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
	int rc = sys_mount_setattr(root, "", AT_EMPTY_PATH, &readonly, err);
	return rc == 0 ? pivot_into(root, err) : rc;
}

/* /next: the same names once more, without what is mounted there; box_view_inside() takes it as the root of
 * an unprivileged user's box. Made here, outside, so that the box cannot make it writable. */
static int add_next(int root, struct mc_err *err)
{
	char **names = NULL, target[256];
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
	int rc = dir_list(root, ".", &names, err);
	if (rc == 0)
		rc = dir_make(root, "next", 0755, err);
	if (rc == 0)
		rc = sys_mount("tmpfs", "/tmp/next", "tmpfs", MS_NODEV, "mode=755,size=64k", err);
	_cleanup_close_ int next =
		rc < 0 ? rc : sys_open(AT_FDCWD, "/tmp/next", O_RDONLY | O_DIRECTORY, 0, err);
	rc = next < 0 ? next : 0;
	for (char **n = names; rc == 0 && *n; n++) {
		ssize_t len = readlinkat(root, *n, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		rc = len > 0 ? sys_symlink(target, next, *n, err) : dir_make(next, *n, 0755, err);
	}
	strv_free(names);
	return rc == 0 ? sys_mount_setattr(next, "", AT_EMPTY_PATH, &readonly, err) : rc;
}

static int fill_root(int root, struct view_entry *entries, size_t n, bool kvm, struct mc_err *err)
{
	static const char *const system[] = { "bin", "sbin", "lib", "lib32", "lib64", "libx32" };
	int rc = dir_make(root, "lab", 0755, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = entry_attach(&entries[i], root, err);
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(system); i++)
		rc = add_system_directory(system[i], root, err);
	if (rc == 0)
		rc = add_devices(root, err);
	if (rc == 0 && kvm)
		rc = add_kvm(root, err);
	return rc == 0 ? add_empty_directories(root, err) : rc;
}

/* Nothing is in sight there: a file becomes a device that no exec takes, a directory an empty one. */
static int cover(const char *path, struct mc_err *err)
{
	struct stat st;
	_cleanup_free_ char *at = xasprintf("/tmp%s", path);
	if (lstat(at, &st) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return sys_mount("tmpfs", at, "tmpfs", MS_RDONLY | MS_NODEV, "size=4k,mode=755", err);
	return S_ISREG(st.st_mode) ? sys_mount("/tmp/dev/null", at, NULL, MS_BIND, NULL, err) : 0;
}

/* An installed engine, or a checkout below /usr, is the answer to every task, and could be started. */
static int cover_engines(const char *top, struct mc_err *err)
{
	static const char *const installed[] = { "/usr/bin/minictr", "/usr/bin/minictr-oci",
		"/usr/sbin/minictrd", "/usr/libexec/minictr", "/usr/local/bin/minictr",
		"/usr/local/bin/minictr-oci", "/usr/local/sbin/minictrd", "/usr/local/libexec/minictr" };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(installed); i++)
		rc = cover(installed[i], err);
	return rc == 0 && top && str_starts(top, "/usr/") ? cover(top, err) : rc;
}

int box_view_outside(const struct box *b, const struct box_paths *paths, struct mc_err *err)
{
	struct view_entry entries[] = {
		{ "/usr", "usr", LOCKED_DIR, true, -1 },
		{ "/etc", "etc", LOCKED_DIR, true, -1 },
		{ paths->probe, "lab/probe", LOCKED_DIR | MOUNT_ATTR_NOSUID, false, -1 },
		{ paths->mine, "lab/mine", LOCKED_DIR | MOUNT_ATTR_NOSUID, true, -1 },
	};
	/* Only a whole engine needs its directory. Else the executables are started by descriptor
	 * (box/enter.c), and no code but the learner's own is within a learner's reach. */
	size_t n = ARRAY_LEN(entries) - (b->options.engine ? 0 : 1);
	_cleanup_free_ char *top = getcwd(NULL, 0);
	umask(0);
	int rc = sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = entry_open(&entries[i], err);
	int root = rc < 0 ? rc : new_root(err);
	if (root < 0)
		return root;
	rc = fill_root(root, entries, n, b->options.kvm, err);
	if (rc == 0)
		rc = cover_engines(top, err);
	if (rc == 0 && (b->ids == 1 || box_in_outer()))
		rc = add_next(root, err);
	if (rc == 0)
		rc = add_kernel_views(b->ids == 1 || box_in_outer(), err);
	if (rc == 0)
		rc = enter_root(root, err);
	close(root);
	return rc;
}

/* --- inside --- */

static int mount_work(const struct box *b, struct mc_err *err)
{
	static const struct {
		const char *target, *options;
	} fresh[] = {
		/* The sizes add up to well below the memory limit: then ENOSPC comes before the OOM killer. */
		{ "/work", "mode=755,size=64m" },
		{ "/tmp", "mode=1777,size=16m" },
		{ "/run", "mode=755,size=8m" },
		{ "/var", "mode=755,size=32m" },
		{ "/root", "mode=700,size=4m" },
		{ "/dev/shm", "mode=1777,size=8m" },
	};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(fresh); i++)
		rc = sys_mount("tmpfs", fresh[i].target, "tmpfs", MS_NODEV, fresh[i].options, err);
	if (rc == 0 && b->options.shared)
		rc = sys_mount(NULL, "/work", NULL, MS_SHARED, NULL, err);
	return rc;
}

static int take_along(const char *name, int root, struct mc_err *err)
{
	static const char *const plain[] = { "tmp", "work", "run", "var", "root", "next", NULL };
	char path[280], target[256];
	snprintf(path, sizeof(path), "/%s", name);
	if (readlink(path, target, sizeof(target)) > 0 || strv_has((char *const *)plain, name))
		return 0;
	int tree = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE, err);
	int rc = tree < 0 ? tree : sys_move_mount(tree, "", root, name, MOVE_MOUNT_F_EMPTY_PATH, err);
	close_fd(tree);
	return rc;
}

/*
 * An unprivileged user's lower /proc is the host's: a fresh one of no other pid namespace could be had
 * outside. It was needed to mount the box's own; now it goes, with the root it is mounted in. A locked mount
 * cannot be unmounted, but the root of a mount namespace can be left by pivot_root(2) and then let go as a
 * whole. The new root is a copy of /next, whose read-only flag is locked as well.
 */
static int leave_lower(struct mc_err *err)
{
	char **names = NULL;
	int root = sys_open_tree(AT_FDCWD, "/next", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, err);
	int rc = root < 0 ? root : sys_move_mount(root, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH, err);
	if (rc == 0)
		rc = dir_list(AT_FDCWD, "/", &names, err);
	for (char **n = names; rc == 0 && *n; n++)
		rc = take_along(*n, root, err);
	strv_free(names);
	if (rc == 0)
		rc = pivot_into(root, err);
	close_fd(root);
	return rc;
}

int box_view_inside(const struct box *b, struct mc_err *err)
{
	const unsigned long safe = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	const char *pts = b->ids == 1 ? "newinstance,ptmxmode=0666,mode=0620"
				      : "newinstance,ptmxmode=0666,mode=0620,gid=5";
	int rc = sys_mount("proc", "/proc", "proc", safe, NULL, err);
	if (rc == 0)
		rc = sys_mount("sysfs", "/sys", "sysfs", safe, NULL, err);
	if (rc == 0 && (b->ids == 1 || box_in_outer()))
		rc = leave_lower(err);
	if (rc == 0)
		rc = sys_mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, pts, err);
	if (rc == 0)
		rc = sys_mount("mqueue", "/dev/mqueue", "mqueue", safe, NULL, err);
	if (rc == 0)
		rc = mount_work(b, err);
	return rc == 0 ? box_cgroup_mount(b, err) : rc;
}
