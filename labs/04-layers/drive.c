/*
 * drive.c - calls one function of lab 04. Overlays that a task leans on are mounted here by mount(2).
 *
 * drive mount WORD TOP,NEXT,.. UPPER WORK TARGET NAME   overlay_mount(), TARGET/NAME is rewritten, hold; UPPER "-": none
 * drive mount-detached ...                              the same with target NULL; the descriptor is put on TARGET by move_mount(2)
 * drive whiteout WORD LAYER BELOW TARNAME               layer_whiteout() in LAYER, LAYER over BELOW on /work/merged, hold
 * drive opaque WORD LAYER BELOW NAME                    layer_set_opaque() on LAYER/NAME, the same;   opaque-twice, opaque-bad
 * drive diff UPPER OUT                                  plants GONE (whiteout), a mark on UPPER/fresh; /work/merged is UPPER over
 *                                                       /work/below; layer_diff() into OUT
 * drive diff-device UPPER OUT                           layer_diff() of UPPER as it is; diff-full: no file may be large
 * drive second TAR                                      in the judge's box: TAR as the next layer of a second engine (/work/second), over /work/below
 *                                                       on /work/again: lists of it and of /work/merged into /work/list.again, .merged
 * drive digests WORD FILE                               layer_digests(), hold with both;   digests-bad
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "base/util.h"
#include "image/layer.h"
#include "image/overlay.h"
#include "image/store.h"
#include "learn/drive.h"

enum { NO_MOUNT = 89 };
static struct mc_err err;

static void must(long rc, const char *what)
{
	if (rc < 0)
		drive_trouble("%s: %s", what, strerror(errno));
}

static int hold(const char *a, const char *b, const char *c)
{
	execl("/lab/probe", "probe", "hold", a, b, c, NULL);
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

static int drive_mount(char **argv, bool detached)
{
	struct layers l = { .userxattr = overlay_needs_userxattr() };

	for (char *save = NULL, *dir = strtok_r(argv[1], ",", &save); dir; dir = strtok_r(NULL, ",", &save))
		strv_push(&l.lower, dir);
	if (!str_eq(argv[2], "-")) {
		l.upper = argv[2];
		l.work = argv[3];
	}
	own_mounts();
	int rc = detached ? OWNED_FDS(1, overlay_mount(&l, NULL, &err))
			  : OWNED(overlay_mount(&l, argv[4], &err));
	if (rc < 0 || (rc && !detached))
		return drive_result(rc, &err);
	if (detached && syscall(SYS_move_mount, rc, "", AT_FDCWD, argv[4], MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return NO_MOUNT;
	if (detached)
		close(rc);
	char *file = xasprintf("%s/%s", argv[4], argv[5]);
	int fd = open(file, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd >= 0 && write(fd, "changed", 7) == 7)
		close(fd);
	return hold(argv[0], NULL, NULL);
}

/* layer over below on /work/merged, read-only. */
static void merge(const char *layer, const char *below)
{
	char *data =
		xasprintf("lowerdir=%s:%s%s", layer, below, overlay_needs_userxattr() ? ",userxattr" : "");
	own_mounts();
	must(mount("overlay", "/work/merged", "overlay", 0, data), data);
}

static int drive_whiteout(char **argv)
{
	int dir = open_dir(argv[1]);
	int rc = OWNED(layer_whiteout(dir, argv[3], &err));
	if (rc)
		return drive_result(rc, &err);
	merge(argv[1], argv[2]);
	return hold(argv[0], NULL, NULL);
}

static int drive_opaque(char **argv, bool twice)
{
	int dir = open_dir(xasprintf("%s/%s", argv[1], argv[3]));
	int rc = OWNED(layer_set_opaque(dir, &err));
	if (rc == 0 && twice)
		rc = OWNED(layer_set_opaque(dir, &err));
	if (rc)
		return drive_result(rc, &err);
	merge(argv[1], argv[2]);
	return hold(argv[0], NULL, NULL);
}

/* Deletions as overlayfs marks them, which tar cannot plant. Times are those of the other files. */
static void plant_marks(int dir, const char *upper)
{
	const struct timespec t[2] = { { .tv_sec = 1700000000 }, { .tv_sec = 1700000000 } };
	static const char *const changed[] = { "GONE", "deep/DEEP", "deep", "." };
	must(mknodat(dir, "GONE", S_IFCHR, makedev(0, 0)), "mknod");
	must(mknodat(dir, "deep/DEEP", S_IFCHR, makedev(0, 0)), "mknod");
	char *fresh = xasprintf("%s/fresh", upper);
	if (setxattr(fresh, "trusted.overlay.opaque", "y", 1, 0) < 0)
		must(setxattr(fresh, "user.overlay.opaque", "y", 1, 0), "setxattr");
	for (size_t i = 0; i < ARRAY_LEN(changed); i++)
		must(utimensat(dir, changed[i], t, 0), changed[i]);
}

static int drive_diff(const char *upper, const char *out)
{
	struct tar_writer *w = NULL;
	int rc, fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), dir = open_dir(upper);

	must(fd, out);
	plant_marks(dir, upper);
	char *data = xasprintf("lowerdir=/work/below,upperdir=%s,workdir=/work/w%s", upper,
		overlay_needs_userxattr() ? ",userxattr" : "");
	own_mounts();
	must(mount("overlay", "/work/merged", "overlay", 0, data), data);
	dir = open_dir(upper); /* again: the first one belongs to the old mount namespace */
	must(tar_create_fd(fd, TAR_PLAIN, &w, &err), "tar");
	rc = OWNED(layer_diff(dir, w, &err));
	if (rc)
		return drive_result(rc, &err);
	rc = tar_end(w, &err);
	return rc < 0 ? 93 : 0;
}

/* The tree of a folder: names, kinds, modes, owners, times, links, and a sum of each file. */
#define LIST                                                                                                 \
	"cd /work/%s && find . -mindepth 1 -printf '%%P kind=%%y mode=%%m owner=%%U:%%G time=%%Ts "          \
	"names=%%n to=%%l\\n' | "                                                                            \
	"sed '/kind=d/s/names=[0-9]*//' | sort >/work/list.%s; "                                             \
	"find . -type f -exec sha256sum {} + | sort -k 2 >>/work/list.%s; "

static int drive_second(const char *tar)
{
	struct digest diffid = { "" };
	int source = open(tar, O_RDONLY | O_CLOEXEC), store = store_open("/work/second", &err);

	must(source, tar);
	must(store, err.what);
	plant_marks(open_dir("/work/upper"), "/work/upper");
	int rc = layer_unpack_new(store, source, "the layer", &diffid, &err);
	if (rc < 0)
		return drive_result(rc, &err);
	const char *userxattr = overlay_needs_userxattr() ? ",userxattr" : "";
	char *again = xasprintf("lowerdir=/work/second/layers/%s/fs:/work/below%s", layer_name(&diffid, NULL),
		     userxattr),
	     *merged = xasprintf("lowerdir=/work/upper:/work/below%s", userxattr);
	own_mounts();
	must(mount("overlay", "/work/merged", "overlay", 0, merged), merged);
	must(mount("overlay", "/work/again", "overlay", 0, again), again);
	char *script = xasprintf(LIST LIST, "merged", "merged", "merged", "again", "again", "again");
	execl("/bin/sh", "sh", "-c", script, NULL);
	drive_trouble("no shell");
}

static int drive_digests(const char *word, const char *file, bool bad, bool holds)
{
	struct digest digest = { "" }, diffid = { "" };
	bool moved = str_starts(file, "offset:"); /* as if the caller had read some of it */
	int fd = bad ? -1 : open(file + (moved ? 7 : 0), O_RDONLY | O_CLOEXEC);
	if (moved)
		must(lseek(fd, 1000, SEEK_SET), "lseek");
	int rc = OWNED(layer_digests(fd, &digest, &diffid, &err));
	return rc || !holds ? drive_result(rc, &err) : hold(word, digest.text, diffid.text);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";

	if (str_eq(verb, "second"))
		return drive_second(argv[2]);
	if (argc < 4)
		verb = "";

	if (str_starts(verb, "mount") && argc > 7)
		return drive_mount(argv + 2, str_eq(verb, "mount-detached"));
	if (str_eq(verb, "whiteout") && argc > 5)
		return drive_whiteout(argv + 2);
	if ((str_eq(verb, "opaque") || str_eq(verb, "opaque-twice")) && argc > 5)
		return drive_opaque(argv + 2, str_eq(verb, "opaque-twice"));
	if (str_eq(verb, "opaque-bad") || str_eq(verb, "diff-bad")) {
		struct tar_writer *w = NULL;
		int rc = str_eq(verb, "diff-bad") ? tar_create_fd(1, TAR_PLAIN, &w, &err) : 0;
		must(rc, "tar");
		rc = w ? OWNED(layer_diff(-1, w, &err)) : OWNED(layer_set_opaque(-1, &err));
		return rc < 0 ? drive_result(rc, &err) : 0;
	}
	if (str_eq(verb, "diff-device") || str_eq(verb, "diff-full")) {
		struct tar_writer *w = NULL;
		int fd = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644),
		    dir = open_dir(argv[2]);
		must(fd, argv[3]);
		must(tar_create_fd(fd, TAR_PLAIN, &w, &err), "tar");
		if (str_eq(verb, "diff-full")) {
			signal(SIGXFSZ, SIG_IGN);
			setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 100000, 100000 });
		}
		int rc = OWNED(layer_diff(dir, w, &err));
		if (str_eq(verb, "diff-full"))
			return rc < 0 ? drive_result(rc, &err) : 0; /* tar_end() would fail, too */
		return rc < 0 ? drive_result(rc, &err) : tar_end(w, &err) < 0 ? 93 : 0;
	}
	if (str_eq(verb, "diff"))
		return drive_diff(argv[2], argv[3]);
	if (str_starts(verb, "digests"))
		return drive_digests(
			argv[2], argv[3], str_eq(verb, "digests-bad"), !str_eq(verb, "digests-error"));
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
