/*
 * drive.c - calls one function of lab 01 in a mount namespace of its own. What a task leans on is done here by plain
 * system calls, so that a mistake in one task does not show in another.
 *
 * drive chroot DIR WORD        rootfs_chroot(DIR), then hold;     chroot-escape DIR PROOF: then try to get out;
 *                              chroot-missing, bind-missing: DIR does not exist, and nothing is held
 * drive private DIR WORD       rootfs_make_private(), a tmpfs on DIR, hold;   private-nocaps: without capabilities
 * drive bind DIR WORD          rootfs_bind_self(DIR), its descriptor as number 50, hold
 * drive pivot DIR WORD         rootfs_pivot(DIR), hold;           pivot-escape DIR PROOF, pivot-plain DIR: DIR is no mount
 * drive mount DIR WORD ITEM..  rootfs_mount() for each ITEM, then pivot and hold; ITEM: SOURCE,TARGET,TYPE,FLAGS,DATA
 * drive mount-bad DIR          rootfs_mount() of a file system that does not exist
 * drive readonly DIR WORD      pivot, rootfs_set_readonly(), hold; readonly-write DIR FILE; readonly-nocaps DIR
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/drive.h"
#include "runtime/rootfs.h"

static struct mc_err err;

static void must(long rc, const char *what)
{
	if (rc < 0)
		drive_trouble("%s: %s", what, strerror(errno));
}

/* The function under test failed: the grader reads the errno, and quotes what the function says of it. */
static void result(int rc)
{
	if (rc != 0)
		_exit(drive_result(rc, &err));
}

static int hold(const char *word)
{
	execl("/probe", "probe", "hold", word, NULL);
	execl("/lab/probe", "probe", "hold", word, NULL);
	return DRIVE_NO_PROBE;
}

static int escape(const char *proof)
{
	execl("/probe", "probe", "escape", proof, NULL);
	execl("/lab/probe", "probe", "escape", proof, NULL);
	return DRIVE_NO_PROBE;
}

static void new_mounts(bool make_private)
{
	must(unshare(CLONE_NEWNS), "unshare");
	if (make_private)
		must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
}

static void no_rights(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };
	must((int)syscall(SYS_capset, &head, none), "capset");
}

/* DIR is a mount of this namespace alone; returns it opened. */
static int bound(const char *dir, unsigned long extra)
{
	new_mounts(true);
	must(mount(dir, dir, NULL, MS_BIND | MS_REC, NULL), "bind");
	if (extra)
		must(mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND | extra, NULL), "flags");
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(fd, "open");
	return fd;
}

static void plain_pivot(int root)
{
	must(fchdir(root), "fchdir");
	must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount");
	must(chdir("/"), "chdir");
}

static int drive_bind(const char *dir, const char *word)
{
	int fd = -1;

	new_mounts(true);
	result(OWNED_FDS(1, rootfs_bind_self(dir, &fd, &err)));
	if (fcntl(fd, F_GETFD) < 0)
		drive_broken(fd < 0 ? "*ret_root is still %d" : "*ret_root is %d, and that descriptor is closed", fd);
	must(dup2(fd, 50), "dup2"); /* stays open over exec: the grader looks at its mount */
	return hold(word);
}

static int drive_pivot(const char *dir, const char *word, bool out)
{
	int fd = bound(dir, 0);

	must(chdir("/work"), "chdir");
	result(OWNED(rootfs_pivot(fd, &err)));
	return out ? escape(word) : hold(word);
}

/* "proc,/proc,proc,14," to a plan. An empty field is NULL; a target that ends in : is a file. */
static struct mount_plan plan_of(char *item, int root)
{
	char *field[5] = { NULL };

	for (int i = 0; i < 5; i++)
		field[i] = strsep(&item, ",");
	struct mount_plan m = { .root = root, .source = field[0], .target = field[1], .fstype = field[2] };
	m.flags = strtoul(field[3], NULL, 0);
	m.data = field[4] && *field[4] ? field[4] : NULL;
	if (!*m.fstype)
		m.fstype = NULL;
	size_t n = strlen(field[1]);
	if (n && field[1][n - 1] == ':') {
		m.is_file = true;
		field[1][n - 1] = '\0';
	}
	return m;
}

/* Also in a new pid namespace: a proc file system shows the pid namespace of the process that mounts it. */
static int drive_mount(const char *dir, const char *word, char **items)
{
	int status = 0;

	must(unshare(CLONE_NEWPID), "unshare");
	pid_t pid = fork();
	must(pid, "fork");
	if (pid) {
		waitpid(pid, &status, 0);
		return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	int fd = bound(dir, 0);
	for (; *items; items++) {
		struct mount_plan m = plan_of(*items, fd);
		int rc = OWNED(rootfs_mount(&m, &err));
		if (rc < 0)
			fprintf(stderr, "%s: ", m.target);
		result(rc);
	}
	plain_pivot(fd);
	_exit(hold(word));
}

static int drive_readonly(const char *dir, const char *word, const char *how)
{
	plain_pivot(bound(dir, str_eq(how, "plain") ? 0 : MS_NOSUID | MS_NODEV));
	must(chdir("/etc"), "chdir"); /* rootfs_set_readonly() must change "/", wherever "." is */
	if (str_eq(how, "nocaps"))
		no_rights();
	result(OWNED(rootfs_set_readonly(&err)));
	if (str_eq(how, "write"))
		execl("/probe", "probe", "write", word, "x", NULL);
	return hold(word);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "", *dir = argc > 2 ? argv[2] : "",
		   *word = argc > 3 ? argv[3] : "-";

	if (str_starts(verb, "chroot")) {
		must(chdir("/work"), "chdir");
		result(OWNED(rootfs_chroot(dir, &err)));
		return str_eq(verb, "chroot") ? hold(word) : str_eq(verb, "chroot-missing") ? 0 : escape(word);
	}
	if (str_starts(verb, "private")) {
		new_mounts(false);
		must(mount(NULL, "/", NULL, MS_SHARED, NULL), "shared"); /* as systemd leaves it */
		if (str_eq(verb, "private-nocaps"))
			no_rights();
		struct stat before, after;
		must(stat("/proc/self/ns/mnt", &before), "stat");
		result(OWNED(rootfs_make_private(&err)));
		if (str_eq(verb, "private-nocaps"))
			return 0;
		must(mount("planted", dir, "tmpfs", 0, NULL), "mount");
		bool moved = stat("/proc/self/ns/mnt", &after) < 0 || after.st_ino != before.st_ino;
		return hold(moved ? xasprintf("%s-moved", word) : word);
	}
	if (str_eq(verb, "bind"))
		return drive_bind(dir, word);
	if (str_eq(verb, "bind-missing")) {
		int fd = -1;
		new_mounts(true);
		return drive_result(rootfs_bind_self(dir, &fd, &err), &err);
	}
	if (str_eq(verb, "pivot-plain")) {
		new_mounts(true);
		int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		must(fd, "open");
		result(OWNED(rootfs_pivot(fd, &err)));
		return 0;
	}
	if (str_starts(verb, "pivot"))
		return drive_pivot(dir, word, str_eq(verb, "pivot-escape"));
	if (str_eq(verb, "mount-bad")) {
		struct mount_plan m = {
			.root = bound(dir, 0), .source = "none", .target = "/mnt", .fstype = "nosuchfs"
		};
		result(OWNED(rootfs_mount(&m, &err)));
		return 0;
	}
	if (str_eq(verb, "mount"))
		return drive_mount(dir, word, argv + 4);
	if (str_starts(verb, "readonly"))
		return drive_readonly(dir, word, verb + strcspn(verb, "-") + (strchr(verb, '-') != NULL));
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
