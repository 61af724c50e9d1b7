/*
 * test_volume.c - the contracts of volumes: names, a second create, removal and what a killed one leaves, filling once, the stream.
 * All of it is directories and files, so no root and no container is needed.
 */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "volume/fill.h"
#include "volume/pack.h"
#include "volume/volume.h"

static struct mc_err err;
static char dir[] = "/tmp/minictr-test-volume-XXXXXX";
static int engine, store;

#define OK(call) ck_assert_msg((call) >= 0, "%s: %s", #call, err.what)

static void setup(void)
{
	strcpy(dir, "/tmp/minictr-test-volume-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	engine = dir_open(AT_FDCWD, dir, &err);
	OK(store = volume_store_open(engine, &err));
}

static void teardown(void)
{
	close(store);
	close(engine);
	dir_remove(AT_FDCWD, dir, &err);
}

static void put(const char *path, const char *text)
{
	OK(file_write_atomic(store, path, text, strlen(text), 0640, 0, &err));
}

static void holds(const char *path, const char *text)
{
	_cleanup_buf_ struct buf b = { 0 };
	OK(file_read(store, path, 4096, &b, &err));
	ck_assert_str_eq(b.data, text);
}

START_TEST(which_names)
{
	static const char *const good[] = { "a1", "Data_1.x-y", "0b" }, *const bad[] = { "", "a", ".a", "-a", "a/b", "a b", "ä1", "../x" };
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ck_assert_msg(volume_check_name(good[i], &err) == 0, "%s: %s", good[i], err.what);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ck_assert_msg(volume_check_name(bad[i], &err) == -EINVAL, "\"%s\" is allowed", bad[i]);
		ck_assert_int_eq(volume_create(store, bad[i], &err), -EINVAL);
	}
}
END_TEST

START_TEST(a_second_create_changes_nothing)
{
	struct stat st;
	mode_t old = umask(077);
	OK(volume_create(store, "web", &err));
	umask(old);
	ck_assert_int_eq(fstatat(store, "web/data", &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	put("web/data/page", "kept");
	ck_assert_int_eq(fchmodat(store, "web/data", 0700, 0), 0);
	OK(volume_create(store, "web", &err));
	holds("web/data/page", "kept");
	ck_assert_int_eq(fstatat(store, "web/data", &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
}
END_TEST

/* Only whole volumes are listed; what a killed create or removal left is swept, and nothing else. */
START_TEST(list_remove_sweep)
{
	_cleanup_strv_ char **names = NULL, **left = NULL;
	OK(volume_create(store, "bb", &err));
	OK(volume_create(store, "aa", &err));
	put("aa/data/x", "x");
	OK(mkdirat(store, "half", 0700));
	OK(mkdirat(store, ".removed.1", 0700));
	OK(mkdirat(store, ".new.2", 0700));
	put(".new.2/file", "x");
	OK(volume_list(store, &names, &err));
	ck_assert_uint_eq(strv_len(names), 2);
	ck_assert_str_eq(names[0], "aa");
	ck_assert_str_eq(names[1], "bb");
	volume_sweep(store);
	ck_assert(!path_exists(store, "half") && !path_exists(store, ".removed.1") && !path_exists(store, ".new.2"));
	holds("aa/data/x", "x");
	OK(volume_remove(store, "aa", &err));
	ck_assert(!path_exists(store, "aa"));
	ck_assert_int_eq(volume_remove(store, "aa", &err), -ENOENT);
	OK(volume_list(store, &left, &err));
	ck_assert_uint_eq(strv_len(left), 1);
}
END_TEST

START_TEST(the_lock_is_exclusive)
{
	int lock = volume_store_lock(store, &err);
	OK(lock);
	ck_assert_int_eq(file_lock(store, ".lock", false, &err), -EWOULDBLOCK);
	close(lock);
	int again = file_lock(store, ".lock", false, &err);
	OK(again);
	close(again);
}
END_TEST

/* "image" is the image's directory; the volume begins with what is there, and only once. */
START_TEST(filled_once)
{
	struct stat st;
	OK(volume_create(store, "vv", &err));
	OK(mkdirat(store, "image", 0750));
	put("image/one", "from the image");
	OK(symlinkat("one", store, "image/link"));
	int volume = dir_open(store, "vv", &err), image = dir_open(store, "image", &err);
	ck_assert_int_eq(volume_is_empty(volume, "data", &err), 1);
	ck_assert_int_eq(volume_fill(volume, image, &err), 1);
	ck_assert_int_eq(volume_is_empty(volume, "data", &err), 0);
	holds("vv/data/link", "from the image");
	ck_assert_int_eq(fstatat(store, "vv/data", &st, 0), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0750);
	put("image/two", "later");
	ck_assert_int_eq(volume_fill(volume, image, &err), 0);
	ck_assert(!path_exists(store, "vv/data/two") && !path_exists(store, "vv/filled"));
	ck_assert_int_eq(volume_is_empty(volume, "missing", &err), -ENOENT);
	close(volume);
	close(image);
}
END_TEST

/* Killed between the two halves: "filled" is whole, half of it has moved, and a container has made a file of its own. */
START_TEST(an_interrupted_fill_goes_on)
{
	OK(volume_create(store, "vv", &err));
	OK(mkdirat(store, "vv/filled", 0755));
	OK(mkdirat(store, "vv/filling", 0700));
	put("vv/filled/a", "image");
	put("vv/filled/b", "image");
	put("vv/data/b", "container");
	int volume = dir_open(store, "vv", &err), image = dir_open(engine, ".", &err);
	ck_assert_int_eq(volume_fill(volume, image, &err), 1);
	holds("vv/data/a", "image");
	holds("vv/data/b", "container");
	ck_assert(!path_exists(store, "vv/filled"));
	ck_assert_int_eq(volume_move_in(volume, &err), 0);
	close(volume);
	close(image);
}
END_TEST

static int stream_of(const char *name)
{
	_cleanup_volume_ struct volume v = { 0 };
	struct tar_writer *out = NULL;
	_cleanup_free_ char *path = xasprintf("%s/data", name);
	int fd = file_of_bytes("", 0, &err), data = dir_open(store, path, &err);
	OK(data);
	OK(tar_create_fd(fd, TAR_PLAIN, &out, &err));
	if (volume_load(store, name, &v, &err) >= 0)
		OK(pack_record(&v, out, &err));
	OK(volume_move(data, out, &err));
	OK(tar_end(out, &err));
	close(data);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

START_TEST(a_stream_comes_back_whole)
{
	struct stat a, b;
	_cleanup_volume_ struct volume v = { 0 };
	char *labels[] = { "added=1", NULL };
	_cleanup_json_ struct json *record = json_new_object();
	OK(volume_create(store, "from", &err));
	json_set_string(json_sub(record, "Labels"), "kept", "yes");
	OK(volume_save(store, "from", record, &err));
	OK(mkdirat(store, "from/data/deep", 0701));
	put("from/data/deep/file", "bytes");
	OK(linkat(store, "from/data/deep/file", store, "from/data/hard", 0));
	int in = stream_of("from");
	OK(volume_import(store, "to", in, labels, &err));
	holds("to/data/deep/file", "bytes");
	ck_assert(fstatat(store, "to/data/deep/file", &a, 0) == 0 && fstatat(store, "to/data/hard", &b, 0) == 0);
	ck_assert_uint_eq(a.st_ino, b.st_ino);
	ck_assert_int_eq(fstatat(store, "to/data/deep", &a, 0), 0);
	ck_assert_uint_eq(a.st_mode & 07777, 0701);
	OK(volume_load(store, "to", &v, &err));
	ck_assert_str_eq(volume_label(&v, "kept"), "yes");
	ck_assert_str_eq(volume_label(&v, "added"), "1");
	lseek(in, 0, SEEK_SET);
	ck_assert_int_eq(volume_import(store, "to", in, NULL, &err), -EEXIST);
	close(in);
	OK(volume_clone(store, "to", "copy", &err));
	holds("copy/data/hard", "bytes");
	ck_assert_int_eq(volume_clone(store, "to", "copy", &err), -EEXIST);
	ck_assert_int_eq(volume_clone(store, "no", "copy2", &err), -ENOENT);
}
END_TEST

/* All or nothing: a stream that ends in the middle leaves no volume and no directory behind. */
START_TEST(half_a_stream_is_no_volume)
{
	_cleanup_strv_ char **names = NULL;
	OK(volume_create(store, "from", &err));
	put("from/data/file", "some bytes that fill more than nothing");
	int in = stream_of("from");
	ck_assert_int_eq(ftruncate(in, 700), 0);
	ck_assert_int_lt(volume_import(store, "to", in, NULL, &err), 0);
	close(in);
	OK(dir_list(store, ".", &names, &err));
	for (size_t i = 0; names[i]; i++)
		ck_assert_msg(!str_starts(names[i], ".new") && strcmp(names[i], "to") != 0, "%s is left", names[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("volume");
	TCase *t = tcase_create("volume");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, which_names);
	tcase_add_test(t, a_second_create_changes_nothing);
	tcase_add_test(t, list_remove_sweep);
	tcase_add_test(t, the_lock_is_exclusive);
	tcase_add_test(t, filled_once);
	tcase_add_test(t, an_interrupted_fill_goes_on);
	tcase_add_test(t, a_stream_comes_back_whole);
	tcase_add_test(t, half_a_stream_is_no_volume);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
