/*
 * command.c - main() of every executable that serves commands: look-up, parse, run, error. Global flags:
 * global_flags.c.
 *
 * The light executable knows a command of another one only by a row without a run function: it replaces
 * itself (execve(2)) by the executable named there, with the same words. So `minictr pull` costs curl's
 * start-up and `minictr ps` does not. --root travels as MINICTR_ROOT, --debug as MINICTR_EXPLAIN.
 * Exit status: docker's. 125 for wrong flags, what the command says, else 1.
 */
#include "cli/command.h"

#include <unistd.h>

#include "base/explain.h"
#include "base/program.h"
#include "cli/elsewhere.h"
#include "cli/global_flags.h"
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

/* Commands of docker and podman that are no part of this program. Found in the table, they are never
 * looked up here. */
static const struct {
	const char *names, *why;
} absent[] = {
	{ "buildx", "`minictr build` reads Dockerfiles as BuildKit does" },
	{ "swarm, service, stack, node, secret, config", "there is no swarm here: one machine, one engine" },
	{ "plugin, trust, manifest, scout, model", "docker has it, minictr does not" },
	{ "pod, kube, play, generate, machine, farm, artifact", "podman has it, minictr does not" },
};

static bool say_absent(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(absent); i++) {
		if (!name_matches(absent[i].names, word))
			continue;
		fprintf(stderr, "minictr: '%s' is not there: %s.\nSee 'minictr --help'.\n", word,
			absent[i].why);
		return true;
	}
	return false;
}

static int unknown_command(const struct command *const table[], const char *word)
{
	if (say_absent(word))
		return 1;
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

/* `container lst`: the group is right, its verb is not. */
static int unknown_verb(const struct command *const table[], const char *group, const char *verb)
{
	_cleanup_free_ char *both = xasprintf("%s %s", group, verb);
	const char *near = command_nearest(table, both);
	fprintf(stderr, "minictr: '%s' is not a minictr command.\n", both);
	if (near && strchr(near, ' '))
		fprintf(stderr, "Did you mean '%s'?\n", near);
	fprintf(stderr, "See 'minictr %s --help'.\n", group);
	return 1;
}

static int dispatch(struct cli *cli, const struct command *const table[], int argc, char **argv)
{
	int words = 1;
	const struct command *cmd = command_find(table, argc, argv, &words);
	bool help = argc == 2 && (str_eq(argv[1], "--help") || str_eq(argv[1], "-h"));
	if (!cmd && (argc == 1 || help) && help_group(stdout, table, argv[0]))
		return 0;
	if (!cmd && argc > 1 && help_group(NULL, table, argv[0]))
		return unknown_verb(table, argv[0], argv[1]);
	if (!cmd)
		return unknown_command(table, argv[0]);
	if (!cmd->run)
		return exec_heavy(cmd, argv);
	_cleanup_free_ char *called = words == 2 ? xasprintf("%s %s", argv[0], argv[1]) : xstrdup(argv[0]);
	return command_run(cli, cmd, called, argc - words, argv + words);
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
	int first = global_flags(&cli, argc, argv), status = 0;
	if (first < 0)
		return -1 - first;
	if (global_request(table, argv[first], &status))
		return status;
	if (cli.debug)
		explain_start(STDERR_FILENO, EXPLAIN_CALLS, EXPLAIN_TEXT);
	if (first >= argc) {
		help_all(stderr, table);
		return 1;
	}
	struct mc_err err = { 0 };
	if (str_eq(program, "minictr") && elsewhere(&cli, argc - first, argv + first, &err) < 0) {
		err_print(&err, "minictr");
		return err.exit_status ? err.exit_status : 1;
	}
	if (str_eq(argv[first], "__flags")) /* asked by `minictr internal complete` */
		return print_flags(table, argc - first - 1, argv + first + 1);
	return dispatch(&cli, table, argc - first, argv + first);
}
