/*
 * usage.c - `minictr --help` and `minictr CMD --help`, generated from the command table: what is not in the table
 * cannot be promised, and what is in it cannot be forgotten.
 */
#include "cli/command.h"

static const struct {
	enum command_group group;
	const char *title;
} groups[] = {
	{ GROUP_RUN, "Run and look inside" },
	{ GROUP_LIFE, "Start, stop, remove" },
	{ GROUP_LOOK, "See what there is" },
	{ GROUP_IMAGES, "Images and registries" },
	{ GROUP_LEARN, "Learn" },
	{ GROUP_SYSTEM, "The engine" },
};

void help_all(FILE *out, const struct command *const table[])
{
	fprintf(out, "Usage:  minictr [--root DIR] [--debug] COMMAND\n\n"
		     "A container engine whose source is the textbook. Without a command: the prompt.\n");
	for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
		bool any = false;
		for (size_t i = 0; table[i]; i++) {
			if (table[i]->group != groups[g].group)
				continue;
			if (!any)
				fprintf(out, "\n%s:\n", groups[g].title);
			any = true;
			fprintf(out, "  %-16s %s\n", table[i]->name, table[i]->summary);
		}
	}
	fprintf(out, "\nGlobal flags, before the command:\n"
		     "      --root DIR   Where images and containers live (default /var/lib/minictr, or "
		     "MINICTR_ROOT)\n"
		     "  -D, --debug      Tell every kernel call on stderr\n"
		     "  -v, --version    Print the version\n"
		     "\nRun 'minictr COMMAND --help' for a command's flags and an example.\n");
}

/* "docker container ls, docker ps": docker lists the name among the aliases too. */
static void print_aliases(FILE *out, const struct command *cmd)
{
	if (cmd->aliases)
		fprintf(out, "\nAliases:  %s, %s\n", cmd->name, cmd->aliases);
}

static void print_example(FILE *out, const char *example)
{
	fprintf(out, "\nExample:\n");
	while (example && *example) {
		size_t n = strcspn(example, "\n");
		fprintf(out, "  %.*s\n", (int)n, example);
		example += n + (example[n] == '\n');
	}
}

void help_command(FILE *out, const struct command *cmd, const char *called)
{
	fprintf(out, "Usage:  minictr %s%s%s\n\n%s\n", called, cmd->usage && *cmd->usage ? " " : "",
		cmd->usage ? cmd->usage : "", cmd->summary);
	print_aliases(out, cmd);
	if (cmd->options && (cmd->options->name || cmd->options->short_name)) {
		fprintf(out, "\nOptions:\n");
		options_print(out, cmd->options);
	}
	print_example(out, cmd->example);
}
