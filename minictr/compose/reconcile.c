/*
 * reconcile.c - `up` a second time changes only what changed.
 *
 * Pure: looks at two descriptions and makes a list. Nothing is compared by name alone, since a container of
 * the same name may be of an older file; and nothing is recreated without a reason that can be told.
 */
#include "compose/reconcile.h"

void actions_add(struct actions *a, enum action_kind kind, const char *service, int64_t number,
	const struct container *c, const char *why)
{
	if ((a->n & (a->n - 1)) == 0)
		a->items = xrealloc(a->items, (a->n ? a->n * 2 : 1) * sizeof(*a->items));
	a->items[a->n++] = (struct action){ kind, service, number, c, why };
}

void actions_release(struct actions *a)
{
	free(a->items);
	*a = (struct actions){ 0 };
}

size_t reconcile_existing(const struct actual *have, const char *service, size_t *ret_first)
{
	size_t n = 0;
	for (size_t i = 0; i < have->n; i++) {
		if (!str_eq(have->items[i].service, service) || have->items[i].oneoff)
			continue;
		if (!n++)
			*ret_first = i;
	}
	return n;
}

const char *reconcile_difference(const struct wanted_service *w, const struct actual_container *a)
{
	if (w->forced)
		return "--force-recreate";
	if (w->kept)
		return NULL;
	if (!str_eq(a->hash, w->hash))
		return "its configuration changed";
	if (w->image_id && !str_eq(a->c->image_id, w->image_id))
		return "its image is another one now";
	return w->renew ? "a container that it shares with is made anew" : NULL;
}

/*
 * Fills *ret with what must be done so that each service of `want` has exactly `scale` running containers
 * of its present model: existing ones that fit are kept (ACTION_KEEP), or started when they do not run;
 * those that differ (reconcile_difference()) are recreated, running or not; missing ones are created with
 * the lowest free numbers; of those above the scale the ones with the highest numbers are removed. One-off
 * containers and services that `want` does not name are left alone. The order is that of `want`, and every
 * action has a reason in words. Only *ret is filled: nothing is done here. The caller actions_release()s
 * *ret. Returns 0.
 * Lab 09.3: a second `up` that changes nothing does nothing.
 */
int reconcile(const struct model *want, const struct actual *have, struct actions *ret, struct mc_err *err)
{
	*ret = (struct actions){ 0 };
	for (size_t s = 0; s < want->n; s++) {
		const struct wanted_service *w = &want->services[s];
		size_t first = 0, n = reconcile_existing(have, w->name, &first);
		size_t keep = n < (size_t)w->scale ? n : (size_t)w->scale;
		for (size_t i = n; i > keep; i--) {
			const struct actual_container *a = &have->items[first + i - 1];
			actions_add(ret, ACTION_REMOVE, w->name, a->number, a->c, "above the scale");
		}
		for (size_t i = 0; i < keep; i++) {
			const struct actual_container *a = &have->items[first + i];
			const char *why = reconcile_difference(w, a);
			enum action_kind kind = why                         ? ACTION_RECREATE
						: container_is_active(a->c) ? ACTION_KEEP
									    : ACTION_START;
			actions_add(ret, kind, w->name, a->number, a->c, why ? why : "nothing changed");
		}
		int64_t number = 1;
		for (size_t missing = (size_t)w->scale - keep; missing; number++) {
			size_t i = 0;
			while (i < keep && have->items[first + i].number != number)
				i++;
			if (i < keep)
				continue;
			actions_add(ret, ACTION_CREATE, w->name, number, NULL, "it is not there");
			missing--;
		}
	}
	return 0;
}
