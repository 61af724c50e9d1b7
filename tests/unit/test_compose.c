/* test_compose.c - compose files as text: YAML, variables, .env, shapes, merging, order, what changes. No engine, no root. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "compose/canon.h"
#include "compose/dotenv.h"
#include "compose/graph.h"
#include "compose/project.h"
#include "compose/reconcile.h"
#include "compose/wait.h"
#include "compose/yaml_json.h"

static struct yaml *parse(const char *text)
{
	struct yaml *all = NULL;
	struct mc_err err = { 0 };
	ck_assert_msg(ynode_load(text, strlen(text), "t.yaml", &all, &err) >= 0, "%s", err.what);
	return all;
}

static const char *refused(const char *text)
{
	static struct mc_err err;
	struct yaml *all = NULL;
	memset(&err, 0, sizeof(err));
	ck_assert_msg(ynode_load(text, strlen(text), "t.yaml", &all, &err) < 0, "accepted: %s", text);
	return err.what;
}

START_TEST(yaml_keeps_what_was_written)
{
	struct yaml *y = parse("a: 010\nb: yes\nc: 22:22\nd: \"1\"\ne: ~\nf: true\ng: 0x10\n");
	struct yaml *map = y->items[0];
	ck_assert_str_eq(ynode_text(ynode_get(map, "a")), "010");
	ck_assert_str_eq(ynode_text(ynode_get(map, "b")), "yes");
	ck_assert_str_eq(ynode_text(ynode_get(map, "c")), "22:22");
	ck_assert(ynode_get(map, "d")->quoted);
	ck_assert(ynode_is_null(ynode_get(map, "e")));
	ck_assert_int_eq(ynode_get(map, "f")->line, 6);
	ynode_free(y);
}
END_TEST

START_TEST(yaml_merges_anchors)
{
	struct yaml *y = parse("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nm: {<<: [*x, *y], a: 9}\n");
	struct yaml *m = ynode_get(y->items[0], "m");
	ck_assert_str_eq(ynode_text(ynode_get(m, "a")), "9");
	ck_assert_str_eq(ynode_text(ynode_get(m, "b")), "2"); /* the first of several wins */
	ck_assert_str_eq(ynode_text(ynode_get(m, "c")), "4");
	ynode_free(y);
}
END_TEST

START_TEST(yaml_refuses)
{
	ck_assert_ptr_nonnull(strstr(refused("a: 1\nb: 2\na: 3\n"), "t.yaml:3:1: mapping key \"a\" already defined at line 1"));
	ck_assert_ptr_nonnull(strstr(refused("a: !unknown 1\n"), "unknown tag"));
	ck_assert_ptr_nonnull(strstr(refused("a:\n\t- b\n"), "t.yaml:2:1"));
	ck_assert_ptr_nonnull(strstr(refused("a: [1, 2\n"), "t.yaml:"));
	ck_assert_ptr_nonnull(strstr(refused("a: \"x\\0y\"\n"), "NUL"));
	/* a billion laughs: nine levels of nine aliases */
	struct buf b = { 0 };
	buf_adds(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 9; i++)
		buf_addf(&b, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1, i - 1,
			i - 1, i - 1, i - 1, i - 1, i - 1);
	ck_assert_ptr_nonnull(strstr(refused(b.data), "200000 nodes"));
	buf_release(&b);
}
END_TEST

static struct variables vars(void)
{
	static char *const environment[] = { (char *)"A=a", (char *)"EMPTY=", NULL };
	return (struct variables){ .environment = environment };
}

START_TEST(variables_in_values)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} rows[] = { { "$A", "a" }, { "${A}x", "ax" }, { "$$A", "$A" }, { "${EMPTY:-d}", "d" }, { "${EMPTY-d}", "" }, { "${N-d}", "d" },
		{ "${N:-${A}y}", "ay" }, { "${N:-${M:-z}}", "z" }, { "${A:+o}", "o" }, { "${EMPTY:+o}", "" }, { "${EMPTY+o}", "o" },
		{ "${N+o}", "" }, { "$1 $ $", "$1 $ $" }, { "${A/x/y}", NULL }, { "${", NULL }, { "${A", NULL }, { "${:-x}", NULL },
		{ "${N:?gone}", NULL }, { "${N?gone}", NULL }, { "${EMPTY?gone}", "" }, { "a$", "a$" }, { "${1}", NULL } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct variables v = vars();
		struct mc_err err = { 0 };
		char *got = NULL;
		int rc = interpolate(rows[i].text, &v, NULL, &got, &err);
		ck_assert_msg((rc >= 0) == (rows[i].want != NULL), "%s: %d %s", rows[i].text, rc, err.what);
		if (rows[i].want)
			ck_assert_str_eq(got, rows[i].want);
		free(got);
		strv_free(v.missing);
	}
	struct variables v = vars();
	struct mc_err err = { 0 };
	char *got = NULL;
	interpolate("${N:?say why}", &v, NULL, &got, &err);
	ck_assert_ptr_nonnull(strstr(err.what, "required variable N is missing a value: say why"));
}
END_TEST

START_TEST(env_files)
{
	static const char text[] = "\xef\xbb\xbf# comment\nexport A=1\nB='lit $A # x'\nC=\"d $A\\n\"\nD=bare $A # gone\nE=un#quoted\nF=\nG\nA=2\nH=${A}\r\n";
	char path[] = "/tmp/test_compose.XXXXXX";
	int fd = mkstemp(path);
	struct variables v = { .environment = (char *const[]){ NULL } };
	struct mc_err err = { 0 };
	char **lines = NULL;
	ck_assert_int_eq(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	ck_assert_msg(dotenv_read(AT_FDCWD, path, &v, false, &lines, &err) >= 0, "%s", err.what);
	ck_assert_str_eq(strv_env(lines, "A"), "2");
	ck_assert_str_eq(strv_env(lines, "B"), "lit $A # x");
	ck_assert_str_eq(strv_env(lines, "C"), "d 1\n");
	ck_assert_str_eq(strv_env(lines, "D"), "bare 1");
	ck_assert_str_eq(strv_env(lines, "E"), "un#quoted");
	ck_assert_str_eq(strv_env(lines, "F"), "");
	ck_assert_ptr_null(strv_env(lines, "G"));
	ck_assert_str_eq(strv_env(lines, "H"), "2");
	strv_free(lines);
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(durations)
{
	static const struct {
		const char *text, *want;
	} rows[] = { { "90s", "1m30s" }, { "1h", "1h0m0s" }, { "500ms", "500ms" }, { "1.5s", "1.5s" }, { "0", "0s" }, { "1m1s", "1m1s" },
		{ "2d", "48h0m0s" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ns;
		char got[40];
		ck_assert_int_eq(canon_parse_duration(rows[i].text, &ns), 0);
		canon_duration_text(ns, got);
		ck_assert_str_eq(got, rows[i].want);
	}
	static const char *const bad[] = { "10", "s", "1x", "", "-1s", "1s2" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t ns;
		ck_assert_msg(canon_parse_duration(bad[i], &ns) < 0, "%s", bad[i]);
	}
}
END_TEST

/* One service through its table; NULL when it is refused, with the words in *why. */
static struct yaml *shape(const char *text, struct mc_err *err)
{
	struct canon c = { .dir = "/base/dir", .home = "/home/me" };
	struct yaml *all = parse(text), *service = ynode_copy(all->items[0]);
	ynode_free(all);
	if (canon_map(&c, service, canon_service_keys, "services.s", err) >= 0)
		return service;
	ynode_free(service);
	return NULL;
}

START_TEST(short_forms_become_long)
{
	static const struct {
		const char *yaml, *key, *want;
	} rows[] = {
		{ "ports: ['8080:80']", "ports", "[{\"mode\":\"ingress\",\"protocol\":\"tcp\",\"published\":\"8080\",\"target\":80}]" },
		{ "ports: ['127.0.0.1::80/udp']", "ports",
			"[{\"host_ip\":\"127.0.0.1\",\"mode\":\"ingress\",\"protocol\":\"udp\",\"target\":80}]" },
		{ "ports: ['[::1]:1:2']", "ports",
			"[{\"host_ip\":\"::1\",\"mode\":\"ingress\",\"protocol\":\"tcp\",\"published\":\"1\",\"target\":2}]" },
		{ "ports: [3000-3001]", "ports",
			"[{\"mode\":\"ingress\",\"protocol\":\"tcp\",\"target\":3000},{\"mode\":\"ingress\",\"protocol\":\"tcp\",\"target\":3001}]" },
		{ "ports: ['8000-8002:80']", "ports",
			"[{\"mode\":\"ingress\",\"protocol\":\"tcp\",\"published\":\"8000-8002\",\"target\":80}]" },
		{ "volumes: ['./x:/y:ro']", "volumes",
			"[{\"bind\":{\"create_host_path\":true},\"read_only\":true,\"source\":\"/base/dir/x\",\"target\":\"/y\",\"type\":\"bind\"}]" },
		{ "volumes: ['~/x:/y', '../z:/z']", "volumes",
			"[{\"bind\":{\"create_host_path\":true},\"source\":\"/home/me/x\",\"target\":\"/y\",\"type\":\"bind\"},"
			"{\"bind\":{\"create_host_path\":true},\"source\":\"/base/z\",\"target\":\"/z\",\"type\":\"bind\"}]" },
		{ "volumes: ['v:/v', /anon]", "volumes",
			"[{\"source\":\"v\",\"target\":\"/v\",\"type\":\"volume\",\"volume\":{}},{\"target\":\"/anon\",\"type\":\"volume\",\"volume\":{}}]" },
		{ "environment: [A=1, B, C=]", "environment", "{\"A\":\"1\",\"B\":null,\"C\":\"\"}" },
		{ "environment: {A: 010, B: null, C: true}", "environment", "{\"A\":\"010\",\"B\":null,\"C\":\"true\"}" },
		{ "command: a 'b c' \"d\" $$x", "command", "[\"a\",\"b c\",\"d\",\"$$x\"]" },
		{ "command: []", "command", "[]" },
		{ "depends_on: [a]", "depends_on", "{\"a\":{\"condition\":\"service_started\",\"required\":true}}" },
		{ "build: .", "build", "{\"context\":\"/base/dir\"}" },
		{ "mem_limit: 64m", "mem_limit", "\"67108864\"" },
		{ "mem_limit: 1.5GB", "mem_limit", "\"1610612736\"" },
		{ "cpus: '0.5'", "cpus", "0.5" },
		{ "user: 1000", "user", "\"1000\"" },
		{ "privileged: yes", "privileged", "true" },
		{ "healthcheck: {test: curl x}", "healthcheck", "{\"test\":[\"CMD-SHELL\",\"curl x\"]}" },
		{ "extra_hosts: {a: 1.2.3.4}", "extra_hosts", "[\"a=1.2.3.4\"]" },
		{ "ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}", "ulimits", "{\"nofile\":{\"hard\":2,\"soft\":1},\"nproc\":3}" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct mc_err err = { 0 };
		struct yaml *s = shape(rows[i].yaml, &err);
		ck_assert_msg(s != NULL, "%s: %s", rows[i].yaml, err.what);
		struct json *j = ynode_to_json(ynode_get(s, rows[i].key));
		char *got = json_dump(j, false);
		ck_assert_str_eq(got, rows[i].want);
		free(got);
		json_free(j);
		ynode_free(s);
	}
}
END_TEST

START_TEST(wrong_values_are_named)
{
	static const struct {
		const char *yaml, *want;
	} rows[] = { { "imagee: x", "t.yaml:1:1: services.s: Additional property imagee is not allowed" },
		{ "ports: ['8000-8001:80-82']", "invalid ranges" }, { "ports: ['70000:80']", "hostPort" }, { "ports: ['a']", "containerPort" },
		{ "stop_grace_period: 10", "invalid duration \"10\"" }, { "healthcheck: {interval: 5}", "invalid duration" },
		{ "healthcheck: {test: [curl]}", "NONE, CMD or CMD-SHELL" }, { "depends_on: {a: {condition: ready}}", "there are service_started" },
		{ "privileged: maybe", "must be true or false" }, { "mem_limit: lots", "invalid size" }, { "command: 'a \"b'", "not closed" },
		{ "volumes: [{type: npipe, source: a, target: /b}]", "must be bind, volume or tmpfs" }, { "environment: 5", "must be a map" },
		{ "volumes: ['a:b']", "invalid volume" }, { "deploy: {replicas: many}", "whole number" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct mc_err err = { 0 };
		ck_assert_msg(shape(rows[i].yaml, &err) == NULL, "accepted: %s", rows[i].yaml);
		ck_assert_msg(strstr(err.what, rows[i].want) != NULL, "%s: %s", rows[i].yaml, err.what);
	}
}
END_TEST

START_TEST(order_and_circles)
{
	static const char *const names[] = { "web", "db", "cache" };
	static const int from[] = { 0, 0 }, to[] = { 1, 2 };
	struct graph g = { 3, names, 2, from, to };
	struct mc_err err = { 0 };
	int order[3];
	ck_assert_int_eq(graph_order(&g, order, &err), 0);
	ck_assert_int_eq(order[0], 1);
	ck_assert_int_eq(order[1], 2);
	ck_assert_int_eq(order[2], 0);
	static const int from2[] = { 0, 1, 2 }, to2[] = { 1, 2, 1 };
	struct graph circle = { 3, names, 3, from2, to2 };
	ck_assert_int_eq(graph_order(&circle, order, &err), -ELOOP);
	ck_assert_msg(strstr(err.what, "db -> cache -> db") || strstr(err.what, "cache -> db -> cache"), "%s", err.what);
	static const int self[] = { 1 };
	struct graph loop = { 3, names, 1, self, self };
	ck_assert_int_eq(graph_order(&loop, order, &err), -ELOOP);
	ck_assert_ptr_nonnull(strstr(err.what, "db -> db"));
	struct graph none = { 0, names, 0, from, to };
	ck_assert_int_eq(graph_order(&none, order, &err), 0);
}
END_TEST

START_TEST(only_what_changed)
{
	struct container running = { .status = CONTAINER_RUNNING, .image_id = (char *)"sha256:1", .name = (char *)"p-web-1" };
	struct container ended = { .status = CONTAINER_EXITED, .image_id = (char *)"sha256:1", .name = (char *)"p-web-2" };
	struct actual_container items[] = { { &running, "web", 1, false, "h" }, { &ended, "web", 2, false, "h" },
		{ &running, "web", 9, true, "h" } };
	struct actual have = { .items = items, .n = 3 };
	struct wanted_service w = { .name = "web", .scale = 2, .hash = "h", .image_id = "sha256:1" };
	struct model want = { &w, 1 };
	struct actions a;
	struct mc_err err = { 0 };
	ck_assert_int_eq(reconcile(&want, &have, &a, &err), 0);
	ck_assert_uint_eq(a.n, 2);
	ck_assert_int_eq(a.items[0].kind, ACTION_KEEP);
	ck_assert_int_eq(a.items[1].kind, ACTION_START);
	actions_release(&a);
	w.scale = 4;
	reconcile(&want, &have, &a, &err);
	ck_assert_uint_eq(a.n, 4);
	ck_assert_int_eq(a.items[2].kind, ACTION_CREATE);
	ck_assert_int_eq(a.items[2].number, 3);
	actions_release(&a);
	w.scale = 1;
	w.hash = "other";
	reconcile(&want, &have, &a, &err);
	ck_assert_uint_eq(a.n, 2);
	ck_assert_int_eq(a.items[0].kind, ACTION_REMOVE);
	ck_assert_int_eq(a.items[0].number, 2);
	ck_assert_int_eq(a.items[1].kind, ACTION_RECREATE);
	actions_release(&a);
	w.hash = "h";
	w.image_id = "sha256:2";
	reconcile(&want, &have, &a, &err);
	ck_assert_int_eq(a.items[1].kind, ACTION_RECREATE);
	actions_release(&a);
}
END_TEST

START_TEST(why_a_container_is_made_anew)
{
	struct container c = { .image_id = (char *)"sha256:1", .name = (char *)"p-web-1" };
	struct actual_container web[] = { { &c, "db", 1, false, "h" }, { &c, "web", 1, false, "h" }, { &c, "web", 2, false, "h" },
		{ &c, "web", 3, true, "h" } };
	struct actual have = { .items = web, .n = 4 };
	size_t first = 9;
	ck_assert_uint_eq(reconcile_existing(&have, "web", &first), 2);
	ck_assert_uint_eq(first, 1);
	ck_assert_uint_eq(reconcile_existing(&have, "none", &first), 0);
	struct wanted_service w = { .name = "web", .scale = 1, .hash = "h", .image_id = NULL };
	ck_assert_ptr_null(reconcile_difference(&w, &web[1]));
	w.renew = true;
	ck_assert_ptr_nonnull(reconcile_difference(&w, &web[1]));
	w.renew = false;
	w.forced = true;
	ck_assert_ptr_nonnull(reconcile_difference(&w, &web[1]));
	w.forced = false;
	w.hash = "other";
	w.kept = true;
	ck_assert_ptr_null(reconcile_difference(&w, &web[1]));
	struct actions a = { 0 };
	for (int i = 0; i < 9; i++)
		actions_add(&a, ACTION_CREATE, "web", i, NULL, "new");
	ck_assert(a.n == 9 && a.items[8].number == 8 && a.items[0].number == 0);
	actions_release(&a);
}
END_TEST

START_TEST(a_graph_of_services)
{
	struct mc_err err = { 0 };
	struct yaml *y = parse("a: {depends_on: {b: {}, c: {}}}\nb: {depends_on: {c: {}, gone: {}}}\nc: {}\n");
	struct project p = { .services = y->items[0]->kind == YAML_MAP ? y->items[0] : y };
	struct graph g;
	graph_of_project(&p, &g);
	ck_assert_uint_eq(g.n, 3);
	ck_assert_uint_eq(g.n_edges, 3); /* a service that is not in the project (a profile) is no edge */
	graph_release(&g);
	ck_assert_int_eq(graph_check(&p, &err), 0);
	ynode_free(y);
	y = parse("a: {depends_on: {b: {}}}\nb: {depends_on: {a: {}}}\n");
	p.services = y->items[0];
	ck_assert_int_eq(graph_check(&p, &err), -ELOOP);
	ynode_free(y);
	ck_assert_int_eq(service_condition_parse("service_healthy"), SERVICE_HEALTHY);
	ck_assert_int_eq(service_condition_parse("service_completed_successfully"), SERVICE_COMPLETED);
	ck_assert_int_eq(service_condition_parse("service_started"), SERVICE_STARTED);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("compose");
	TCase *t = tcase_create("compose");
	tcase_add_test(t, yaml_keeps_what_was_written);
	tcase_add_test(t, yaml_merges_anchors);
	tcase_add_test(t, yaml_refuses);
	tcase_add_test(t, variables_in_values);
	tcase_add_test(t, env_files);
	tcase_add_test(t, durations);
	tcase_add_test(t, short_forms_become_long);
	tcase_add_test(t, wrong_values_are_named);
	tcase_add_test(t, order_and_circles);
	tcase_add_test(t, only_what_changed);
	tcase_add_test(t, why_a_container_is_made_anew);
	tcase_add_test(t, a_graph_of_services);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
