/*
 * test_survivors.c - the contract of daemon_restore(): who is counted, who is repaired, what is passed over, and that nothing of
 * a running container changes. No daemon and no container runs here: the records name this process.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include "records.h"
#include "daemon/survivors.h"

static struct daemon d;
static char *asked; /* the file into which our "minictr" writes its words */

/* The repair is a process of its own: its program is a script that notes what it was called with. */
static void begin(void)
{
	records_begin();
	_cleanup_free_ char *program = xasprintf("%s/minictr", dir), *text = NULL;
	asked = xasprintf("%s/asked", dir);
	text = xasprintf("#!/bin/sh\necho \"$@\" >%s.new; mv %s.new %s\n", asked, asked, asked);
	OK(file_write_atomic(AT_FDCWD, program, text, strlen(text), 0700, 0, &err));
	d = (struct daemon){ .engine = e, .engine_program = take_ptr(&program), .n_running = 99 };
}

static void end(void)
{
	free(d.engine_program);
	free(asked);
	records_end();
}

/* A container in this state; its process 1 is this process, or, gone, another start of process 1. */
static void add(const char *name, enum container_state status, bool gone)
{
	struct run_options o = wish(name);
	OK(container_create(&e, &o, id, &err));
	struct container c = loaded();
	c.status = status;
	if (status == CONTAINER_RUNNING || status == CONTAINER_PAUSED) {
		c.init = (struct process_id){ .pid = gone ? 1 : getpid(), .start = 1 };
		ck_assert(gone || process_id_fill(&c.init));
		snprintf(c.boot_id, sizeof(c.boot_id), "%s", container_boot_id());
	}
	OK(container_save_state(&e, &c, &err));
	container_release(&c);
}

static int restore(void)
{
	_cleanup_free_ char *path = xasprintf("%s/containers", dir);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return daemon_restore(&d, fd);
}

static char *state_text(void)
{
	_cleanup_free_ char *path = container_path(&e, id, "state.json");
	struct buf b = { 0 };
	OK(file_read(AT_FDCWD, path, 65536, &b, &err));
	return buf_take(&b);
}

START_TEST(those_that_run_are_counted_and_left_alone)
{
	add("made", CONTAINER_CREATED, false);
	add("over", CONTAINER_EXITED, false);
	add("halted", CONTAINER_PAUSED, false);
	add("alive", CONTAINER_RUNNING, false);
	_cleanup_free_ char *before = state_text();
	for (int i = 0; i < 2; i++) { /* twice: the second daemon counts anew */
		ck_assert_int_eq(restore(), 4);
		ck_assert_uint_eq(d.n_running, 2);
	}
	_cleanup_free_ char *after = state_text();
	ck_assert_str_eq(before, after);
	ck_assert(!path_exists(AT_FDCWD, asked));
}
END_TEST

START_TEST(a_process_that_is_gone_is_repaired)
{
	add("alive", CONTAINER_RUNNING, false);
	add("gone", CONTAINER_RUNNING, true);
	_cleanup_free_ char *want = xasprintf("--root %s internal cleanup %s\n", dir, id);
	_cleanup_buf_ struct buf b = { 0 };
	ck_assert_int_eq(restore(), 2);
	ck_assert_uint_eq(d.n_running, 1);
	for (int i = 0; i < 500 && !path_exists(AT_FDCWD, asked); i++)
		usleep(10000);
	OK(file_read(AT_FDCWD, asked, 4096, &b, &err));
	ck_assert_str_eq(b.data, want);
	/* it cannot be started: that is noted, and the others are found all the same */
	free(d.engine_program);
	d.engine_program = xstrdup("/nowhere/minictr");
	ck_assert_int_eq(restore(), 2);
	ck_assert_uint_eq(d.n_running, 1);
}
END_TEST

START_TEST(what_is_no_container_is_passed_over)
{
	static const char *const strange[] = { "short",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" };
	add("alive", CONTAINER_RUNNING, false);
	for (size_t i = 0; i < ARRAY_LEN(strange); i++) {
		_cleanup_free_ char *path = xasprintf("containers/%s", strange[i]);
		OK(dir_make(e.dir, path, 0700, &err));
	}
	add("leaves", CONTAINER_RUNNING, false); /* whole, but under another name: it is being removed */
	_cleanup_free_ char *from = xasprintf("containers/%s", id);
	ck_assert_int_eq(renameat(e.dir, from, e.dir, "containers/leaving"), 0);
	add("broken", CONTAINER_EXITED, false);
	_cleanup_free_ char *record = container_path(&e, id, "container.json");
	OK(file_write_atomic(AT_FDCWD, record, "{\"Name\":", 8, 0600, 0, &err));
	ck_assert_int_eq(restore(), 1);
	ck_assert_uint_eq(d.n_running, 1);
}
END_TEST

START_TEST(only_an_unreadable_directory_is_an_error)
{
	_cleanup_close_ int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(daemon_restore(&d, file), -ENOTDIR);
	ck_assert_uint_eq(d.n_running, 0);
	ck_assert_int_lt(daemon_restore(&d, -1), 0);
	ck_assert_int_eq(restore(), 0); /* an empty one is none */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("survivors");
	TCase *t = tcase_create("survivors");
	tcase_add_checked_fixture(t, begin, end);
	const TTest *const tests[] = { those_that_run_are_counted_and_left_alone,
		a_process_that_is_gone_is_repaired, what_is_no_container_is_passed_over,
		only_an_unreadable_directory_is_an_error };
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
