/*
 * cmd/volume.c - `volume create|ls|inspect|rm|prune`: data with a name of its own. export, import and clone
 * need libarchive: cmd/volume_pack.c in minictr-image.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/format.h"
#include "cli/format/table.h"
#include "cli/verbs.h"
#include "engine/spec/option_words.h"
#include "engine/volume_filters.h"

/* --- create --- */

static const struct option_def create_options[] = {
	{ 'd', "driver", OPT_STRING, offsetof(struct volume_create_values, driver), "string",
		"There is one: local" },
	{ 0, "label", OPT_LIST, offsetof(struct volume_create_values, labels), "list",
		"Note something: KEY=VALUE" },
	{ 0, "name", OPT_STRING, offsetof(struct volume_create_values, name), "string",
		"The same as the argument" },
	{ 'o', "opt", OPT_LIST, offsetof(struct volume_create_values, options), "map",
		"Mount something else: type=tmpfs, device=tmpfs, o=size=64m" },
	{ 0 },
};

static int volume_cmd_create(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct volume_create_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_free_ char *name = NULL;
	if (argc && v->name)
		return err_set(err, EINVAL,
			"conflicting options: cannot specify a volume-name through both --name and as a "
			"positional arg");
	struct volume_options o = { argc ? argv[0] : v->name, v->driver, v->options, v->labels };
	int rc = option_labels_check(v->labels, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = engine_volume_create(&e, &o, &name, err);
	if (rc == 0)
		printf("%s\n", name);
	return rc;
}

/* --- ls --- */

static const struct option_def list_options[] = {
	{ 'f', "filter", OPT_LIST, offsetof(struct volume_list_values, filters), "filter",
		"Only those with dangling=BOOL, driver=, label=KEY[=VALUE], name=" },
	{ 0, "format", OPT_STRING, offsetof(struct volume_list_values, format), "string",
		"'table', 'json' or a template" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct volume_list_values, quiet), NULL, "Names only" },
	{ 0 },
};

static const struct format_title volume_titles[] = { { "Driver", "DRIVER" }, { "Name", "VOLUME NAME" },
	{ "Scope", "SCOPE" }, { "Mountpoint", "MOUNTPOINT" }, { "Labels", "LABELS" }, { "Links", "LINKS" },
	{ "Size", "SIZE" }, { NULL, NULL } };

void volume_add_row(struct json *rows, const struct json *v, bool sizes)
{
	struct json *row = json_add(rows, json_new_object());
	_cleanup_free_ char *labels = labels_join(json_member(v, "Labels"));
	static const char *const keys[] = { "Driver", "Name", "Scope", "Mountpoint" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		json_set_string(row, keys[i], json_text_at(v, keys[i], ""));
	json_set_string(row, "Labels", labels);
	int64_t size = json_int_of(json_at(v, "UsageData.Size"));
	_cleanup_free_ char *text = sizes && size >= 0 ? text_size(size) : xstrdup("N/A");
	_cleanup_free_ char *links =
		sizes ? xasprintf("%lld", (long long)json_int_of(json_at(v, "UsageData.RefCount")))
		      : xstrdup("N/A");
	json_set_string(row, "Size", text);
	json_set_string(row, "Links", links);
	json_set_string(row, "Availability", "N/A");
	json_set_string(row, "Group", "N/A");
	json_set_string(row, "Status", "N/A");
}

int volumes_print(const struct volume_list_values *v, const struct json *rows, struct mc_err *err)
{
	const char *format = v->quiet && (!v->format || str_eq(v->format, "table")) ? "{{.Name}}" : v->format;
	return format_list(format, "table {{.Driver}}\t{{.Name}}", volume_titles, rows, stdout, err);
}

static int volume_cmd_list(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct volume_list_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_json_ struct json *all = NULL, *rows = json_new_array();
	/* walking each volume takes long: only when a template asks for it */
	bool sizes = v->format && (strstr(v->format, ".Size") || strstr(v->format, ".Links"));
	int rc = volume_filters_check(v->filters, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = engine_volume_list(&e, sizes, &all, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < json_len(all); i++)
		if (volume_passes(json_item(all, i), v->filters))
			volume_add_row(rows, json_item(all, i), sizes);
	return volumes_print(v, rows, err);
}

/* --- inspect --- */

static const struct option_def inspect_options[] = {
	{ 'f', "format", OPT_STRING, offsetof(struct volume_inspect_values, format), "string",
		"'json' or a template" },
	{ 0 },
};

static int volume_cmd_inspect(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct volume_inspect_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_json_ struct json *found = json_new_array();
	struct mc_err missing = { 0 };
	int rc = use_engine(cli, &e, err), bad = 0;
	for (int i = 0; rc == 0 && i < argc; i++) {
		struct json *one = NULL;
		if (engine_volume_inspect(&e, argv[i], false, &one, &missing) == 0)
			json_add(found, one);
		else
			bad = 1;
	}
	if (rc == 0)
		rc = format_inspect(v->format, found, stdout, err);
	if (rc == 0 && bad) { /* the ones that exist are shown first, as docker does */
		*err = missing;
		return err_exit(err, 1);
	}
	return rc;
}

/* --- rm --- */

static const struct option_def remove_options[] = {
	{ 'f', "force", OPT_FLAG, offsetof(struct volume_rm_values, force), NULL,
		"A missing one is no error" },
	{ 0 },
};

static int volume_remove_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	return engine_volume_remove(e, name, ((const struct volume_rm_values *)values)->force, err);
}

static int volume_cmd_remove(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	return each_name(cli, argc, argv, volume_remove_one, values, err);
}

/* --- prune --- */

static const struct option_def prune_options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct volume_prune_values, all), NULL, "Volumes with a name, too" },
	{ 0, "filter", OPT_LIST, offsetof(struct volume_prune_values, filters), "filter",
		"Only those with label=, label!=" },
	{ 'f', "force", OPT_FLAG, offsetof(struct volume_prune_values, force), NULL, "Do not ask" },
	{ 0 },
};

static void say_pruned(const struct json *volume, void *data)
{
	size_t *removed = data;
	if (!(*removed)++)
		printf("Deleted Volumes:\n");
	printf("%s\n", json_text_at(volume, "Name", ""));
}

int volume_prune_all(struct engine *e, bool all, char *const filters[], uint64_t *freed, struct mc_err *err)
{
	size_t removed = 0;
	int rc = engine_volumes_prune(e, all, filters, say_pruned, &removed, freed, err);
	if (removed)
		printf("\n");
	return rc;
}

static int volume_cmd_prune(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct volume_prune_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	uint64_t freed = 0;
	bool all = v->all;
	int rc = volume_prune_check(v->filters, &all, err);
	_cleanup_free_ char *question = xasprintf("WARNING! This will remove %s volumes not used by at least "
						  "one container.\nAre you sure you want to "
						  "continue?",
		all ? "all" : "anonymous local");
	if (rc < 0 || (!v->force && !ask_yes(question)))
		return rc;
	rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = volume_prune_all(&e, all, v->filters, &freed, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *size = text_size((int64_t)freed);
	printf("Total reclaimed space: %s\n", size);
	return 0;
}

/* --- the table --- */

const struct command cmd_volume_create = {
	.name = "volume create",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS] [VOLUME]",
	.summary = "Make a volume: data that outlives containers",
	.example = "minictr volume create data\nminictr run --rm -v data:/data busybox touch /data/kept",
	.max_args = 1,
	.options = create_options,
	.values_size = sizeof(struct volume_create_values),
	.run = volume_cmd_create,
};

const struct command cmd_volume_ls = {
	.name = "volume ls",
	.aliases = "volume list",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS]",
	.summary = "List volumes",
	.example = "minictr volume ls --filter dangling=true",
	.options = list_options,
	.values_size = sizeof(struct volume_list_values),
	.run = volume_cmd_list,
};

const struct command cmd_volume_inspect = {
	.name = "volume inspect",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS] VOLUME [VOLUME...]",
	.summary = "Show all that is known of volumes",
	.example = "minictr volume inspect -f '{{.Mountpoint}}' data",
	.takes = TAKES_VOLUMES,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = inspect_options,
	.values_size = sizeof(struct volume_inspect_values),
	.run = volume_cmd_inspect,
};

const struct command cmd_volume_rm = {
	.name = "volume rm",
	.aliases = "volume remove",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS] VOLUME [VOLUME...]",
	.summary = "Remove volumes and all their data",
	.example = "minictr volume rm data",
	.takes = TAKES_VOLUMES,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = remove_options,
	.values_size = sizeof(struct volume_rm_values),
	.run = volume_cmd_remove,
};

const struct command cmd_volume_prune = {
	.name = "volume prune",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS]",
	.summary = "Remove volumes that no container uses",
	.example = "minictr volume prune -f",
	.options = prune_options,
	.values_size = sizeof(struct volume_prune_values),
	.run = volume_cmd_prune,
};
