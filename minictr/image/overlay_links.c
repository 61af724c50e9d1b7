/*
 * overlay_links.c - many layers, one option string (Linux before 6.5), and the small print of overlayfs.
 *
 * A directory of links 0, 1, 2 ... is made, entered, and named in the option: 500 layers then need less
 * than 2000 bytes of the page that mount(2) has. Up to about 85 layers the string even fits fsconfig(2)'s
 * 255 bytes and the mount can be made detached; with more, mount(2) puts it on a directory of our own, from
 * where open_tree(2) takes a detached copy. The links are gone when the mount stands: overlayfs keeps the
 * directories, not their names.
 */
#include "image/overlay_links.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

bool overlay_kernel_adds_layers(void)
{
	struct utsname u;
	unsigned major = 0, minor = 0;
	const char *forced = getenv("MINICTR_OVERLAY");
	if (str_eq(forced, "links"))
		return false;
	return uname(&u) == 0 && sscanf(u.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 5));
}

/* Makes the links in the current directory and the option strings that name them. */
static int make_links(const struct layers *l, struct buf *lower, struct mc_err *err)
{
	for (unsigned i = 0; l->lower[i]; i++) {
		char name[16];
		snprintf(name, sizeof(name), "%u", i);
		if (symlink(l->lower[i], name) < 0)
			return err_sys(err, "symlink %s", name);
		buf_addf(lower, "%s%s", i ? ":" : "", name);
	}
	if (l->upper && (symlink(l->upper, "u") < 0 || symlink(l->work, "w") < 0))
		return err_sys(err, "symlink upper and work");
	return 0;
}

/*
 * A distribution may have switched three things on for all overlays that a layer must not have: with
 * redirect_dir or metacopy a file of the upper directory means one of a layer below, with index its number.
 * Such a directory is no layer by itself (moby/buildkit#2490). With userxattr the kernel has them off.
 */
int overlay_set_options(int fs, const struct layers *l, struct mc_err *err)
{
	static const char *const plain[] = { "redirect_dir", "metacopy", "index" };
	int rc = l->upper && l->is_volatile ? sys_fsconfig_flag(fs, "volatile", err) : 0;
	if (rc == 0 && l->userxattr)
		return sys_fsconfig_flag(fs, "userxattr", err);
	for (size_t i = 0; l->upper && i < ARRAY_LEN(plain) && rc == 0; i++)
		rc = sys_fsconfig_string(fs, plain[i], "off", err);
	return rc;
}

static int mount_string(const struct layers *l, const char *lower, struct mc_err *err)
{
	_cleanup_free_ char *options = xasprintf("lowerdir=%s%s%s%s", lower,
		l->upper ? ",upperdir=u,workdir=w" : "", l->upper && l->is_volatile ? ",volatile" : "",
		l->userxattr ? ",userxattr"
		: l->upper   ? ",redirect_dir=off,metacopy=off,index=off"
			     : "");
	if (strlen(options) >= (size_t)sysconf(_SC_PAGESIZE))
		return err_set(err, E2BIG, "overlay: the names of so many layers do not fit into one page");
	if (mkdir("m", 0700) < 0)
		return err_sys(err, "mkdir for a mount");
	int rc = sys_mount("overlay", "m", "overlay", 0, options, err);
	if (rc < 0)
		return rc;
	int mnt = sys_open_tree(AT_FDCWD, "m", OPEN_TREE_CLONE, err);
	struct mc_err ignored;
	sys_umount("m", 2 /* MNT_DETACH */, mnt < 0 ? &ignored : err);
	return mnt;
}

static int mount_detached(const struct layers *l, const char *lower, struct mc_err *err)
{
	_cleanup_close_ int fs = sys_fsopen("overlay", err);
	int rc = fs < 0 ? fs : sys_fsconfig_string(fs, "lowerdir", lower, err);
	if (rc == 0 && l->upper)
		rc = sys_fsconfig_string(fs, "upperdir", "u", err);
	if (rc == 0 && l->upper)
		rc = sys_fsconfig_string(fs, "workdir", "w", err);
	if (rc == 0)
		rc = overlay_set_options(fs, l, err);
	if (rc == 0)
		rc = sys_fsconfig_create(fs, err);
	return rc < 0 ? rc : sys_fsmount(fs, 0, err);
}

int overlay_mount_links(const struct layers *l, struct mc_err *err)
{
	/* On a file system that can hold links and that root owns; /tmp would do as well but need not be ours. */
	char dir[] = "/run/minictr-overlay-XXXXXX";
	char *links = mkdtemp(dir);
	char other[] = "/tmp/minictr-overlay-XXXXXX";
	if (!links)
		links = mkdtemp(other);
	_cleanup_close_ int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!links || back < 0 || chdir(links) < 0)
		return err_sys(err, "make a directory of layer links");
	_cleanup_buf_ struct buf lower = { 0 };
	int rc = make_links(l, &lower, err);
	if (rc == 0)
		rc = lower.len <= 255 ? mount_detached(l, lower.data, err) : mount_string(l, lower.data, err);
	if (fchdir(back) < 0 && rc >= 0) {
		close_fd(rc);
		rc = err_sys(err, "fchdir back");
	}
	struct mc_err ignored;
	dir_remove(AT_FDCWD, links, &ignored);
	return rc;
}

int overlay_forget_volatile(const char *work, struct mc_err *err)
{
	_cleanup_free_ char *mark = xasprintf("%s/work/incompat", work);
	return dir_remove(AT_FDCWD, mark, err);
}

bool overlay_needs_userxattr(void)
{
	struct mc_err ignored;
	_cleanup_buf_ struct buf map = { 0 };
	unsigned inside = 1, outside = 1, count = 0;
	if (file_read(AT_FDCWD, "/proc/self/uid_map", 65536, &map, &ignored) < 0)
		return false;
	/* Only the first namespace maps every id to itself. */
	return sscanf(map.data, "%u %u %u", &inside, &outside, &count) != 3 || inside != 0 || outside != 0 ||
	       count != 4294967295U;
}
