/*
 * ps_rows.h - a container as a row of `ps`, and `ps --filter`.
 */
#ifndef MC_CLI_PS_ROWS_H
#define MC_CLI_PS_ROWS_H

#include "base/json.h"
#include "engine/container.h"

/* Fills row with docker's fields: ID Names Image Command CreatedAt RunningFor Status State Ports Size Labels Mounts Networks. */
int ps_row(struct engine *e, const struct container *c, bool no_trunc, bool size, struct json *row,
	struct mc_err *err);

int ps_filter_check(char *const filters[], struct mc_err *err);
/* A filter on state or exit code looks at stopped ones too, as docker's does. */
bool ps_filter_asks_state(char *const filters[]);
/* Does c satisfy all filters? Filters of one key are alternatives. */
bool ps_filter(const struct container_list *list, const struct container *c, char *const filters[]);

#endif
