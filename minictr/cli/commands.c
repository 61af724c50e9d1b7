/*
 * commands.c - the one place where a light command is registered.
 */
#include "cli/commands.h"

enum { MOST = 128 };

/* One line a command: two people who add one do not meet. */
/* clang-format off */
static const struct command *const own[] = {
	&cmd_run,
	&cmd_create,
	&cmd_exec,
	&cmd_attach,
	&cmd_debug,
	&cmd_start,
	&cmd_stop,
	&cmd_restart,
	&cmd_kill,
	&cmd_pause,
	&cmd_unpause,
	&cmd_wait,
	&cmd_rm,
	&cmd_rename,
	&cmd_update,
	&cmd_ps,
	&cmd_logs,
	&cmd_inspect,
	&cmd_top,
	&cmd_stats,
	&cmd_diff,
	&cmd_ns_diff,
	&cmd_port,
	&cmd_mount,
	&cmd_unmount,
	&cmd_events,
	&cmd_explain,
	&cmd_df,
	&cmd_dial_stdio,
	&cmd_container_prune,
	&cmd_system_prune,
	&cmd_info,
	&cmd_internal,
	&cmd_version,
	&cmd_help,
	&cmd_container_exists,
	&cmd_image_exists,
	&cmd_healthcheck_run,
	&cmd_unshare,
	&cmd_completion,
	&cmd_debug_net,
	&cmd_network_graph,
	&cmd_network_create,
	&cmd_network_ls,
	&cmd_network_inspect,
	&cmd_network_rm,
	&cmd_network_connect,
	&cmd_network_disconnect,
	&cmd_network_prune,
	&cmd_network_repair,
	&cmd_volume_create,
	&cmd_volume_ls,
	&cmd_volume_inspect,
	&cmd_volume_rm,
	&cmd_volume_prune,
};
/* clang-format on */

const struct command *const *light_table(void)
{
	static const struct command *all[MOST + 1];
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(own) && n < MOST; i++)
		all[n++] = own[i];
	for (size_t i = 0; heavy_commands[i] && n < MOST; i++)
		all[n++] = heavy_commands[i];
	return all;
}
