/*
 * cmd/completion.c - `completion bash|zsh|fish`: the lines that teach a shell to ask `minictr internal
 * complete` at each Tab. The bash part is scripts/completion.bash, which `make install` puts in place;
 * tests/run/50-cli-help.sh compares them.
 */
#include "cli/commands.h"

static const char bash_text[] =
	"_minictr() {\n"
	"\tlocal IFS=$'\\n'\n"
	"\tCOMPREPLY=($(\"${COMP_WORDS[0]}\" internal complete \"${COMP_WORDS[@]:1:COMP_CWORD-1}\" "
	"\"${COMP_WORDS[COMP_CWORD]}\" 2>/dev/null))\n"
	"\t[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
	"}\n"
	"complete -F _minictr minictr\n";

static const char fish_text[] = "complete -c minictr -f -a '(set -l words (commandline -opc); "
				"minictr internal complete $words[2..-1] (commandline -ct))'\n";

static int completion_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	if (str_eq(argv[0], "fish")) {
		fputs(fish_text, stdout);
		return 0;
	}
	if (!str_eq(argv[0], "bash") && !str_eq(argv[0], "zsh")) {
		err_set(err, EINVAL, "completion %s: no completion for this shell", argv[0]);
		return err_hint(err, "known shells: bash, zsh, fish");
	}
	if (str_eq(argv[0], "zsh")) /* zsh runs bash's completions (zshcompsys(1), bashcompinit) */
		fputs("autoload -U +X bashcompinit && bashcompinit\n", stdout);
	fputs(bash_text, stdout);
	return 0;
}

const struct command cmd_completion = {
	.name = "completion",
	.group = GROUP_SYSTEM,
	.usage = "bash|zsh|fish",
	.summary = "Print what makes a shell complete minictr's words",
	.example = "minictr completion bash >~/.local/share/bash-completion/completions/minictr",
	.min_args = 1,
	.max_args = 1,
	.run = completion_run,
};
