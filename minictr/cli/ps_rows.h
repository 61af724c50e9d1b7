/*
 * ps_rows.h - a container as a row of `ps`.
 */
#ifndef MC_CLI_PS_ROWS_H
#define MC_CLI_PS_ROWS_H

#include "base/json.h"
#include "engine/ps_filters.h"

/* Fills row with docker's fields: ID Names Image Command CreatedAt RunningFor Status State Ports Size
 * Labels Mounts Networks. */
int ps_row(struct ps_context *ps, const struct container *c, bool no_trunc, bool size, struct json *row,
	struct mc_err *err);

/* The same of one entry of GET /containers/json, from whichever daemon it comes. */
void ps_summary_row(const struct json *summary, bool no_trunc, bool size, struct json *row);

#endif
