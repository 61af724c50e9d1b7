/*
 * ps_rows.h - a container as a row of `ps`, and `ps --filter`.
 */
#ifndef MC_CLI_PS_ROWS_H
#define MC_CLI_PS_ROWS_H

#include "base/json.h"
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

/* Fills row with docker's fields: ID Names Image Command CreatedAt RunningFor Status State Ports Size
 * Labels Mounts Networks. */
int ps_row(struct ps_context *ps, const struct container *c, bool no_trunc, bool size, struct json *row,
	struct mc_err *err);

/* The same of one entry of GET /containers/json, from whichever daemon it comes. */
void ps_summary_row(const struct json *summary, bool no_trunc, bool size, struct json *row);

/* Keys and values of --filter; "before" and "since" name containers of the list. */
int ps_filter_check(const struct container_list *list, char *const filters[], struct mc_err *err);
/* A filter on state or exit code looks at stopped ones too, as docker's does. */
bool ps_filter_asks_state(char *const filters[]);
/* Does c satisfy all filters? */
bool ps_filter(const struct ps_context *ps, const struct container *c, char *const filters[]);

#endif
