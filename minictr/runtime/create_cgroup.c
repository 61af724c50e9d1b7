/*
 * create_cgroup.c - three steps of create.c: whether a container gets a cgroup, who makes it, and its limits.
 *
 * Three owners are possible: we make it ourselves below our own place in the tree; systemd makes a scope
 * (--systemd-cgroup), because on its hosts the tree is systemd's and an unprivileged user may only ask for
 * one; or this machine allows none, and a container without limits runs without a cgroup.
 *
 * Kernel objects: directories of cgroupfs (cgroups(7)).
 */
#include "runtime/create_trip.h"

#include <unistd.h>

#include "runtime/caps.h"
#include "runtime/state.h"
#include "runtime/tail.h"

bool create_any_limit(const struct config_limits *l)
{
	static const struct config_limits none;
	return memcmp(l, &none, sizeof(none)) != 0;
}

static const char *create_cgroup_of(const struct create_trip *t)
{
	return json_text_of(json_member(t->state, "cgroup"));
}

bool create_wants_cgroup(const void *trip) { return *create_cgroup_of(trip); }

/* systemd makes a scope; we open it and complete it in the v1 trees that systemd does not use. */
static int create_make_scope(struct create_trip *t, struct mc_err *err)
{
	_cleanup_free_ char *path = NULL;
	int rc = tail_systemd_begin(&t->config, t->o->id, &path, err);
	if (rc < 0)
		return rc;
	json_set_string(t->state, "cgroup", path);
	if ((rc = state_write(t->dir, t->state, 0, err)) < 0 ||
		(rc = cgroup_trees(&t->cgroup, path, err)) < 0)
		return rc;
	return t->cgroup.v2 ? cgroup_open(&t->cgroup, path, err) : cgroup_create(&t->cgroup, path, err);
}

/*
 * Can the container do without a cgroup, when making it failed with `code`? Not when config.json asks for
 * limits. Else yes where this machine gives us none: an unprivileged user without delegation (EACCES,
 * EPERM), a read-only /sys/fs/cgroup as inside most containers (EROFS), no cgroup file system at all
 * (ENOENT). EPERM for full root is a real failure.
 */
static bool create_may_do_without(const struct create_trip *t, int code)
{
	if (create_any_limit(&t->config.limits))
		return false;
	if (code == -EPERM)
		return geteuid() != 0 || !caps_have(21 /* CAP_SYS_ADMIN */);
	return code == -EACCES || code == -EROFS || code == -ENOENT;
}

int create_make_cgroup(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	struct mc_err refused = { 0 };
	if (t->o->systemd_cgroup)
		return create_make_scope(t, err);
	int rc = cgroup_create(&t->cgroup, create_cgroup_of(t), &refused);
	if (rc >= 0)
		return rc;
	if (create_may_do_without(t, rc)) {
		t->cgroup.n = 0;
		json_set_string(t->state, "cgroup", "");
		return 0;
	}
	*err = refused;
	if (rc == -EACCES)
		err_hint(err,
			"limits without root: let your own systemd make the cgroup, with --systemd-cgroup");
	return rc;
}

/*
 * Removes only what we made: an older directory may hold other processes, and cgroup_remove() would kill
 * them. systemd's scope is made for us.
 */
void create_remove_cgroup(void *trip)
{
	struct create_trip *t = trip;
	struct mc_err ignored = { 0 };
	struct cgroup ours = t->cgroup;
	ours.n = 0;
	for (size_t i = 0; i < t->cgroup.n; i++)
		if (t->cgroup.tree[i].made || t->o->systemd_cgroup)
			ours.tree[ours.n++] = t->cgroup.tree[i];
		else
			close_fd(t->cgroup.tree[i].dir);
	t->cgroup.n = 0;
	if (ours.n)
		cgroup_remove(&ours, &ignored);
}

bool create_has_cgroup(const void *trip) { return ((const struct create_trip *)trip)->cgroup.n > 0; }

int create_set_limits(void *trip, struct mc_err *err)
{
	struct create_trip *t = trip;
	int rc = cgroup_apply(&t->cgroup, &t->config.limits, err);
	t->in.cgroup = t->cgroup.v2 ? NULL : &t->cgroup;
	return rc < 0 ? rc : tail_cgroup(&t->config, &t->cgroup, err);
}
