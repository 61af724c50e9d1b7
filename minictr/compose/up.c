/*
 * up.c - the road of `compose up`.
 *
 * Order and why: what can be refused is refused first (loading did that); networks and volumes before
 * containers, since a container names them; images before the first container is touched, so that a failing
 * build changes nothing that runs; then the list of what must be done, made once from one look at the
 * engine; then each service after those it needs.
 */
#include "compose/up.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/warn.h"
#include "compose/graph.h"
#include "compose/service_hooks.h"
#include "compose/resources.h"
#include "compose/wait.h"
#include "engine/create.h"
#include "engine/start.h"
#include "engine/stop.h"
#include "image/image.h"

struct up_trip {
	struct engine *engine;
	const struct project *project;
	const struct up_options *options;
	struct board *board;
	struct actions actions;
};

/* --- which services --- */

char **project_choose(const struct project *p, char *const named[], bool no_deps)
{
	char **chosen = named && named[0] ? strv_copy(named) : NULL;
	for (size_t i = 0; !no_deps && chosen && chosen[i]; i++) {
		const struct yaml *needs = ynode_get(ynode_get(p->services, chosen[i]), "depends_on");
		for (size_t k = 0; needs && k < needs->n; k++)
			if (!strv_has(chosen, needs->keys[k]))
				strv_push(&chosen, needs->keys[k]);
	}
	return chosen;
}

/* --- what must be done --- */

static char *up_image_id(struct engine *e, const char *name)
{
	struct mc_err absent = { 0 };
	_cleanup_image_ struct image image = { 0 };
	int store = engine_store(e, &absent);
	return store >= 0 && image_lookup(store, name, &image, &absent) >= 0 ? xstrdup(image.id.text) : NULL;
}

/* A service whose namespaces or volumes this one uses is about to be made anew. */
static bool up_parent_changes(const struct project *p, const char *name, const struct actions *so_far)
{
	static const char *const keys[] = { "network_mode", "ipc", "pid" };
	const struct yaml *s = ynode_get(p->services, name), *from = ynode_get(s, "volumes_from");
	for (size_t i = 0; i < so_far->n; i++) {
		const struct action *a = &so_far->items[i];
		if (a->kind != ACTION_RECREATE && a->kind != ACTION_CREATE)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
			const char *mode = ynode_text(ynode_get(s, keys[k]));
			if (mode && str_starts(mode, "service:") &&
				str_eq(mode + strlen("service:"), a->service))
				return true;
		}
		for (size_t k = 0; from && k < from->n; k++)
			if (str_starts(ynode_text(from->items[k]), a->service))
				return true;
	}
	return false;
}

/* A kept container whose dependency is made anew, and that said `restart: true` of it. */
static bool up_must_restart(const struct project *p, const char *name, const struct actions *so_far)
{
	const struct yaml *needs = ynode_get(ynode_get(p->services, name), "depends_on");
	for (size_t i = 0; needs && i < needs->n; i++)
		for (size_t k = 0; k < so_far->n; k++)
			if (str_eq(ynode_text(ynode_get(needs->items[i], "restart")), "true") &&
				str_eq(so_far->items[k].service, needs->keys[i]) &&
				(so_far->items[k].kind == ACTION_RECREATE ||
					so_far->items[k].kind == ACTION_RESTART))
				return true;
	return false;
}

/* In order of dependence, so that what a parent's change means for its children is known in time. */
int project_plan(struct engine *e, struct project *p, const struct up_options *o, struct actual *have,
	struct actions *ret, struct mc_err *err)
{
	struct graph g;
	_cleanup_strv_ char **chosen = project_choose(p, o->services, o->no_deps);
	graph_of_project(p, &g);
	_cleanup_free_ int *order = xcalloc(g.n + 1, sizeof(int));
	int rc = graph_order(&g, order, err);
	*ret = (struct actions){ 0 };
	for (size_t i = 0; rc >= 0 && i < g.n; i++) {
		const char *name = g.names[order[i]];
		char hash[SERVICE_HASH_LEN + 1];
		struct actions some = { 0 };
		if (chosen && !strv_has(chosen, name))
			continue;
		_cleanup_free_ char *image = service_image(p, name), *id = up_image_id(e, image);
		service_hash(p, name, hash);
		struct wanted_service w = { .name = name,
			.scale = service_scale(ynode_get(p->services, name), name, o->scales),
			.hash = hash,
			.image_id = id,
			.renew = up_parent_changes(p, name, ret),
			.kept = o->no_recreate,
			.forced = !o->services || strv_has((char **)o->services, name)
					  ? o->force_recreate
					  : o->always_recreate_deps };
		struct model one = { &w, 1 };
		bool restart = up_must_restart(p, name, ret);
		rc = reconcile(&one, have, &some, err);
		for (size_t k = 0; rc >= 0 && k < some.n; k++) {
			bool again = restart && some.items[k].kind == ACTION_KEEP;
			actions_add(ret, again ? ACTION_RESTART : some.items[k].kind, name,
				some.items[k].number, some.items[k].c,
				again ? "a service that it needs (restart: true) is made anew"
				      : some.items[k].why);
		}
		actions_release(&some);
	}
	graph_release(&g);
	return rc;
}

/* --- one action --- */

static void up_report(const struct up_trip *t, const char *container, const char *state)
{
	char what[300];
	snprintf(what, sizeof(what), "Container %.280s", container);
	board_report(t->board, what, state);
}

/* Is this an anonymous volume at that place: `volumes: [/data]` of the service? */
static bool up_is_anonymous_at(const char *mount, const char *place)
{
	const char *target = strstr(mount, "target=");
	size_t n = strlen(place);
	return str_starts(mount, "type=volume") && !strstr(mount, "source=") && target &&
	       !strncmp(target + strlen("target="), place, n) &&
	       strchr(",\"", target[strlen("target=") + n]) != NULL;
}

/* Data in volumes without a name moves to the new container; `-V` makes new ones. */
static void up_keep_volumes(const struct container *old, struct run_options *o)
{
	const struct json *points = json_member(old->doc, "Mounts");
	for (size_t i = 0; i < json_len(points); i++) {
		const struct json *p = json_item(points, i);
		const char *place = json_text_of(json_member(p, "Destination"));
		if (!json_member(p, "Anonymous"))
			continue;
		/* the service asks for one there: the old one takes the place of a new one */
		for (size_t k = 0, kept = 0; o->mounts && o->mounts[k]; k = kept) {
			if (!up_is_anonymous_at(o->mounts[k], place)) {
				kept = k + 1;
				continue;
			}
			free(o->mounts[k]);
			for (size_t m = k; o->mounts[m]; m++)
				o->mounts[m] = o->mounts[m + 1];
		}
		strv_pushf(&o->mounts, "type=volume,source=%s,\"target=%s\"",
			json_text_of(json_member(p, "Name")), place);
	}
}

static int up_start(const struct up_trip *t, const char *service, const char *container, struct mc_err *err)
{
	if (t->options->no_start)
		return 0;
	up_report(t, container, "Starting");
	int rc = t->project->dry_run ? 0 : hooks_start(t->engine, t->project, service, container, err);
	up_report(t, container, rc < 0 ? "Error" : "Started");
	return rc < 0 ? err_wrap(err, "container %s", container) : 0;
}

static int up_create(const struct up_trip *t, const struct action *a, struct mc_err *err)
{
	struct run_options o;
	char id[CONTAINER_ID_LEN + 1];
	if (t->project->dry_run) {
		_cleanup_free_ char *name = service_container_name(t->project, a->service, a->number);
		up_report(t, name, a->c ? "Recreated" : "Created");
		return 0;
	}
	run_options_init(&o);
	int rc = service_options(t->engine, t->project, a->service, a->number, false, &o, err);
	if (rc >= 0 && a->c && !t->options->renew_volumes)
		up_keep_volumes(a->c, &o);
	if (rc >= 0)
		up_report(t, o.name, a->c ? "Recreate" : "Creating");
	if (rc >= 0)
		rc = container_create(t->engine, &o, id, err);
	if (rc >= 0)
		up_report(t, o.name, a->c ? "Recreated" : "Created");
	run_options_release(&o);
	return rc < 0 ? err_wrap(err, "service %s", a->service) : 0;
}

static int up_stop(const struct up_trip *t, const struct container *c, struct mc_err *err)
{
	up_report(t, c->name, "Stopping");
	if (t->project->dry_run || !container_is_active(c))
		return 0;
	return hooks_stop(t->engine, t->project, c, t->options->timeout, err);
}

static int up_remove(const struct up_trip *t, const struct container *c, struct mc_err *err)
{
	int rc = up_stop(t, c, err);
	return rc < 0 || t->project->dry_run ? rc : container_remove(t->engine, c->id, REMOVE_FORCE, err);
}

/*
 * The old one gets another name, so that the new one can be created beside it: should that fail, the old
 * one is still there and gets its name back. Ports and addresses are given at the start, when the old one
 * is gone.
 */
static int up_recreate(const struct up_trip *t, const struct action *a, struct mc_err *err)
{
	_cleanup_free_ char *name = service_container_name(t->project, a->service, a->number);
	_cleanup_free_ char *aside = xasprintf("%.12s_%s", a->c->id, a->c->name);
	struct mc_err ignored = { 0 };
	int rc = t->project->dry_run ? 0 : container_rename(t->engine, a->c->id, aside, err);
	if (rc < 0)
		return rc;
	rc = up_create(t, a, err);
	if (rc < 0) {
		container_rename(t->engine, a->c->id, a->c->name, &ignored);
		return rc;
	}
	rc = up_remove(t, a->c, err);
	return rc < 0 ? rc : up_start(t, a->service, name, err);
}

static int up_act(const struct up_trip *t, const struct action *a, struct mc_err *err)
{
	_cleanup_free_ char *name = service_container_name(t->project, a->service, a->number);
	int rc = 0;
	switch (a->kind) {
	case ACTION_KEEP: up_report(t, a->c->name, "Running"); break;
	case ACTION_START: rc = up_start(t, a->service, a->c->name, err); break;
	case ACTION_CREATE:
		rc = up_create(t, a, err);
		rc = rc < 0 ? rc : up_start(t, a->service, name, err);
		break;
	case ACTION_RECREATE: rc = up_recreate(t, a, err); break;
	case ACTION_RESTART:
		rc = up_stop(t, a->c, err);
		rc = rc < 0 ? rc : up_start(t, a->service, a->c->name, err);
		break;
	case ACTION_REMOVE:
		rc = up_remove(t, a->c, err);
		up_report(t, a->c->name, "Removed");
		break;
	}
	return rc;
}

/* --- one service --- */

static int up_wait_for(
	const struct up_trip *t, const char *service, const struct yaml *need, struct mc_err *err)
{
	struct actual have;
	enum service_condition condition = service_condition_parse(ynode_text(ynode_get(need, "condition")));
	bool required = !str_eq(ynode_text(ynode_get(need, "required")), "false");
	int rc = condition == SERVICE_STARTED ? 0 : actual_read(t->engine, t->project->name, &have, err);
	if (rc < 0 || condition == SERVICE_STARTED)
		return rc;
	for (size_t i = 0; rc >= 0 && i < have.n; i++) {
		const struct actual_container *a = &have.items[i];
		if (a->oneoff || !str_eq(a->service, service))
			continue;
		up_report(t, a->c->name, "Waiting");
		signal(SIGTERM, SIG_DFL); /* nothing is half-made here: an interrupted `up` ends it */
		rc = t->project->dry_run ? 0 : service_wait(t->engine, a->c->id, condition, err);
		signal(SIGTERM, SIG_IGN);
		up_report(t, a->c->name,
			rc < 0                         ? "Error"
			: condition == SERVICE_HEALTHY ? "Healthy"
						       : "Exited");
	}
	actual_release(&have);
	if (rc < 0 && !required) {
		warn_user("optional dependency %s failed: %s", service, err->what);
		rc = 0;
	}
	return rc;
}

static int up_service(
	struct engine *e, const struct project *p, const char *service, void *data, struct mc_err *err)
{
	const struct up_trip *t = data;
	const struct yaml *needs = ynode_get(ynode_get(p->services, service), "depends_on");
	bool anything = false;
	int rc = 0;
	for (size_t i = 0; i < t->actions.n; i++)
		anything = anything || (str_eq(t->actions.items[i].service, service) &&
					       t->actions.items[i].kind != ACTION_KEEP &&
					       t->actions.items[i].kind != ACTION_REMOVE);
	for (size_t i = 0;
		rc >= 0 && anything && !t->options->no_start && !t->options->no_deps && needs && i < needs->n;
		i++)
		rc = up_wait_for(t, needs->keys[i], needs->items[i], err);
	for (size_t i = 0; rc >= 0 && i < t->actions.n; i++)
		if (str_eq(t->actions.items[i].service, service))
			rc = up_act(t, &t->actions.items[i], err);
	return rc;
}

/* --- orphans --- */

static int up_orphans(struct up_trip *t, const struct actual *have, struct mc_err *err)
{
	_cleanup_buf_ struct buf names = { 0 };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < have->n; i++) {
		const struct actual_container *a = &have->items[i];
		if (a->oneoff || ynode_get(t->project->services, a->service) ||
			strv_has(t->project->off, a->service))
			continue;
		if (t->options->remove_orphans) {
			rc = up_remove(t, a->c, err);
			up_report(t, a->c->name, "Removed");
		}
		buf_addf(&names, "%s%s", names.len ? " " : "", a->c->name);
	}
	if (names.len && !t->options->remove_orphans && !t->options->ignore_orphans)
		warn_user("Found orphan containers ([%s]) for this project. If you removed or renamed this "
			  "service in your compose file, "
			  "you can run this command with the --remove-orphans flag to clean it up.",
			names.data);
	board_drain(t->board);
	return rc;
}

/* --- the road --- */

static bool up_changes_anything(const struct actions *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->items[i].kind != ACTION_KEEP)
			return true;
	return false;
}

/* A service failed: those that were to come after it are created, and show as such (`ps -a`). */
static void up_create_rest(const struct up_trip *t)
{
	for (size_t i = 0; i < t->actions.n; i++) {
		const struct action *a = &t->actions.items[i];
		_cleanup_free_ char *name = service_container_name(t->project, a->service, a->number);
		_cleanup_container_ struct container c = { 0 };
		struct mc_err ignored = { 0 };
		if (a->kind == ACTION_CREATE && container_find(t->engine, name, &c, &ignored) == -ENOENT)
			up_create(t, a, &ignored);
	}
	board_drain(t->board);
}

/* --wait-timeout: until it is known how the wait ends (service_wait() then says it), or the time is over. */
static int up_wait_until(const struct up_trip *t, const char *name, uint64_t end, struct mc_err *err)
{
	for (;;) {
		_cleanup_container_ struct container c = { 0 };
		int rc = t->options->wait_timeout ? container_find(t->engine, name, &c, err) : -1;
		if (rc < 0 || !container_is_active(&c) || !str_eq(c.health, "starting"))
			return 0;
		if (now_ns(CLOCK_MONOTONIC) > end)
			return err_set(err, ETIMEDOUT,
				"application not healthy after %ds: container %s is %s",
				t->options->wait_timeout, c.name, c.health);
		poll(NULL, 0, 100);
	}
}

static int up_wait_all(struct up_trip *t, char *const started[], struct mc_err *err)
{
	uint64_t end = now_ns(CLOCK_MONOTONIC) + (uint64_t)t->options->wait_timeout * 1000000000;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && t->options->wait && !t->project->dry_run && started && started[i];
		i++) {
		_cleanup_container_ struct container c = { 0 };
		rc = container_find(t->engine, started[i], &c, err);
		if (rc >= 0)
			rc = up_wait_until(t, started[i], end, err);
		if (rc >= 0 && c.health)
			rc = service_wait(t->engine, started[i], SERVICE_HEALTHY, err);
		else if (rc >= 0 && c.status == CONTAINER_EXITED && c.exit_code)
			rc = err_set(err, ECANCELED, "container %s exited (%d)", c.name, c.exit_code);
		if (rc >= 0 && c.health)
			up_report(t, c.name, "Healthy");
	}
	board_drain(t->board);
	return rc;
}

int project_up(struct engine *e, struct project *p, const struct up_options *o, struct board *b,
	char ***ret_started, struct mc_err *err)
{
	struct up_trip t = { .engine = e, .project = p, .options = o, .board = b };
	struct actual have = { 0 };
	_cleanup_strv_ char **chosen = project_choose(p, o->services, o->no_deps), **started = NULL;
	const struct yaml *known;
	int rc = 0;
	for (size_t i = 0; rc >= 0 && o->services && o->services[i]; i++)
		rc = project_service(p, o->services[i], &known, err);
	if (rc >= 0)
		rc = actual_read(e, p->name, &have, err);
	if (rc >= 0)
		rc = images_prepare(e, p, o, chosen, b, err);
	if (rc >= 0)
		rc = project_plan(e, p, o, &have, &t.actions, err);
	if (rc >= 0)
		rc = up_orphans(&t, &have, err);
	if (rc >= 0 && up_changes_anything(&t.actions)) {
		rc = networks_make(e, p, b, err);
		if (rc >= 0)
			rc = volumes_make_all(e, p, b, err);
		if (rc >= 0)
			rc = schedule_services(e, p, chosen, false, b, up_service, &t, err);
		if (rc == -ECANCELED)
			up_create_rest(&t);
	} else {
		for (size_t i = 0; rc >= 0 && i < t.actions.n; i++)
			up_act(&t, &t.actions.items[i], err); /* all kept: only told */
		board_drain(b);
	}
	for (size_t i = 0; i < t.actions.n; i++) {
		_cleanup_free_ char *name =
			service_container_name(p, t.actions.items[i].service, t.actions.items[i].number);
		if (t.actions.items[i].kind != ACTION_REMOVE)
			strv_push(&started, name);
	}
	if (rc >= 0)
		rc = up_wait_all(&t, started, err);
	if (rc >= 0 && ret_started)
		*ret_started = take_ptr(&started);
	actions_release(&t.actions);
	actual_release(&have);
	return rc;
}
