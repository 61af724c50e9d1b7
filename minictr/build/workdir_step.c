/*
 * workdir_step.c - WORKDIR: the directory is there for the steps that follow, and belongs to USER.
 */
#include "build/steps.h"

#include "base/file.h"

int step_workdir(struct build *b, const struct instruction *i, struct mc_err *err)
{
	struct upper u;
	uint32_t uid = 0, gid = 0;
	struct mc_err ignored;
	_cleanup_free_ char *path = stage_config_path(&b->config, i->words[0]);
	int rc = upper_begin(b, &u, err);
	/* A name that the stage does not know is told by the next RUN; in an image without /etc/passwd none is. */
	if (rc == 0 && *stage_config_user(&b->config))
		(void)step_owner(u.root, stage_config_user(&b->config), &uid, &gid, &ignored);
	if (rc == 0) {
		struct copy_into c = { .root = u.root, .dir_uid = uid, .dir_gid = gid };
		_cleanup_close_ int dir = copy_make_dir(&c, path, err);
		rc = dir < 0 ? dir : 0;
		copy_into_release(&c);
	}
	if (rc == 0)
		rc = upper_commit(b, &u, err);
	upper_drop(b, &u);
	return rc;
}
