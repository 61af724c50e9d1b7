/*
 * test_daemon.c - the daemon's pure parts: routes, filters in both shapes, frames, the pump, create bodies.
 */
#include <check.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/create_body.h"
#include "daemon/reply.h"
#include "daemon/request.h"
#include "daemon/route.h"
#include "daemon/stream.h"
#include "engine/monitor/monitor.h"

START_TEST(a_path_finds_its_row)
{
	static const struct {
		const char *method, *path, *op, *name;
		int api;
	} rows[] = { { "GET", "/_ping", "ping", "", API_MAX }, { "HEAD", "/v1.24/_ping", "ping", "", 24 },
		{ "GET", "/v1.41/containers/json", "containers.list", "", 41 },
		{ "GET", "/containers/json/json", "containers.inspect", "json", API_MAX },
		{ "GET", "/containers/v1.41/json", "containers.inspect", "v1.41", API_MAX },
		{ "GET", "/v1.99/version", "version", "", 99 },
		{ "GET", "/v2.0/version", "version", "", API_TOO_NEW },
		{ "GET", "/v0.9/version", "version", "", API_TOO_OLD },
		{ "GET", "/images/host:5000/a/b:1/json", "images.inspect", "host:5000/a/b:1", API_MAX },
		{ "GET", "/images/a/json/json", "images.inspect", "a/json", API_MAX },
		{ "DELETE", "/images/x/y", "images.remove", "x/y", API_MAX },
		{ "DELETE", "/containers/a", "containers.remove", "a", API_MAX } };
	struct params p;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct route *r = route_match(rows[i].method, rows[i].path, &p);
		ck_assert_msg(r && str_eq(r->op, rows[i].op), "%s", rows[i].path);
		ck_assert_str_eq(p.name, rows[i].name);
		ck_assert_int_eq(p.api, rows[i].api);
		ck_assert(!p.wrong_method);
	}
}
END_TEST

START_TEST(other_paths_find_none)
{
	static const char *const paths[] = { "", "/", "/containers", "/volumes/a/b", "/containers/a/jsonx", "/containers//json",
		"/containers/a/b/json", "/v1.41", "/v1.41containers/json", "/v1./version", "/vx/version",
		"/containers/a/json/", "//version", "containers/json" };
	struct params p;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		ck_assert_msg(!route_match("GET", paths[i], &p) && !p.wrong_method, "%s", paths[i]);
	ck_assert(!route_match("POST", "/version", &p) && p.wrong_method);
	ck_assert(!route_match("HEAD", "/version", &p) && p.wrong_method);
	_cleanup_free_ char *longest = xcalloc(1, NAME_MAX_BYTES + 40);
	strcpy(longest, "/images/");
	memset(longest + 8, 'a', NAME_MAX_BYTES);
	strcat(longest, "/json");
	ck_assert(!route_match("GET", longest, &p));
}
END_TEST

START_TEST(filters_have_two_shapes)
{
	static const char *const same[] = { "{\"label\":{\"a=b\":true,\"c\":true,\"d\":false}}",
		"{\"label\":[\"a=b\",\"c\"]}" };
	struct mc_err err = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		_cleanup_strv_ char **v = NULL;
		ck_assert_int_eq(filters_parse(same[i], &v, &err), 0);
		ck_assert_int_eq((int)strv_len(v), 2);
		ck_assert_str_eq(v[0], "label=a=b");
		ck_assert_str_eq(v[1], "label=c");
	}
	static const char *const bad[] = { "{", "[]", "1", "{\"a\":1}", "{\"a\":[1]}", "{\"a\":\"b\"}" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char **v = NULL;
		ck_assert_msg(filters_parse(bad[i], &v, &err) == -EINVAL && !v, "%s", bad[i]);
	}
	char **none = NULL;
	ck_assert(filters_parse("", &none, &err) == 0 && filters_parse("{}", &none, &err) == 0 && !none);
}
END_TEST

START_TEST(a_query_is_read_as_docker_does)
{
	struct json *doc = NULL;
	struct mc_err err = { 0 };
	const char *text = "{\"query\":{\"a\":[\"1\"],\"b\":[\"False\"],\"c\":[\"\"],\"n\":[\"7\"],\"x\":[\"7x\"],"
			   "\"t\":[\"p\",\"q\"]}}";
	ck_assert_int_eq(json_parse(text, strlen(text), "q", &doc, &err), 0);
	struct request q = { doc };
	int64_t n;
	ck_assert(request_flag(&q, "a", false) && !request_flag(&q, "b", true) && !request_flag(&q, "c", true));
	ck_assert(request_flag(&q, "absent", true) && !request_flag(&q, "absent", false));
	ck_assert(request_number(&q, "n", 0, &n, &err) == 0 && n == 7);
	ck_assert(request_number(&q, "absent", 5, &n, &err) == 0 && n == 5);
	ck_assert_int_eq(request_number(&q, "x", 0, &n, &err), -EINVAL);
	_cleanup_strv_ char **t = request_queries(&q, "t");
	ck_assert(strv_len(t) == 2 && str_eq(t[1], "q"));
	json_free(doc);
}
END_TEST

START_TEST(frames_tell_streams_apart)
{
	static const char want[] = { 2, 0, 0, 0, 0, 0, 1, 0 };
	char text[256] = { 'x' }, got[600];
	int p[2];
	ck_assert_int_eq(pipe(p), 0);
	ck_assert_int_eq(stream_frame(p[1], STREAM_STDERR, text, 256), 0);
	ck_assert_int_eq((int)read(p[0], got, sizeof(got)), 264);
	ck_assert(memcmp(got, want, 8) == 0 && got[8] == 'x');
	ck_assert_int_eq(stream_frame(p[1], STREAM_RAW, "ab", 2), 0);
	ck_assert_int_eq((int)read(p[0], got, sizeof(got)), 2);
	ck_assert_int_eq(stream_frame(p[1], STREAM_STDOUT, "", 0), 0);
	close(p[1]);
	ck_assert_int_eq((int)read(p[0], got, sizeof(got)), 0);
	close(p[0]);
}
END_TEST

/* The monitor's side: a line of output, then the end of input, then the exit. */
static void *play_monitor(int sock)
{
	struct attach_exit x = { .code = 7 };
	char text[64] = { ATTACH_EXIT };
	ck_assert(send(sock, "ohello", 6, 0) == 6);
	ck_assert(recv(sock, text, sizeof(text), 0) == 3 && !memcmp(text, "iab", 3));
	ck_assert(recv(sock, text, sizeof(text), 0) == 1 && text[0] == ATTACH_EOF);
	ck_assert(send(sock, "elate", 5, 0) == 5);
	text[0] = ATTACH_EXIT;
	memcpy(text + 1, &x, sizeof(x));
	ck_assert(send(sock, text, 1 + sizeof(x), 0) > 0);
	return NULL;
}

START_TEST(the_pump_goes_on_after_the_end_of_input)
{
	int client[2], container[2];
	char got[100];
	ck_assert(socketpair(AF_UNIX, SOCK_STREAM, 0, client) == 0);
	ck_assert(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, container) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(container[0]);
		play_monitor(container[1]);
		_exit(0);
	}
	close(container[1]);
	ck_assert(write(client[1], "ab", 2) == 2);
	shutdown(client[1], SHUT_WR);
	ck_assert_int_eq(attach_pump(client[0], container[0]), 7);
	ck_assert_int_eq((int)recv(client[1], got, sizeof(got), 0), 8 + 5 + 8 + 4);
	ck_assert(!memcmp(got + 8, "hello", 5) && got[13] == STREAM_STDERR && !memcmp(got + 21, "late", 4));
}
END_TEST

static struct json *parse(const char *text)
{
	struct json *doc = NULL;
	struct mc_err err = { 0 };
	ck_assert_int_eq(json_parse(text, strlen(text), "body", &doc, &err), 0);
	return doc;
}

START_TEST(a_create_body_becomes_words)
{
	_cleanup_json_ struct json *body = parse(
		"{\"Image\":\"i\",\"Cmd\":\"one\",\"Entrypoint\":[\"a\",\"b\"],\"Env\":[\"A=1\",\"B\"],\"Volumes\":"
		"{\"/d\":{},\"/e\":{}},\"HostConfig\":{\"Binds\":[\"v:/d:ro\"],\"PortBindings\":{\"80\":[{\"HostPort\":"
		"\"0\"}],\"81/udp\":[{\"HostIp\":\"::1\",\"HostPort\":\"9\"}],\"82/tcp\":null},\"Ulimits\":[{\"Name\":"
		"\"nofile\",\"Soft\":1,\"Hard\":2}],\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/a,b\",\"Target\":\"/m\","
		"\"ReadOnly\":true}],\"NetworkMode\":\"default\"},\"NetworkingConfig\":{\"EndpointsConfig\":"
		"{\"default\":{}}}}");
	struct run_options o;
	struct json *exact = NULL;
	struct mc_err err = { 0 };
	struct engine e = { 0 };
	run_options_init(&o);
	ck_assert_int_eq(create_body_parse(&e, body, &o, &exact, &err), 0);
	ck_assert_str_eq(o.command[0], "one");
	ck_assert(str_eq(o.entrypoint, "a") && json_len(json_at(exact, "Config.Entrypoint")) == 2);
	ck_assert(strv_len(o.env) == 1 && str_eq(o.env[0], "A=1") && str_eq(o.env_removed[0], "B"));
	ck_assert(strv_len(o.volumes) == 2 && strv_has(o.volumes, "v:/d:ro") && strv_has(o.volumes, "/e"));
	ck_assert(strv_has(o.publish, "80") && strv_has(o.publish, "[::1]:9:81/udp"));
	ck_assert(strv_len(o.publish) == 2 && strv_has(o.expose, "82/tcp")); /* no way in */
	ck_assert_str_eq(o.ulimits[0], "nofile=1:2");
	ck_assert_str_eq(o.mounts[0], "\"type=bind\",\"source=/a,b\",\"target=/m\",\"readonly=true\"");
	ck_assert(!o.networks && str_eq(o.network, "default"));
	run_options_release(&o);
	json_free(exact);
}
END_TEST

START_TEST(a_wrong_body_is_refused_with_its_place)
{
	static const char *const bad[] = { "{}", "{\"Image\":1}", "{\"Image\":\"i\",\"Tty\":\"x\"}",
		"{\"Image\":\"i\",\"Cmd\":[1]}", "{\"Image\":\"i\",\"HostConfig\":{\"Memory\":-1}}",
		"{\"Image\":\"i\",\"HostConfig\":{\"Binds\":\"x\"}}", "{\"Image\":\"i\",\"Labels\":{\"a\":1}}" };
	struct engine e = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		_cleanup_json_ struct json *body = parse(bad[i]), *exact = NULL;
		struct run_options o;
		struct mc_err err = { 0 };
		run_options_init(&o);
		ck_assert_msg(create_body_parse(&e, body, &o, &exact, &err) < 0, "%s", bad[i]);
		ck_assert_int_eq(error_status(err.code), 400);
		run_options_release(&o);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("daemon");
	TCase *t = tcase_create("daemon");
	tcase_add_test(t, a_path_finds_its_row);
	tcase_add_test(t, other_paths_find_none);
	tcase_add_test(t, filters_have_two_shapes);
	tcase_add_test(t, a_query_is_read_as_docker_does);
	tcase_add_test(t, frames_tell_streams_apart);
	tcase_add_test(t, the_pump_goes_on_after_the_end_of_input);
	tcase_add_test(t, a_create_body_becomes_words);
	tcase_add_test(t, a_wrong_body_is_refused_with_its_place);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
