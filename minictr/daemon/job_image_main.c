/*
 * job_image_main.c - minictrd-job-image: operations that need archives, hashes or a registry.
 */
#include "daemon/ops_image_job.h"

static const struct op table[] = {
	{ "containers.export", op_export },
	{ "images.list", op_images_list },
	{ "images.inspect", op_image_inspect },
	{ "images.history", op_image_history },
	{ "images.tag", op_image_tag },
	{ "images.remove", op_image_remove },
	{ "images.prune", op_images_prune },
};

int main(int argc, char **argv) { return job_run(argc, argv, table, ARRAY_LEN(table)); }
