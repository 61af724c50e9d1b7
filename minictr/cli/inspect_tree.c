/*
 * inspect_tree.c - a running container as a picture: what the kernel keeps of it, read from /proc and cgroupfs now.
 */
#include "cli/inspect_parts.h"

int inspect_tree(struct engine *e, const char *name, FILE *out, struct mc_err *err)
{
	return err_set(err, ENOSYS, "inspect --tree is not built yet");
}
