/*
 * down.c - stops or removes a project: stop and down.
 *
 * Order and why: dependents stop first, because a web server whose database is gone writes errors until it
 * stops. Containers that do not need each other stop at the same time. Networks go when no container is in
 * them. Volumes go only on request: data must outlive containers.
 */
#include <stdlib.h>

#include "compose/graph.h"
#include "compose/service_hooks.h"
#include "compose/resources.h"
#include "compose/secret_files.h"
#include "base/tool.h"
#include "compose/up.h"
#include "engine/stop.h"

struct down_trip {
	const struct actual *have;
	struct board *board;
	int timeout;
	bool remove;
	bool volumes;
};

static void down_report(const struct down_trip *t, const struct container *c, const char *state)
{
	_cleanup_free_ char *what = xasprintf("Container %s", c->name);
	board_report(t->board, what, state);
}

static int down_one(struct engine *e, const struct project *p, const struct down_trip *t,
	const struct container *c, struct mc_err *err)
{
	int rc = 0;
	if (container_is_active(c)) {
		down_report(t, c, "Stopping");
		if (!p->dry_run)
			rc = hooks_stop(e, p, c, t->timeout, err);
		if (rc >= 0)
			down_report(t, c, "Stopped");
	}
	if (t->remove) { /* also when a hook failed: the project has to go */
		struct mc_err second = { 0 };
		int removed = 0;
		down_report(t, c, "Removing");
		if (!p->dry_run)
			removed = container_remove(e, c->id, REMOVE_FORCE | (t->volumes ? REMOVE_VOLUMES : 0),
				rc < 0 ? &second : err);
		if (removed == -ENOENT) /* --rm, or another `down` was quicker */
			removed = 0;
		down_report(t, c, removed < 0 ? "Error" : "Removed");
		rc = rc < 0 ? rc : removed;
	}
	return rc;
}

static int down_service(
	struct engine *e, const struct project *p, const char *service, void *data, struct mc_err *err)
{
	const struct down_trip *t = data;
	int worst = 0;
	for (size_t i = 0; i < t->have->n; i++) {
		const struct actual_container *a = &t->have->items[i];
		if (a->oneoff || !str_eq(a->service, service))
			continue;
		int rc = down_one(e, p, t, a->c, err);
		worst = rc < 0 ? rc : worst; /* the others go all the same */
	}
	return worst;
}

/*
 * Services that the file does not know: without a file, or taken out of it. They go first: nothing is
 * known of their order.
 */
static int down_unknown(
	struct engine *e, const struct project *p, const struct down_trip *t, struct mc_err *err)
{
	int worst = 0;
	for (size_t i = 0; i < t->have->n; i++) {
		const struct actual_container *a = &t->have->items[i];
		if (a->oneoff || (p->services && ynode_get(p->services, a->service)))
			continue;
		if (p->services && strv_has(p->off, a->service))
			continue;
		int rc = down_one(e, p, t, a->c, err);
		board_drain(t->board);
		worst = rc < 0 ? rc : worst;
	}
	return worst;
}

int project_stop(struct engine *e, const struct project *p, char *const services[], int timeout,
	struct board *b, struct mc_err *err)
{
	struct actual have = { 0 };
	struct down_trip t = { .have = &have, .board = b, .timeout = timeout };
	int rc = actual_read(e, p->name, &have, err);
	if (rc >= 0)
		rc = schedule_services(e, p, services, true, b, down_service, &t, err);
	actual_release(&have);
	return rc;
}

/* What else is the project's: copies of its secrets, and with --rmi its images. */
static void down_traces(struct engine *e, const struct project *p, const struct down_options *o,
	struct board *b, struct mc_err *err)
{
	const char *which = o->rmi;
	if (!p->dry_run)
		secret_files_remove(e, p->name);
	for (size_t i = 0; p->services && which && i < p->services->n; i++) {
		const struct yaml *s = p->services->items[i];
		if (str_eq(which, "local") && ynode_get(s, "image"))
			continue;
		_cleanup_free_ char *image = service_image(p, p->services->keys[i]),
				    *what = xasprintf("Image %s", image);
		char *const words[] = { (char *)"rmi", image, NULL };
		_cleanup_buf_ struct buf out = { 0 };
		board_set(b, what, "Removing");
		board_set(b, what,
			p->dry_run || tool_run(words, &out, true, err) == 0 ? "Removed"
									    : "Resource is still in use");
	}
}

/*
 * Removes the containers of the project `p`: those that need others first, then the needed ones, each
 * told to stop and given its own grace; then its networks, and with o->volumes its volumes with their data.
 * Found by label, so that a missing compose file (p->services NULL) hides nothing: then all go. Services
 * that the file does not have go with o->remove_orphans only. Networks and volumes without the project's
 * label, containers of `compose run`, and everything of other projects stay. When one removal fails, the
 * others go on, and the result is an error. With nothing there it succeeds. o->rmi: images, too (not
 * checked).
 * Lab 09.4: data stays unless it is asked for.
 */
int project_down(struct engine *e, const struct project *p, const struct down_options *o, struct board *b,
	struct mc_err *err)
{
	struct actual have = { 0 };
	struct down_trip t = {
		.have = &have, .board = b, .timeout = o->timeout, .remove = true, .volumes = o->volumes
	};
	int rc = actual_read(e, p->name, &have, err), worst = 0;
	if (rc >= 0 && (!p->services || o->remove_orphans))
		worst = down_unknown(e, p, &t, err);
	if (rc >= 0 && p->services)
		rc = schedule_services(e, p, NULL, true, b, down_service, &t, err);
	worst = rc < 0 ? rc : worst;
	actual_release(&have);
	rc = networks_remove(e, p, b, err);
	worst = rc < 0 ? rc : worst;
	if (o->volumes && (rc = volumes_remove(e, p, b, err)) < 0)
		worst = rc;
	down_traces(e, p, o, b, err);
	return worst;
}
