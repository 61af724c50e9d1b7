/*
 * cmd/wait.c - `wait`: until containers end, or reach another state; prints their exit codes.
 *
 * The end is heard of without asking again and again (container_wait()). Other states are looked up at an
 * interval: a container has no descriptor that tells "healthy" or "paused".
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/stop.h"

#include <time.h>

static const struct wait_values defaults = { .interval = 250000000 };

static const struct option_def options[] = {
	{ 0, "condition", OPT_LIST, offsetof(struct wait_values, conditions), "string",
		"What to wait for: stopped (default), running, paused, created, exited, healthy, unhealthy, "
		"removed" },
	{ 'i', "interval", OPT_DURATION, offsetof(struct wait_values, interval), "duration",
		"Time between two looks for a state (250ms)" },
	{ 0 },
};

/* docker's API and podman call the ends differently. */
static const struct {
	const char *word;
	enum wait_condition end;
} ends[] = { { "stopped", WAIT_NOT_RUNNING }, { "not-running", WAIT_NOT_RUNNING },
	{ "exited", WAIT_NOT_RUNNING }, { "next-exit", WAIT_NEXT_EXIT }, { "removed", WAIT_REMOVED } };

static int wait_check(const struct wait_values *v, struct mc_err *err)
{
	static const char *const states[] = { "running", "paused", "created", "healthy", "unhealthy" };
	for (size_t i = 0; v->conditions && v->conditions[i]; i++) {
		bool known = false;
		for (size_t k = 0; k < ARRAY_LEN(ends); k++)
			known |= str_eq(v->conditions[i], ends[k].word);
		for (size_t k = 0; k < ARRAY_LEN(states); k++)
			known |= str_eq(v->conditions[i], states[k]);
		if (known)
			continue;
		err_set(err, EINVAL, "invalid argument \"%s\" for \"--condition\" flag: no such state",
			v->conditions[i]);
		err_hint(err, "known conditions: stopped, running, paused, created, exited, healthy, "
			      "unhealthy, removed");
		return err_exit(err, 125);
	}
	return 0;
}

static bool wait_reached(const struct container *c, const char *word)
{
	if (str_eq(word, "healthy") || str_eq(word, "unhealthy"))
		return str_eq(c->health, word);
	if (str_eq(word, "stopped") || str_eq(word, "not-running"))
		return !container_is_active(c);
	return str_eq(container_status_name(c->status), word);
}

/* Until one of the conditions holds. -1 is printed for one that has not ended, as podman does. */
static int wait_state(
	struct engine *e, const struct wait_values *v, const char *name, int *ret, struct mc_err *err)
{
	const struct timespec pause = { v->interval / 1000000000, v->interval % 1000000000 };
	for (;;) {
		_cleanup_container_ struct container c = { 0 };
		int rc = container_find(e, name, &c, err);
		if (rc < 0)
			return rc;
		for (size_t i = 0; v->conditions[i]; i++) {
			if (!wait_reached(&c, v->conditions[i]))
				continue;
			*ret = container_is_active(&c) || c.status == CONTAINER_CREATED ? -1 : c.exit_code;
			return 0;
		}
		nanosleep(&pause, NULL);
	}
}

static int wait_one(
	struct engine *e, const struct wait_values *v, const char *name, int *ret, struct mc_err *err)
{
	const char *only = !v->conditions ? "stopped" : !v->conditions[1] ? v->conditions[0] : "";
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (str_eq(only, ends[i].word))
			return container_wait(e, name, ends[i].end, ret, err);
	return wait_state(e, v, name, ret, err);
}

static int wait_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct wait_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	int status = 0, rc = wait_check(v, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc < 0)
		return rc;
	for (int i = 0; i < argc; i++) {
		struct mc_err one = { 0 };
		int code;
		if (wait_one(&e, v, argv[i], &code, &one) < 0) {
			err_print(&one, "minictr");
			status = 1;
			continue;
		}
		printf("%d\n", code);
		fflush(stdout);
	}
	return status;
}

const struct command cmd_wait = {
	.name = "wait",
	.aliases = "container wait",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = "Wait until containers end, print their exit codes",
	.example = "minictr wait web\nminictr wait --condition healthy web",
	.takes = TAKES_RUNNING,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct wait_values),
	.defaults = &defaults,
	.run = wait_run,
};
