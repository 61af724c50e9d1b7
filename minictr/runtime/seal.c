/*
 * seal.c - our own executable, made unwritable before hostile code can reach it.
 *
 * The attack (CVE-2019-5736): while our process is inside the container, a program there opens /proc/PID/exe, waits until
 * we are gone, reopens it for writing and has replaced the runtime of the host. The answer: run from a file that cannot be
 * opened for writing by anybody. A detached clone of the mount our file is on, made read-only, is such a place:
 * it is in no mount tree, so nobody can remount it, once all descriptors of it are closed. Closed they are by the
 * exec itself (O_CLOEXEC). Where a clone is refused (no CAP_SYS_ADMIN) a sealed copy in memory serves, at 1 ms.
 *
 * Kernel objects: open_tree(2), mount_setattr(2), execveat(2), memfd_create(2), fcntl(2) F_ADD_SEALS.
 * How we know that it has been done: our executable's mount is read-only and cannot be made read-only by
 * descriptor once more, or it is a sealed memfd. An environment variable would be the caller's word only; it is used to stop a loop.
 */
#include "runtime/seal.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/sys.h"
#include "base/util.h"

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

/* A mount id that is not in our mount namespace's list is a detached one: ours. */
static bool is_sealed(void)
{
	_cleanup_close_ int exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (exe < 0)
		return false;
	int seals = fcntl(exe, F_GET_SEALS);
	if (seals >= 0 && (seals & SEALS) == SEALS)
		return true; /* any file on a tmpfs answers, a memfd has all of them */
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	struct mc_err ignored = { 0 };
	struct statvfs
		fs; /* of this mount, not of the file system; access(2) says EACCES first to an ordinary user */
	if (fstatvfs(exe, &fs) < 0 || !(fs.f_flag & ST_RDONLY))
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
	explain_step("seal.self", 2, "nobody inside may write to the program that put them there");
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
	/* The clone has no path: whoever looks for our other executables (the systemd helper) needs the old one. */
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n > 0) {
		self[n] = '\0';
		setenv(SEAL_PATH, self, 1);
	}
	return sys_execveat(exe, argv, environ, err);
}
