/*
 * test_image.c - the store and what is found in it: digests, names, platforms, indexes, layers seen as one tree, leftovers.
 * No root, no network.
 */
#include <check.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "image/image.h"
#include "image/lower.h"
#include "image/platform.h"
#include "image/unfinished.h"
#include "qemu.h"

static char dir[] = "/tmp/minictr-test-image-XXXXXX";
static int top, store;
static struct mc_err err;

#define OK(call) ck_assert_msg((call) >= 0, "%s: %s", #call, err.what)

static void setup(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	store = store_open(dir, &err);
	ck_assert_msg(store >= 0, "%s", err.what);
}

static void teardown(void)
{
	close(store);
	close(top);
	dir_remove(AT_FDCWD, dir, &err);
}

/* --- digests --- */

static const struct {
	const char *text;
	bool good;
} digests[] = {
	{ "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true },
	{ "sha512:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
		true },
	{ "sha512:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	{ "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaA", false },
	{ "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	{ "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	{ "sha256:../../../../../../../../../../../../../../../../../../../../../../", false },
	{ "md5:d41d8cd98f00b204e9800998ecf8427e", false },
	{ "sha256:", false },
	{ "", false },
	{ NULL, false },
};

START_TEST(digests_are_exact)
{
	struct digest d;
	ck_assert_int_eq(digest_parse(digests[_i].text, &d, &err) == 0, digests[_i].good);
}
END_TEST

START_TEST(blobs_are_named_by_their_content)
{
	struct digest d, d512, wrong;
	OK(blob_put(store, "abc", 3, &d, &err));
	ck_assert_str_eq(d.text, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_of_like(&(struct digest){ "sha512:" }, "abc", 3, &d512);
	ck_assert_str_eq(d512.text + 119, "2a9ac94fa54ca49f");
	OK(blob_put_named(store, "abc", 3, &d512, &err));
	ck_assert(store_has(store, &d) && store_has(store, &d512) && path_exists(store, "blobs/sha512"));
	digest_of("other", 5, &wrong);
	ck_assert_int_eq(blob_put_named(store, "abc", 3, &wrong, &err), -EBADMSG);
	ck_assert(!store_has(store, &wrong) && unfinished_size(store) == 0);
}
END_TEST

/* Pieces of odd lengths, chunks that begin inside of one, and a tail: the file is what was given. */
START_TEST(large_blobs_are_what_was_written)
{
	enum { SIZE = (5 << 19) + 17 };
	struct digest d, want;
	struct blob_writer w;
	char *text = xmalloc(SIZE), *got = xmalloc(SIZE + 1);
	for (size_t i = 0; i < SIZE; i++)
		text[i] = (char)(i * 2654435761U >> 13);
	OK(blob_begin(store, &w, &err));
	for (size_t at = 0, n = 1; at < SIZE; at += n, n = n * 3 < SIZE - at ? n * 3 : SIZE - at)
		OK(blob_write(&w, text + at, n, &err));
	ck_assert_uint_eq(w.size, SIZE);
	OK(blob_commit(&w, NULL, &d, &err));
	digest_of(text, SIZE, &want);
	ck_assert_str_eq(d.text, want.text);
	char path[BLOB_PATH];
	_cleanup_close_ int fd = openat(store, store_blob_path(&d, path), O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(read(fd, got, SIZE + 1), SIZE);
	ck_assert(!memcmp(text, got, SIZE));
	free(text);
	free(got);
}
END_TEST

START_TEST(the_store_is_private)
{
	struct stat st;
	ck_assert(fchmodat(top, "layers", 0755, 0) == 0 && fchmodat(top, "images", 0711, 0) == 0);
	close(store);
	store = store_open(dir, &err);
	ck_assert(fstatat(top, "layers", &st, 0) == 0 && (st.st_mode & 07777) == 0700);
	ck_assert(fstatat(top, "images", &st, 0) == 0 && (st.st_mode & 07777) == 0700);
}
END_TEST

/* --- images --- */

/* An image without layers; note makes it another one. os NULL: a configuration that does not say. Its manifest's descriptor. */
static struct json *make_image(const char *note, const char *os, const char *arch)
{
	struct digest config, manifest;
	uint64_t size;
	_cleanup_json_ struct json *c = json_new_object(), *m = json_new_object();
	json_set_string(c, "os", os);
	json_set_string(c, "architecture", arch);
	json_set_string(c, "author", note);
	json_set(json_sub(c, "rootfs"), "diff_ids", json_new_array());
	OK(blob_put_json(store, c, &config, &size, &err));
	json_set_i64(m, "schemaVersion", 2);
	json_set(m, "config", descriptor_new(MEDIA_OCI_CONFIG, &config, size));
	json_set(m, "layers", json_new_array());
	OK(blob_put_json(store, m, &manifest, &size, &err));
	return descriptor_new(MEDIA_OCI_MANIFEST, &manifest, size);
}

/* An index of these descriptors, which it takes over. */
static struct json *make_index(struct json *a, struct json *b, struct digest *ret)
{
	_cleanup_json_ struct json *doc = json_new_object();
	uint64_t size;
	struct json *list = json_set(doc, "manifests", json_new_array());
	json_add(list, a);
	if (b)
		json_add(list, b);
	OK(blob_put_json(store, doc, ret, &size, &err));
	return descriptor_new(MEDIA_OCI_INDEX, ret, size);
}

static const char *digest_in(const struct json *descriptor)
{
	return json_text_of(json_member(descriptor, "digest"));
}

START_TEST(names_move_and_leave_nameless_images)
{
	_cleanup_json_ struct json *one = make_image("one", "linux", "amd64"),
				   *two = make_image("two", "linux", "amd64");
	_cleanup_image_ struct image img = { 0 }, old = { 0 };
	OK(store_set_name(store, "docker.io/library/a:1", one, &err));
	OK(store_set_name(store, "docker.io/library/a:1", two, &err));
	OK(image_lookup(store, "a:1", &img, &err));
	ck_assert_str_eq(img.manifest.text, digest_in(two));
	OK(image_lookup(store, digest_in(one), &old, &err)); /* <none>, found by its digest */
	ck_assert(!old.names || !old.names[0]);
	OK(store_set_name(store, NULL, two, &err)); /* it has a name: nothing changes */
	image_free(&img);
	OK(image_lookup(store, "a:1", &img, &err));
	OK(store_remove_name(store, "docker.io/library/a:1", false, &err));
	image_free(&img);
	ck_assert_int_eq(image_lookup(store, "a:1", &img, &err), -ENOENT);
	ck_assert_str_eq(err.what, "No such image: a:1");
	ck_assert_int_eq(store_remove_name(store, "docker.io/library/a:1", false, &err), -ENOENT);
}
END_TEST

static ino_t index_inode(void)
{
	struct stat st;
	ck_assert_int_eq(fstatat(store, "index.json", &st, 0), 0);
	return st.st_ino;
}

START_TEST(a_name_that_is_there_is_not_written_again)
{
	_cleanup_json_ struct json *one = make_image("one", "linux", "amd64"),
				   *two = make_image("two", "linux", "amd64");
	OK(store_set_name(store, "docker.io/library/a:1", one, &err));
	OK(store_set_name(store, "docker.io/library/b:1", two, &err));
	ino_t before = index_inode();
	OK(store_set_name(store, "docker.io/library/a:1", one, &err)); /* not the last one of the list */
	OK(store_set_name(store, "docker.io/library/b:1", two, &err));
	OK(store_set_name(store, NULL, two, &err));
	ck_assert_uint_eq(index_inode(), before);
	OK(store_set_name(store, "docker.io/library/b:1", one, &err));
	ck_assert_uint_ne(index_inode(), before);
}
END_TEST

START_TEST(several_names_are_given_at_once)
{
	_cleanup_json_ struct json *one = make_image("one", "linux", "amd64"), *index = NULL;
	struct store_entry entries[] = { { (char *)"docker.io/library/a:1", one },
		{ (char *)"docker.io/library/a:2", one }, { (char *)"docker.io/library/a:1", one },
		{ NULL, one } };
	_cleanup_image_ struct image img = { 0 };
	OK(store_set_names(store, entries, ARRAY_LEN(entries), &err));
	OK(store_read_index(store, &index, &err));
	ck_assert_uint_eq(json_len(json_member(index, "manifests")), 2);
	OK(image_lookup(store, "a:2", &img, &err));
	ck_assert_uint_eq(strv_len(img.names), 2);
}
END_TEST

START_TEST(ids_may_be_short_but_not_ambiguous)
{
	_cleanup_json_ struct json *one = make_image("one", "linux", "amd64");
	_cleanup_image_ struct image img = { 0 }, again = { 0 };
	OK(store_set_name(store, "docker.io/library/a:1", one, &err));
	OK(image_lookup(store, "a:1", &img, &err));
	char brief[13];
	snprintf(brief, sizeof(brief), "%s", digest_hex(&img.id));
	OK(image_lookup(store, brief, &again, &err));
	ck_assert(digest_eq(&img.id, &again.id));
	for (int i = 0; i < 40; i++) { /* 40 ids: two begin with the same digit */
		char note[8];
		snprintf(note, sizeof(note), "n%d", i);
		_cleanup_json_ struct json *more = make_image(note, "linux", "amd64");
		OK(store_set_name(store, NULL, more, &err));
	}
	brief[1] = '\0';
	image_free(&again);
	int rc = image_lookup(store, brief, &again, &err);
	ck_assert(rc == -EEXIST || rc == 0);
	ck_assert_int_eq(image_lookup(store, "sha256:zz", &again, &err), -ENOENT);
}
END_TEST

START_TEST(an_image_for_another_system_is_refused)
{
	_cleanup_json_ struct json *w = make_image("w", "windows", "amd64");
	_cleanup_image_ struct image img = { 0 };
	OK(store_set_name(store, "docker.io/library/w:1", w, &err));
	ck_assert_int_eq(image_lookup(store, "w:1", &img, &err), -ENOEXEC);
}
END_TEST

/* --- platforms --- */

static const struct {
	const char *have, *want;
	int rating; /* 0: none; else at least this */
} platforms[] = {
	{ "linux/amd64", "linux/amd64", 1 },
	{ "linux/amd64", "x86_64", 1 },
	{ "linux/amd64", "linux/arm64", 0 },
	{ "windows/amd64", "linux/amd64", 0 },
	{ "linux/arm/v6", "linux/arm/v7", 1 },
	{ "linux/arm/v7", "linux/arm/v6", 0 },
	{ "linux/arm64", "linux/arm64/v8", 1 },
	{ "linux/arm", "linux/arm/v7", 1 },
};

START_TEST(platforms_match_by_what_runs)
{
	struct platform have, want;
	OK(platform_parse(platforms[_i].have, &have, &err));
	OK(platform_parse(platforms[_i].want, &want, &err));
	int rating = platform_match(&have, &want);
	ck_assert_msg(platforms[_i].rating ? rating >= platforms[_i].rating : rating == 0, "%s on %s: %d",
		platforms[_i].have, platforms[_i].want, rating);
}
END_TEST

START_TEST(platforms_are_read_wholly)
{
	static const char *const bad[] = { "", "/", "linux/", "a/b/c/d", "linux//v7",
		"a/b/0123456789012345678901234567" };
	struct platform p;
	char text[96];
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(platform_parse(bad[i], &p, &err) == -EINVAL || (i == 4 && p.variant[0]),
			"\"%s\"", bad[i]);
	OK(platform_parse("linux/arm/v7", &p, &err));
	ck_assert_str_eq(platform_text(&p, text), "linux/arm/v7");
	OK(platform_parse(NULL, &p, &err));
	ck_assert_str_eq(p.os, "linux");
}
END_TEST

START_TEST(an_index_is_searched_through)
{
	struct platform want;
	struct digest flat, inner, outer, got;
	OK(platform_parse("linux/arm64", &want, &err));
	struct json *right = make_image("right", "linux", "arm64"),
		    *silent = make_image("silent", NULL, NULL);
	_cleanup_free_ char *right_digest = xstrdup(digest_in(right)),
			    *silent_digest = xstrdup(digest_in(silent));
	/* No entry tells a platform: the configurations do, and one that is silent fits worst. */
	json_free(make_index(silent, right, &flat));
	OK(platform_choose(store, &flat, &want, &got, &err));
	ck_assert_str_eq(got.text, right_digest);
	/* An index in an index. */
	json_free(make_index(make_index(make_image("wrong", "linux", "s390x"),
				     make_image("right", "linux", "arm64"), &inner),
		NULL, &outer));
	OK(platform_choose(store, &outer, &want, &got, &err));
	ck_assert_str_eq(got.text, right_digest);
	/* None, and what there is. */
	OK(platform_parse("linux/riscv64", &want, &err));
	ck_assert_int_eq(platform_choose(store, &outer, &want, &got, &err), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.what, "linux/s390x"));
	OK(platform_choose(store, &flat, &want, &got, &err));
	ck_assert_str_eq(got.text, silent_digest);
}
END_TEST

/* --- layers as one tree --- */

static void put(const char *path, const char *text)
{
	_cleanup_free_ char *parent = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	OK(dir_make(top, parent, 0755, &err));
	OK(file_write_atomic(top, path, text, strlen(text), 0644, 0, &err));
}

START_TEST(lower_layers_hide_each_other)
{
	char *dirs[] = { xasprintf("%s/up", dir), xasprintf("%s/mid", dir), xasprintf("%s/low", dir), NULL };
	_cleanup_lower_ struct lower_view v = { 0 };
	struct stat st;
	put("low/a/deep", "1"), put("low/b/x", "1"), put("low/c/x", "1"), put("low/only", "1"),
		put("outside/secret", "1");
	put("mid/a/other", "22"), put("mid/b", "now a file"), put("up/first", "1");
	ck_assert_int_eq(
		symlinkat("../outside", openat(top, "up", O_PATH | O_DIRECTORY | O_CLOEXEC), "c"), 0);
	OK(lower_open(dirs, &v, &err));
	ck_assert(lower_find(&v, "a/deep", &st) && st.st_size == 1);
	ck_assert(lower_find(&v, "/a/other", &st) && st.st_size == 2);
	ck_assert(lower_find(&v, "b", &st) && S_ISREG(st.st_mode));
	ck_assert(!lower_find(&v, "b/x", &st));                     /* a file hides the directory below */
	ck_assert(lower_find(&v, "c", &st) && S_ISLNK(st.st_mode)); /* a link is a link, and leads nowhere */
	ck_assert(!lower_find(&v, "c/secret", &st) && !lower_find(&v, "c/x", &st));
	ck_assert(!lower_find(&v, "none", &st) && lower_find(&v, "only", &st));
	for (int i = 0; i < 3; i++)
		free(dirs[i]);
}
END_TEST

/* --- leftovers --- */

START_TEST(leftovers_go_by_age_and_by_lock)
{
	if (qemu_lacks("openat2(2)"))
		return;
	put("images/ingest/upload-1", "12345"), put("images/ingest/x.part", "123");
	put("images/ingest/0123456789abcdef01234567", "1"), put("layers/tmp-1/fs/f", "1234");
	ck_assert_uint_eq(unfinished_size(store), 5 + 3 + 1 + 4);
	ck_assert_uint_eq(unfinished_clear(store, UNFINISHED_MINUTE, false), 0); /* all of it is new */
	_cleanup_close_ int writer = file_lock(store, "ingest/x.part", true, &err);
	ck_assert_uint_eq(unfinished_clear(store, 0, false), 5); /* the other one has its writer */
	ck_assert_uint_eq(unfinished_clear(store, UNFINISHED_DAY, true), 5);
	ck_assert_uint_eq(unfinished_size(store), 3);
	ck_assert(!path_exists(store, "../layers/tmp-1"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("image");
	TCase *t = tcase_create("image");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, digests_are_exact, 0, (int)ARRAY_LEN(digests));
	tcase_add_test(t, blobs_are_named_by_their_content);
	tcase_add_test(t, large_blobs_are_what_was_written);
	tcase_add_test(t, the_store_is_private);
	tcase_add_test(t, names_move_and_leave_nameless_images);
	tcase_add_test(t, a_name_that_is_there_is_not_written_again);
	tcase_add_test(t, several_names_are_given_at_once);
	tcase_add_test(t, ids_may_be_short_but_not_ambiguous);
	tcase_add_test(t, an_image_for_another_system_is_refused);
	tcase_add_loop_test(t, platforms_match_by_what_runs, 0, (int)ARRAY_LEN(platforms));
	tcase_add_test(t, platforms_are_read_wholly);
	tcase_add_test(t, an_index_is_searched_through);
	tcase_add_test(t, lower_layers_hide_each_other);
	tcase_add_test(t, leftovers_go_by_age_and_by_lock);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
