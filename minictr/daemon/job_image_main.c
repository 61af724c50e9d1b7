/*
 * job_image_main.c - minictrd-job-image: operations that need archives, hashes or a registry.
 */
#include "daemon/ops_image_job.h"

static const struct op table[] = {
	{ "containers.export", op_export },
	{ "archive.get", op_archive_get },
	{ "archive.head", op_archive_head },
	{ "archive.put", op_archive_put },
	{ "auth", op_auth },
	{ "build", op_build },
	{ "build.prune", op_build_prune },
	{ "commit", op_commit },
	{ "images.create", op_image_create },
	{ "images.distribution", op_distribution },
	{ "images.load", op_images_load },
	{ "images.push", op_image_push },
	{ "images.save", op_images_save },
	{ "images.search", op_image_search },
	{ "images.list", op_images_list },
	{ "images.inspect", op_image_inspect },
	{ "images.history", op_image_history },
	{ "images.tag", op_image_tag },
	{ "images.remove", op_image_remove },
	{ "images.prune", op_images_prune },
};

int main(int argc, char **argv) { return job_run(argc, argv, table, ARRAY_LEN(table)); }
