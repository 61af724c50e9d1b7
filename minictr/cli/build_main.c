/*
 * build_main.c - minictr-build: images from Dockerfiles. An executable of its own: libarchive and OpenSSL.
 */
#include "cli/command.h"

#include "engine/rootless.h"

extern const struct command cmd_build, cmd_debug_build, cmd_build_log, cmd_builder_prune;

static const struct command *const table[] = { &cmd_build, &cmd_debug_build, &cmd_build_log,
	&cmd_builder_prune, NULL };

int main(int argc, char **argv)
{
	struct mc_err err = { 0 };

	if (rootless_enter(argv, &err) < 0) {
		err_print(&err, "minictr");
		return 125;
	}
	return cli_main(argc, argv, table, "minictr-build");
}
