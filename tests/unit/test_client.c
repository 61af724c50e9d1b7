/* test_client.c - which engine a command is for; streams of a daemon, cut at every byte. */
#include <check.h>
#include <stdlib.h>

#include "cli/context.h"
#include "cli/remote/client_stream.h"

#define ENV(...) ((char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static struct endpoint choose(const char *flag, char *const env[])
{
	struct endpoint e;
	struct mc_err err = { 0 };
	ck_assert_int_eq(client_endpoint(flag, env, &e, &err), 0);
	return e;
}

START_TEST(the_flag_beats_the_environment)
{
	struct endpoint e = choose("unix:///flag", ENV("DOCKER_HOST=unix:///d", "MINICTR_HOST=unix:///m"));
	ck_assert_int_eq(e.kind, ENDPOINT_UNIX);
	ck_assert_str_eq(e.path, "/flag");
	e = choose(NULL, ENV("DOCKER_HOST=unix:///d", "MINICTR_HOST=unix:///m", "MINICTR_CONTEXT=c"));
	ck_assert_str_eq(e.path, "/m");
	e = choose(NULL, ENV("MINICTR_HOST=", "DOCKER_HOST=unix:///d", "MINICTR_CONTEXT=c"));
	ck_assert_str_eq(e.path, "/d");
	e = choose(NULL, ENV("MINICTR_CONTEXT=c"));
	ck_assert_int_eq(e.kind, ENDPOINT_CONTEXT);
	ck_assert_str_eq(e.context, "c");
	ck_assert_int_eq(choose("", ENV("DOCKER_HOST=unix:///d", "MINICTR_CONTEXT=c")).kind, ENDPOINT_LOCAL);
	ck_assert_int_eq(choose(NULL, ENV("MINICTR_CONTEXT=default")).kind, ENDPOINT_LOCAL);
	ck_assert_int_eq(choose(NULL, ENV("HOME=/root")).kind, ENDPOINT_LOCAL);
}
END_TEST

START_TEST(addresses)
{
	static const struct {
		const char *text, *again;
	} good[] = { { "unix:///run/x.sock", "unix:///run/x.sock" }, { "unix://", "unix:///var/run/docker.sock" },
		{ "tcp://h:2376", "tcp://h:2376" }, { "tcp://[::1]:1", "tcp://[::1]:1" }, { "h:22", "tcp://h:22" },
		{ "tcp://", "tcp://127.0.0.1" }, { "tcp://h:1/", "tcp://h:1" }, { "https://h:1", "tcp://h:1" },
		{ "ssh://h", "ssh://h" }, { "ssh://a@h:22/run/s", "ssh://a@h:22/run/s" }, { "ssh://h/", "ssh://h" } };
	static const char *const bad[] = { "npipe:////./pipe/x", "fd://", "unix://relative", "tcp://h:0",
		"tcp://h:65536", "tcp://h:x", "tcp://[::1]x", "ssh://", "ssh://a:secret@h", "ssh://-oProxyCommand=x",
		"ssh://-l@h", "tcp://h:1/path", "tcp://a b:1", "unix:///a\nb", "ssh://@[@]", "tcp://[h]:1", "tcp://a]b:1",
		"ssh://a@b@c", "tcp://[]" };
	struct endpoint e;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct mc_err err = { 0 };
		ck_assert_msg(endpoint_parse(good[i].text, &e, &err) == 0, "%s: %s", good[i].text, err.what);
		char *text = endpoint_text(&e);
		ck_assert_str_eq(text, good[i].again);
		free(text);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct mc_err err = { 0 };
		ck_assert_msg(endpoint_parse(bad[i], &e, &err) == -EINVAL, "%s is taken", bad[i]);
	}
	char path[200] = "unix:///";
	memset(path + 8, 'a', 107);
	struct mc_err err = { 0 };
	ck_assert_int_eq(endpoint_parse(path, &e, &err), -EINVAL);
}
END_TEST

struct seen {
	char out[64], err[64];
};

static int keep(void *ctx, int stream, const void *data, size_t len, struct mc_err *err)
{
	struct seen *s = ctx;
	strncat(stream == 1 ? s->out : s->err, data, len);
	return 0;
}

START_TEST(frames_are_whole_wherever_they_are_cut)
{
	static const char stream[] = "\1\0\0\0\0\0\0\3one\2\0\0\0\0\0\0\2ee\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\4 two";
	size_t n = sizeof(stream) - 1;
	for (size_t cut = 0; cut <= n; cut++) {
		struct frames f = { 0 };
		struct seen s = { "", "" };
		struct mc_err err = { 0 };
		ck_assert_int_eq(frames_cut(&f, stream, cut, keep, &s, &err), 0);
		ck_assert_int_eq(frames_cut(&f, stream + cut, n - cut, keep, &s, &err), 0);
		ck_assert_str_eq(s.out, "one two");
		ck_assert_str_eq(s.err, "ee");
	}
	struct frames f = { 0 };
	struct mc_err err = { 0 };
	ck_assert_int_eq(frames_cut(&f, "no frames", 9, keep, &(struct seen){ "", "" }, &err), -EPROTO);
}
END_TEST

static int count_values(void *ctx, const struct json *value, const char *text, struct mc_err *err)
{
	*(int *)ctx += (int)json_len(value);
	return 0;
}

START_TEST(json_values_are_whole_wherever_they_are_cut)
{
	static const char stream[] = "{\"a\":\"}\\\"{\"}\r\n{\"b\":[1,{\"c\":2}],\"d\":0}[1,2,3]";
	size_t n = sizeof(stream) - 1;
	for (size_t cut = 0; cut <= n; cut++) {
		int members = 0;
		struct json_cutter c = { .take = count_values, .ctx = &members };
		struct mc_err err = { 0 };
		ck_assert_int_eq(json_cut(&c, stream, cut, &err), 0);
		ck_assert_int_eq(json_cut(&c, stream + cut, n - cut, &err), 0);
		ck_assert_int_eq(members, 6);
		json_cutter_release(&c);
	}
	struct json_cutter c = { .take = count_values, .ctx = &(int){ 0 } };
	struct mc_err err = { 0 };
	ck_assert_int_eq(json_cut(&c, "<html>", 6, &err), -EPROTO);
	json_cutter_release(&c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("client");
	TCase *t = tcase_create("client");
	tcase_add_test(t, the_flag_beats_the_environment);
	tcase_add_test(t, addresses);
	tcase_add_test(t, frames_are_whole_wherever_they_are_cut);
	tcase_add_test(t, json_values_are_whole_wherever_they_are_cut);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
