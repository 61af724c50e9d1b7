/*
 * image_main.c - minictr-image: the verbs that need curl, libarchive or OpenSSL. One row per command.
 */
#include "cli/command.h"

#include "engine/rootless.h"

extern const struct command cmd_pull, cmd_push, cmd_login, cmd_logout, cmd_search;
extern const struct command cmd_images, cmd_load, cmd_save, cmd_import, cmd_tag, cmd_rmi, cmd_history;
extern const struct command cmd_image_tree, cmd_image_prune, cmd_image_unpack, cmd_commit, cmd_export, cmd_cp;
extern const struct command cmd_volume_export, cmd_volume_import, cmd_volume_clone;

static const struct command *const table[] = {
	&cmd_pull,
	&cmd_push,
	&cmd_login,
	&cmd_logout,
	&cmd_search,
	&cmd_images,
	&cmd_load,
	&cmd_save,
	&cmd_import,
	&cmd_tag,
	&cmd_rmi,
	&cmd_history,
	&cmd_image_tree,
	&cmd_image_prune,
	&cmd_image_unpack,
	&cmd_commit,
	&cmd_export,
	&cmd_cp,
	&cmd_volume_export,
	&cmd_volume_import,
	&cmd_volume_clone,
	NULL,
};

int main(int argc, char **argv)
{
	struct mc_err err = { 0 };

	if (rootless_enter(argv, &err) < 0) {
		err_print(&err, "minictr");
		return 125;
	}
	return cli_main(argc, argv, table, "minictr-image");
}
