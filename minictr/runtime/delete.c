/*
 * delete.c - removes what create made: processes, cgroup, state. Safe after a crash at any moment.
 *
 * Order: processes first (a cgroup with processes cannot be removed), then the cgroup, then hooks, the state
 * last: while it exists, a second delete finds what the first did not finish.
 */
#include "runtime/delete.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "runtime/cgroup.h"
#include "runtime/config.h"
#include "runtime/state.h"
#include "runtime/tail.h"

/* Kills the first process and waits for its end (its parent reaps it). Thaws a paused one first. */
static int end_process(const struct state *s, struct mc_err *err)
{
	struct mc_err gone = { 0 };
	struct cgroup cg = { 0 };
	_cleanup_close_ int pidfd = s->status == STATUS_STOPPED ? -1 : state_pidfd(s, &gone);
	if (pidfd < 0)
		return 0;
	int rc = sys_pidfd_send_signal(pidfd, SIGKILL, &gone);
	if (rc < 0 && rc != -ESRCH) {
		*err = gone;
		return rc;
	}
	if (*s->cgroup && cgroup_open(&cg, s->cgroup, &gone) >= 0) {
		if (cgroup_is_frozen(&cg))
			cgroup_freeze(&cg, false, &gone);
		cgroup_close(&cg);
	}
	struct pollfd wait = { .fd = pidfd, .events = POLLIN };
	if (poll(&wait, 1, 1000) == 0)
		cgroup_thaw_process(s->pid); /* moved by another program into a freezer of its own */
	if (poll(&wait, 1, 10000) == 0)
		return err_set(err, ETIMEDOUT, "process %d of container \"%s\" does not end after SIGKILL",
			s->pid, s->id);
	return 0;
}

static int remove_cgroup(const struct state *s, struct mc_err *err)
{
	struct cgroup cg = { 0 };
	struct mc_err missing = { 0 };
	if (!*s->cgroup || cgroup_trees(&cg, s->cgroup, &missing) < 0)
		return 0;
	int rc = cgroup_remove(&cg, err);
	/* Without a cgroupsPath the parent directory is ours too: the last container removes it. */
	for (size_t i = 0; i < cg.n && str_starts(s->cgroup, "/minictr-oci/"); i++) {
		_cleanup_free_ char *above = xasprintf("%s/minictr-oci", cg.tree[i].mount);
		if (rmdir(above) < 0 && errno == ENOENT)
			break; /* cgroup_remove() has done it already, in all trees */
	}
	return rc;
}

static void run_poststop(const struct state *s, int dir)
{
	struct config c = { 0 };
	struct mc_err ignored = { 0 };
	if (!state_has_hook(s, "poststop"))
		return;
	if (config_load_kept(dir, s->bundle, &c, &ignored) >= 0) {
		struct json *oci = state_oci(s);
		_cleanup_free_ char *text = json_dump(oci, false);
		tail_hooks(&c, HOOK_POSTSTOP, text, &ignored);
		json_free(oci);
	}
	config_release(&c);
}

static int remove_all(
	const char *root, const char *id, struct state *s, int dir, bool force, struct mc_err *err)
{
	int rc;
	if (!force && s->status != STATUS_STOPPED && s->status != STATUS_CREATED) {
		err_set(err, EBUSY, "cannot delete container \"%s\" that is not stopped: %s", id,
			state_status_name(s->status));
		return err_hint(err, "kill it first, or use --force");
	}
	if ((rc = end_process(s, err)) < 0 || (rc = remove_cgroup(s, err)) < 0)
		return rc;
	s->status = STATUS_STOPPED;
	run_poststop(s, dir);
	return state_remove(root, id, err);
}

int delete_container(const char *root, const char *id, bool force, struct mc_err *err)
{
	_cleanup_state_ struct state s = { 0 };
	struct mc_err why = { 0 };
	explain_step("delete.all", 2,
		"processes first, because a cgroup with processes cannot be removed; the state last");
	_cleanup_close_ int dir = state_open(root, id, &why);
	if (dir == -ENOENT && force)
		return 0;
	if (dir < 0) {
		*err = why;
		return dir;
	}
	int rc = state_read(dir, &s, &why);
	if (rc >= 0)
		return remove_all(root, id, &s, dir, force, err);
	if (force) /* a create that died before it had written anything, or a broken file */
		return state_remove(root, id, err);
	*err = why;
	return rc;
}
