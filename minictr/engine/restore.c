/*
 * restore.c - containers that come back: by their restart policy, and at boot; and the door for `minictr
 * internal`.
 *
 * Man pages: flock(2). Order and why: at boot what was half made or half removed is swept first, then each
 * container is repaired before it may start. One that cannot start does not keep the others from it.
 */
#include "engine/restore.h"

#include "base/file.h"
#include "base/warn.h"
#include "engine/cleanup.h"
#include "engine/networks.h"
#include "engine/start.h"
#include "engine/stop.h"

/* --- restart policy --- */

/* `minictr internal restart ID`: the monitor's back-off is over. */
static int container_restart_policy(struct engine *e, const char *id, struct mc_err *err)
{
	struct start_options o = { .restart = true };
	int code;
	int rc = container_start(e, id, &o, &code, err);
	/* No caller listens: the record keeps the reason (give_up in start.c). */
	if (rc < 0) {
		_cleanup_container_ struct container c = { 0 };
		struct mc_err ignored = { 0 };
		_cleanup_close_ int lock = container_lock(e, id, &ignored);
		if (lock >= 0 && container_load(e, id, &c, &ignored) == 0 && c.status == CONTAINER_CREATED) {
			c.status = CONTAINER_EXITED;
			container_save_state(e, &c, &ignored);
		}
	}
	return rc;
}

/* --- boot --- */

static bool starts_at_boot(const struct container *c)
{
	const char *name = json_text_of(json_at(c->host, "RestartPolicy.Name"));
	if (container_is_active(c))
		return false;
	if (str_eq(name, "always"))
		return c->started != 0;
	if (str_eq(name, "unless-stopped"))
		return c->started && !c->stopped_by_user;
	return str_eq(name, "on-failure") && c->stale && c->exit_code;
}

/*
 * `minictr internal restore`: repairs all, then starts "always" and (unless stopped by hand)
 * "unless-stopped".
 */
static int engine_restore(struct engine *e, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list all = { 0 };
	sweep_removed(e, true);
	int rc = container_list(e, &all, err);
	for (size_t i = 0; rc >= 0 && i < all.count; i++) {
		const struct container *c = &all.items[i];
		struct start_options o = { 0 };
		struct mc_err one = { 0 };
		int code;
		bool start = starts_at_boot(c);
		/* `run --rm` was killed between create and start: it will never be started. */
		if (c->status == CONTAINER_CREATED && container_flag(c->host, "AutoRemove"))
			container_remove(e, c->id, 0, &one);
		if (c->stale)
			container_cleanup(e, c->id, &one);
		if (start && container_start(e, c->id, &o, &code, &one) < 0)
			warn_user("container %s is not started: %s", c->name, one.what);
	}
	return rc;
}

/* --- the door --- */

int engine_internal(struct engine *e, int argc, char *const argv[])
{
	struct mc_err err = { 0 };
	const char *verb = argc > 0 ? argv[0] : "", *id = argc > 1 ? argv[1] : NULL;
	int rc;
	if (str_eq(verb, "cleanup") && id)
		rc = container_cleanup(e, id, &err);
	else if (str_eq(verb, "restart") && id)
		rc = container_restart_policy(e, id, &err);
	else if (str_eq(verb, "health") && id)
		rc = container_health(e, id, NULL, &err);
	else if (str_eq(verb, "restore"))
		rc = engine_restore(e, &err);
	else if (str_eq(verb, "network-down"))
		net_down(e), rc = 0;
	else
		rc = err_set(
			&err, EINVAL, "internal: cleanup ID, restart ID, health ID, restore or network-down");
	if (rc < 0)
		err_print(&err, NULL);
	return rc < 0 ? 1 : 0;
}
