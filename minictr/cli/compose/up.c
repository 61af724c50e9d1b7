/*
 * compose/up.c - `compose up`, `create`, `down`, `start`, `stop`, `restart`, `scale`.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/compose/compose.h"
#include "base/tool.h"
#include "compose/service_hooks.h"
#include "engine/events.h"
#include "engine/run.h"
#include "engine/start.h"
#include "engine/stop.h"

struct up_values {
	bool detach, build, no_build, force, no_recreate, no_deps, no_start, orphans, wait, no_color,
		no_prefix, abort, renew, quiet, timestamps, always_deps, watch, attach_deps;
	int timeout, wait_timeout;
	const char *pull, *exit_from;
	char **scales, **attach, **no_attach;
};

static const struct up_values up_defaults = { .timeout = -1 };

static const struct option_def up_options[] = {
	{ 0, "abort-on-container-exit", OPT_FLAG, offsetof(struct up_values, abort), NULL,
		"Stop all when one ends" },
	{ 0, "always-recreate-deps", OPT_FLAG, offsetof(struct up_values, always_deps), NULL,
		"Make anew what the named services need, too" },
	{ 0, "attach", OPT_LIST, offsetof(struct up_values, attach), "service",
		"Show the output of these only" },
	{ 0, "attach-dependencies", OPT_FLAG, offsetof(struct up_values, attach_deps), NULL,
		"Show the output of what the named services need, too" },
	{ 0, "build", OPT_FLAG, offsetof(struct up_values, build), NULL,
		"Build images, even when they are there" },
	{ 'd', "detach", OPT_FLAG, offsetof(struct up_values, detach), NULL, "Return when all are started" },
	{ 0, "exit-code-from", OPT_STRING, offsetof(struct up_values, exit_from), "service",
		"End with this service, with its exit code" },
	{ 0, "force-recreate", OPT_FLAG, offsetof(struct up_values, force), NULL,
		"Make containers anew, changed or not" },
	{ 0, "no-attach", OPT_LIST, offsetof(struct up_values, no_attach), "service",
		"Do not show the output of these" },
	{ 0, "no-build", OPT_FLAG, offsetof(struct up_values, no_build), NULL, "Build nothing" },
	{ 0, "no-color", OPT_FLAG, offsetof(struct up_values, no_color), NULL, "Output without colour" },
	{ 0, "no-deps", OPT_FLAG, offsetof(struct up_values, no_deps), NULL,
		"Not what the named services need" },
	{ 0, "no-log-prefix", OPT_FLAG, offsetof(struct up_values, no_prefix), NULL, "Output without names" },
	{ 0, "no-recreate", OPT_FLAG, offsetof(struct up_values, no_recreate), NULL,
		"Keep containers, changed or not" },
	{ 0, "no-start", OPT_FLAG, offsetof(struct up_values, no_start), NULL, "Create only" },
	{ 0, "pull", OPT_STRING, offsetof(struct up_values, pull), "policy", "always, missing or never" },
	{ 0, "quiet-pull", OPT_FLAG, offsetof(struct up_values, quiet), NULL, "Pull without progress" },
	{ 0, "remove-orphans", OPT_FLAG, offsetof(struct up_values, orphans), NULL,
		"Remove containers of services that are not in the file" },
	{ 'V', "renew-anon-volumes", OPT_FLAG, offsetof(struct up_values, renew), NULL,
		"New anonymous volumes" },
	{ 0, "scale", OPT_LIST, offsetof(struct up_values, scales), "service=n", "How many containers" },
	{ 't', "timeout", OPT_INT, offsetof(struct up_values, timeout), "seconds",
		"Grace before a container is killed" },
	{ 0, "timestamps", OPT_FLAG, offsetof(struct up_values, timestamps), NULL,
		"Show when each line came" },
	{ 0, "wait", OPT_FLAG, offsetof(struct up_values, wait), NULL,
		"Return when all run or are healthy; implies -d" },
	{ 0, "wait-timeout", OPT_INT, offsetof(struct up_values, wait_timeout), "seconds",
		"Give up --wait after so long" },
	{ 'w', "watch", OPT_FLAG, offsetof(struct up_values, watch), NULL,
		"Copy, rebuild or restart when a source file is saved" },
	{ 0 },
};

/* --scale web=3, each for a service that exists. */
static int up_check_scales(const struct project *p, char *const scales[], struct mc_err *err)
{
	for (size_t i = 0; scales && scales[i]; i++) {
		_cleanup_free_ char *name = xstrndup(scales[i], strcspn(scales[i], "="));
		const struct yaml *service;
		int64_t n;
		if (!scales[i][strlen(name)] || parse_i64(scales[i] + strlen(name) + 1, &n) < 0 || n < 0)
			return err_set(err, EINVAL, "invalid --scale \"%s\": SERVICE=NUMBER", scales[i]);
		int rc = project_service(p, name, &service, err);
		if (rc < 0)
			return rc;
		if (n > 1 && ynode_get(service, "container_name"))
			return err_set(err, EINVAL,
				"service %s has container_name, so it cannot be there %lld times: names are "
				"unique",
				name, (long long)n);
	}
	return 0;
}

/* Without a list of its own: what was named, not what comes along as a dependency. */
static bool up_shows(
	const struct project *p, const struct up_values *v, char *const named[], const char *service)
{
	if (strv_has(v->no_attach, service))
		return false;
	if (v->attach)
		return strv_has(v->attach, service);
	if (named && !v->attach_deps && !strv_has((char **)named, service))
		return false;
	return !str_eq(ynode_text(ynode_get(ynode_get(p->services, service), "attach")), "false");
}

/* Those of the started containers whose output is shown; *ret_named: of them, those of the named services. */
static int up_shown(struct engine *e, const struct project *p, const struct up_values *v, char *const named[],
	char *const started[], char ***ret, char ***ret_named, struct mc_err *err)
{
	struct actual have;
	int rc = actual_read(e, p->name, &have, err);
	for (size_t i = 0; rc >= 0 && i < have.n; i++) {
		const struct actual_container *a = &have.items[i];
		if (a->oneoff || !strv_has((char **)started, a->c->name) ||
			!up_shows(p, v, named, a->service))
			continue;
		strv_push(ret, a->c->name);
		if (strv_has((char **)named, a->service))
			strv_push(ret_named, a->c->name);
	}
	if (rc >= 0)
		actual_release(&have);
	return rc;
}

static int up_exit_code(struct engine *e, const char *name, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	return rc < 0 ? rc : c.exit_code;
}

/*
 * Stops all, each with its grace; another Ctrl-C meanwhile kills. A child does the stopping, since a grace
 * may take long and this process must hear the signal.
 */
static int up_end(struct engine *e, const struct project *p, int timeout, struct board *b, struct mc_err *err)
{
	sigset_t set, before;
	int status = 0, rc = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &before);
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork()");
	if (pid == 0) {
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		sigemptyset(&before);
		sigprocmask(SIG_SETMASK, &before, NULL);
		rc = project_stop(e, p, NULL, timeout, b, err);
		if (rc < 0 && *err->what)
			err_print(err, "minictr");
		fflush(NULL);
		_exit(rc < 0);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		siginfo_t info;
		int got = sigwaitinfo(&set, &info);
		if (got == SIGINT || got == SIGTERM)
			rc = project_stop(e, p, NULL, 0, b, err);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (rc < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return rc;
	return err_set(err, EIO, "not all containers could be stopped");
}

/* Ctrl-C: all are stopped, dependents first; a second one kills. The exit status of `up`. */
static int up_interrupted(
	struct engine *e, const struct project *p, int timeout, struct board *b, struct mc_err *err)
{
	fprintf(stderr, "Gracefully stopping... (press Ctrl+C again to force)\n");
	int rc = up_end(e, p, timeout, b, err);
	return rc < 0 ? rc : 130;
}

/* Beside the output: the edit loop in a child, which the same Ctrl-C ends. */
static pid_t up_watch(struct engine *e, struct project *p, struct board *b)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	struct mc_err err = { 0 };
	if (watch_services(e, p, NULL, false, b, &err) < 0)
		err_print(&err, "minictr");
	fflush(NULL);
	_exit(0);
}

/*
 * Attached: shows output (of this time only: since) until all have ended, or Ctrl-C: then all are stopped,
 * dependents first; a second one kills.
 */
static int up_attached(struct engine *e, struct project *p, const struct up_values *v, char *const named[],
	char *const started[], const char *since, struct board *b, struct mc_err *err)
{
	_cleanup_strv_ char **shown = NULL, **last = NULL;
	const char *first = NULL;
	struct follow_options o = { .follow = true,
		.no_color = v->no_color,
		.no_prefix = v->no_prefix,
		.timestamps = v->timestamps,
		.since = since,
		.stop_when_one_ends = v->abort || v->exit_from };
	int rc = up_shown(e, p, v, named, started, &shown, &last, err);
	o.until_end = last;
	pid_t watch = rc >= 0 && v->watch ? up_watch(e, p, b) : -1;
	if (rc >= 0)
		rc = follow_containers(p, shown, &o, &first, err);
	if (watch > 0) {
		kill(watch, SIGTERM);
		waitpid(watch, NULL, 0);
	}
	if (rc < 0)
		return rc;
	int signal_number = rc;
	board_leave(b);
	rc = signal_number ? up_interrupted(e, p, v->timeout, b, err)
	     : first       ? up_end(e, p, v->timeout, b, err)
			   : 0;
	if (rc < 0)
		return rc;
	if (v->exit_from) {
		_cleanup_free_ char *name = NULL;
		rc = compose_container(e, p, v->exit_from, 0, &name, err);
		return rc < 0 ? rc : up_exit_code(e, name, err);
	}
	return signal_number ? 130 : first ? up_exit_code(e, first, err) : 0;
}

/* Flags that contradict each other. */
static int up_check(const struct up_values *v, struct mc_err *err)
{
	if ((v->force || v->always_deps) && v->no_recreate)
		return err_set(err, EINVAL, "--%s and --no-recreate are incompatible",
			v->force ? "force-recreate" : "always-recreate-deps");
	if (v->attach && v->attach_deps)
		return err_set(err, EINVAL, "cannot combine --attach and --attach-dependencies");
	if (v->detach && (v->abort || v->exit_from))
		return err_set(err, EINVAL, "--detach cannot be combined with --%s",
			v->abort ? "abort-on-container-exit" : "exit-code-from");
	if (v->wait_timeout < 0 || (v->wait_timeout && !v->wait))
		return err_set(err, EINVAL,
			v->wait ? "--wait-timeout is a number of seconds"
				: "--wait-timeout belongs to --wait");
	return 0;
}

static int compose_cmd_up(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct up_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_strv_ char **started = NULL;
	const struct yaml *known;
	struct board b;
	char since[40];
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), since, sizeof(since));
	struct up_options o = { .services = argc ? argv : NULL,
		.scales = v->scales,
		.pull = v->pull,
		.build = v->build,
		.no_build = v->no_build,
		.force_recreate = v->force,
		.no_recreate = v->no_recreate,
		.no_deps = v->no_deps,
		.no_start = v->no_start,
		.remove_orphans = v->orphans || compose_variable("COMPOSE_REMOVE_ORPHANS"),
		.renew_volumes = v->renew,
		.quiet_pull = v->quiet,
		.always_recreate_deps = v->always_deps,
		.ignore_orphans = compose_variable("COMPOSE_IGNORE_ORPHANS"),
		.wait = v->wait,
		.wait_timeout = v->wait_timeout,
		.timeout = v->timeout };
	int rc = up_check(v, err);
	if (rc >= 0)
		rc = compose_open(cli, argv, &e, &p, err);
	if (rc >= 0)
		rc = compose_known(&p, v->attach, err);
	if (rc >= 0)
		rc = compose_known(&p, v->no_attach, err);
	if (rc >= 0)
		rc = up_check_scales(&p, v->scales, err);
	if (rc >= 0 && v->exit_from)
		rc = project_service(&p, v->exit_from, &known, err);
	if (rc < 0)
		return rc;
	compose_board(cli, &b, &p);
	rc = project_up(&e, &p, &o, &b, &started, err);
	bool attached = !v->detach && !v->wait && !v->no_start && !p.dry_run;
	if (rc >= 0 && attached)
		rc = up_attached(&e, &p, v, o.services, started, since, &b, err);
	else if (rc == -EINTR && attached)
		rc = up_interrupted(&e, &p, v->timeout, &b, err);
	board_close(&b);
	return rc;
}

const struct command compose_up = {
	.name = "up",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Create and start containers",
	.example = "minictr compose up -d --build",
	.options = up_options,
	.defaults = &up_defaults,
	.values_size = sizeof(struct up_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_up,
};

/* --- create, scale --- */

static int compose_cmd_create(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	struct up_values v = *(const struct up_values *)values;
	v.no_start = true;
	return compose_cmd_up(cli, &v, argc, argv, err);
}

const struct command compose_create = {
	.name = "create",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Create containers without starting them",
	.example = "minictr compose create",
	.options = up_options,
	.defaults = &up_defaults,
	.values_size = sizeof(struct up_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_create,
};

struct scale_values {
	bool no_deps;
};

static const struct option_def scale_options[] = {
	{ 0, "no-deps", OPT_FLAG, offsetof(struct scale_values, no_deps), NULL,
		"Not what the named services need" },
	{ 0 },
};

static int compose_cmd_scale(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct scale_values *scale = values;
	struct up_values v = {
		.detach = true, .timeout = -1, .no_recreate = true, .no_deps = scale->no_deps
	};
	_cleanup_strv_ char **names = NULL;
	for (int i = 0; i < argc; i++) {
		_cleanup_free_ char *name = xstrndup(argv[i], strcspn(argv[i], "="));
		strv_push(&names, name);
	}
	v.scales = argv;
	return compose_cmd_up(cli, &v, argc, names, err);
}

const struct command compose_scale = {
	.name = "scale",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] SERVICE=NUMBER...",
	.summary = "Change how many containers a service has",
	.example = "minictr compose scale web=3",
	.options = scale_options,
	.values_size = sizeof(struct scale_values),
	.min_args = 1,
	.max_args = ANY_ARGS,
	.run = compose_cmd_scale,
};

/* --- down --- */

struct down_values {
	bool volumes, orphans;
	const char *rmi;
	int timeout;
};

static const struct down_values down_defaults = { .timeout = -1 };

static const struct option_def down_options[] = {
	{ 0, "remove-orphans", OPT_FLAG, offsetof(struct down_values, orphans), NULL,
		"Containers of services that are not in the file, too" },
	{ 0, "rmi", OPT_STRING, offsetof(struct down_values, rmi), "string",
		"Images, too: local (without a name of their own) or all" },
	{ 't', "timeout", OPT_INT, offsetof(struct down_values, timeout), "seconds",
		"Grace before a container is killed" },
	{ 'v', "volumes", OPT_FLAG, offsetof(struct down_values, volumes), NULL,
		"Volumes and their data, too" },
	{ 0 },
};

static int compose_cmd_down(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct down_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	struct board b;
	struct down_options o = {
		.volumes = v->volumes, .remove_orphans = v->orphans, .rmi = v->rmi, .timeout = v->timeout
	};
	if (v->rmi && !str_eq(v->rmi, "all") && !str_eq(v->rmi, "local"))
		return err_set(err, EINVAL, "invalid --rmi \"%s\": known values: all, local", v->rmi);
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc < 0)
		return rc;
	compose_board(cli, &b, &p);
	rc = project_down(&e, &p, &o, &b, err);
	board_close(&b);
	return rc;
}

const struct command compose_down = {
	.name = "down",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS]",
	.summary = "Stop and remove containers and networks",
	.example = "minictr compose down -v",
	.options = down_options,
	.defaults = &down_defaults,
	.values_size = sizeof(struct down_values),
	.run = compose_cmd_down,
};

/* --- stop, start, restart --- */

struct stop_values {
	int timeout;
	bool no_deps;
};

static const struct stop_values stop_defaults = { .timeout = -1 };

static const struct option_def stop_options[] = {
	{ 't', "timeout", OPT_INT, offsetof(struct stop_values, timeout), "seconds",
		"Grace before a container is killed" },
	{ 0 },
};

static const struct option_def restart_options[] = {
	{ 0, "no-deps", OPT_FLAG, offsetof(struct stop_values, no_deps), NULL,
		"Not those that need a named service with restart: true" },
	{ 't', "timeout", OPT_INT, offsetof(struct stop_values, timeout), "seconds",
		"Grace before a container is killed" },
	{ 0 },
};

static int stop_check_names(const struct project *p, char **argv, struct mc_err *err)
{
	const struct yaml *known;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && argv[i]; i++)
		rc = project_service(p, argv[i], &known, err);
	return rc;
}

static int compose_cmd_stop(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct stop_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	struct board b;
	int rc = compose_open(cli, argv, &e, &p, err);
	if (rc >= 0)
		rc = stop_check_names(&p, argv, err);
	if (rc < 0)
		return rc;
	compose_board(cli, &b, &p);
	rc = project_stop(&e, &p, argc ? argv : NULL, v->timeout, &b, err);
	board_close(&b);
	return rc;
}

const struct command compose_stop = {
	.name = "stop",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Stop containers without removing them",
	.example = "minictr compose stop web",
	.options = stop_options,
	.defaults = &stop_defaults,
	.values_size = sizeof(struct stop_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_stop,
};

struct starting {
	struct board *board;
	bool again; /* `restart`: they were stopped for this */
};

/* The containers that are there, each after those it needs; nothing is created or recreated. */
static int start_service(
	struct engine *e, const struct project *p, const char *service, void *data, struct mc_err *err)
{
	const struct starting *s = data;
	char *const only[] = { (char *)service, NULL };
	_cleanup_strv_ char **names = NULL;
	int rc = compose_containers(e, p, only, false, &names, err);
	for (size_t i = 0; rc >= 0 && names && names[i]; i++) {
		_cleanup_free_ char *what = xasprintf("Container %s", names[i]);
		board_report(s->board, what, "Starting");
		rc = p->dry_run ? 0 : hooks_start(e, p, service, names[i], err);
		if (rc >= 0 && s->again && !p->dry_run)
			event_named(e, names[i], "restart");
		board_report(s->board, what, rc < 0 ? "Error" : "Started");
	}
	return rc;
}

static int compose_cmd_start(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	struct board b;
	int rc = compose_open(cli, argv, &e, &p, err);
	if (rc >= 0)
		rc = stop_check_names(&p, argv, err);
	if (rc < 0)
		return rc;
	compose_board(cli, &b, &p);
	rc = schedule_services(
		&e, &p, argc ? argv : NULL, false, &b, start_service, &(struct starting){ &b, false }, err);
	board_close(&b);
	return rc;
}

const struct command compose_start = {
	.name = "start",
	.group = GROUP_LIFE,
	.usage = "[SERVICE...]",
	.summary = "Start containers that were stopped",
	.example = "minictr compose start",
	.max_args = ANY_ARGS,
	.run = compose_cmd_start,
};

/* The named services, and those that depend on one of them with `restart: true`. NULL: all. */
static char **restart_chosen(const struct project *p, int argc, char **argv, bool no_deps)
{
	char **chosen = argc ? strv_copy(argv) : NULL;
	for (size_t c = 0; !no_deps && chosen && chosen[c]; c++)
		for (size_t i = 0; i < p->services->n; i++) {
			const struct yaml *needs = ynode_get(p->services->items[i], "depends_on");
			if (!strv_has(chosen, p->services->keys[i]) &&
				str_eq(ynode_text(ynode_get(ynode_get(needs, chosen[c]), "restart")), "true"))
				strv_push(&chosen, p->services->keys[i]);
		}
	return chosen;
}

static int compose_cmd_restart(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct stop_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	struct board b;
	int rc = compose_open(cli, argv, &e, &p, err);
	if (rc >= 0)
		rc = stop_check_names(&p, argv, err);
	if (rc < 0)
		return rc;
	_cleanup_strv_ char **chosen = restart_chosen(&p, argc, argv, v->no_deps);
	compose_board(cli, &b, &p);
	rc = project_stop(&e, &p, chosen, v->timeout, &b, err);
	if (rc >= 0)
		rc = schedule_services(
			&e, &p, chosen, false, &b, start_service, &(struct starting){ &b, true }, err);
	board_close(&b);
	return rc;
}

const struct command compose_restart = {
	.name = "restart",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Stop and start containers",
	.example = "minictr compose restart -t 3 web",
	.options = restart_options,
	.defaults = &stop_defaults,
	.values_size = sizeof(struct stop_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_restart,
};
