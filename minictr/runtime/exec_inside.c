/*
 * exec_inside.c - the second half of exec: from the child in the container's pid namespace to its program.
 *
 * The table is init.c's without its middle: no mounts are made, because there is a container already.
 * Programs inside can watch and disturb this process, so it trusts no path, and it closes the host's
 * descriptors first.
 */
#include "runtime/exec_inside.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/road.h"
#include "base/sys.h"
#include "base/warn.h"
#include "runtime/become.h"
#include "runtime/inherit.h"
#include "runtime/process.h"
#include "runtime/tail.h"
#include "runtime/terminal.h"

static road_run exec_enter_cgroup, exec_default_signals, exec_close_foreign, exec_join_cgroup_namespace,
	exec_own_session, exec_become_root, exec_own_streams, exec_become, exec_program;
static road_needed exec_has_cgroup_to_enter, exec_joins_cgroup_namespace, exec_joins_user_namespace;

static const struct road_step exec_inside_steps[] = {
	{ exec_enter_cgroup, NULL, exec_has_cgroup_to_enter, "exec.cgroup", 3,
		"first of all: what this process uses counts from here on" },
	{ exec_default_signals, NULL, NULL, "exec.signals", 0,
		"a signal that our caller ignores would stay ignored in the program" },
	{ exec_close_foreign, NULL, NULL, "exec.close", 2,
		"no descriptor of the host may be open where the container can look" },
	{ exec_join_cgroup_namespace, NULL, exec_joins_cgroup_namespace, "exec.cgroup_namespace", 2,
		"after the cgroup is entered: a process in this namespace cannot enter it any more" },
	{ exec_own_session, NULL, NULL, "exec.session", 0,
		"signals of the caller's terminal are not for us" },
	{ exec_become_root, NULL, exec_joins_user_namespace, "exec.userns", 11,
		"root of the container's user namespace, and an ordinary id outside" },
	{ exec_own_streams, NULL, NULL, "exec.streams", 1,
		"standard streams are a terminal of the container or pipes, never a file of the host" },
	{ exec_become, NULL, NULL, "exec.become", 11, "privileges go last: every step above needed some" },
	{ exec_program, NULL, NULL, "exec.program", 0, "the program takes this process over" },
};

int exec_inside(void *data)
{
	struct exec_trip *t = data;
	struct mc_err err = { 0 };
	explain_who("exec");
	warn_to(warn_drop); /* our standard error is the program's from here on */
	road_walk(exec_inside_steps, ARRAY_LEN(exec_inside_steps), t, &err);
	(void)!write(t->sync[1], &err, sizeof(err)); /* only reached when something failed */
	return 1;
}

/* On cgroup2 the clone put us inside (CLONE_INTO_CGROUP); on version 1 we enter each tree here. */
static bool exec_has_cgroup_to_enter(const void *trip)
{
	const struct exec_trip *t = trip;
	return t->cgroup.n && !t->cgroup.v2;
}

static int exec_enter_cgroup(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	return cgroup_enter(&t->cgroup, err);
}

static int exec_default_signals(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	inherit_signals(t->ignored);
	return 0;
}

static int exec_close_foreign(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	int keep[] = { t->sync[1], t->console, t->target, t->tail_fd, explain_seal() };
	return close_all_but(keep, ARRAY_LEN(keep), t->o->preserve, err);
}

static bool exec_joins_cgroup_namespace(const void *trip)
{
	return ((const struct exec_trip *)trip)->join & CLONE_NEWCGROUP;
}

static int exec_join_cgroup_namespace(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	return sys_setns(t->target, CLONE_NEWCGROUP, err);
}

static int exec_own_session(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	close_fd(t->target); /* was needed for the last namespace */
	return sys_setsid(err);
}

static bool exec_joins_user_namespace(const void *trip)
{
	return ((const struct exec_trip *)trip)->join & CLONE_NEWUSER;
}

static int exec_become_root(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	return become_mapped_root(&t->config, err);
}

static int exec_own_streams(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	_cleanup_close_ int root = sys_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, err);
	if (root < 0 || t->console < 0)
		return root < 0 ? root : inherit_streams(&t->config, &t->process, root, err);
	int rc = terminal_open(&t->process, root, t->console, false, err);
	t->console = close_fd(t->console);
	return rc;
}

static int exec_become(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	return become(&t->config, &t->process, &t->filter, err);
}

static int exec_program(void *trip, struct mc_err *err)
{
	struct exec_trip *t = trip;
	_cleanup_free_ char *file = NULL;
	int rc = process_find(t->process.args[0], t->process.env, &file, err);
	if (rc < 0 || (rc = close_at_exec(t->o->preserve, err)) < 0)
		return rc;
	char **env = tail_env(&t->process);
	if ((rc = become_last(&t->filter, !t->filter_memory.owned, err)) < 0)
		return rc;
	rc = sys_execve(file, t->process.args, env, err);
	return process_refused(err, file, rc);
}
