/*
 * job_main.c - minictrd-job: operations on containers, networks and volumes.
 */
#include "daemon/ops_job.h"

static const struct op table[] = {
	{ "containers.list", op_list },
	{ "containers.inspect", op_inspect },
	{ "containers.create", op_create },
	{ "containers.remove", op_remove },
	{ "page.home", op_page_home },
	{ "page.container", op_page_container },
	{ "page.walk", op_page_walk },
	{ "containers.prune", op_containers_prune },
	{ "containers.rename", op_rename },
	{ "containers.update", op_update },
	{ "containers.top", op_top },
	{ "containers.changes", op_changes },
	{ "containers.resize", op_resize },
	{ "containers.start", op_start },
	{ "containers.stop", op_stop },
	{ "containers.restart", op_restart },
	{ "containers.kill", op_kill },
	{ "containers.pause", op_pause },
	{ "containers.unpause", op_unpause },
	{ "containers.logs", op_logs },
	{ "containers.stats", op_stats },
	{ "containers.attach", op_attach },
	{ "exec.start", op_exec_start },
	{ "events", op_events },
	{ "networks.list", op_networks_list },
	{ "networks.inspect", op_network_inspect },
	{ "networks.create", op_network_create },
	{ "networks.remove", op_network_remove },
	{ "networks.connect", op_network_connect },
	{ "networks.disconnect", op_network_disconnect },
	{ "networks.prune", op_networks_prune },
	{ "volumes.list", op_volumes_list },
	{ "volumes.inspect", op_volume_inspect },
	{ "volumes.create", op_volume_create },
	{ "volumes.remove", op_volume_remove },
	{ "volumes.prune", op_volumes_prune },
	{ "info", op_info },
	{ "system.df", op_df },
};

int main(int argc, char **argv) { return job_run(argc, argv, table, ARRAY_LEN(table)); }
