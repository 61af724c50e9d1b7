/*
 * drive.c - calls one function of lab 08. What a task leans on (mounts, an image's directory) is made here by plain system calls.
 *
 * drive create WORD STORE NAME            volume_create() under umask 077, then hold
 * drive bind WORD ROOT TARGET SOURCE ro|rw  bind_mount() of a clone of SOURCE, then hold
 * drive fill WORD VOLUME IMAGE            volume_fill(), hold with its answer
 * drive share WORD MODE                   a shared mount /work/host with a mount below; bind_propagation() on its clone, attached on
 *                                         /work/in; then one mount more on each side; hold. MODE: private slave shared default (0)
 * drive move VOLUME OUT                   volume_move() into OUT
 * drive create-none, bind-none, fill-none, share-none, move-none   an invalid descriptor
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/sys.h"
#include "base/util.h"
#include "learn/drive.h"
#include "runtime/bind.h"
#include "volume/fill.h"
#include "volume/pack.h"
#include "volume/volume.h"

static struct mc_err err;

static void must(long rc, const char *what)
{
	if (rc < 0)
		drive_trouble("%s: %s", what, strerror(errno));
}

static int hold(const char *word, const char *answer)
{
	execl("/lab/probe", "probe", "hold", word, answer, NULL);
	return DRIVE_NO_PROBE;
}

static void own_mounts(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
}

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(fd, path);
	return fd;
}

static int clone_of(const char *path)
{
	int fd = sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE, &err);
	must(fd, path);
	return fd;
}

static int drive_create(char **argv)
{
	int store = open_dir(argv[1]);
	umask(077);
	int rc = OWNED(volume_create(store, argv[2], &err));
	return rc ? drive_result(rc, &err) : hold(argv[0], NULL);
}

static int drive_bind(char **argv)
{
	own_mounts();
	int root = open_dir(argv[1]), source = clone_of(argv[3]);
	int rc = OWNED(bind_mount(root, argv[2], source, str_eq(argv[4], "ro"), &err));
	return rc ? drive_result(rc, &err) : hold(argv[0], NULL);
}

static int drive_fill(char **argv)
{
	int volume = open_dir(argv[1]), image = open_dir(argv[2]);
	int rc = OWNED(volume_fill(volume, image, &err));
	if (rc < 0)
		return drive_result(rc, &err);
	return hold(argv[0], rc ? "filled" : "nothing");
}

static int drive_share(char **argv)
{
	unsigned long mode = str_eq(argv[1], "slave")    ? MS_SLAVE | MS_REC
			     : str_eq(argv[1], "shared") ? MS_SHARED | MS_REC
			     : str_eq(argv[1], "default") ? 0
							 : MS_PRIVATE | MS_REC;
	own_mounts();
	must(mount("host", "/work/host", "tmpfs", 0, NULL), "tmpfs");
	must(mount(NULL, "/work/host", NULL, MS_SHARED, NULL), "shared");
	must(mkdir("/work/host/below", 0755) | mkdir("/work/host/later", 0755) |
			mkdir("/work/host/inside", 0755),
		"mkdir");
	must(mount("below", "/work/host/below", "tmpfs", 0, NULL), "tmpfs");
	int tree = clone_of("/work/host");
	int rc = OWNED(bind_propagation(tree, mode, &err));
	if (rc)
		return drive_result(rc, &err);
	must(sys_move_mount(tree, "", AT_FDCWD, "/work/in", MOVE_MOUNT_F_EMPTY_PATH, &err), "move_mount");
	must(mount("later", "/work/host/later", "tmpfs", 0, NULL), "tmpfs");
	must(mount("inside", "/work/in/inside", "tmpfs", 0, NULL), "tmpfs");
	return hold(argv[0], NULL);
}

static int drive_move(const char *volume, const char *out)
{
	struct tar_writer *tar = NULL;
	int dir = open_dir(volume), fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	must(fd, out);
	must(tar_create_fd(fd, TAR_PLAIN, &tar, &err), "tar");
	int rc = OWNED(volume_move(dir, tar, &err));
	if (rc)
		return drive_result(rc, &err);
	return tar_end(tar, &err) < 0 ? 93 : 0;
}

/* An invalid descriptor: an error, and nothing else. */
static int drive_none(const char *verb)
{
	struct tar_writer *tar = NULL;
	int rc = 0;
	if (str_eq(verb, "move-none"))
		must(tar_create_fd(1, TAR_PLAIN, &tar, &err), "tar");
	if (str_eq(verb, "create-none"))
		rc = OWNED(volume_create(-1, "name", &err));
	else if (str_eq(verb, "bind-none"))
		rc = OWNED(bind_mount(-1, "/x", -1, false, &err));
	else if (str_eq(verb, "fill-none"))
		rc = OWNED(volume_fill(-1, -1, &err));
	else if (str_eq(verb, "share-none"))
		rc = OWNED(bind_propagation(-1, MS_SLAVE, &err));
	else
		rc = OWNED(volume_move(-1, tar, &err));
	return rc < 0 ? drive_result(rc, &err) : 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	if (str_ends(verb, "-none"))
		return drive_none(verb);
	if (str_eq(verb, "create") && argc > 4)
		return drive_create(argv + 2);
	if (str_eq(verb, "bind") && argc > 6)
		return drive_bind(argv + 2);
	if (str_eq(verb, "fill") && argc > 4)
		return drive_fill(argv + 2);
	if (str_eq(verb, "share") && argc > 3)
		return drive_share(argv + 2);
	if (str_eq(verb, "move") && argc > 3)
		return drive_move(argv[2], argv[3]);
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
