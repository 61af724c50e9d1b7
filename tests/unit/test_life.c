/*
 * test_life.c - the contracts of a container's life: create leaves all or nothing, a start that fails leaves a record with the
 * reason, repair and cleanup may run twice, and the monitor writes one line about the end. No container runs here.
 */
#include <sys/wait.h>

#include "records.h"
#include "engine/cleanup.h"
#include "engine/monitor/pump.h"
#include "engine/start.h"

static size_t entries(const char *what)
{
	_cleanup_strv_ char **list = NULL;
	OK(dir_list(e.dir, what, &list, &err));
	return strv_len(list);
}

/* --- create --- */

START_TEST(create_makes_one_record)
{
	struct run_options o = wish("web");
	OK(container_create(&e, &o, id, &err));
	struct container c = loaded();
	ck_assert_int_eq(c.status, CONTAINER_CREATED);
	ck_assert_str_eq(c.name, "web");
	ck_assert_str_eq(c.image, "unit");
	ck_assert(c.created > 0 && c.started == 0 && c.init.pid == 0 && !c.stale);
	ck_assert_uint_eq(entries("containers"), 1);
	container_release(&c);
	OK(container_find(&e, "web", &c, &err));
	ck_assert_str_eq(c.id, id);
	container_release(&c);
}
END_TEST

START_TEST(create_that_fails_leaves_nothing)
{
	char other[CONTAINER_ID_LEN + 1];
	_cleanup_free_ char *file = xasprintf("%s/cid", dir);
	struct run_options o = wish("web");
	OK(container_create(&e, &o, id, &err));
	o.cidfile = file; /* written before the name is claimed: the failure takes it back */
	ck_assert_int_lt(container_create(&e, &o, other, &err), 0);
	ck_assert_msg(strstr(err.what, "web"), "%s", err.what);
	ck_assert(!path_exists(AT_FDCWD, file));
	ck_assert_uint_eq(entries("containers"), 1);
	/* a cid file of another container stays as it is */
	OK(file_write_atomic(AT_FDCWD, file, "theirs", 6, 0600, 0, &err));
	o.name = (char *)"db";
	ck_assert_int_lt(container_create(&e, &o, other, &err), 0);
	ck_assert(path_exists(AT_FDCWD, file));
	o = wish("none");
	o.image = "absent";
	ck_assert_int_eq(container_create(&e, &o, other, &err), -ENOENT);
	o = wish("none");
	o.memory = 1; /* refused before anything is made */
	ck_assert_int_lt(container_create(&e, &o, other, &err), 0);
	ck_assert_uint_eq(entries("containers"), 1);
	ck_assert_uint_eq(entries("names"), 1);
}
END_TEST

/* --- start --- */

START_TEST(start_that_fails_keeps_the_reason)
{
	struct run_options o = wish("web");
	struct start_options how = { 0 };
	int code = 0;
	o.runtime = (char *)"/bin/true"; /* found, and not reached */
	OK(container_create(&e, &o, id, &err));
	for (int i = 0; i < 2; i++) { /* twice: neither the lock nor anything else stays behind */
		err = (struct mc_err){ 0 };
		ck_assert_int_lt(container_start(&e, "web", &how, &code, &err), 0);
		struct container c = loaded();
		ck_assert_int_eq(c.status, CONTAINER_CREATED);
		ck_assert_msg(c.exit_code == 125 && c.init.pid == 0 && c.monitor.pid == 0, "%d: %s", c.exit_code, err.what);
		ck_assert_str_eq(c.error, err.what);
		container_release(&c);
	}
	ck_assert_int_eq(container_start(&e, "absent", &how, &code, &err), -ENOENT);
}
END_TEST

START_TEST(start_refuses_a_paused_one)
{
	struct run_options o = wish("web");
	struct start_options how = { 0 };
	int code = 0;
	OK(container_create(&e, &o, id, &err));
	struct container c = loaded();
	c.status = CONTAINER_PAUSED;
	c.init.pid = getpid();
	ck_assert(process_id_fill(&c.init));
	snprintf(c.boot_id, sizeof(c.boot_id), "%s", container_boot_id());
	OK(container_save_state(&e, &c, &err));
	ck_assert_int_eq(container_start(&e, "web", &how, &code, &err), -EBUSY);
	c.status = CONTAINER_RUNNING; /* running already: no error, nothing is done */
	OK(container_save_state(&e, &c, &err));
	ck_assert_int_eq(container_start(&e, "web", &how, &code, &err), 0);
	container_release(&c);
	c = loaded();
	ck_assert(c.status == CONTAINER_RUNNING && c.init.pid == getpid());
	container_release(&c);
}
END_TEST

/* --- the end --- */

/* A record that says "running" of a process that is gone, with what its monitor wrote; NULL: it wrote nothing. */
static void ended(const char *exit_text, bool by_us)
{
	struct container c = loaded();
	c.status = CONTAINER_RUNNING;
	c.init = (struct process_id){ .pid = 1, .start = 1 }; /* pid 1, but of another start: a reused number */
	c.monitor.pid = by_us ? getppid() : 0;
	c.started = 1;
	snprintf(c.boot_id, sizeof(c.boot_id), "%s", container_boot_id());
	OK(container_save_state(&e, &c, &err));
	container_release(&c);
	_cleanup_free_ char *path = container_path(&e, id, "exit");
	unlink(path);
	if (exit_text)
		OK(file_write_atomic(AT_FDCWD, path, exit_text, strlen(exit_text), 0600, 0, &err));
}

START_TEST(repair_folds_the_end_in_once)
{
	struct run_options o = wish("web");
	OK(container_create(&e, &o, id, &err));
	static const struct {
		const char *text;
		int code;
		bool oom;
	} rows[] = { { "7 0 5000000000\n", 7, false }, { "137 1 5000000000\n", 137, true }, { NULL, 137, false },
		{ "broken", 137, false } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ended(rows[i].text, false);
		struct container c = loaded();
		ck_assert(c.stale && c.exit_code == rows[i].code);
		OK(container_repair(&e, &c, &err));
		OK(container_repair(&e, &c, &err)); /* nothing left to do */
		container_release(&c);
		c = loaded();
		ck_assert(!c.stale && c.status == CONTAINER_EXITED && c.init.pid == 0 && c.finished > 0);
		ck_assert(c.exit_code == rows[i].code && (i >= 2 || c.oom_killed == rows[i].oom));
		container_release(&c);
	}
}
END_TEST

START_TEST(cleanup_removes_with_rm)
{
	struct run_options o = wish("web");
	o.rm = true;
	OK(container_create(&e, &o, id, &err));
	ended("0 0 5000000000\n", false);
	OK(container_cleanup(&e, id, &err));
	ck_assert_uint_eq(entries("containers"), 0);
	ck_assert_uint_eq(entries("names"), 0);
	/* the second one, by the monitor or by `run --rm`, finds nothing, and says so */
	ck_assert_int_eq(container_cleanup(&e, id, &err), -ENOENT);
}
END_TEST

static bool pause_is(const char *want)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *path = container_path(&e, id, "pause");
	bool there = file_read(AT_FDCWD, path, 32, &b, &err) >= 0;
	unlink(path);
	return want ? there && str_eq(b.data, want) : !there;
}

START_TEST(cleanup_plans_the_restart)
{
	struct run_options o = wish("web");
	o.restart = (char *)"on-failure";
	OK(container_create(&e, &o, id, &err));
	ended("1 0 5000000000\n", false); /* not the monitor asks: it decides alone */
	OK(container_cleanup(&e, id, &err));
	ck_assert(pause_is(NULL));
	ended("1 0 5000000000\n", true);
	OK(container_cleanup(&e, id, &err));
	ck_assert(pause_is("100\n"));
	struct container c = loaded();
	ck_assert_int_eq(c.status, CONTAINER_RESTARTING);
	container_release(&c);
	ended("1 0 5000000000\n", true); /* a run that did not last: the pause doubles */
	OK(container_cleanup(&e, id, &err));
	ck_assert(pause_is("200\n"));
	ended("1 0 60000000000\n", true); /* one of a minute: it begins anew */
	OK(container_cleanup(&e, id, &err));
	ck_assert(pause_is("100\n"));
	ended("0 0 5000000000\n", true); /* no failure */
	OK(container_cleanup(&e, id, &err));
	ck_assert(pause_is(NULL));
}
END_TEST

/* --- the monitor's last word --- */

START_TEST(monitor_writes_the_end)
{
	char text[] = "/tmp/minictr-test-events-XXXXXX";
	_cleanup_free_ char *path = xasprintf("%s/exit", dir);
	static const struct {
		int status; /* as wait(2) gives it */
		const char *events, *want;
	} rows[] = { { 3 << 8, "oom 0\noom_kill 0\n", "3 0 " }, { 9, "oom 1\noom_kill 1\n", "137 1 " },
		{ 15, NULL, "143 0 " }, { 0, "low 7\n", "0 0 " } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_buf_ struct buf b = { 0 };
		struct monitor m = { .memory = -1, .mount_ns = -1, .status = rows[i].status };
		m.options.dir = dir;
		m.options.oom_file = text;
		unlink(text);
		if (rows[i].events)
			OK(file_write_atomic(AT_FDCWD, text, rows[i].events, strlen(rows[i].events), 0600, 0, &err));
		monitor_record_exit(&m);
		OK(file_read(AT_FDCWD, path, 64, &b, &err));
		ck_assert_msg(str_starts(b.data, rows[i].want), "%zu: %s", i, b.data);
		ck_assert(strtoll(b.data + strlen(rows[i].want), NULL, 10) > 0 && b.data[b.len - 1] == '\n');
	}
	unlink(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("life");
	TCase *t = tcase_create("life");
	tcase_add_checked_fixture(t, records_begin, records_end);
	const TTest *const tests[] = { create_makes_one_record, create_that_fails_leaves_nothing,
		start_that_fails_keeps_the_reason, start_refuses_a_paused_one, repair_folds_the_end_in_once,
		cleanup_removes_with_rm, cleanup_plans_the_restart, monitor_writes_the_end };
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
