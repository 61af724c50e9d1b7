/*
 * commands.h - the commands that the light executable serves; each lives in cmd_NAME.c.
 */
#ifndef MC_CLI_COMMANDS_H
#define MC_CLI_COMMANDS_H

#include "cli/command.h"

struct engine;

/* cmd/volume.c: removes volumes without users (all: those with a name, too), prints their names, adds to
 * *freed. */
int volume_prune_all(struct engine *e, bool all, char *const filters[], uint64_t *freed, struct mc_err *err);

/* cmd/network.c: removes networks that no container asks for, prints their names. */
int network_prune_all(struct engine *e, char *const filters[], struct mc_err *err);

/* One line a command: two people who add one do not meet. */
extern const struct command cmd_run;
extern const struct command cmd_create;
extern const struct command cmd_exec;
extern const struct command cmd_attach;
extern const struct command cmd_debug;
extern const struct command cmd_start;
extern const struct command cmd_stop;
extern const struct command cmd_restart;
extern const struct command cmd_kill;
extern const struct command cmd_pause;
extern const struct command cmd_unpause;
extern const struct command cmd_wait;
extern const struct command cmd_rm;
extern const struct command cmd_rename;
extern const struct command cmd_update;
extern const struct command cmd_ps;
extern const struct command cmd_logs;
extern const struct command cmd_inspect;
extern const struct command cmd_top;
extern const struct command cmd_stats;
extern const struct command cmd_diff;
extern const struct command cmd_ns_diff;
extern const struct command cmd_port;
extern const struct command cmd_mount;
extern const struct command cmd_unmount;
extern const struct command cmd_events;
extern const struct command cmd_explain;
extern const struct command cmd_df;
extern const struct command cmd_dial_stdio;
extern const struct command cmd_container_prune;
extern const struct command cmd_system_prune;
extern const struct command cmd_info;
extern const struct command cmd_internal;
extern const struct command cmd_version;
extern const struct command cmd_help;
extern const struct command cmd_container_exists;
extern const struct command cmd_image_exists;
extern const struct command cmd_healthcheck_run;
extern const struct command cmd_unshare;
extern const struct command cmd_completion;
extern const struct command cmd_debug_net;
extern const struct command cmd_network_graph;
extern const struct command cmd_network_create;
extern const struct command cmd_network_ls;
extern const struct command cmd_network_inspect;
extern const struct command cmd_network_rm;
extern const struct command cmd_network_connect;
extern const struct command cmd_network_disconnect;
extern const struct command cmd_network_prune;
extern const struct command cmd_network_repair;
extern const struct command cmd_volume_create;
extern const struct command cmd_volume_ls;
extern const struct command cmd_volume_inspect;
extern const struct command cmd_volume_rm;
extern const struct command cmd_volume_prune;

/* Light commands, then the heavy rows: what `minictr help` lists. NULL-terminated. */
const struct command *const *light_table(void);

#endif
