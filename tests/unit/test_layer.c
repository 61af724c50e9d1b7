/*
 * test_layer.c - layers: whiteouts, opaque directories, diffs, digests, and the overlay of 1 to 300 of them.
 * What needs root says so and passes without it.
 */
#include <check.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "image/layer.h"
#include "image/layer_adopt.h"
#include "image/overlay.h"
#include "image/store.h"
#include "qemu.h"

static char dir[] = "/tmp/minictr-test-layer-XXXXXX";
static int top;
static struct mc_err err;

#define OK(call) ck_assert_msg((call) >= 0, "%s: %s", #call, err.what)

static void setup(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	/* Mounts of a failing test go with this process. */
	if (geteuid() == 0)
		ck_assert(
			unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void teardown(void)
{
	close(top);
	dir_remove(AT_FDCWD, dir, &err);
}

static void put(const char *path, const char *text)
{
	_cleanup_free_ char *parent = xstrdup(path);
	if (strrchr(parent, '/')) {
		*strrchr(parent, '/') = '\0';
		OK(dir_make(top, parent, 0755, &err));
	}
	OK(file_write_atomic(top, path, text, strlen(text), 0644, 0, &err));
}

static bool reads(int at, const char *path, const char *text)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored;
	return file_read(at, path, 4096, &b, &ignored) == 0 && str_eq(b.data, text);
}

static char *path_of(const char *name) { return xasprintf("%s/%s", dir, name); }

START_TEST(whiteouts_delete_by_adding)
{
	struct stat st;
	OK(layer_whiteout(top, ".wh.gone", &err));
	ck_assert(fstatat(top, "gone", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode) &&
		  st.st_rdev == 0);
	put("here", "mine");
	OK(layer_whiteout(top, ".wh.here", &err)); /* it speaks of lower layers */
	ck_assert(reads(top, "here", "mine"));
}
END_TEST

static const char *const climbing[] = { ".wh..", ".wh...", ".wh.", "x", ".wh.a/b", ".wh./", "" };

START_TEST(whiteouts_do_not_climb)
{
	OK(dir_make(top, "sub", 0755, &err));
	_cleanup_close_ int sub = dir_open(top, "sub", &err);
	ck_assert_msg(layer_whiteout(sub, climbing[_i], &err) == -EINVAL, "\"%s\" was taken", climbing[_i]);
	_cleanup_strv_ char **names = NULL;
	OK(dir_list(sub, ".", &names, &err));
	ck_assert_uint_eq(strv_len(names), 0);
}
END_TEST

/* `n` directories l0 (bottom) .. ln-1 (top), each with a file of its own and one that all have. */
static struct layers make_layers(unsigned n)
{
	struct layers l = { 0 };
	for (unsigned i = n; i-- > 0;) {
		char name[64], text[16];
		snprintf(text, sizeof(text), "%u", i);
		snprintf(name, sizeof(name), "layers/l%u/all", i);
		put(name, text);
		snprintf(name, sizeof(name), "layers/l%u/only%u", i, i);
		put(name, text);
		snprintf(name, sizeof(name), "layers/l%u", i);
		strv_push(&l.lower, name);
	}
	for (char **d = l.lower; *d; d++) {
		char *whole = path_of(*d);
		free(*d);
		*d = whole;
	}
	OK(dir_make(top, "up", 0755, &err));
	OK(dir_make(top, "work", 0755, &err));
	l.upper = path_of("up");
	l.work = path_of("work");
	return l;
}

static const unsigned counts[] = { 1, 2, 3, 60, 130, 300 };

/* i % 2: as this kernel does it, or as one before 6.5. */
START_TEST(overlays_of_many_layers)
{
	unsigned n = counts[_i / 2];
	if (_i % 2)
		setenv("MINICTR_OVERLAY", "links", 1);
	struct layers l = make_layers(n);
	char here[4096], after[4096], text[16];
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	_cleanup_close_ int mnt = overlay_mount(&l, NULL, &err);
	ck_assert_msg(mnt >= 0, "%u layers: %s (%s)", n, err.what, err.hint);
	snprintf(text, sizeof(text), "%u", n - 1);
	ck_assert(reads(mnt, "all", text)); /* the top layer wins */
	ck_assert(reads(mnt, "only0", "0"));
	OK(file_write_atomic(mnt, "all", "new", 3, 0644, 0, &err));
	ck_assert(reads(top, "up/all", "new"));
	ck_assert(reads(top, "layers/l0/all", "0")); /* lower bytes are as they were */
	ck_assert_str_eq(getcwd(after, sizeof(after)), here);
	layers_release(&l);
}
END_TEST

START_TEST(overlay_on_a_target_and_read_only)
{
	struct layers l = make_layers(2);
	_cleanup_free_ char *target = path_of("merged");
	OK(dir_make(top, "merged", 0755, &err));
	OK(overlay_mount(&l, target, &err));
	ck_assert(reads(top, "merged/only0", "0"));
	ck_assert_int_eq(umount2(target, MNT_DETACH), 0);
	free(take_ptr(&l.upper));
	for (int n = 2; n >= 1; n--) { /* without upper: nothing can be written, be it one layer or two */
		_cleanup_close_ int mnt = overlay_mount(&l, NULL, &err);
		ck_assert_msg(mnt >= 0, "%s", err.what);
		ck_assert(reads(mnt, "only1", "1"));
		ck_assert(openat(mnt, "new", O_WRONLY | O_CREAT, 0644) < 0 && errno == EROFS);
		free(l.lower[1]);
		l.lower[1] = NULL;
	}
	layers_release(&l);
}
END_TEST

START_TEST(volatile_overlays_can_be_used_again)
{
	struct layers l = make_layers(2);
	l.is_volatile = true;
	int mnt = overlay_mount(&l, NULL, &err);
	ck_assert_msg(mnt >= 0, "%s", err.what);
	close(mnt);
	ck_assert_int_lt(overlay_mount(&l, NULL, &err), 0);
	OK(overlay_forget_volatile(l.work, &err));
	mnt = overlay_mount(&l, NULL, &err);
	ck_assert_msg(mnt >= 0, "%s", err.what);
	close(mnt);
	layers_release(&l);
}
END_TEST

/* Works in the merged tree, tars the changes, unpacks them as a layer: a second engine must see the same tree. */
START_TEST(diffs_travel)
{
	struct layers l = make_layers(2);
	put("layers/l0/d/old", "old");
	put("layers/l0/gone", "x");
	put("layers/l0/tree/a/b", "x");
	_cleanup_close_ int mnt = overlay_mount(&l, NULL, &err);
	ck_assert_msg(mnt >= 0, "%s", err.what);
	OK(dir_remove(mnt, "d", &err));
	OK(dir_make(mnt, "d", 0700, &err)); /* opaque now */
	OK(file_write_atomic(mnt, "d/new", "new", 3, 04755, 0, &err));
	OK(dir_remove(mnt, "gone", &err));
	OK(dir_remove(mnt, "tree/a", &err));
	ck_assert(linkat(mnt, "d/new", mnt, "second", 0) == 0 && symlinkat("d/new", mnt, "link") == 0);

	_cleanup_close_ int upper = dir_open(top, "up", &err), tar = open(dir, O_TMPFILE | O_RDWR, 0600);
	struct tar_writer *w;
	struct tar_reader *r;
	struct digest written, read_back, blob, diffid;
	OK(tar_create_fd(tar, TAR_GZIP, &w, &err));
	OK(layer_diff(upper, w, &err));
	OK(tar_end_digest(w, &written, &err));
	OK(layer_digests(tar, &blob, &diffid, &err));
	ck_assert_str_eq(diffid.text, written.text);
	ck_assert_str_ne(blob.text, diffid.text);

	ck_assert_int_eq(lseek(tar, 0, SEEK_SET), 0);
	_cleanup_close_ int again = dir_make_open(top, "again", 0755, &err);
	OK(tar_open(tar, "diff", NULL, &r, &err));
	OK(unpack(r, again, UNPACK_LAYER, &err));
	OK(tar_finish(r, &read_back, &err));
	tar_close(r);
	ck_assert_str_eq(read_back.text, written.text);

	struct layers second = { .lower = NULL };
	strv_pushf(&second.lower, "%s/again", dir);
	strv_push(&second.lower, l.lower[0]);
	strv_push(&second.lower, l.lower[1]);
	_cleanup_close_ int merged = overlay_mount(&second, NULL, &err);
	ck_assert_msg(merged >= 0, "%s", err.what);
	struct stat st, st2;
	ck_assert(reads(merged, "d/new", "new") && !path_exists(merged, "d/old") &&
		  !path_exists(merged, "gone"));
	ck_assert(
		path_exists(merged, "tree") && !path_exists(merged, "tree/a") && reads(merged, "only0", "0"));
	ck_assert(fstatat(merged, "d/new", &st, 0) == 0 && (st.st_mode & 07777) == 04755 && st.st_nlink == 2);
	ck_assert(fstatat(merged, "second", &st2, 0) == 0 && st2.st_ino == st.st_ino);
	ck_assert(fstatat(merged, "d", &st, 0) == 0 && (st.st_mode & 07777) == 0700);
	layers_release(&l);
	layers_release(&second);
}
END_TEST

/* Names of files, links and attributes come out byte for byte: no charset, no normal form of Unicode. */
START_TEST(names_are_bytes)
{
	static const char *const names[] = { "nfd e\xcc\x81", "nfc \xc3\xa9", "latin \xe9\xfc", "\xf0\x9f\x98\x80",
		"\xe1\x84\x80\xe1\x85\xa1", "\xe2\x84\xab", "a\nb", "%41=%zz%" };
	_cleanup_close_ int tar = open(dir, O_TMPFILE | O_RDWR, 0600);
	struct tar_writer *w;
	struct tar_reader *r;
	const struct tar_entry *got;
	OK(tar_create_fd(tar, TAR_PLAIN, &w, &err));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		_cleanup_free_ char *attribute = xasprintf("user.%s", names[i]);
		struct tar_xattr x = { .name = attribute, .value = (char *)"v", .len = 1 };
		struct tar_entry e = { .path = (char *)names[i], .link = (char *)names[i], .xattrs = &x, .n_xattrs = 1 };
		e.st.st_mode = S_IFLNK | 0777;
		OK(tar_add(w, &e, &err));
	}
	OK(tar_end(w, &err));
	ck_assert_int_eq(lseek(tar, 0, SEEK_SET), 0);
	OK(tar_open(tar, "names", NULL, &r, &err));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_int_eq(tar_next(r, &got, &err), 1);
		ck_assert_str_eq(got->path, names[i]);
		ck_assert_str_eq(got->link, names[i]);
		ck_assert_uint_eq(got->n_xattrs, 1);
		ck_assert_str_eq(got->xattrs[0].name + 5, names[i]);
	}
	tar_close(r);
}
END_TEST

static bool always(void) { return true; }

/* What a build step leaves: the directory itself becomes the layer, and equals what its tar would unpack to. */
START_TEST(upper_directories_are_adopted)
{
	_cleanup_close_ int store = store_open(dir, &err);
	struct layers l = make_layers(2);
	put("layers/l0/gone", "x");
	put("layers/l1/d/old", "old");
	int mnt = overlay_mount(&l, NULL, &err);
	ck_assert_msg(mnt >= 0, "%s", err.what);
	OK(file_write_atomic(mnt, "new", "1234567", 7, 0640, 0, &err));
	OK(dir_remove(mnt, "gone", &err));
	OK(dir_remove(mnt, "d", &err));
	OK(dir_make(mnt, "d", 0755, &err));
	close(mnt);
	/* Marks that say nothing: of names that no lower layer has. */
	_cleanup_close_ int upper = dir_open(top, "up", &err);
	ck_assert(mknodat(upper, "never", S_IFCHR, makedev(0, 0)) == 0 && mkdirat(upper, "fresh", 0755) == 0);
	ck_assert_int_eq(mknodat(upper, "socket", S_IFSOCK | 0600, 0), 0);
	_cleanup_close_ int fresh = dir_open(upper, "fresh", &err);
	OK(layer_set_opaque(fresh, &err));
	struct timespec old[2] = { { .tv_sec = 5 }, { .tv_sec = 5 } };
	ck_assert_int_eq(utimensat(upper, "new", old, 0), 0);

	struct adopted_layer got;
	struct layer_origin origin = { .lower = l.lower, .newest = 1000000 };
	OK(layer_adopt(store, top, "up", &origin, &got, &err));
	ck_assert(!path_exists(top, "up") && store_has(store, &got.diffid));
	ck_assert_uint_eq(got.bytes, 7);
	ck_assert_uint_eq(got.entries, 4); /* new, gone, d, fresh */
	_cleanup_free_ char *fs = xasprintf("layers/%s/fs", digest_hex(&got.diffid));
	_cleanup_free_ char *size = xasprintf("layers/%s/size", digest_hex(&got.diffid));
	ck_assert(reads(top, size, "7\n"));
	_cleanup_close_ int layer = dir_open(top, fs, &err);
	ck_assert(reads(layer, "new", "1234567") && path_exists(layer, "gone"));
	ck_assert(!path_exists(layer, "never") && !path_exists(layer, "socket"));
	char mark;
	_cleanup_close_ int d = dir_open(layer, "d", &err);
	ck_assert_int_eq(fgetxattr(d, "trusted.overlay.opaque", &mark, 1), 1);
	ck_assert_int_lt(fgetxattr(fresh, "trusted.overlay.opaque", &mark, 1), 0);
	struct stat st;
	ck_assert(fstatat(layer, "d", &st, 0) == 0 && st.st_mtime == 1000000);
	ck_assert(fstatat(layer, "new", &st, 0) == 0 && st.st_mtime == 5);

	/* The same changes again: the layer is there, the directory goes. */
	struct digest blob, diffid;
	_cleanup_close_ int fd = store_open_blob(store, &got.diffid, &err);
	OK(layer_digests(fd, &blob, &diffid, &err));
	ck_assert(digest_eq(&blob, &got.diffid) && digest_eq(&diffid, &got.diffid));
	_cleanup_free_ char *copy = xasprintf("cp -a %s/%s %s/up", dir, fs, dir);
	ck_assert_int_eq(system(copy), 0);
	struct adopted_layer twice;
	OK(layer_adopt(store, top, "up", &origin, &twice, &err));
	ck_assert(digest_eq(&twice.diffid, &got.diffid) && !path_exists(top, "up"));

	/* A file that would be a deletion: refused, and the directory stays. */
	put("up2/etc/.wh.passwd", "x");
	ck_assert_int_eq(layer_adopt(store, top, "up2", NULL, &twice, &err), -EINVAL);
	ck_assert(path_exists(top, "up2/etc/.wh.passwd"));
	/* Ctrl-C in the middle of a large layer. */
	put("up3/file", "y");
	origin.stop = always;
	ck_assert_int_eq(layer_adopt(store, top, "up3", &origin, &twice, &err), -ECANCELED);
	ck_assert(path_exists(top, "up3/file"));
	layers_release(&l);
}
END_TEST

int main(void)
{
	if (qemu_lacks("fsopen(2)"))
		return 0;
	Suite *s = suite_create("layer");
	TCase *t = tcase_create("layer");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, whiteouts_do_not_climb, 0, (int)ARRAY_LEN(climbing));
	if (geteuid() == 0) {
		tcase_add_test(t, whiteouts_delete_by_adding);
		tcase_add_loop_test(t, overlays_of_many_layers, 0, 2 * (int)ARRAY_LEN(counts));
		tcase_add_test(t, overlay_on_a_target_and_read_only);
		tcase_add_test(t, volatile_overlays_can_be_used_again);
		tcase_add_test(t, diffs_travel);
	tcase_add_test(t, names_are_bytes);
		tcase_add_test(t, upper_directories_are_adopted);
	}
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
