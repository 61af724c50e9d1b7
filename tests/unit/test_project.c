/*
 * test_project.c - what compose does with containers: service_wait() tells "reached", "not yet" and "never" apart, and
 * project_down() removes its own and nothing else. The containers are records; no program runs in them.
 */
#include <sys/wait.h>

#include "records.h"
#include "base/process_id.h"
#include "compose/project.h"
#include "compose/up.h"
#include "compose/wait.h"
#include "compose/yaml_json.h"
#include "engine/stop.h"

static void add(const char *name, char **labels)
{
	struct run_options o = wish(name);
	o.labels = labels;
	OK(container_create(&e, &o, id, &err));
}

/* Writes a state as start and end would. */
static void set(enum container_state status, int code, const char *health, bool started)
{
	struct container c = loaded();
	c.status = status;
	c.exit_code = code;
	c.restart_count = 0;
	c.started = started ? 1000 : 0;
	free(c.health);
	c.health = health ? xstrdup(health) : NULL;
	c.init.pid = status == CONTAINER_RUNNING ? getpid() : 0;
	ck_assert(status != CONTAINER_RUNNING || process_id_fill(&c.init));
	snprintf(c.boot_id, sizeof(c.boot_id), "%s", container_boot_id());
	OK(container_save_state(&e, &c, &err));
	container_release(&c);
}

/* --- service_wait --- */

static int waits(enum service_condition condition)
{
	err = (struct mc_err){ 0 };
	return service_wait(&e, "db", condition, &err);
}

START_TEST(what_is_reached_is_not_waited_for)
{
	add("db", NULL);
	set(CONTAINER_RUNNING, 0, NULL, true);
	ck_assert_int_eq(waits(SERVICE_STARTED), 0);
	set(CONTAINER_RUNNING, 0, "healthy", true);
	ck_assert_int_eq(waits(SERVICE_HEALTHY), 0);
	ck_assert_int_eq(waits(SERVICE_STARTED), 0);
	set(CONTAINER_EXITED, 0, NULL, true);
	ck_assert_int_eq(waits(SERVICE_COMPLETED), 0);
	set(CONTAINER_EXITED, 3, NULL, true); /* started it was, whatever became of it */
	ck_assert_int_eq(waits(SERVICE_STARTED), 0);
}
END_TEST

START_TEST(what_cannot_come_any_more_is_an_error)
{
	static const struct {
		enum service_condition condition;
		enum container_state status;
		int code;
		const char *health, *says;
	} rows[] = {
		{ SERVICE_COMPLETED, CONTAINER_EXITED, 3, NULL, "exit 3" },
		{ SERVICE_COMPLETED, CONTAINER_DEAD, 137, NULL, "exit 137" },
		{ SERVICE_HEALTHY, CONTAINER_EXITED, 0, "starting", "exited (0)" },
		{ SERVICE_HEALTHY, CONTAINER_RUNNING, 0, "unhealthy", "unhealthy" },
		{ SERVICE_HEALTHY, CONTAINER_RUNNING, 0, NULL, "no healthcheck" },
	};
	add("db", NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		set(rows[i].status, rows[i].code, rows[i].health, true);
		ck_assert_int_lt(waits(rows[i].condition), 0);
		ck_assert_msg(
			strstr(err.what, rows[i].says) && strstr(err.what, "db"), "%zu: %s", i, err.what);
	}
	ck_assert_int_eq(service_wait(&e, "absent", SERVICE_STARTED, &err), -ENOENT);
	ck_assert_msg(strstr(err.what, "absent"), "%s", err.what);
}
END_TEST

enum { CHANGED = 7 }; /* restart_count of a record that the child has written */

/* The state changes while somewhere else is waited for it: a child does it after a moment. */
static int waits_while(enum service_condition condition, void (*change)(void))
{
	pid_t pid = fork();
	if (pid == 0) {
		usleep(250000);
		change();
		_exit(0);
	}
	int rc = waits(condition);
	struct container c = { 0 };
	ck_assert(container_load(&e, id, &c, &err) < 0 ||
		  c.restart_count == CHANGED); /* not before the change */
	container_release(&c);
	waitpid(pid, NULL, 0);
	return rc;
}

static pid_t parent;
static void becomes(enum container_state status, int code, const char *health)
{
	struct container c = loaded();
	c.status = status;
	c.exit_code = code;
	c.restart_count = CHANGED;
	c.started = 1000;
	free(c.health);
	c.health = health ? xstrdup(health) : NULL;
	c.init.pid = status == CONTAINER_RUNNING ? parent : 0;
	process_id_fill(&c.init);
	snprintf(c.boot_id, sizeof(c.boot_id), "%s", container_boot_id());
	container_save_state(&e, &c, &err);
	container_release(&c);
}
static void starts(void) { becomes(CONTAINER_RUNNING, 0, NULL); }
static void recovers(void) { becomes(CONTAINER_RUNNING, 0, "healthy"); }
static void completes(void) { becomes(CONTAINER_EXITED, 0, NULL); }
static void fails(void) { becomes(CONTAINER_EXITED, 9, NULL); }
static void goes(void) { container_remove(&e, id, REMOVE_FORCE, &err); }

START_TEST(what_may_still_come_is_waited_for)
{
	parent = getpid();
	add("db", NULL);
	ck_assert_int_eq(waits_while(SERVICE_STARTED, starts), 0); /* created, not started yet */
	set(CONTAINER_RUNNING, 0, "starting", true);               /* running is not healthy */
	ck_assert_int_eq(waits_while(SERVICE_HEALTHY, recovers), 0);
	set(CONTAINER_CREATED, 0, NULL, false); /* a health check is looked for in what was started only */
	ck_assert_int_eq(waits_while(SERVICE_HEALTHY, recovers), 0);
	set(CONTAINER_RUNNING, 0, NULL, true); /* running is not completed */
	ck_assert_int_eq(waits_while(SERVICE_COMPLETED, completes), 0);
	set(CONTAINER_RUNNING, 0, NULL, true);
	ck_assert_int_eq(waits_while(SERVICE_COMPLETED, fails), -ECANCELED);
	set(CONTAINER_CREATED, 0, NULL, false);
	ck_assert_int_eq(waits_while(SERVICE_STARTED, goes), -ENOENT);
}
END_TEST

/* --- project_down --- */

static void add_service(const char *name, const char *project, const char *service, const char *oneoff)
{
	_cleanup_strv_ char **labels = NULL;
	strv_pushf(&labels, "com.docker.compose.project=%s", project);
	strv_pushf(&labels, "com.docker.compose.service=%s", service);
	strv_pushf(&labels, "com.docker.compose.oneoff=%s", oneoff);
	strv_push(&labels, "com.docker.compose.container-number=1");
	add(name, labels);
	set(CONTAINER_EXITED, 0, NULL, true);
}

static void a_project(void)
{
	add_service("shop-web-1", "shop", "web", "False");
	add_service("shop-old-1", "shop", "old", "False"); /* not in the file any more */
	add_service("shop-web-run", "shop", "web", "True");
	add_service("other-web-1", "other", "web", "False");
	add("shop-web-2", NULL); /* the name alone makes it no part of a project */
}

/* Names that are left, in the order in which they are asked for. */
static bool left(const char *const names[])
{
	_cleanup_container_list_ struct container_list all = { 0 };
	size_t n = 0;
	OK(container_list(&e, &all, &err));
	for (; names[n]; n++) {
		bool there = false;
		for (size_t i = 0; i < all.count; i++)
			there |= str_eq(all.items[i].name, names[n]);
		if (!there)
			return false;
	}
	return n == all.count;
}

static int down(const char *services, struct down_options o)
{
	FILE *nowhere = fopen("/dev/null", "w");
	struct yaml *y = NULL;
	struct board b;
	board_open(&b, nowhere);
	if (services)
		OK(ynode_load(services, strlen(services), "t.yaml", &y, &err));
	struct project p = { .name = (char *)"shop", .services = y ? y->items[0] : NULL };
	int rc = project_down(&e, &p, &o, &b, &err);
	ynode_free(y);
	board_close(&b);
	fclose(nowhere);
	return rc;
}

START_TEST(down_removes_what_the_file_names)
{
	a_project();
	OK(down("web: {image: unit}\n", (struct down_options){ .timeout = -1 }));
	ck_assert(left(
		(const char *const[]){ "shop-old-1", "shop-web-run", "other-web-1", "shop-web-2", NULL }));
	OK(down("web: {image: unit}\n",
		(struct down_options){ .timeout = -1 })); /* nothing there: no error */
	OK(down("web: {image: unit}\n", (struct down_options){ .timeout = -1, .remove_orphans = true }));
	ck_assert(left((const char *const[]){ "shop-web-run", "other-web-1", "shop-web-2", NULL }));
}
END_TEST

START_TEST(down_without_a_file_goes_by_label)
{
	a_project();
	OK(down(NULL, (struct down_options){ .timeout = -1 }));
	ck_assert(left((const char *const[]){ "shop-web-run", "other-web-1", "shop-web-2", NULL }));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("project");
	TCase *t = tcase_create("project");
	tcase_add_checked_fixture(t, records_begin, records_end);
	const TTest *const tests[] = { what_is_reached_is_not_waited_for,
		what_cannot_come_any_more_is_an_error, what_may_still_come_is_waited_for,
		down_removes_what_the_file_names, down_without_a_file_goes_by_label };
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	tcase_set_timeout(t, 30);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
