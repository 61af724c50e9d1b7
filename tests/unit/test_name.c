/*
 * test_name.c - image names as docker reads them, digests as the store accepts them.
 */
#include <check.h>

#include "image/name.h"

static const struct {
	const char *text, *host, *path, *tag;
} good[] = {
	{ "busybox", "docker.io", "library/busybox", "latest" },
	{ "busybox:1.36", "docker.io", "library/busybox", "1.36" },
	{ "ana/tool", "docker.io", "ana/tool", "latest" },
	{ "docker.io/busybox", "docker.io", "library/busybox", "latest" },
	{ "index.docker.io/library/busybox", "docker.io", "library/busybox", "latest" },
	{ "localhost/x", "localhost", "x", "latest" },
	{ "localhost:5000/x", "localhost:5000", "x", "latest" },
	{ "localhost:5000/x:2", "localhost:5000", "x", "2" },
	{ "localhost:5000", "docker.io", "library/localhost", "5000" },
	{ "ghcr.io/a/b/c_d__e-f--g.h:T-1.x_", "ghcr.io", "a/b/c_d__e-f--g.h", "T-1.x_" },
	{ "10.0.0.1/x", "10.0.0.1", "x", "latest" },
	{ "[::1]:5000/x:y", "[::1]:5000", "x", "y" },
	{ "UPPER/x", "UPPER", "x", "latest" },
	{ "a:5000/x", "a:5000", "x", "latest" },
	{ "x:_t", "docker.io", "library/x", "_t" },
};

START_TEST(names_are_filled_in_as_docker_does)
{
	struct mc_err err = { 0 };
	struct image_name n;
	int rc = image_name_parse(good[_i].text, &n, &err);
	ck_assert_msg(rc == 0, "%s: %s", good[_i].text, err.what);
	ck_assert_str_eq(n.host, good[_i].host);
	ck_assert_str_eq(n.path, good[_i].path);
	ck_assert_str_eq(n.tag, good[_i].tag);
	ck_assert_str_eq(n.digest.text, "");
	/* The full name means the same image. */
	struct image_name again;
	_cleanup_free_ char *full = image_name_full(&n);
	ck_assert_int_eq(image_name_parse(full, &again, &err), 0);
	ck_assert_str_eq(again.path, n.path);
	ck_assert_str_eq(again.host, n.host);
	_cleanup_free_ char *shown = image_name_short(&n);
	ck_assert_int_eq(image_name_parse(shown, &again, &err), 0);
	ck_assert_str_eq(again.path, n.path);
	ck_assert_str_eq(again.host, n.host);
}
END_TEST

static const char *const bad[] = { "", ":1", "x:", "X", "a/B", "localhost:5000/X", "x//y", "/x", "x/", "-x", "x-", "x..y",
	"x___y", "x._y", "a b", "x:a/b", "x:a:b", "x@sha256:12", "x@md5:00", "http://x", "x:-t", "ho_st.de/x", "-h.de/x",
	"h-.de/x", "h.de:/x", "h.de:12a/x", "[::1/x", "../x", ".x", "x.", "\xc3\xa4",
	"0123456789012345678901234567890123456789012345678901234567890123" };

START_TEST(broken_names_are_refused)
{
	struct mc_err err = { 0 };
	struct image_name n;
	ck_assert_msg(image_name_parse(bad[_i], &n, &err) == -EINVAL, "\"%s\" was taken", bad[_i]);
	ck_assert(err.what[0]);
}
END_TEST

START_TEST(lengths_end_where_docker_ends_them)
{
	struct mc_err err = { 0 };
	struct image_name n;
	char text[700] = "h.de/";
	memset(text + 5, 'a', 250);
	ck_assert_int_eq(image_name_parse(text, &n, &err), 0);
	text[255] = 'a';
	ck_assert_int_eq(image_name_parse(text, &n, &err), -EINVAL);
	snprintf(text, sizeof(text), "x:%0128d", 1);
	ck_assert_int_eq(image_name_parse(text, &n, &err), 0);
	snprintf(text, sizeof(text), "x:%0129d", 1);
	ck_assert_int_eq(image_name_parse(text, &n, &err), -EINVAL);
}
END_TEST

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(digests_stand_beside_tags)
{
	struct mc_err err = { 0 };
	struct image_name n;
	ck_assert_int_eq(image_name_parse("h.de:1/x@sha256:" HEX, &n, &err), 0);
	ck_assert_str_eq(n.tag, "");
	ck_assert_str_eq(n.digest.text, "sha256:" HEX);
	ck_assert_int_eq(image_name_parse("x:1@sha256:" HEX, &n, &err), 0);
	ck_assert_str_eq(n.tag, "1");
	_cleanup_free_ char *shown = image_name_short(&n);
	ck_assert_str_eq(shown, "x:1@sha256:" HEX);
}
END_TEST

START_TEST(digests_are_exact)
{
	struct mc_err err = { 0 };
	struct digest d;
	ck_assert_int_eq(digest_parse("sha256:" HEX, &d, &err), 0);
	ck_assert_str_eq(digest_hex(&d), HEX);
	ck_assert_int_eq(digest_parse("sha256:" HEX "0", &d, &err), -EINVAL);
	ck_assert_int_eq(digest_parse("sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", &d, &err),
		-EINVAL);
	ck_assert_int_eq(digest_parse("sha256:../../../../etc/passwd", &d, &err), -EINVAL);
	ck_assert_int_eq(digest_parse(NULL, &d, &err), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("name");
	TCase *t = tcase_create("name");
	tcase_add_loop_test(t, names_are_filled_in_as_docker_does, 0, (int)ARRAY_LEN(good));
	tcase_add_loop_test(t, broken_names_are_refused, 0, (int)ARRAY_LEN(bad));
	tcase_add_test(t, lengths_end_where_docker_ends_them);
	tcase_add_test(t, digests_stand_beside_tags);
	tcase_add_test(t, digests_are_exact);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
