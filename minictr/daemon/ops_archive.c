/*
 * ops_archive.c - files of a container as tar: archive get, put, head; export.
 *
 * All paths are resolved inside the container's root (openat2(2), RESOLVE_IN_ROOT), so no link in it leads to
 * the host.
 */
#include "daemon/ops_image_job.h"

#include "daemon/job.h"
#include "engine/container_root.h"
#include "engine/spec/user_ids.h"
#include "image/tree.h"

int op_export(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	_cleanup_id_maps_ struct id_maps ids = { 0 };
	int rc = container_find(e, request_name(q), &c, err);
	if (rc >= 0)
		rc = user_ids_load(c.host, &ids, err);
	_cleanup_close_ int root = rc < 0 ? rc : container_root(e, &c, err);
	rc = root < 0 ? root : reply_begin(r, 200, "application/octet-stream", err);
	return rc < 0 ? rc : tree_write_all(root, &ids, JOB_REPLY, err);
}
