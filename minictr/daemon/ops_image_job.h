/*
 * ops_image_job.h - the operations of minictrd-job-image. Each is named in job_image_main.c's table.
 */
#ifndef MC_DAEMON_OPS_IMAGE_JOB_H
#define MC_DAEMON_OPS_IMAGE_JOB_H

#include "daemon/ops.h"

/* ops_archive.c */
op_function op_export;
/* ops_images.c */
op_function op_images_list, op_image_inspect, op_image_history, op_image_tag, op_image_remove,
	op_images_prune;

#endif
