/*
 * fill.c - the first container that uses an empty volume gives it the image's files at that place: a
 * database image brings its empty database along, with the right owner.
 *
 * Kernel objects and man pages: rename(2), renameat2(2) RENAME_NOREPLACE.
 * Order and why: content is copied to a name that no container sees, and gets the name `filled` by one
 * rename(2) when it is complete. From there each entry moves into data/, one rename(2) each. A kill before
 * the first rename leaves a stray that is thrown away; a kill after it leaves `filled`, and the next start
 * goes on. A container therefore never sees half of the content (podman issue 5168). data/ itself is never
 * replaced: another container may have it mounted.
 */
#include "volume/fill.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "volume/copy_tree.h"

int volume_is_empty(int dir, const char *name, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	int rc = dir_list(dir, name, &names, err);
	return rc < 0 ? rc : strv_len(names) == 0;
}

int volume_copy_image(int volume, int image_dir, struct mc_err *err)
{
	int rc = dir_remove(volume, "filling", err); /* of a copy that was killed */
	_cleanup_close_ int to = rc < 0 ? rc : dir_make_open(volume, "filling", 0700, err);
	if (to < 0)
		return to;
	rc = copy_tree(image_dir, to, err);
	return rc < 0 ? rc : sys_rename(volume, "filling", volume, "filled", err);
}

static int fill_dress(int volume, struct mc_err *err)
{
	struct stat st;
	if (fstatat(volume, "filled", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, "stat filled");
	struct timespec times[2] = { st.st_atim, st.st_mtim };
	if (fchownat(volume, "data", st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != EPERM)
		return err_sys(err, "chown data");
	if (fchmodat(volume, "data", st.st_mode & 07777, 0) < 0 || utimensat(volume, "data", times, 0) < 0)
		return err_sys(err, "set mode and times of data");
	return 0;
}

int volume_move_in(int volume, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	if (!path_exists(volume, "filled"))
		return 0;
	int rc = dir_list(volume, "filled", &names, err);
	for (size_t i = 0; rc >= 0 && names && names[i]; i++) {
		_cleanup_free_ char *from = xasprintf("filled/%s", names[i]),
				    *to = xasprintf("data/%s", names[i]);
		/* a name that a container has made meanwhile stays its own */
		if (renameat2(volume, from, volume, to, RENAME_NOREPLACE) < 0 && errno != EEXIST)
			rc = err_sys(err, "move %s into the volume", names[i]);
	}
	if (rc >= 0)
		rc = fill_dress(volume, err);
	return rc < 0 ? rc : dir_remove(volume, "filled", err);
}

/*
 * Gives the empty volume behind `volume` (the directory that holds data/) all that stands in `image_dir`:
 * names, bytes, owners, modes, times, extended attributes, hard links and symbolic links as they are; data/
 * gets the owner and mode of `image_dir`, also when that is empty. A volume that holds anything is left as
 * it is, whatever the image has. After an interruption the next call completes the work, and no caller ever
 * sees a part of it as success. Both are borrowed. Returns 1 when it filled, 0 when there was nothing to
 * do, or -errno with *err filled.
 * Lab 08.3: a volume is filled once, from the image, and never again.
 */
int volume_fill(int volume, int image_dir, struct mc_err *err)
{
	bool interrupted = path_exists(volume, "filled");
	if (!interrupted) {
		int empty = volume_is_empty(volume, "data", err);
		if (empty <= 0)
			return empty;
		int rc = volume_copy_image(volume, image_dir, err);
		if (rc < 0)
			return rc;
	}
	int rc = volume_move_in(volume, err);
	return rc < 0 ? rc : 1;
}
