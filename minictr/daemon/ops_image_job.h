/*
 * ops_image_job.h - the operations of minictrd-job-image. Each is named in job_image_main.c's table.
 */
#ifndef MC_DAEMON_OPS_IMAGE_JOB_H
#define MC_DAEMON_OPS_IMAGE_JOB_H

#include "daemon/ops.h"

/* ops_archive.c */
op_function op_export, op_archive_get, op_archive_head, op_archive_put;
/* ops_pull.c */
op_function op_image_create, op_image_push, op_image_search, op_auth, op_distribution;
/* ops_transfer.c */
op_function op_images_load, op_images_save, op_image_import, op_commit;
/* ops_build.c */
op_function op_build, op_build_prune;
/* ops_images.c */
op_function op_images_list, op_image_inspect, op_image_history, op_image_tag, op_image_remove,
	op_images_prune;

#endif
