/*
 * commands.h - the commands that the light executable serves; each lives in cmd_NAME.c.
 */
#ifndef MC_CLI_COMMANDS_H
#define MC_CLI_COMMANDS_H

#include "cli/command.h"

struct engine;

/* cmd/volume.c: removes volumes without users (all: those with a name, too), prints their names, adds to *freed. */
int volume_prune_all(struct engine *e, bool all, char *const filters[], uint64_t *freed, struct mc_err *err);

extern const struct command cmd_run, cmd_create, cmd_exec, cmd_attach, cmd_debug, cmd_start, cmd_stop,
	cmd_restart, cmd_kill, cmd_pause, cmd_unpause, cmd_wait, cmd_rm, cmd_rename, cmd_update, cmd_ps,
	cmd_logs, cmd_inspect, cmd_top, cmd_stats, cmd_diff, cmd_ns_diff, cmd_port, cmd_events, cmd_explain,
	cmd_df, cmd_dial_stdio, cmd_container_prune, cmd_system_prune, cmd_info, cmd_internal, cmd_version,
	cmd_help, cmd_volume_create, cmd_volume_ls, cmd_volume_inspect, cmd_volume_rm, cmd_volume_prune;

/* Light commands, then the heavy rows: what `minictr help` lists. NULL-terminated. */
const struct command *const *light_table(void);

#endif
