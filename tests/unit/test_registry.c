/*
 * test_registry.c - the pure parts of the registry floor: challenges, addresses, manifests, platforms, routes, settings.
 */
#include <check.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "image/name.h"
#include "registry/challenge.h"
#include "registry/http.h"
#include "registry/login.h"
#include "registry/manifest.h"
#include "registry/partial.h"
#include "registry/pull.h"
#include "registry/server/requests.h"
#include "registry/settings.h"
#include "registry/url.h"

#define D1 "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define D2 "sha256:2222222222222222222222222222222222222222222222222222222222222222"

START_TEST(challenges)
{
	struct challenge c;
	struct mc_err err;
	ck_assert_int_eq(
		challenge_parse(
			"Bearer realm=\"https://a/t\",service=\"s, t\",scope=\"r:x:pull,push\"", &c, &err),
		0);
	ck_assert_int_eq(c.scheme, CHALLENGE_BEARER);
	ck_assert_str_eq(c.realm, "https://a/t");
	ck_assert_str_eq(c.service, "s, t");
	ck_assert_str_eq(c.scope, "r:x:pull,push");
	challenge_release(&c);
	ck_assert_int_eq(challenge_parse("basic Realm=\"a \\\"b\\\"\", BEARER realm=c", &c, &err), 0);
	ck_assert_int_eq(c.scheme, CHALLENGE_BEARER);
	ck_assert_str_eq(c.realm, "c");
	challenge_release(&c);
	ck_assert_int_eq(challenge_parse("Negotiate", &c, &err), -ENOTSUP);
	ck_assert_int_eq(challenge_parse("Bearer realm=\"never ends", &c, &err), -EINVAL);
	ck_assert_int_eq(challenge_parse("", &c, &err), -ENOTSUP);
}
END_TEST

START_TEST(addresses)
{
	char *s;
	static const char *const cases[][3] = {
		{ "https://a:5000/v2/x?y=/z", "/other", "https://a:5000/other" },
		{ "https://a/v2/x", "http://b/c", "http://b/c" },
		{ "https://a/v2/x", "//b/c", "https://b/c" },
		{ "https://a/v2/x?q", "y", "https://a/v2/y" },
		{ "https://a/v2/x?q", "?r", "https://a/v2/x?r" },
		{ "https://a", "b", "https://a/b" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		s = url_join(cases[i][0], cases[i][1]);
		ck_assert_str_eq(s, cases[i][2]);
		free(s);
	}
	ck_assert_ptr_null(url_join("https://a/b", "javascript:x"));
	s = url_origin("HTTPS://Host:443/Path");
	ck_assert_str_eq(s, "https://host:443");
	free(s);
	ck_assert(host_is_loopback("localhost:5000") && host_is_loopback("127.0.0.1") &&
		  host_is_loopback("[::1]:5000"));
	ck_assert(!host_is_loopback("127.evil.example") && !host_is_loopback("localhost.example"));
}
END_TEST

START_TEST(base64)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" } };
	size_t len;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		char *code = base64_encode(pairs[i][0], strlen(pairs[i][0])),
		     *plain = base64_decode(code, &len);
		ck_assert_str_eq(code, pairs[i][1]);
		ck_assert_uint_eq(len, strlen(pairs[i][0]));
		ck_assert_str_eq(plain, pairs[i][0]);
		free(code);
		free(plain);
	}
	ck_assert_ptr_null(base64_decode("a b", &len));
}
END_TEST

static int parse(const char *text, struct manifest *m)
{
	struct mc_err err;
	return manifest_parse(text, strlen(text), NULL, m, &err);
}

START_TEST(manifests)
{
	struct manifest m;
	struct mc_err err;
	struct digest d;
	ck_assert_int_eq(parse("{\"config\":{\"digest\":\"" D1 "\",\"size\":5},\"layers\":[{\"digest\":\"" D2
			       "\",\"size\":7}]}",
				 &m),
		0);
	ck_assert_uint_eq(m.n_layers, 1);
	digest_parse(D2, &d, &err);
	ck_assert_uint_eq(manifest_blob_size(&m, &d), 7);
	ck_assert_str_eq(m.media_type, MEDIA_OCI_MANIFEST);
	manifest_release(&m);
	ck_assert_int_eq(parse("{\"manifests\":[{\"digest\":\"" D1 "\",\"size\":5}]}", &m), 0);
	ck_assert_int_eq(manifest_is_image(&m, "x", &err), -ENOTSUP);
	manifest_release(&m);
	ck_assert_int_eq(parse("{\"layers\":[],\"manifests\":[]}", &m), -EINVAL);
	ck_assert_int_eq(parse("{\"schemaVersion\":1}", &m), -ENOTSUP);
	ck_assert_int_eq(
		parse("{\"config\":{\"digest\":\"sha256:../x\",\"size\":5},\"layers\":[]}", &m), -EINVAL);
	ck_assert_int_eq(
		parse("{\"config\":{\"digest\":\"" D1 "\",\"size\":-5},\"layers\":[]}", &m), -EINVAL);
	ck_assert_int_eq(parse("{\"config\":{\"digest\":\"" D1 "\"},\"layers\":[]}", &m), -EINVAL);
	ck_assert_int_lt(parse("[]", &m), 0);
}
END_TEST

static void choose(const char *const offered[], size_t n, const char *want, int expected)
{
	struct index_entry entries[8] = { 0 };
	struct index index = { entries, n };
	struct platform p;
	struct digest got;
	struct mc_err err;
	for (size_t i = 0; i < n; i++) {
		snprintf(entries[i].digest.text, sizeof(entries[i].digest.text), "%zu", i);
		if (*offered[i])
			ck_assert_int_eq(platform_parse(offered[i], &entries[i].platform, &err), 0);
	}
	ck_assert_int_eq(platform_parse(want, &p, &err), 0);
	if (expected < 0) {
		ck_assert_int_eq(manifest_choose(&index, &p, &got, &err), -ENOENT);
		return;
	}
	ck_assert_int_eq(manifest_choose(&index, &p, &got, &err), 0);
	ck_assert_int_eq(atoi(got.text), expected);
}

START_TEST(platforms)
{
	static const char *const three[] = { "linux/arm64", "linux/amd64", "linux/arm/v6", "linux/arm/v7",
		"windows/amd64" };
	static const char *const none[] = { "" };
	struct platform p;
	struct mc_err err;
	choose(three, 5, "linux/amd64", 1);
	choose(three, 5, "amd64", 1);
	choose(three, 5, "x86_64", 1);
	choose(three, 5, "linux/arm/v7", 3);
	choose(three, 5, "linux/arm/v6", 2);
	choose(three, 5, "linux/arm/v5", -1);
	choose(three, 5, "linux/arm64/v8", 0);
	choose(three, 5, "linux/s390x", -1);
	choose(none, 1, "linux/amd64", 0);
	ck_assert_int_eq(platform_parse("a/b/c/d", &p, &err), -EINVAL);
	ck_assert_int_eq(platform_parse("", &p, &err), -EINVAL);
}
END_TEST

START_TEST(routes)
{
	static const struct {
		const char *path;
		enum route_kind kind;
		const char *name, *reference;
	} cases[] = {
		{ "/v2/", ROUTE_BASE, "", "" },
		{ "/v2/_catalog", ROUTE_CATALOG, "", "" },
		{ "/v2/a/b/tags/list", ROUTE_TAGS, "a/b", "" },
		{ "/v2/a/manifests/v1.0", ROUTE_MANIFEST, "a", "v1.0" },
		{ "/v2/a/manifests/" D1, ROUTE_MANIFEST, "a", D1 },
		{ "/v2/a/manifests/manifests/x", ROUTE_MANIFEST, "a/manifests", "x" },
		{ "/v2/a-b_c__d.e/blobs/" D1, ROUTE_BLOB, "a-b_c__d.e", D1 },
		{ "/v2/a/blobs/uploads/", ROUTE_UPLOADS, "a", "" },
		{ "/v2/a/blobs/uploads", ROUTE_UPLOADS, "a", "" },
		{ "/v2/a/blobs/uploads/0123456789abcdef0123456789abcdef", ROUTE_UPLOAD, "a",
			"0123456789abcdef0123456789abcdef" },
		{ "/v2/a/blobs/uploads/../../x", ROUTE_BAD_REFERENCE, "a", "" },
		{ "/v2/../manifests/x", ROUTE_BAD_NAME, "..", "" },
		{ "/v2/a/../b/manifests/x", ROUTE_BAD_NAME, "a/../b", "" },
		{ "/v2/A/manifests/x", ROUTE_BAD_NAME, "A", "" },
		{ "/v2/a___b/manifests/x", ROUTE_BAD_NAME, "a___b", "" },
		{ "/v2/a/manifests/-x", ROUTE_BAD_REFERENCE, "a", "" },
		{ "/v2/a/blobs/sha256:12", ROUTE_BAD_REFERENCE, "a", "" },
		{ "/v2/a/what/x", ROUTE_NONE, "", "" },
		{ "/etc/passwd", ROUTE_NONE, "", "" },
	};
	struct route r;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		route_parse(cases[i].path, &r);
		ck_assert_msg(r.kind == cases[i].kind, "%s: kind %d", cases[i].path, r.kind);
		ck_assert_str_eq(r.name, cases[i].name);
		ck_assert_str_eq(r.reference, cases[i].reference);
	}
}
END_TEST

START_TEST(headers_of_replies)
{
	struct http_reply r = { 0 };
	char *v;
	buf_adds(&r.head, "HTTP/1.1 200 OK\nX: 1\nx-long: no\nx:  2 \n");
	v = http_header(&r, "x", 0);
	ck_assert_str_eq(v, "1");
	free(v);
	v = http_header(&r, "X", 1);
	ck_assert_str_eq(v, "2 ");
	free(v);
	ck_assert_ptr_null(http_header(&r, "y", 0));
	http_reply_release(&r);
}
END_TEST

START_TEST(no_password_over_plain_http)
{
	struct http *http = http_new(&(struct http_options){ .attempts = 1, .connect_seconds = 1 });
	struct http_reply r = { 0 };
	struct mc_err err;
	/* 192.0.2.0/24 is nobody's (RFC 5737): the refusal comes before any packet */
	ck_assert_int_eq(http_get(http, "http://192.0.2.1/v2/", "Basic eDp5", &r, &err), -EACCES);
	http_reply_release(&r);
	http_free(http);
}
END_TEST

START_TEST(settings_are_read_and_checked)
{
	char path[] = "/tmp/minictr-unit.XXXXXX";
	struct mc_err err;
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	setenv("MINICTR_CONFIG", path, 1);
	const char good[] =
		"{\"registry-mirrors\":[\"http://m\"],\"insecure-registries\":[\"lab:5000\",\"10.1.0.0/"
		"16\",\"bare\"],\"max-concurrent-downloads\":7,\"log-opts\":{}}";
	ck_assert_int_eq(pwrite(fd, good, sizeof(good) - 1, 0), sizeof(good) - 1);
	ck_assert_int_eq(registry_settings_load(&err), 0);
	ck_assert_uint_eq(registry_settings()->downloads, 7);
	ck_assert_str_eq(registry_settings()->mirrors[0], "http://m");
	ck_assert(registry_is_insecure("lab:5000") && registry_is_insecure("10.1.2.3:80") &&
		  registry_is_insecure("bare:9"));
	ck_assert(!registry_is_insecure("lab:5001") && !registry_is_insecure("10.2.0.1") &&
		  !registry_is_insecure("docker.io"));
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(pwrite(fd, "{\"max-concurrent-downloads\":0}", 30, 0), 30);
	ck_assert_int_eq(registry_settings_load(&err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.what, "max-concurrent-downloads"));
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(a_partial_becomes_a_blob_only_when_kept)
{
	char root[] = "/tmp/minictr-unit.XXXXXX";
	struct partial p = PARTIAL_NONE, q = PARTIAL_NONE;
	struct http_reply reply = { .status = 200 };
	struct digest want, got;
	struct mc_err err;
	int store;
	ck_assert_ptr_nonnull(mkdtemp(root));
	store = store_open(root, &err);
	ck_assert_int_ge(store, 0);
	digest_of("hello", 5, &want);
	ck_assert_int_eq(partial_open(store, &want, 5, &p, &err), 0);
	ck_assert_int_eq(partial_write(&p, &reply, "hel", 3, &err), 0);
	ck_assert_int_eq(partial_write(&p, &reply, "lo!", 3, &err), -EFBIG);
	ck_assert(!store_has(store, &want));
	partial_close(&p); /* as if the pull had been killed: the three bytes stay */
	ck_assert_int_eq(partial_open(store, &want, 5, &q, &err), 0);
	ck_assert_uint_eq(q.size, 3);
	reply.status = 206;
	buf_adds(&reply.head, "Content-Range: bytes 3-4/5\n");
	ck_assert_int_eq(partial_write(&q, &reply, "lo", 2, &err), 0);
	partial_digest(&q, &got);
	ck_assert(digest_eq(&got, &want));
	ck_assert_int_eq(partial_keep(&q, &err), 0);
	partial_close(&q);
	ck_assert(store_has(store, &want));
	http_reply_release(&reply);
	close(store);
	dir_remove(AT_FDCWD, root, &err);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("registry");
	TCase *t = tcase_create("registry");
	tcase_add_test(t, challenges);
	tcase_add_test(t, addresses);
	tcase_add_test(t, base64);
	tcase_add_test(t, manifests);
	tcase_add_test(t, platforms);
	tcase_add_test(t, routes);
	tcase_add_test(t, headers_of_replies);
	tcase_add_test(t, no_password_over_plain_http);
	tcase_add_test(t, settings_are_read_and_checked);
	tcase_add_test(t, a_partial_becomes_a_blob_only_when_kept);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
