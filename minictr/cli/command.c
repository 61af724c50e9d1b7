/*
 * command.c - main() of every executable that serves commands: global flags, look-up, parse, run, error.
 *
 * The light executable knows a command of another one only by a row without a run function: it replaces itself
 * (execve(2)) by the executable named there, with the same words. So `minictr pull` costs curl's start-up and
 * `minictr ps` does not. --root travels as MINICTR_ROOT, --debug as MINICTR_EXPLAIN.
 * Exit status: docker's. 125 for wrong flags, what the command says, else 1.
 */
#include "cli/command.h"

#include <unistd.h>

#include "base/explain.h"
#include "base/program.h"
#include "cli/prompt/lab_words.h"

static bool name_matches(const char *names, const char *want)
{
	size_t len = strlen(want);
	for (const char *p = names; p && *p;) {
		size_t n = strcspn(p, ",");
		if (n == len && !strncmp(p, want, n))
			return true;
		p += n;
		p += strspn(p, ", ");
	}
	return false;
}

static const struct command *find_name(const struct command *const table[], const char *name)
{
	for (size_t i = 0; table[i]; i++)
		if (str_eq(table[i]->name, name) || name_matches(table[i]->aliases, name))
			return table[i];
	return NULL;
}

const struct command *command_find(
	const struct command *const table[], int argc, char *const argv[], int *ret_words)
{
	if (argc < 1)
		return NULL;
	const struct command *found = NULL;
	if (argc > 1) {
		_cleanup_free_ char *two = xasprintf("%s %s", argv[0], argv[1]);
		found = find_name(table, two);
	}
	*ret_words = found ? 2 : 1;
	return found ? found : find_name(table, argv[0]);
}

const char *command_nearest(const struct command *const table[], const char *word)
{
	const char *names[160];
	size_t n = 0;
	for (size_t i = 0; table[i] && n < ARRAY_LEN(names); i++)
		if (table[i]->group != GROUP_HIDDEN)
			names[n++] = table[i]->name;
	return nearest_word(word, names, n);
}

/* What a usage error ends with, as docker's: where to read more. */
static void see_help(const char *called) { fprintf(stderr, "See 'minictr %s --help'.\n", called); }

static int check_operands(const struct command *cmd, const char *called, int n, struct mc_err *err)
{
	if (n >= cmd->min_args && (cmd->max_args == ANY_ARGS || n <= cmd->max_args))
		return 0;
	const char *s = (n < cmd->min_args ? cmd->min_args : cmd->max_args) == 1 ? "" : "s";
	err_exit(err, 1);
	if (cmd->max_args == 0)
		return err_set(err, EINVAL, "'minictr %s' accepts no arguments", called);
	if (cmd->min_args == cmd->max_args)
		return err_set(err, EINVAL, "'minictr %s' requires %d argument%s", called, cmd->min_args, s);
	if (n < cmd->min_args)
		return err_set(err, EINVAL, "'minictr %s' requires at least %d argument%s", called,
			cmd->min_args, s);
	return err_set(err, EINVAL, "'minictr %s' requires at most %d argument%s", called, cmd->max_args, s);
}

static int report(const struct command *cmd, const struct mc_err *err)
{
	fflush(stdout);
	if (err->what[0])
		err_print(err, "minictr");
	if (err->exit_status)
		return err->exit_status;
	return cmd->error_status ? cmd->error_status : 1;
}

static int usage_report(const struct command *cmd, const char *called, const struct mc_err *err)
{
	err_print(err, "minictr");
	fprintf(stderr, "\nUsage:  minictr %s %s\n\n", called, cmd->usage ? cmd->usage : "");
	see_help(called);
	return err->exit_status ? err->exit_status : 1;
}

static int run_parsed(struct cli *cli, void *values, int argc, char **argv)
{
	const struct command *cmd = cli->command;
	struct mc_err err = { 0 };
	bool help = false;
	int n = cmd->raw ? argc : options_parse(cmd, argc, argv, values, &help, &err);
	if (help) {
		help_command(stdout, cmd, cli->called);
		return 0;
	}
	if (n < 0 || check_operands(cmd, cli->called, n, &err) < 0)
		return usage_report(cmd, cli->called, &err);
	int rc = cmd->run(cli, values, n, argv, &err);
	return rc < 0 ? report(cmd, &err) : rc;
}

int command_run(struct cli *cli, const struct command *cmd, const char *called, int argc, char **argv)
{
	_cleanup_free_ void *values = xcalloc(1, cmd->values_size ? cmd->values_size : 1);
	if (cmd->defaults)
		memcpy(values, cmd->defaults, cmd->values_size);
	struct cli inner = *cli;
	inner.command = cmd;
	inner.called = called;
	int status = run_parsed(&inner, values, argc, argv);
	options_release(cmd->options, values);
	if (fflush(stdout) != 0 && status == 0)
		return 1; /* a full disk or a closed pipe must not look like success */
	return status;
}

char **cli_words(char *const words[])
{
	char **argv = NULL;
	strv_push(&argv, "minictr");
	for (; *words; words++)
		strv_push(&argv, *words);
	return argv;
}

/* Hands all words on to the executable that serves the command. argv[0] stays the name a person typed. */
static int exec_heavy(const struct command *cmd, char **words)
{
	struct mc_err err = { 0 };
	_cleanup_strv_ char **argv =
		cli_words(words + (cmd->raw ? 1 : 0)); /* minictr-lab starts with its own verb */
	program_exec(cmd->program, argv, &err);
	err_wrap(&err, "minictr %s is served by %s", cmd->name, cmd->program);
	err_print(&err, "minictr");
	return 125;
}

static int unknown_command(const struct command *const table[], const char *word)
{
	const char *near = command_nearest(table, word);
	_cleanup_free_ char *lab = lab_word_near(word);
	bool verb = lab_word_find(word) != NULL; /* `minictr check`: right word, wrong place */
	fprintf(stderr, "minictr: '%s' is not a minictr command.\n", word);
	if (near && lab && !verb && !str_eq(near, lab) && !str_ends(lab, near))
		fprintf(stderr, "Did you mean '%s' or '%s'?\n", near, lab);
	else if (lab && (verb || !near))
		fprintf(stderr, "Did you mean '%s'?\n", lab);
	else if (near)
		fprintf(stderr, "Did you mean '%s'?\n", near);
	fprintf(stderr, "See 'minictr --help'.\n");
	return 1;
}

/* `container`, `image`, `system` alone or with an unknown second word: list what the group has. Returns false when no group. */
static bool help_group(const struct command *const table[], const char *group)
{
	bool any = false;
	size_t len = strlen(group);
	for (size_t i = 0; table[i]; i++) {
		const char *names[] = { table[i]->name, table[i]->aliases };
		for (size_t k = 0; k < 2; k++) {
			for (const char *p = names[k]; p && *p;) {
				size_t n = strcspn(p, ",");
				if (n > len && !strncmp(p, group, len) && p[len] == ' ') {
					if (!any)
						fprintf(stderr, "minictr %s COMMAND, one of:\n", group);
					any = true;
					fprintf(stderr, "  %-22.*s %s\n", (int)n, p, table[i]->summary);
				}
				p += n;
				p += strspn(p, ", ");
			}
		}
	}
	return any;
}

static int dispatch(struct cli *cli, const struct command *const table[], int argc, char **argv)
{
	int words = 1;
	const struct command *cmd = command_find(table, argc, argv, &words);
	if (!cmd && help_group(table, argv[0]))
		return 1;
	if (!cmd)
		return unknown_command(table, argv[0]);
	if (!cmd->run)
		return exec_heavy(cmd, argv);
	_cleanup_free_ char *called = words == 2 ? xasprintf("%s %s", argv[0], argv[1]) : xstrdup(argv[0]);
	return command_run(cli, cmd, called, argc - words, argv + words);
}

static int set_root(const char *dir)
{
	struct mc_err err = { 0 };
	char here[4096];
	if (!*dir) {
		fprintf(stderr, "minictr: --root needs a directory\n");
		return 125;
	}
	if (dir[0] == '/') {
		setenv("MINICTR_ROOT", dir, 1);
		return 0;
	}
	if (!getcwd(here, sizeof(here))) {
		err_sys(&err, "getcwd");
		err_print(&err, "minictr");
		return 125;
	}
	_cleanup_free_ char *path = xasprintf("%s/%s", here, dir);
	setenv("MINICTR_ROOT", path, 1);
	return 0;
}

/* `--flag VALUE` or `--flag=VALUE` at argv[*at]; moves *at to the value's word. NULL when it is another flag. */
static const char *global_value(const char *flag, int argc, char **argv, int *at)
{
	size_t len = strlen(flag);
	if (strncmp(argv[*at], flag, len) != 0)
		return NULL;
	if (argv[*at][len] == '=')
		return argv[*at] + len + 1;
	if (argv[*at][len])
		return NULL;
	return *at + 1 < argc ? argv[++*at] : "";
}

/* Reads the flags before the command. Returns the index of the command, or -1 - EXIT_STATUS when all is done. */
static int global_flags(struct cli *cli, const struct command *const table[], int argc, char **argv)
{
	int i;
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		const char *value;
		int rc;
		if (str_eq(argv[i], "--help") || str_eq(argv[i], "-h")) {
			help_all(stdout, table);
			return -1;
		}
		if (str_eq(argv[i], "--version") || str_eq(argv[i], "-v")) {
			printf("minictr version %s\n", MINICTR_VERSION);
			return -1;
		}
		if (str_eq(argv[i], "--debug") || str_eq(argv[i], "-D")) {
			cli->debug = true;
		} else if (str_eq(argv[i], "-H") || str_starts(argv[i], "--host")) {
			fprintf(stderr,
				"minictr: %s: there is no daemon to talk to; this program is the engine\n",
				argv[i]);
			return -1 - 125;
		} else if ((value = global_value("--root", argc, argv, &i))) {
			if ((rc = set_root(value)) != 0)
				return -1 - rc;
		} else {
			fprintf(stderr, "minictr: unknown flag: %s\nSee 'minictr --help'.\n", argv[i]);
			return -1 - 125;
		}
	}
	return i;
}

static int print_flags(const struct command *const table[], int argc, char **argv)
{
	int words;
	const struct command *cmd = argc < 1 ? NULL : command_find(table, 1, argv, &words);
	const char *partial = argc > 1 && str_starts(argv[1], "--") ? argv[1] + 2 : "";
	for (const struct option_def *o = cmd ? cmd->options : NULL; o && o->name; o++)
		if (o->help && str_starts(o->name, partial))
			printf("--%s\n", o->name);
	return cmd ? 0 : 1;
}

int cli_main(int argc, char **argv, const struct command *const table[], const char *program)
{
	struct cli cli = { .program = program, .argv = strv_copy(argv) };
	explain_init(program);
	int first = global_flags(&cli, table, argc, argv);
	if (first < 0)
		return -1 - first;
	if (cli.debug)
		explain_start(STDERR_FILENO, EXPLAIN_CALLS, EXPLAIN_TEXT);
	if (first >= argc) {
		help_all(stderr, table);
		return 1;
	}
	if (str_eq(argv[first], "__flags")) /* asked by `minictr internal complete` */
		return print_flags(table, argc - first - 1, argv + first + 1);
	return dispatch(&cli, table, argc - first, argv + first);
}
