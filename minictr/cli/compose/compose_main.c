/*
 * compose/compose_main.c - minictr-compose: many containers from one YAML file.
 *
 * `minictr compose [FLAGS] VERB [...]`: the flags before the verb say which files and which project; they
 * are parsed here, and then the verb's own command runs as any other.
 * https://docs.docker.com/reference/cli/docker/compose/
 */
#include "cli/compose/compose.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>

#include "base/explain.h"
#include "cli/flags.h"
#include "compose/yaml_json.h"
#include "engine/rootless.h"

extern const struct command compose_up, compose_down, compose_stop, compose_start, compose_restart,
	compose_ps, compose_ls, compose_logs, compose_config, compose_exec, compose_run, compose_build,
	compose_pull, compose_push, compose_kill, compose_rm, compose_top, compose_images, compose_events,
	compose_create, compose_pause, compose_unpause, compose_port, compose_cp, compose_wait,
	compose_version, compose_graph, compose_scale, compose_explain, compose_volumes, compose_kube,
	compose_watch, compose_attach, compose_stats;

static const struct command *const table[] = { &compose_up, &compose_down, &compose_stop, &compose_start,
	&compose_restart, &compose_ps, &compose_ls, &compose_logs, &compose_config, &compose_exec,
	&compose_run, &compose_build, &compose_pull, &compose_push, &compose_kill, &compose_rm, &compose_top,
	&compose_images, &compose_events, &compose_create, &compose_pause, &compose_unpause, &compose_port,
	&compose_cp, &compose_wait, &compose_version, &compose_graph, &compose_scale, &compose_explain,
	&compose_volumes, &compose_kube, &compose_watch, &compose_attach, &compose_stats, NULL };

static const struct option_def global_options[] = {
	{ 0, "all-resources", OPT_FLAG, offsetof(struct compose_flags, all_profiles), NULL, NULL },
	{ 0, "ansi", OPT_STRING, offsetof(struct compose_flags, ansi), "when",
		"auto (default), or never: neither colours nor a live table" },
	{ 0, "compatibility", OPT_FLAG, offsetof(struct compose_flags, compatibility), NULL, NULL },
	{ 0, "dry-run", OPT_FLAG, offsetof(struct compose_flags, dry_run), NULL,
		"Tell what would be done, and do nothing" },
	{ 0, "env-file", OPT_LIST, offsetof(struct compose_flags, env_files), "file",
		"Variables of the file (default .env)" },
	{ 'f', "file", OPT_LIST, offsetof(struct compose_flags, files), "file",
		"Compose file; several are merged" },
	{ 0, "parallel", OPT_INT, offsetof(struct compose_flags, parallel), "number",
		"So many services at a time (default -1: as many as can)" },
	{ 0, "profile", OPT_LIST, offsetof(struct compose_flags, profiles), "name",
		"Services of this profile, too" },
	{ 0, "progress", OPT_STRING, offsetof(struct compose_flags, progress), "string",
		"auto (default), tty, plain or quiet" },
	{ 0, "project-directory", OPT_STRING, offsetof(struct compose_flags, directory), "dir",
		"What relative paths start from" },
	{ 'p', "project-name", OPT_STRING, offsetof(struct compose_flags, project), "name", "Project name" },
	{ 0 },
};

/* Only for its flags and its help. */
static const struct command compose_itself = {
	.name = "compose",
	.usage = "[OPTIONS] COMMAND",
	.summary = "Many containers from one file",
	.example = "minictr compose up -d\nminictr compose -f shop.yaml ps",
	.options = global_options,
	.values_size = sizeof(struct compose_flags),
	.stop_at_operand = true,
};

static void print_help(FILE *out)
{
	fprintf(out,
		"Usage:  minictr compose [OPTIONS] COMMAND\n\nMany containers from one file\n\nOptions:\n");
	options_print(out, global_options);
	fprintf(out, "\nCommands:\n");
	for (size_t i = 0; table[i]; i++)
		fprintf(out, "  %-10s %s\n", table[i]->name, table[i]->summary);
	fprintf(out, "\nExample:\n  minictr compose up -d\n  minictr compose logs -f web\n");
}

/* Those that act through the board tell every step; those that only look change nothing anyway. */
static bool can_run_dry(const char *verb)
{
	static const char *const able[] = { "up", "create", "scale", "down", "stop", "start", "restart", "ps",
		"ls", "logs", "config", "top", "images", "events", "port", "wait", "version", "graph",
		"explain", "volumes", "kube" };
	for (size_t i = 0; i < ARRAY_LEN(able); i++)
		if (str_eq(able[i], verb))
			return true;
	return false;
}

static bool one_of(const char *word, const char *const words[])
{
	for (size_t i = 0; words[i]; i++)
		if (str_eq(word, words[i]))
			return true;
	return false;
}

/*
 * The flags that say how much is drawn; the shell's variables stand for those that were not typed. Others of
 * our commands draw as variables tell them: BUILDKIT_PROGRESS (build), NO_COLOR (all).
 */
static int check_flags(struct compose_flags *f, struct mc_err *err)
{
	const char *limit = getenv("COMPOSE_PARALLEL_LIMIT");
	int64_t n = f->parallel;
	f->ansi = f->ansi ? f->ansi : getenv("COMPOSE_ANSI");
	f->progress = f->progress ? f->progress : getenv("BUILDKIT_PROGRESS");
	if (f->ansi && !one_of(f->ansi, (const char *const[]){ "auto", "never", NULL }))
		return err_set(err, EINVAL,
			"--ansi %s: auto or never; into a pipe or a file no colours are written", f->ansi);
	if (f->progress &&
		!one_of(f->progress, (const char *const[]){ "auto", "tty", "plain", "quiet", NULL }))
		return err_set(err, EINVAL, "--progress %s: expected auto, tty, plain or quiet", f->progress);
	if (limit && *limit && !n && parse_i64(limit, &n) < 0)
		return err_set(err, EINVAL, "COMPOSE_PARALLEL_LIMIT \"%s\" is not a number", limit);
	if (n < -1 || n > INT_MAX)
		return err_set(err, EINVAL, "--parallel %lld: a number above 0, or -1", (long long)n);
	f->parallel = (int)n;
	if (f->compatibility)
		return err_set(err, ENOTSUP,
			"--compatibility: names with _ are those of docker-compose 1; "
			"container_name gives a service the name it had there");
	if (f->progress)
		setenv("BUILDKIT_PROGRESS", f->progress, 1);
	if (str_eq(f->ansi, "never"))
		setenv("NO_COLOR", "1", 1);
	return 0;
}

/* Docker takes --dry-run behind the verb, too; behind `run` and `exec` it may be the program's own. */
static int take_dry_run(const struct command *cmd, int n, char **words, bool *ret)
{
	int kept = 0;
	for (int i = 0; i < n; i++)
		if (!cmd->stop_at_operand && str_eq(words[i], "--dry-run"))
			*ret = true;
		else
			words[kept++] = words[i];
	words[kept] = NULL;
	return kept;
}

/* Not a verb: the engine, which links no YAML, has us read the device files of others (engine/spec/cdi.c). */
static int print_as_json(const char *path)
{
	_cleanup_yaml_ struct yaml *documents = NULL;
	struct mc_err err = { 0 };
	int rc = ynode_load_file(AT_FDCWD, path, path, &documents, &err);
	if (rc < 0) {
		err_print(&err, NULL);
		return 1;
	}
	_cleanup_json_ struct json *j = documents->n ? ynode_to_json(documents->items[0]) : NULL;
	_cleanup_free_ char *text = json_dump(j, false);
	puts(text);
	return 0;
}

static void say(const char *word, const char *partial)
{
	if (str_starts(word, partial))
		printf("%s\n", word);
}

/* The services of the file that lies here; no file, no services. */
static void say_services(struct cli *cli, const char *partial)
{
	_cleanup_project_ struct project p = { 0 };
	struct mc_err ignored = { 0 };
	int rc = compose_load(cli, NULL, &p, &ignored);
	for (size_t i = 0; rc >= 0 && i < p.services->n; i++)
		say(p.services->keys[i], partial);
}

/* `minictr-compose __complete WORD... PARTIAL`: one candidate a line; -f and -p before the verb count. */
static int complete(struct cli *cli, int argc, char **argv)
{
	struct mc_err ignored = { 0 };
	bool help = false;
	_cleanup_free_ char *partial = xstrdup(argc ? argv[--argc] : "");
	int n = options_parse(&compose_itself, argc, argv, cli->own, &help, &ignored), words;
	const struct command *cmd = n > 0 ? command_find(table, n, argv, &words) : NULL;
	for (size_t i = 0; n == 0 && *partial != '-' && table[i]; i++)
		say(table[i]->name, partial);
	const struct option_def *flags = n == 0 ? global_options : cmd ? cmd->options : NULL;
	for (const struct option_def *o = *partial == '-' ? flags : NULL; o && o->name; o++) {
		_cleanup_free_ char *flag = xasprintf("--%s", o->name);
		if (o->help)
			say(flag, partial);
	}
	if (cmd && *partial != '-' && strstr(cmd->usage, "SERVICE"))
		say_services(cli, partial);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && str_eq(argv[1], "--as-json"))
		return print_as_json(argv[2]);
	struct compose_flags flags = { 0 };
	struct mc_err err = { 0 };
	bool help = false;
	struct cli cli = { .program = "minictr-compose", .own = &flags, .argv = strv_copy(argv) };
	explain_init("minictr-compose");
	if (argc > 1 && str_eq(argv[1], "__complete")) /* asked by `minictr internal complete` */
		return complete(&cli, argc - 2, argv + 2);
	int first = argc > 1 && str_eq(argv[1], "compose") ? 2 : 1;
	int n = options_parse(&compose_itself, argc - first, argv + first, &flags, &help, &err);
	if (n < 0 || (n > 0 && check_flags(&flags, &err) < 0)) {
		err_print(&err, "minictr");
		return err.exit_status ? err.exit_status : 125;
	}
	if (help || n == 0 || str_eq(argv[first], "help")) {
		print_help(n == 0 && !help ? stderr : stdout);
		return n == 0 && !help ? 1 : 0;
	}
	int words = 1;
	const struct command *cmd = command_find(table, n, argv + first, &words);
	if (!cmd) {
		const char *near = command_nearest(table, argv[first]);
		fprintf(stderr, "minictr: unknown compose command: %s%s%s%s\nSee 'minictr compose --help'.\n",
			argv[first], near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
		return 1;
	}
	n = words + take_dry_run(cmd, n - words, argv + first + words, &flags.dry_run);
	if (flags.dry_run && !can_run_dry(cmd->name)) {
		fprintf(stderr, "minictr: there is no dry run of `compose %s`\n", cmd->name);
		return 1;
	}
	_cleanup_free_ char *called = xasprintf("compose %s", argv[first]);
	return command_run(&cli, cmd, called, n - words, argv + first + words);
}
