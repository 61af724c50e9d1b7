/*
 * remote_table.c - which commands a daemon serves, for `minictr -H ADDRESS`.
 *
 * Each row takes the local command (its flags, its help, its examples) and gives it another run. A command
 * without a row works on this machine only, and says so.
 */
#include "cli/commands.h"
#include "cli/remote/contexts.h"
#include "cli/remote/remote.h"

extern const struct command cmd_pull, cmd_push, cmd_login, cmd_search, cmd_images, cmd_load, cmd_save,
	cmd_import;
extern const struct command cmd_tag, cmd_rmi, cmd_history, cmd_image_prune, cmd_commit, cmd_export, cmd_cp;
extern const struct command cmd_build, cmd_builder_prune;

static const struct {
	const struct command *local;
	remote_run *run;
} ways[] = {
	{ &cmd_run, remote_run_verb },
	{ &cmd_create, remote_create },
	{ &cmd_exec, remote_exec },
	{ &cmd_attach, remote_attach },
	{ &cmd_start, remote_start },
	{ &cmd_stop, remote_stop },
	{ &cmd_restart, remote_restart },
	{ &cmd_kill, remote_kill },
	{ &cmd_pause, remote_pause },
	{ &cmd_unpause, remote_unpause },
	{ &cmd_wait, remote_wait },
	{ &cmd_rm, remote_rm },
	{ &cmd_rename, remote_rename },
	{ &cmd_update, remote_update },
	{ &cmd_ps, remote_ps },
	{ &cmd_logs, remote_logs },
	{ &cmd_inspect, remote_inspect },
	{ &cmd_top, remote_top },
	{ &cmd_stats, remote_stats },
	{ &cmd_diff, remote_diff },
	{ &cmd_port, remote_port },
	{ &cmd_events, remote_events },
	{ &cmd_pull, remote_pull },
	{ &cmd_push, remote_push },
	{ &cmd_login, remote_login },
	{ &cmd_search, remote_search },
	{ &cmd_images, remote_images },
	{ &cmd_history, remote_history },
	{ &cmd_tag, remote_tag },
	{ &cmd_rmi, remote_rmi },
	{ &cmd_load, remote_load },
	{ &cmd_save, remote_save },
	{ &cmd_import, remote_import },
	{ &cmd_export, remote_export },
	{ &cmd_commit, remote_commit },
	{ &cmd_cp, remote_cp },
	{ &cmd_build, remote_build },
	{ &cmd_network_create, remote_network_create },
	{ &cmd_network_ls, remote_network_ls },
	{ &cmd_network_inspect, remote_network_inspect },
	{ &cmd_network_rm, remote_network_rm },
	{ &cmd_network_connect, remote_network_connect },
	{ &cmd_network_disconnect, remote_network_disconnect },
	{ &cmd_network_prune, remote_network_prune },
	{ &cmd_volume_create, remote_volume_create },
	{ &cmd_volume_ls, remote_volume_ls },
	{ &cmd_volume_inspect, remote_volume_inspect },
	{ &cmd_volume_rm, remote_volume_rm },
	{ &cmd_volume_prune, remote_volume_prune },
	{ &cmd_info, remote_info },
	{ &cmd_version, remote_version },
	{ &cmd_df, remote_df },
	{ &cmd_container_prune, remote_container_prune },
	{ &cmd_image_prune, remote_image_prune },
	{ &cmd_builder_prune, remote_builder_prune },
	{ &cmd_system_prune, remote_system_prune },
};

enum { MOST = 192 };

static int only_here(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const char *from = cli->host                ? "-H"
			   : cli->context           ? "--context"
			   : getenv("MINICTR_HOST") ? "MINICTR_HOST"
			   : getenv("DOCKER_HOST")  ? "DOCKER_HOST"
						    : "the context in use";
	err_set(err, ENOTSUP, "minictr %s works with the engine of this machine only, and %s names a daemon",
		cli->called, from);
	err_hint(err, "minictr -H '' %s ... runs it here", cli->called);
	return err_exit(err, 1);
}

static bool has_way(const struct command *const table[], size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(table[i]->name, name))
			return true;
	return false;
}

/* Rows with a way, the commands about contexts, then what works here only. */
const struct command *const *remote_table(void)
{
	static struct command rows[MOST];
	static const struct command *table[MOST + 1];
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++, n++) {
		rows[n] = *ways[i].local;
		rows[n].run = ways[i].run;
		table[n] = &rows[n];
	}
	for (size_t i = 0; context_commands[i]; i++)
		table[n++] = context_commands[i];
	for (const struct command *const *c = light_table(); *c && n < MOST; c++) {
		if (has_way(table, n, (*c)->name))
			continue;
		rows[n] = **c;
		rows[n].run = only_here;
		rows[n].raw = true;
		rows[n].max_args = ANY_ARGS;
		rows[n].min_args = 0;
		table[n] = &rows[n];
		n++;
	}
	return table;
}
