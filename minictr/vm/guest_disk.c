/*
 * guest_disk.c - from layers to a disk.
 *
 * A container's root file system is mounted by the host's kernel; a guest's kernel must get it as a disk,
 * blocks without meaning to the host. The layers are mounted as one tree, detached, as for a container,
 * and mke2fs(8) copies that tree into a file: no loop device, no mount on the host, no root needed.
 * Order and why: made under another name and renamed when whole; a lock, so that two machines of one image
 * started at once make it one time.
 */
#include "vm/guest_disk.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "image/overlay.h"
#include "image/verbs.h"

enum { INSIDE_FD = 3 };
/* Room for what the program writes; the file is sparse, so unused room takes no space on the host. */
#define FREE_ROOM (512ULL << 20)

static const char *mke2fs_path(void)
{
	static const char *const places[] = { "/usr/sbin/mke2fs", "/sbin/mke2fs", "/usr/bin/mke2fs" };
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

int guest_disk_fill(int root, const char *target, uint64_t size, struct mc_err *err)
{
	_cleanup_buf_ struct buf said = { 0 };
	const char *mke2fs = mke2fs_path();
	if (!mke2fs) {
		err_set(err, ENOENT, "a virtual machine's disk is made by mke2fs, and there is none");
		err_hint(err, "install the package e2fsprogs");
		return err_exit(err, 125);
	}
	_cleanup_free_ char *blocks = xasprintf("%lluk", (unsigned long long)(size >> 10));
	char *argv[] = { (char *)mke2fs, "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-i",
		"8192", "-E", "root_owner=0:0", "-d", "/proc/self/fd/3", (char *)target, blocks, NULL };
	struct spawn s = {
		.argv = argv, .in = SPAWN_NULL, .err = SPAWN_INHERIT, .pass_from = root, .pass_to = INSIDE_FD
	};
	int rc = spawn_read(&s, 65536, &said, err);
	if (rc > 0)
		return err_set(err, EIO, "mke2fs could not make the disk %s (exit status %d)", target, rc);
	return rc;
}

/* A disk is named by its image's id: once the image is gone, the disk has no user. */
static void remove_unused(struct engine *e, int disks, const char *keep)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err ignored = { 0 };
	if (dir_list(disks, ".", &names, &ignored) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_image_ struct image img = { 0 };
		_cleanup_free_ char *id = xasprintf("sha256:%.64s", names[i]);
		if (!str_ends(names[i], ".ext4") || str_eq(names[i], keep))
			continue;
		if (image_lookup(e->store, id, &img, &ignored) == -ENOENT)
			unlinkat(disks, names[i], 0);
	}
}

static int make_disk(const struct image *image, const char *path, uint64_t size, struct mc_err *err)
{
	_cleanup_free_ char *fresh = xasprintf("%s.new", path);
	struct layers l = { .lower = strv_copy(image->layers), .userxattr = overlay_needs_userxattr() };
	_cleanup_close_ int root = overlay_mount(&l, NULL, err);
	layers_release(&l);
	int rc = root < 0 ? root : guest_disk_fill(root, fresh, size, err);
	if (rc >= 0 && rename(fresh, path) < 0)
		rc = err_sys(err, "rename(\"%s\")", path);
	if (rc < 0)
		unlink(fresh);
	return rc;
}

int guest_disk_make(struct engine *e, const struct image *image, char **ret_path, struct mc_err *err)
{
	const char *hex = strchr(image->id.text, ':') + 1;
	_cleanup_close_ int disks = dir_make_open(e->dir, "vm/disks", 0700, err);
	_cleanup_free_ char *name = xasprintf("%.64s.ext4", hex);
	_cleanup_free_ char *path = xasprintf("%s/vm/disks/%s", e->root, name);
	_cleanup_close_ int lock = disks < 0 ? disks : file_lock(disks, "lock", true, err);
	if (lock < 0)
		return lock;
	int rc = 0;
	if (!path_exists(AT_FDCWD, path)) {
		remove_unused(e, disks, name);
		rc = make_disk(image, path, 2 * image_unpacked_size(e->store, image) + FREE_ROOM, err);
	}
	if (rc >= 0)
		*ret_path = take_ptr(&path);
	return rc < 0 ? rc : 0;
}
