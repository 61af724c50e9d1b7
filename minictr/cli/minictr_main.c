/*
 * minictr_main.c - the light executable: run, exec, start, ps and their kin. No curl, archive or readline is linked
 * here (an empty program with them starts in 7 ms, a container in 2 to 4). Without a command it becomes the prompt.
 */
#include "base/program.h"
#include "cli/commands.h"

/* Global flags only (`minictr --root /tmp/x`) still mean the prompt; the first other word is a command. */
static bool wants_prompt(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (str_starts(argv[i], "--root=") || str_eq(argv[i], "--debug") || str_eq(argv[i], "-D"))
			continue;
		if (str_eq(argv[i], "--root") && i + 1 < argc) {
			i++;
			continue;
		}
		return false;
	}
	return true;
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
