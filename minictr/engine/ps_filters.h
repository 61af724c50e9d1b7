/*
 * ps_filters.h - `ps --filter`, and the same over the API.
 */
#ifndef MC_ENGINE_PS_FILTERS_H
#define MC_ENGINE_PS_FILTERS_H

#include "engine/container.h"
#include "image/digest.h"

/* What the rows of one list share: the containers, the image store, what the images' names mean now. */
struct ps_context {
	struct engine *engine;
	const struct container_list *list;
	int store; /* -1: no name is looked up */
	struct ps_name {
		const char *name;
		char id[sizeof(((struct digest *)0)->text)]; /* "" when there is no such image any more */
	} names[64];
	size_t n_names;
};

/* Keys and values of --filter; "before" and "since" name containers of the list. */
int ps_filter_check(const struct container_list *list, char *const filters[], struct mc_err *err);
/* A filter on state or exit code looks at stopped ones too, as docker's does. */
bool ps_filter_asks_state(char *const filters[]);
/* Does c satisfy all filters? */
bool ps_filter(const struct ps_context *ps, const struct container *c, char *const filters[]);

/*
 * `container prune`: as container_prune() (stop.h), for those that filters name ("until=", "label=",
 * "label!=").
 * -EINVAL for other keys.
 */
int containers_prune(struct engine *e, char *const filters[], void (*done)(const struct container *, void *),
	void *data, uint64_t *ret_bytes, struct mc_err *err);

#endif
