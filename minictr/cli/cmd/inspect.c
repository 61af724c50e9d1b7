/*
 * cmd/inspect.c - `inspect`: all that is known of containers and images, as one JSON array in docker's
 * shape; with --tree a picture of a running container (inspect_tree.c).
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/format.h"
#include "cli/image_common.h"
#include "cli/inspect_parts.h"
#include "cli/verbs.h"
#include "engine/inspect.h"

static const struct option_def options[] = {
	{ 'f', "format", OPT_STRING, offsetof(struct inspect_values, format), "string",
		"'json' or a template: {{.State.Pid}}" },
	{ 0, "platform", OPT_STRING, offsetof(struct inspect_values, platform), "string",
		"Show an image only when it is for this machine, as linux/arm64" },
	{ 's', "size", OPT_FLAG, offsetof(struct inspect_values, size), NULL, "Sizes of containers, too" },
	{ 0, "tree", OPT_FLAG, offsetof(struct inspect_values, tree), NULL,
		"Draw it: processes, namespaces, mounts, cgroup" },
	{ 0, "type", OPT_STRING, offsetof(struct inspect_values, type), "string", "container or image" },
	{ 0 },
};

static int one_container(struct engine *e, const char *name, bool size, struct json *all, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	struct json *doc;
	int rc = container_find(e, name, &c, err);
	if (rc == 0)
		rc = container_inspect(e, &c, size, &doc, err);
	if (rc == 0)
		json_add(all, doc);
	return rc;
}

static int one_image(
	struct engine *e, const char *name, const char *platform, struct json *all, struct mc_err *err)
{
	struct json *doc;
	_cleanup_close_ int store = platform ? store_open(e->root, err) : -1;
	char *const names[] = { (char *)name, NULL };
	int rc = platform ? image_cli_platform(store, platform, names, err) : 0;
	if (rc == 0)
		rc = inspect_image(e, name, &doc, err);
	if (rc == 0)
		json_add(all, doc);
	return rc;
}

/* type: "container", "image", or NULL for whatever has the name, containers first. */
static int one(struct engine *e, const struct inspect_values *v, const char *type, const char *name,
	struct json *all, struct mc_err *err)
{
	struct mc_err first = { 0 };
	int rc = -ENOENT;
	if (!str_eq(type, "image"))
		rc = one_container(e, name, v->size, all, &first);
	if (rc == -ENOENT && !str_eq(type, "container"))
		rc = one_image(e, name, v->platform, all, err);
	else if (rc < 0)
		*err = first;
	if (rc == -ENOENT && !type)
		err_set(err, ENOENT, "No such object: %s", name);
	return rc;
}

static int inspect_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct inspect_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_json_ struct json *all = json_new_array();
	const char *type = v->type;
	if (type && !str_eq(type, "container") && !str_eq(type, "image")) {
		err_set(err, EINVAL, "unknown type: \"%s\"", type);
		err_hint(err, "it is container or image; a volume is shown by: minictr volume inspect");
		return -EINVAL;
	}
	char *const none[] = { NULL };
	if (image_cli_platform(-1, v->platform, none, err) < 0)
		return -err->code;
	if (format_check(v->format, err) < 0)
		return -err->code;
	if (!type && (str_eq(cli->called, "image inspect") || str_eq(cli->called, "container inspect")))
		type = str_starts(cli->called, "image") ? "image" : "container";
	int status = 0, rc = use_engine(cli, &e, err);
	for (int i = 0; rc == 0 && i < argc; i++) {
		struct mc_err not_found = { 0 };
		int r = v->tree ? inspect_tree(&e, argv[i], stdout, &not_found)
				: one(&e, v, type, argv[i], all, &not_found);
		if (r < 0) {
			err_print(&not_found, "minictr");
			status = 1;
		}
	}
	if (rc == 0 && !v->tree && (json_len(all) || !v->format))
		rc = format_inspect(v->format, all, stdout, err);
	return rc < 0 ? rc : status;
}

const struct command cmd_inspect = {
	.name = "inspect",
	.aliases = "container inspect, image inspect",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] NAME|ID [NAME|ID...]",
	.summary = "Show all that is known of containers and images",
	.example = "minictr inspect --format '{{.State.Pid}}' web\nminictr inspect --tree web",
	.takes = TAKES_BOTH,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct inspect_values),
	.run = inspect_run,
};
