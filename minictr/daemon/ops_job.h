/*
 * ops_job.h - the operations of minictrd-job, by noun. Each is named in job_main.c's table.
 */
#ifndef MC_DAEMON_OPS_JOB_H
#define MC_DAEMON_OPS_JOB_H

#include "daemon/ops.h"
#include "engine/container.h"

/* ops_containers.c */
op_function op_list, op_inspect, op_create, op_remove, op_containers_prune, op_rename, op_update, op_top,
	op_changes, op_resize;
/* ops_life.c */
op_function op_start, op_stop, op_restart, op_kill, op_pause, op_unpause;
/* ops_streams.c */
op_function op_logs, op_events, op_stats;
/* ops_attach.c */
op_function op_attach, op_exec_start;
/* ops_networks.c */
op_function op_networks_list, op_network_inspect, op_network_create, op_network_remove, op_network_connect,
	op_network_disconnect, op_networks_prune;
/* ops_volumes.c */
op_function op_volumes_list, op_volume_inspect, op_volume_create, op_volume_remove, op_volumes_prune;
/* ops_page.c */
op_function op_page_home, op_page_container, op_page_walk;
/* ops_system.c */
op_function op_info, op_df;

/* The log of a container as frames to out; follow: until it stops. (ops_streams.c) */
int job_logs(struct engine *e, const struct request *q, const struct container *c, int out, bool follow,
	struct mc_err *err);

#endif
