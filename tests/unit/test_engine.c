/*
 * test_engine.c - parts of the engine that need no container: users in a hostile passwd, options, capabilities, names,
 * logs, detach keys, times.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/logs.h"
#include "engine/monitor/log.h"
#include "engine/names.h"
#include "engine/spec/options.h"
#include "engine/spec/spec.h"
#include "engine/stop.h"
#include "base/signals.h"
#include "engine/client_terminal.h"
#include "qemu.h"

static struct mc_err err;
static char dir[] = "/tmp/minictr-test-engine-XXXXXX";
static int root;

static void put(const char *path, const char *text)
{
	ck_assert_int_ge(file_write_atomic(root, path, text, strlen(text), 0644, 0, &err), 0);
}

static void setup(void)
{
	err = (struct mc_err){ 0 };
	ck_assert_ptr_nonnull(mkdtemp(dir));
	root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(root, "etc", 0755);
}

static void teardown(void)
{
	close(root);
	dir_remove(AT_FDCWD, dir, &err);
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
}

/* --- users --- */

START_TEST(user_by_name)
{
	if (qemu_lacks("openat2(2)"))
		return;
	struct spec_user u;
	put("etc/passwd", "root:x:0:0::/root:/bin/sh\nana:x:1000:100:Ana:/home/ana:/bin/sh\n");
	put("etc/group", "users:x:100:\nwheel:x:10:bob,ana\n");
	ck_assert_int_eq(spec_find_user(root, "ana", NULL, &u, &err), 0);
	ck_assert_uint_eq(u.uid, 1000);
	ck_assert_uint_eq(u.gid, 100);
	ck_assert_str_eq(u.home, "/home/ana");
	ck_assert_uint_eq(u.n_groups, 2);
	ck_assert_uint_eq(u.groups[0], 100); /* the primary one is there, too (CVE-2022-36109) */
	ck_assert_uint_eq(u.groups[1], 10);
	ck_assert_int_eq(spec_find_user(root, "ana:wheel", NULL, &u, &err), 0);
	ck_assert_uint_eq(u.gid, 10);
	ck_assert_int_eq(spec_find_user(root, "7:8", NULL, &u, &err), 0);
	ck_assert_uint_eq(u.uid, 7);
	ck_assert_uint_eq(u.gid, 8);
	ck_assert_uint_eq(u.n_groups, 1);
	ck_assert_uint_eq(u.groups[0], 8);
	char *more[] = { "8", "9", "9", NULL };
	ck_assert_int_eq(spec_find_user(root, "7:8", more, &u, &err), 0);
	ck_assert_uint_eq(u.n_groups, 2);
	ck_assert_int_eq(spec_find_user(root, "", NULL, &u, &err), 0);
	ck_assert_uint_eq(u.uid, 0);
	ck_assert_int_lt(spec_find_user(root, "nobody", NULL, &u, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.what, "no matching entries in passwd file"));
}
END_TEST

START_TEST(user_hostile)
{
	struct spec_user u;
	/* -1 means "leave unchanged" to setresuid(2): it must never come out of a file */
	put("etc/passwd", "a:x:4294967295:0::/:\nb:x:-1:0::/:\n:::::\nc:x: "
			  "5:0::/:\nd:x:5\nroot:x:99999999999999999999:0::/:\n");
	static const char *const bad[] = { "a", "b", "c", "d", "root", "4294967295", "-1" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(
			spec_find_user(root, bad[i], NULL, &u, &err) < 0, "user %s was accepted", bad[i]);
	unlinkat(root, "etc/passwd", 0);
	ck_assert_int_eq(
		symlinkat("/../../../../../../etc/passwd", root, "etc/passwd"), 0); /* itself: a loop */
	ck_assert_int_lt(spec_find_user(root, "daemon", NULL, &u, &err), 0);
	unlinkat(root, "etc/passwd", 0);
	ck_assert_int_eq(mkfifoat(root, "etc/passwd", 0644), 0); /* would wait for ever */
	ck_assert_int_lt(spec_find_user(root, "daemon", NULL, &u, &err), 0);
}
END_TEST

/* --- options --- */

static struct json *merged(struct run_options *o, const char *image_text)
{
	_cleanup_json_ struct json *image = NULL;
	struct json *doc = json_new_object();
	ck_assert_int_ge(json_parse(image_text, strlen(image_text), "image", &image, &err), 0);
	ck_assert_msg(options_merge(o, image, doc, &err) >= 0, "%s", err.what);
	return doc;
}

static void line_is(const struct json *doc, const char *want)
{
	struct container c = { .doc = (struct json *)doc };
	_cleanup_free_ char *got = container_command_text(&c);
	ck_assert_str_eq(got, want);
}

START_TEST(options_entrypoint)
{
	static const char image[] =
		"{\"config\":{\"Entrypoint\":[\"e\"],\"Cmd\":[\"c\"],\"Env\":[\"A=1\",\"B=2\"]}}";
	struct run_options o;
	run_options_init(&o);
	o.image = xstrdup("x");
	_cleanup_json_ struct json *plain = merged(&o, image);
	line_is(plain, "e c");
	strv_push(&o.command, "mine");
	_cleanup_json_ struct json *command = merged(&o, image);
	line_is(command, "e mine");
	o.entrypoint = xstrdup("p");
	_cleanup_json_ struct json *entry = merged(&o, image);
	line_is(entry, "p mine");
	strv_free(take_ptr(&o.command));
	_cleanup_json_ struct json *alone = merged(&o, image);
	line_is(alone, "p"); /* the image's Cmd belongs to the image's entrypoint */
	strv_push(&o.env, "A=9");
	_cleanup_json_ struct json *env = merged(&o, image);
	ck_assert_str_eq(json_text_of(json_at(env, "Config.Env[0]")), "A=9");
	ck_assert_uint_eq(json_len(json_at(env, "Config.Env")), 2);
	run_options_release(&o);
}
END_TEST

START_TEST(options_refused)
{
	struct run_options o;
	run_options_init(&o);
	ck_assert_int_eq(options_check(&o, &err), 0);
	o.memory = 1 << 20;
	ck_assert_int_lt(options_check(&o, &err), 0);
	ck_assert_str_eq(err.what, "Minimum memory limit allowed is 6MB");
	ck_assert_int_eq(err.exit_status, 125);
	o.memory = 0;
	strv_push(&o.cap_add, "NET_NOSUCH");
	ck_assert_int_lt(options_check(&o, &err), 0);
	strv_free(take_ptr(&o.cap_add));
	o.rm = true;
	o.restart = xstrdup("always");
	ck_assert_int_lt(options_check(&o, &err), 0);
	run_options_release(&o);
}
END_TEST

START_TEST(restart_policies)
{
	_cleanup_json_ struct json *p = NULL;
	ck_assert_int_ge(options_parse_restart("on-failure:3", &p, &err), 0);
	ck_assert_str_eq(json_text_of(json_at(p, "Name")), "on-failure");
	ck_assert_int_eq(json_int_of(json_at(p, "MaximumRetryCount")), 3);
	struct json *none = NULL;
	ck_assert_int_lt(options_parse_restart("always:3", &none, &err), 0);
	ck_assert_int_lt(options_parse_restart("sometimes", &none, &err), 0);
	ck_assert_int_lt(options_parse_restart("on-failure:x", &none, &err), 0);
}
END_TEST

START_TEST(capabilities)
{
	static const struct {
		const char *host;
		uint64_t want;
	} cases[] = {
		{ "{}", 0xa80425fb },
		{ "{\"CapDrop\":[\"ALL\"]}", 0 },
		{ "{\"CapDrop\":[\"ALL\"],\"CapAdd\":[\"CAP_NET_RAW\"]}", 1u << 13 },
		{ "{\"CapDrop\":[\"CAP_NET_RAW\"]}", 0xa80425fb & ~(1u << 13) },
		{ "{\"CapAdd\":[\"CAP_SYS_ADMIN\"]}", 0xa80425fb | 1u << 21 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_json_ struct json *host = NULL;
		ck_assert_int_ge(json_parse(cases[i].host, strlen(cases[i].host), "host", &host, &err), 0);
		ck_assert_uint_eq(spec_capabilities(host), cases[i].want);
	}
	char *name = options_capability("net_admin");
	ck_assert_str_eq(name, "CAP_NET_ADMIN");
	free(name);
	ck_assert_ptr_null(options_capability("net_nosuch"));
}
END_TEST

/* --- small things --- */

START_TEST(signals)
{
	ck_assert_int_eq(signal_parse("TERM", false, &err), SIGTERM);
	ck_assert_int_eq(signal_parse("sigusr1", false, &err), SIGUSR1);
	ck_assert_int_eq(signal_parse("9", false, &err), 9);
	ck_assert_int_eq(signal_parse("RTMIN+1", false, &err), SIGRTMIN + 1);
	ck_assert_int_lt(signal_parse("0", false, &err), 0);
	ck_assert_int_lt(signal_parse("SIGNOSUCH", false, &err), 0);
}
END_TEST

START_TEST(detach)
{
	struct detach_keys d;
	char out[64];
	size_t n;
	ck_assert_int_eq(detach_parse(&d, NULL, &err), 0);
	ck_assert(!detach_feed(&d, "a\x10", 2, out, &n));
	ck_assert_uint_eq(n, 1); /* the second is held back: it may be the beginning */
	ck_assert(!detach_feed(&d, "b", 1, out, &n));
	ck_assert_uint_eq(n, 2); /* it was not */
	ck_assert_mem_eq(out,
		"\x10"
		"b",
		2);
	ck_assert(!detach_feed(&d, "\x10\x10", 2, out, &n));
	ck_assert(detach_feed(&d, "\x11", 1, out, &n));
	ck_assert_int_eq(detach_parse(&d, "ctrl-],x", &err), 0);
	ck_assert(detach_feed(&d, "\x1dx", 2, out, &n));
	ck_assert_int_lt(detach_parse(&d, "ctrl-", &err), 0);
	ck_assert_int_lt(detach_parse(&d, "nosuch", &err), 0);
}
END_TEST

START_TEST(times)
{
	int64_t t, now = (int64_t)now_ns(CLOCK_REALTIME);
	ck_assert_int_eq(logs_parse_time("2020-01-02T03:04:05Z", &t, &err), 0);
	ck_assert_int_eq(t, 1577934245000000000);
	ck_assert_int_eq(logs_parse_time("1577934245.5", &t, &err), 0);
	ck_assert_int_eq(t, 1577934245500000000);
	ck_assert_int_eq(logs_parse_time("1h30m", &t, &err), 0);
	ck_assert_int_lt(llabs(now - t - 5400000000000), 1000000000);
	ck_assert_int_lt(logs_parse_time("yesterday", &t, &err), 0);
}
END_TEST

START_TEST(log_lines)
{
	struct log_file l;
	_cleanup_buf_ struct buf b = { 0 };
	ck_assert_int_ge(log_open(&l, dir, 0, 1, &err), 0);
	log_add(&l, 1, "be", 2);
	log_add(&l, 2, "err\n", 4);
	log_add(&l, 1, "gun\"\\\t\xff\n", 8);
	log_close(&l);
	ck_assert_int_ge(file_read(root, "log", 4096, &b, &err), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "{\"log\":\"err\\n\",\"stream\":\"stderr\",\"time\":\""));
	ck_assert_ptr_nonnull(
		strstr(b.data, "{\"log\":\"begun\\\"\\\\\\u0009\\ufffd\\n\",\"stream\":\"stdout\""));
}
END_TEST

START_TEST(log_rotation)
{
	struct log_file l;
	struct stat st;
	ck_assert_int_ge(log_open(&l, dir, 1000, 3, &err), 0);
	for (int i = 0; i < 100; i++)
		log_add(&l, 1, "0123456789012345678901234567890123456789\n", 41);
	log_close(&l);
	ck_assert_int_eq(fstatat(root, "log.2", &st, 0), 0);
	ck_assert_int_le(st.st_size, 1000);
	ck_assert_int_lt(fstatat(root, "log.3", &st, 0), 0);
}
END_TEST

START_TEST(log_after_crash)
{
	struct log_file l;
	_cleanup_buf_ struct buf b = { 0 };
	put("log", "{\"log\":\"half");
	ck_assert_int_ge(log_open(&l, dir, 0, 1, &err), 0);
	log_add(&l, 1, "whole\n", 6);
	log_close(&l);
	ck_assert_int_ge(file_read(root, "log", 4096, &b, &err), 0);
	ck_assert(str_starts(b.data, "{\"log\":\"half\n{\"log\":\"whole\\n\""));
}
END_TEST

START_TEST(names)
{
	struct engine e;
	char id[65], other[65], *made = NULL;
	memset(id, 'a', 64);
	memset(other, 'b', 64);
	id[64] = other[64] = '\0';
	ck_assert_msg(engine_open(&e, dir, &err) >= 0, "%s", err.what);
	_cleanup_free_ char *path = xasprintf("containers/%s", id);
	ck_assert_int_eq(mkdirat(e.dir, path, 0700), 0);
	int held = openat(e.dir, path, O_RDONLY | O_CLOEXEC); /* as create holds it until the record is there */
	ck_assert_int_eq(flock(held, LOCK_EX), 0);
	ck_assert_int_eq(name_claim(&e, "web", id, &err), 0);
	ck_assert_int_eq(name_claim(&e, "web", other, &err), -EEXIST);
	ck_assert_int_lt(name_claim(&e, "../x", id, &err), 0);
	ck_assert_int_lt(name_claim(&e, "x", id, &err), 0);
	close(held); /* the creator is gone, and there is no record: left over from a crash */
	ck_assert_int_eq(name_claim(&e, "web", other, &err), 0);
	ck_assert_int_eq(name_claim_new(&e, id, &made, &err), 0);
	ck_assert_ptr_nonnull(strchr(made, '_'));
	free(made);
	engine_close(&e);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("engine");
	TCase *t = tcase_create("engine");
	tcase_add_checked_fixture(t, setup, teardown);
	const TTest *const tests[] = { user_by_name, user_hostile, options_entrypoint, options_refused,
		restart_policies, capabilities, signals, detach, times, log_lines, log_rotation,
		log_after_crash, names };
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
