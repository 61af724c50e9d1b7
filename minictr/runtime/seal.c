/*
 * seal.c - our own executable, made unwritable before hostile code can reach it.
 *
 * The attack (CVE-2019-5736): while our process is inside the container, a program there opens /proc/PID/exe,
 * waits until we are gone, reopens it for writing and replaces the host's runtime. The answer: run from a
 * file that no process can open for writing. A detached, read-only clone of the mount that holds our file is
 * such a place: it is in no mount tree, so no process can remount it once all descriptors of it are closed.
 * The exec itself closes them (O_CLOEXEC). Where a clone is refused (no CAP_SYS_ADMIN) a sealed copy in
 * memory serves, at 1 ms.
 *
 * Kernel objects: open_tree(2), mount_setattr(2), execveat(2), memfd_create(2), fcntl(2) F_ADD_SEALS. We are
 * sealed when our executable's mount is read-only and cannot be made read-only by descriptor once more, or
 * when it is a sealed memfd. A caller could set an environment variable, so that proves nothing; we use one
 * only to stop a loop.
 */
#include "runtime/seal.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/sys.h"
#include "base/util.h"

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

/* Do we run from a sealed memfd, or from a read-only mount that is in no mount tree (a detached one)? */
static bool is_sealed(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	struct mc_err ignored = { 0 };
	struct statfs fs;
	/* Flags of this mount, not of the file system. Not access(2): other users get EACCES before EROFS. */
	if (statfs("/proc/self/exe", &fs) < 0)
		return false;
	bool readonly = fs.f_flags & ST_RDONLY, in_memory = fs.f_type == TMPFS_MAGIC;
	if (!readonly && !in_memory) /* an ordinary installed file: mostly one call is enough */
		return false;
	_cleanup_close_ int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int seals = in_memory ? fcntl(exe, F_GET_SEALS) : -1;
	if (seals >= 0 && (seals & SEALS) == SEALS)
		return true; /* any file on a tmpfs answers, a memfd has all of them */
	if (exe < 0 || !readonly)
		return false;
	/* EINVAL: the mount is in no tree at all, so not even root can change it. */
	return sys_mount_setattr(exe, "", AT_EMPTY_PATH, &attr, &ignored) == -EINVAL;
}

static int clone_readonly(struct mc_err *err)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	_cleanup_close_ int exe =
		sys_open_tree(AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, err);
	if (exe < 0)
		return exe;
	int rc = sys_mount_setattr(exe, "", AT_EMPTY_PATH, &attr, err);
	return rc < 0 ? rc : take_fd(&exe);
}

static int copy_sealed(struct mc_err *err)
{
	struct stat st;
	_cleanup_close_ int exe = sys_open(AT_FDCWD, "/proc/self/exe", O_RDONLY, 0, err);
	if (exe < 0)
		return exe;
	_cleanup_close_ int copy = memfd_create("minictr-oci", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (copy < 0 || fstat(exe, &st) < 0)
		return err_sys(err, "memfd_create");
	for (off_t left = st.st_size; left > 0;) {
		ssize_t n = sendfile(copy, exe, NULL, (size_t)left);
		if (n <= 0)
			return err_sys(err, "copying our executable");
		left -= n;
	}
	if (fcntl(copy, F_ADD_SEALS, SEALS) < 0)
		return err_sys(err, "fcntl(F_ADD_SEALS)");
	return take_fd(&copy);
}

int seal_self(char *const argv[], struct mc_err *err)
{
	static const char once[] = "MINICTR_SEALED";
	struct mc_err refused = { 0 };
	char pid[32];
	explain_step("seal.self", 2, "no program inside may write to the runtime that started it");
	if (is_sealed())
		return 0;
	snprintf(pid, sizeof(pid), "%d", getpid());
	if (str_eq(getenv(once), pid)) { /* we have just done it, and it did not help: rather not run */
		err_set(err, EPERM, "our executable could not be protected from the container");
		return err_hint(err, "is /proc mounted, and is this kernel 5.12 or newer?");
	}
	_cleanup_close_ int exe = clone_readonly(&refused);
	if (exe < 0)
		exe = copy_sealed(err);
	if (exe < 0)
		return exe;
	setenv(once, pid, 1);
	/*
	 * The clone has no path: the search for our other executables (the systemd helper) needs the old one.
	 */
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n > 0) {
		self[n] = '\0';
		setenv(SEAL_PATH, self, 1);
	}
	return sys_execveat(exe, argv, environ, err);
}
