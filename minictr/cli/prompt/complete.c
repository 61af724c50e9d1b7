/*
 * complete.c - what could stand here? One answer for the prompt and for the shell (scripts/completion.bash).
 *
 * `minictr internal complete WORD... PARTIAL` prints one candidate a line. Order: the command's name, then
 * flags when the partial word begins with a dash, values behind a flag that wants one (complete_values.c),
 * else names of what the command works on. Labs know their own words.
 */
#include "cli/prompt/complete.h"

#include "base/program.h"
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/prompt/complete_values.h"
#include "cli/prompt/lab_words.h"
#include "engine/container.h"
#include "engine/networks.h"
#include "network/network_record.h"
#include "volume/volume.h"
#include "image/image.h"

static void say(const char *word, size_t len, const char *partial)
{
	if (len >= strlen(partial) && !strncmp(word, partial, strlen(partial)))
		printf("%.*s\n", (int)len, word);
}

/* First words of all names, or the second words behind a group's name. */
static void say_names(const char *names, const char *group, const char *partial)
{
	for (const char *p = names; p && *p; p += strspn(p, ", ")) {
		size_t n = strcspn(p, ","), first = strcspn(p, " ,");
		if (!group)
			say(p, first, partial);
		else if (first < n && strlen(group) == first && !strncmp(p, group, first))
			say(p + first + 1, n - first - 1, partial);
		p += n;
	}
}

/* First words that stand in front of a verb: `container ls`. */
static const char *const groups[] = { "container", "image", "volume", "network", "system", "ns",
	"healthcheck" };

/* The prompt takes `check` for `lab check`. */
static bool at_prompt(void) { return getenv("MINICTR_REPL") != NULL; }

static void complete_commands(const char *group, const char *partial)
{
	const struct command *const *table = light_table();
	for (size_t i = 0; table[i]; i++) {
		if (table[i]->group == GROUP_HIDDEN)
			continue;
		say_names(table[i]->name, group, partial);
		if (group)
			say_names(table[i]->aliases, group, partial);
	}
	for (size_t i = 0; !group && i < ARRAY_LEN(groups); i++)
		if (!str_eq(groups[i], "system") && !str_eq(groups[i], "ns"))
			say(groups[i], strlen(groups[i]), partial);
	for (const struct lab_word *w = lab_words; !group && at_prompt() && w->name; w++)
		if (w->bare)
			say(w->name, strlen(w->name), partial);
}

static void complete_flags(const struct command *cmd, const char *partial)
{
	if (!cmd->run) {
		struct mc_err err = { 0 };
		char *const argv[] = { "minictr", "__flags", (char *)cmd->name, (char *)partial, NULL };
		fflush(stdout);
		program_exec(cmd->program, argv, &err);
		return;
	}
	for (const struct option_def *o = cmd->options; o && o->name; o++) {
		_cleanup_free_ char *flag = xasprintf("--%s", o->name);
		if (o->help)
			say(flag, strlen(flag), partial);
	}
	say("--help", 6, partial);
}

static void complete_containers(struct engine *e, bool running_only, const char *partial)
{
	_cleanup_container_list_ struct container_list list = { 0 };
	struct mc_err err = { 0 };
	if (container_list(e, &list, &err) < 0)
		return;
	for (size_t i = 0; i < list.count; i++)
		if (!running_only || container_is_active(&list.items[i]))
			say(list.items[i].name, strlen(list.items[i].name), partial);
}

static void complete_images(struct engine *e, const char *partial)
{
	struct mc_err err = { 0 };
	_cleanup_close_ int store = store_open(e->root, &err);
	struct image *list = NULL;
	size_t n = 0;
	if (store < 0 || image_list(store, &list, &n, &err) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; list[i].names && list[i].names[k]; k++) {
			const char *name = list[i].names[k];
			size_t len = strlen(name) - (str_ends(name, ":latest") ? strlen(":latest") : 0);
			say(name, len, partial);
		}
	}
	image_list_free(list, n);
}

static void complete_volumes(struct engine *e, const char *partial)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **names = NULL;
	_cleanup_close_ int store = volume_store_open(e->dir, &ignored);
	if (store < 0 || volume_list(store, &names, &ignored) < 0)
		return;
	for (size_t i = 0; names && names[i]; i++)
		say(names[i], strlen(names[i]), partial);
}

static void complete_networks(struct engine *e, const char *partial)
{
	struct mc_err ignored = { 0 };
	_cleanup_network_list_ struct network_list list = { 0 };
	struct net_home home = engine_networks(e);
	if (network_list(&home, &list, &ignored) < 0)
		return;
	for (size_t i = 0; i < list.count; i++)
		say(list.items[i].name, strlen(list.items[i].name), partial);
}

/* Names of the engine's own things behind a flag: what is there, beside the words of complete_values.c. */
static void complete_flag_names(struct cli *cli, const char *flag, const char *partial)
{
	_cleanup_engine_ struct engine e = { 0 };
	struct mc_err ignored = { 0 };
	bool network = str_eq(flag, "network") || str_eq(flag, "net");
	bool container = str_eq(flag, "volumes-from");
	if ((!network && !container && !str_eq(flag, "volume")) || use_engine(cli, &e, &ignored) < 0)
		return;
	if (str_eq(flag, "volume"))
		complete_volumes(&e, partial);
	if (network)
		complete_networks(&e, partial);
	if (container)
		complete_containers(&e, false, partial);
}

static int complete_operands(struct cli *cli, const struct command *cmd, int nth, const char *partial)
{
	_cleanup_engine_ struct engine e = { 0 };
	struct mc_err err = { 0 };
	if (cmd->takes == TAKES_NOTHING)
		return 0;
	if (cmd->takes == TAKES_COMMANDS) {
		complete_commands(NULL, partial);
		return 0;
	}
	if (use_engine(cli, &e, &err) < 0)
		return 0;
	if (str_eq(cmd->name, "cp") && complete_inside(&e, partial))
		return 0;
	if (cmd->takes == TAKES_VOLUMES)
		complete_volumes(&e, partial);
	else if (cmd->takes == TAKES_NETWORKS || (cmd->takes == TAKES_NETWORK_CONTAINER && nth == 0))
		complete_networks(&e, partial);
	else if (cmd->takes != TAKES_IMAGES)
		complete_containers(&e, cmd->takes == TAKES_RUNNING, partial);
	if (cmd->takes == TAKES_IMAGES || cmd->takes == TAKES_BOTH)
		complete_images(&e, partial);
	return 0;
}

/* A program with verbs and names of its own answers itself: `minictr-pipeline __complete WORD... PARTIAL`. */
static void complete_by(const char *program, int argc, char **argv)
{
	struct mc_err err = { 0 };
	_cleanup_strv_ char **words = NULL;
	strv_push(&words, "minictr");
	strv_push(&words, "__complete");
	for (int i = 0; i < argc; i++)
		strv_push(&words, argv[i]);
	fflush(stdout);
	program_exec(program, words, &err);
}

static bool is_group(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (str_eq(word, groups[i]))
			return true;
	return false;
}

int complete_words(struct cli *cli, int argc, char **argv)
{
	int words;
	const char *partial = argc ? argv[argc - 1] : "";
	while (argc > 1 && (str_eq(argv[0], "explain") || str_eq(argv[0], "minictr") || argv[0][0] == '-')) {
		argc--;
		argv++;
	}
	if (argc <= 1) {
		complete_commands(NULL, partial);
		return 0;
	}
	if (argc == 2 && is_group(argv[0])) {
		complete_commands(argv[0], partial);
		return 0;
	}
	const struct command *cmd = command_find(light_table(), argc - 1, argv, &words);
	bool bare = at_prompt() && lab_word_find(argv[0]) && (!cmd || lab_word_find(argv[0])->bare);
	if (bare || (cmd && str_eq(cmd->program, "minictr-lab"))) {
		complete_labs(argc, argv);
		return 0;
	}
	if (!cmd)
		return 0;
	if (str_eq(cmd->name, "pipeline") || str_eq(cmd->name, "compose")) {
		complete_by(cmd->program, argc - 1, argv + 1);
		return 0;
	}
	if (argc > words + 1 && complete_value(cmd, argv[argc - 2], partial)) {
		complete_flag_names(cli, complete_waiting(cmd, argv[argc - 2]), partial);
		return 0;
	}
	if (partial[0] == '-') {
		complete_flags(cmd, partial);
		return 0;
	}
	return complete_operands(cli, cmd, argc - 1 - words, partial);
}
