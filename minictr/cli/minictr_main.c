/*
 * minictr_main.c - the light executable: run, exec, start, ps and their kin. No curl, archive or readline
 * is linked here (an empty program with them starts in 7 ms, a container in 2 to 4). Without a command it
 * becomes the prompt.
 */
#include "base/program.h"
#include "cli/commands.h"
#include "cli/global_flags.h"

/* Global flags only (`minictr --root /tmp/x`) still mean the prompt; the first other word is a command. */
static bool wants_prompt(int argc, char **argv)
{
	int at = 1;
	while (at < argc && global_flag_skip(argc, argv, &at))
		;
	return at >= argc;
}

int main(int argc, char **argv)
{
	if (wants_prompt(argc, argv)) {
		struct mc_err err = { 0 };
		program_exec("minictr-repl", argv, &err);
		err_print(&err, "minictr");
		return 125;
	}
	return cli_main(argc, argv, light_table(), "minictr");
}
