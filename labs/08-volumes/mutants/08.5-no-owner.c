/* mutant 08.5 M-MOVE-OWNER: every file is of another owner */
#include "runtime/userns.h"

int volume_move(int from, struct tar_writer *out, struct mc_err *err)
{
	struct id_maps ids = { 0 };
	id_map_add(&ids.uids, 4242, 0, 60000);
	id_map_add(&ids.gids, 4242, 0, 60000);
	tar_writer_ids(out, &ids);
	int rc = tree_write(from, "data/", out, err);
	tar_writer_ids(out, NULL);
	id_maps_release(&ids);
	return rc;
}
