/*
 * usage.c - `minictr --help` and `minictr CMD --help`, generated from the command table: what is not in the
 * table cannot be promised, and what is in it cannot be forgotten.
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
	{ GROUP_PARTS, "Networks and volumes" },
	{ GROUP_MANY, "Build, and run many" },
	{ GROUP_LEARN, "Learn" },
	{ GROUP_SYSTEM, "The engine" },
};

static const char *const global_rows[][2] = {
	{ "      --root DIR",
		"Where images and containers live (default /var/lib/minictr, or MINICTR_ROOT)" },
	{ "      --config DIR", "Where docker's config.json lies (logins, psFormat, detachKeys)" },
	{ "  -c, --context", "The daemon that this context names (minictr context ls)" },
	{ "  -D, --debug", "Tell every kernel call on stderr" },
	{ "  -H, --host", "A daemon to ask instead of doing it here: unix:///PATH, tcp://HOST:PORT, "
			  "ssh://USER@HOST (or MINICTR_HOST, DOCKER_HOST)" },
	{ "  -l, --log-level", "debug, info (default), warn, error or fatal: the last two drop warnings" },
	{ "      --tls", "Speak TLS with a tcp:// daemon; --tlsverify checks its certificate, too" },
	{ "      --tlscacert, --tlscert, --tlskey FILE  ",
		"(default ca.pem, cert.pem, key.pem in ~/.docker)" },
	{ "  -v, --version", "Print the version" },
};

void help_all(FILE *out, const struct command *const table[])
{
	fprintf(out, "Usage:  minictr [GLOBAL FLAGS] COMMAND\n\n"
		     "A container engine whose source is the textbook. Without a command: the prompt.\n");
	for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
		bool any = false;
		for (size_t i = 0; table[i]; i++) {
			if (table[i]->group != groups[g].group)
				continue;
			if (!any)
				fprintf(out, "\n%s:\n", groups[g].title);
			any = true;
			_cleanup_free_ char *left = xasprintf("  %-16s ", table[i]->name);
			help_row(out, left, strlen(left), table[i]->summary);
		}
	}
	fprintf(out, "\nGlobal flags, before the command:\n");
	for (size_t i = 0; i < ARRAY_LEN(global_rows); i++)
		help_row(out, global_rows[i][0], 19, global_rows[i][1]);
	fprintf(out, "\nRun 'minictr COMMAND --help' for a command's flags and an example.\n");
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

static void help_verb(FILE *out, const char *verb, size_t len, const char *summary)
{
	_cleanup_free_ char *left = xasprintf("  %-14.*s ", (int)len, verb);
	help_row(out, left, strlen(left), summary);
}

/* One name of a command as the group shows it: "container ls" of the group "container". */
static bool group_verb(FILE *out, const char *name, size_t len, const char *group, const struct command *cmd)
{
	size_t n = strlen(group);
	if (len <= n || strncmp(name, group, n) || name[n] != ' ' || cmd->group == GROUP_HIDDEN)
		return false;
	if (out)
		help_verb(out, name + n + 1, len - n - 1, cmd->summary);
	return true;
}

static bool group_verbs(FILE *out, const struct command *const table[], const char *group)
{
	bool any = false;
	for (size_t i = 0; table[i]; i++) {
		const char *names[] = { table[i]->name, table[i]->aliases };
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			for (const char *p = names[k]; p && *p; p += strcspn(p, ","), p += strspn(p, ", "))
				any |= group_verb(out, p, strcspn(p, ","), group, table[i]);
	}
	return any;
}

bool help_group(FILE *out, const struct command *const table[], const char *group)
{
	if (!group_verbs(NULL, table, group))
		return false;
	if (!out)
		return true;
	fprintf(out, "Usage:  minictr %s COMMAND\n\nCommands:\n", group);
	group_verbs(out, table, group);
	fprintf(out, "\nRun 'minictr %s COMMAND --help' for a command's flags and an example.\n", group);
	return true;
}
