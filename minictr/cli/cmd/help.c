/*
 * cmd/help.c - `minictr help [COMMAND]`: the same text as --help.
 */
#include "base/program.h"
#include "cli/commands.h"
#include "cli/prompt/lab_words.h"

/* Heavy commands know their own flags: ask them. */
static int help_heavy(const struct command *cmd, char **argv, struct mc_err *err)
{
	_cleanup_strv_ char **words = NULL;
	strv_push(&words, "minictr");
	for (; *argv; argv++)
		strv_push(&words, *argv);
	strv_push(&words, "--help");
	return program_exec(cmd->program, words, err);
}

/* `help lab`, `help check`: the lab tool knows its own verbs. */
static int help_lab(const char *verb, struct mc_err *err)
{
	char *words[] = { "minictr-lab", "help", (char *)verb, NULL };
	return program_exec("minictr-lab", words, err);
}

static int help_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	int words;
	if (argc == 0) {
		help_all(stdout, light_table());
		return 0;
	}
	const struct command *cmd = command_find(light_table(), argc, argv, &words);
	if (str_eq(argv[0], "lab"))
		return help_lab(argc > 1 ? argv[1] : NULL, err);
	if (!cmd && lab_word_find(argv[0]))
		return help_lab(argv[0], err);
	if (!cmd) {
		const char *near = command_nearest(light_table(), argv[0]);
		_cleanup_free_ char *lab = lab_word_near(argv[0]);
		err_set(err, ENOENT, "'%s' is not a minictr command", argv[0]);
		if (lab && (!near || lab_word_find(argv[0])))
			return err_hint(err, "did you mean '%s'? The labs' own words: lab help", lab);
		return near ? err_hint(err, "did you mean '%s'? All commands: help", near)
			    : err_hint(err, "all commands: help");
	}
	if (!cmd->run)
		return help_heavy(cmd, argv, err);
	help_command(stdout, cmd, cmd->name);
	return 0;
}

const struct command cmd_help = {
	.name = "help",
	.group = GROUP_LEARN,
	.usage = "[COMMAND]",
	.summary = "All commands, or one command's flags and an example",
	.example = "minictr help run",
	.max_args = 2,
	.run = help_run,
};
