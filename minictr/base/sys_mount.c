/*
 * sys_mount.c - mount(2) and the newer calls: open_tree(2), move_mount(2), mount_setattr(2), fsopen(2).
 * Raw syscall(2) where glibc 2.35 has no wrapper. Flags are shown by name, as strace shows them.
 */
#include "base/sys.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sys_done.h"

/*
 * <sys/mount.h> and <linux/mount.h> cannot be included together before glibc 2.37, so the prototypes of
 * mount(2) and umount2(2) are repeated here.
 */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);

/* Names of the set bits joined by "|", "0" when none. */
static const char *mount_flags(unsigned long flags, char *out, size_t size)
{
	static const struct {
		unsigned long bit;
		const char *name;
	} names[] = {
		{ MS_RDONLY, "MS_RDONLY" },
		{ MS_NOSUID, "MS_NOSUID" },
		{ MS_NODEV, "MS_NODEV" },
		{ MS_NOEXEC, "MS_NOEXEC" },
		{ MS_REMOUNT, "MS_REMOUNT" },
		{ MS_BIND, "MS_BIND" },
		{ MS_MOVE, "MS_MOVE" },
		{ MS_REC, "MS_REC" },
		{ MS_SLAVE, "MS_SLAVE" },
		{ MS_SHARED, "MS_SHARED" },
		{ MS_PRIVATE, "MS_PRIVATE" },
		{ MS_UNBINDABLE, "MS_UNBINDABLE" },
		{ MS_RELATIME, "MS_RELATIME" },
		{ MS_NOATIME, "MS_NOATIME" },
		{ MS_STRICTATIME, "MS_STRICTATIME" },
		{ MS_SYNCHRONOUS, "MS_SYNCHRONOUS" },
	};
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if ((flags & names[i].bit) && n < size) {
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "|" : "", names[i].name);
			flags &= ~names[i].bit;
		}
	if ((flags || !n) && n < size)
		snprintf(out + n, size - n, "%s%#lx", n ? "|" : "", flags);
	return out;
}

/* The path behind "/proc/self/fd/7", because a number tells a reader nothing. Only for messages. */
static const char *shown(const char *path, char *out, size_t size)
{
	if (strncmp(path, "/proc/self/fd/", 14) != 0)
		return path;
	ssize_t n = readlink(path, out, size - 1);
	out[n > 0 ? n : 0] = '\0';
	return n > 0 ? out : path;
}

int sys_mount(const char *source, const char *target, const char *fstype, unsigned long flags,
	const char *data, struct mc_err *err)
{
	char names[160], place[256];
	int rc = mount(source, target, fstype, flags, data);
	if (rc >= 0 && !explain_on(EXPLAIN_CALLS))
		return rc;
	int keep = errno;
	mount_flags(flags, names, sizeof(names));
	target = shown(target, place, sizeof(place));
	errno = keep;
	return SYS_DONE(rc, err, "mount(" Q_FMT ", \"%s\", " Q_FMT ", %s, " Q_FMT ")", Q(source), target,
		Q(fstype), names, Q(data));
}

int sys_umount(const char *target, int flags, struct mc_err *err)
{
	return SYS_DONE(umount2(target, flags), err, "umount2(\"%s\", %s)", target,
		(flags & 2) ? "MNT_DETACH"
		: flags     ? "flags"
			    : "0");
}

int sys_pivot_root(const char *new_root, const char *put_old, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_pivot_root, new_root, put_old), err, "pivot_root(\"%s\", \"%s\")",
		new_root, put_old);
}

int sys_chroot(const char *dir, struct mc_err *err)
{
	return SYS_DONE(chroot(dir), err, "chroot(\"%s\")", dir);
}

int sys_open_tree(int dir, const char *path, unsigned flags, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_open_tree, dir, path, flags | OPEN_TREE_CLOEXEC), err,
		"open_tree(%d, \"%s\", %s%s)", dir, path, (flags & OPEN_TREE_CLONE) ? "OPEN_TREE_CLONE" : "0",
		(flags & AT_RECURSIVE) ? "|AT_RECURSIVE" : "");
}

int sys_move_mount(
	int from, const char *from_path, int to, const char *to_path, unsigned flags, struct mc_err *err)
{
	char fd[40], place[256];
	int rc = (int)syscall(SYS_move_mount, from, from_path, to, to_path, flags);
	if (rc >= 0 && !explain_on(EXPLAIN_CALLS))
		return rc;
	int keep = errno;
	snprintf(fd, sizeof(fd), "/proc/self/fd/%d", to);
	/* As strace -y shows a descriptor: 7</proc>. */
	const char *name = to >= 0 && !*to_path ? shown(fd, place, sizeof(place)) : to_path;
	errno = keep;
	return SYS_DONE(rc, err, "move_mount(%d, \"%s\", %d<%s>, \"%s\", %#x)", from, from_path, to, name,
		to_path, flags);
}

int sys_mount_setattr(
	int dir, const char *path, unsigned flags, const struct mount_attr *attr, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_mount_setattr, dir, path, flags, attr, sizeof(*attr)), err,
		"mount_setattr(%d, \"%s\", %#x, {set=%#llx, clr=%#llx, propagation=%#llx})", dir, path, flags,
		(unsigned long long)attr->attr_set, (unsigned long long)attr->attr_clr,
		(unsigned long long)attr->propagation);
}

int sys_fsopen(const char *fstype, struct mc_err *err)
{
	int fs = SYS_DONE(syscall(SYS_fsopen, fstype, FSOPEN_CLOEXEC), err, "fsopen(\"%s\")", fstype);
	if (fs == -ENODEV)
		err_hint(err, "this kernel has no file system %s: sudo modprobe %s", fstype, fstype);
	return fs;
}

/* The kernel explains a failed fsconfig(2) in a text that is read from the file system descriptor. */
static int fsconfig_done(long rc, int fs, const char *key, const char *value, struct mc_err *err)
{
	int code = errno;
	char why[200] = "";
	if (rc < 0) {
		ssize_t n = read(fs, why, sizeof(why) - 1);
		why[n > 0 ? n : 0] = '\0';
		why[strcspn(why, "\n")] = '\0';
	}
	errno = code;
	rc = SYS_DONE(rc, err, "fsconfig(%d, \"%s\"%s%s%s)", fs, key, value ? ", \"" : "", value ? value : "",
		value ? "\"" : "");
	if (rc < 0 && why[0])
		err_hint(err, "the kernel says: %s", why[1] == ' ' ? why + 2 : why);
	return (int)rc;
}

int sys_fsconfig_string(int fs, const char *key, const char *value, struct mc_err *err)
{
	return fsconfig_done(
		syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, value, 0), fs, key, value, err);
}

int sys_fsconfig_flag(int fs, const char *key, struct mc_err *err)
{
	return fsconfig_done(syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, key, NULL, 0), fs, key, NULL, err);
}

int sys_fsconfig_create(int fs, struct mc_err *err)
{
	return fsconfig_done(
		syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), fs, "create", NULL, err);
}

int sys_fsmount(int fs, unsigned attrs, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attrs), err,
		"fsmount(%d, FSMOUNT_CLOEXEC, %#x)", fs, attrs);
}
