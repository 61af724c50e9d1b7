/*
 * test_guard.c - what guards the engine's files: private directories, opening names that others exchange, removal of deep
 * trees, documents that can be read again.
 */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/private_dir.h"
#include "qemu.h"

static struct mc_err err;
static char dir[] = "/tmp/minictr-test-guard-XXXXXX";
static int root;

static void setup(void)
{
	err = (struct mc_err){ 0 };
	ck_assert_ptr_nonnull(mkdtemp(dir));
	root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void teardown(void)
{
	close(root);
	ck_assert_int_eq(dir_remove(AT_FDCWD, dir, &err), 0);
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
}

static unsigned mode_of(const char *name)
{
	struct stat st;
	return fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : st.st_mode & 07777;
}

START_TEST(private_directories)
{
	int fd = dir_open_private(root, "new", &err);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_uint_eq(mode_of("new"), 0700);
	ck_assert_int_eq(fchmodat(root, "new", 0755, 0), 0);
	fd = dir_open_private(root, "new", &err);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(mode_of("new"), 0700); /* repaired */
	ck_assert_int_eq(mkdirat(fd, "inside", 0700), 0);
	close(fd);
	ck_assert_int_eq(
		fchmodat(root, "new", 0777, 0), 0); /* what others may have put there would be believed */
	ck_assert_int_eq(dir_open_private(root, "new", &err), -EPERM);
	ck_assert_ptr_nonnull(strstr(err.what, "can be written by others"));
	ck_assert_uint_eq(mode_of("new"), 0777);
	mkdirat(root, "empty", 0700);
	ck_assert_int_eq(fchmodat(root, "empty", 0777, 0), 0);
	fd = dir_open_private(root, "empty", &err);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_uint_eq(mode_of("empty"), 0700);
}
END_TEST

START_TEST(only_regular_files_are_opened)
{
	struct stat st;
	ck_assert_int_ge(file_write_atomic(root, "file", "text", 4, 0600, 0, &err), 0);
	mkfifoat(root, "fifo", 0600); /* open(2) would wait for a writer */
	ck_assert_int_eq(symlinkat("file", root, "link"), 0);
	int fd = file_open_regular(root, "file", &st, &err);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(st.st_size, 4);
	close(fd);
	ck_assert_int_eq(file_open_regular(root, "fifo", NULL, &err), -EINVAL);
	ck_assert_int_eq(file_open_regular(root, "link", NULL, &err), -EINVAL);
	ck_assert_int_eq(file_open_regular(AT_FDCWD, "/dev/null", NULL, &err), -EINVAL);
	ck_assert_int_eq(file_open_regular(root, "absent", NULL, &err), -ENOENT);
	fd = file_open_regular_beneath(root, "/link", NULL, &err); /* inside its root a link is fine */
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(file_open_regular_beneath(root, "../../etc/passwd", NULL, &err), -ENOENT);
}
END_TEST

START_TEST(trees_of_any_depth_are_removed)
{
	int fd = dup(root);
	for (int i = 0; i < 2000; i++) {
		ck_assert_int_eq(mkdirat(fd, "d", 0700), 0);
		int next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		ck_assert_int_ge(next, 0);
		close(fd);
		fd = next;
	}
	close(fd);
	ck_assert_msg(dir_remove(root, "d", &err) == 0, "%s", err.what);
	ck_assert_uint_eq(mode_of("d"), 0);
}
END_TEST

START_TEST(documents_are_utf8_and_limited)
{
	_cleanup_json_ struct json *doc = json_new_object();
	struct json *env = json_set(json_sub(doc, "Config"), "Env", json_new_array());
	json_add(env, json_new_string("A=\xc3\xa4"));
	ck_assert_int_eq(json_write_file(root, "doc", doc, 0600, 0, &err), 0);
	ck_assert_int_eq(json_write_limited(root, "doc", doc, 10, 0600, 0, &err), -EFBIG);
	err = (struct mc_err){ 0 };
	json_add(env, json_new_string("B=\xff"));
	ck_assert_int_eq(json_write_file(root, "doc", doc, 0600, 0, &err), -EILSEQ);
	ck_assert_msg(strstr(err.what, "Config.Env[1]: the byte 0xff at position 3") != NULL, "%s", err.what);
	_cleanup_json_ struct json *back = NULL;
	ck_assert_int_ge(json_parse_file(root, "doc", 1000, &back, &err), 0); /* the old one is still there */
	ck_assert_uint_eq(json_len(json_at(back, "Config.Env")), 1);
}
END_TEST

int main(void)
{
	if (qemu_lacks("openat2(2)"))
		return 0;
	Suite *s = suite_create("guard");
	TCase *t = tcase_create("guard");
	tcase_set_timeout(t, 60); /* a tree of 3,000 levels on a busy disk */
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, private_directories);
	tcase_add_test(t, only_regular_files_are_opened);
	tcase_add_test(t, trees_of_any_depth_are_removed);
	tcase_add_test(t, documents_are_utf8_and_limited);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
