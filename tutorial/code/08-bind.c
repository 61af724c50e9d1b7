/*
 * 08-bind.c DIR: shows the same directory at a second place, read-only
 * there, as a container would see a volume. Needs root.
 * Build: gcc -o bind 08-bind.c
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	if (argc < 2 || unshare(CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return fail("usage: bind DIR, as root");
	/* A clone that hangs nowhere: no path leads to it, so no
	 * process can write through it yet. */
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, argv[1],
		OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return fail("open_tree");
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &ro,
			sizeof(ro)) < 0)
		return fail("mount_setattr");
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, "/mnt",
			MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return fail("move_mount");
	printf("%s is now at /mnt, too\n", argv[1]);
	fflush(stdout);
	execlp("sh", "sh", "-c",
		"ls /mnt; echo new >/mnt/file || echo 'but not to be written "
		"there'",
		NULL);
	return fail("sh");
}
