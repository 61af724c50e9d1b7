/*
 * image_main.c - minictr-image: the verbs that need curl, libarchive or OpenSSL. One row per command.
 */
#include "cli/command.h"

#include "engine/rootless.h"

extern const struct command cmd_pull, cmd_push, cmd_login, cmd_logout, cmd_search;

static const struct command *const table[] = {
	&cmd_pull,
	&cmd_push,
	&cmd_login,
	&cmd_logout,
	&cmd_search,
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
