/*
 * compose/act.c - verbs that are another command of minictr on the containers of services: exec, run,
 * build, pull, kill, rm ...
 *
 * What such a verb does can be typed by hand as well; here it is only found which containers and images are
 * meant.
 */
#include <stdio.h>
#include <unistd.h>

#include "cli/compose/compose.h"
#include "cli/format/table.h"
#include "compose/resources.h"
#include "base/tool.h"
#include "engine/create.h"
#include "engine/run.h"
#include "engine/start.h"
#include "engine/stop.h"
#include "image/image.h"
#include "image/verbs.h"

/* --- build, pull, push, images --- */

struct build_values {
	bool no_cache, pull, quiet, push, deps;
	char **args, **secrets;
	const char *progress;
};

static const struct option_def build_options[] = {
	{ 0, "build-arg", OPT_LIST, offsetof(struct build_values, args), "list", "Build arguments" },
	{ 0, "no-cache", OPT_FLAG, offsetof(struct build_values, no_cache), NULL, "Every step anew" },
	{ 0, "progress", OPT_STRING, offsetof(struct build_values, progress), "string", "plain or tty" },
	{ 0, "pull", OPT_FLAG, offsetof(struct build_values, pull), NULL, "Ask for newer base images" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct build_values, quiet), NULL, "Print nothing" },
	{ 0, "with-dependencies", OPT_FLAG, offsetof(struct build_values, deps), NULL, NULL },
	{ 0 },
};

static int compose_cmd_build(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct build_values *v = values;
	_cleanup_project_ struct project p = { 0 };
	_cleanup_strv_ char **extra = NULL;
	int rc = compose_load(cli, argv, &p, err);
	if (rc >= 0)
		rc = compose_known(&p, argv, err);
	for (size_t i = 0; v->args && v->args[i]; i++)
		compose_flag(&extra, "--build-arg", v->args[i]);
	if (v->no_cache)
		strv_push(&extra, "--no-cache");
	if (v->pull)
		strv_push(&extra, "--pull");
	if (v->quiet)
		strv_push(&extra, "-q");
	compose_flag(&extra, "--progress", v->progress);
	for (size_t i = 0; rc >= 0 && i < p.services->n; i++)
		if (ynode_get(p.services->items[i], "build") &&
			(!argc || strv_has(argv, p.services->keys[i])))
			rc = image_build(&p, p.services->keys[i], extra, err);
	return rc;
}

const struct command compose_build = {
	.name = "build",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Build the images of services",
	.example = "minictr compose build --no-cache web",
	.options = build_options,
	.values_size = sizeof(struct build_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_build,
};

struct pull_values {
	bool quiet, ignore, buildable;
};

static const struct option_def pull_options[] = {
	{ 0, "ignore-buildable", OPT_FLAG, offsetof(struct pull_values, buildable), NULL,
		"Not the images that can be built" },
	{ 0, "ignore-pull-failures", OPT_FLAG, offsetof(struct pull_values, ignore), NULL,
		"Go on when one cannot be had" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct pull_values, quiet), NULL, "Without progress" },
	{ 0 },
};

static int move_images(struct cli *cli, const struct pull_values *v, const char *verb, int argc, char **argv,
	struct mc_err *err)
{
	_cleanup_project_ struct project p = { 0 };
	int rc = compose_load(cli, argv, &p, err), worst = 0;
	if (rc >= 0)
		rc = compose_known(&p, argv, err);
	for (size_t i = 0; rc >= 0 && i < p.services->n; i++) {
		const struct yaml *s = p.services->items[i];
		bool builds = ynode_get(s, "build") != NULL;
		if ((argc && !strv_has(argv, p.services->keys[i])) ||
			(str_eq(verb, "push") ? !builds : builds && (v->buildable || !ynode_get(s, "image"))))
			continue;
		_cleanup_free_ char *image = service_image(&p, p.services->keys[i]);
		char *const words[] = { (char *)verb, image, v->quiet ? (char *)"-q" : NULL, NULL };
		int one = tool_run(words, NULL, false, err);
		worst = one && !v->ignore ? 1 : worst;
	}
	return rc < 0 ? rc : worst;
}

static int compose_cmd_pull(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	return move_images(cli, values, "pull", argc, argv, err);
}

static int compose_cmd_push(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	return move_images(cli, values, "push", argc, argv, err);
}

const struct command compose_pull = {
	.name = "pull",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Pull the images of services",
	.example = "minictr compose pull",
	.options = pull_options,
	.values_size = sizeof(struct pull_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_pull,
};

const struct command compose_push = {
	.name = "push",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Push the images that services build",
	.example = "minictr compose push",
	.options = pull_options,
	.values_size = sizeof(struct pull_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_push,
};

/* --- a verb of minictr on each container --- */

static int each_container(struct cli *cli, const char *const flags[], const char *verb,
	char *const services[], bool one_each, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_strv_ char **names = NULL;
	int rc = compose_open_name(cli, &e, &p, err), worst = 0;
	if (rc >= 0)
		rc = compose_containers(&e, &p, services, false, &names, err);
	for (size_t i = 0; rc >= 0 && names && names[i]; i++) {
		_cleanup_container_ struct container c = { 0 };
		_cleanup_strv_ char **words = NULL;
		struct mc_err gone = { 0 };
		if (container_find(&e, names[i], &c, &gone) < 0 ||
			(!container_is_active(&c) && !str_eq(verb, "wait")))
			continue;
		strv_push(&words, verb);
		for (size_t k = 0; flags && flags[k]; k++)
			strv_push(&words, flags[k]);
		strv_push(&words, names[i]);
		if (one_each) {
			printf("%s\n", names[i]);
			fflush(stdout);
		}
		int one = tool_run(words, NULL, false, err);
		worst = one ? one : worst;
	}
	return rc < 0 ? rc : worst;
}

struct kill_values {
	const char *signal;
	bool orphans;
};

static const struct option_def kill_options[] = {
	{ 's', "signal", OPT_STRING, offsetof(struct kill_values, signal), "string",
		"Signal (default KILL)" },
	{ 0, "remove-orphans", OPT_FLAG, offsetof(struct kill_values, orphans), NULL, NULL },
	{ 0 },
};

static int compose_cmd_kill(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct kill_values *v = values;
	const char *const flags[] = { "-s", v->signal ? v->signal : "KILL", NULL };
	return each_container(cli, flags, "kill", argv, false, err);
}

const struct command compose_kill = {
	.name = "kill",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Send a signal to containers",
	.example = "minictr compose kill -s HUP web",
	.options = kill_options,
	.values_size = sizeof(struct kill_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_kill,
};

#define EACH(id, verb, one, text)                                                                            \
	static int compose_cmd_##id(                                                                         \
		struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)              \
	{                                                                                                    \
		return each_container(cli, NULL, verb, argv, one, err);                                      \
	}                                                                                                    \
	const struct command compose_##id = { .name = verb,                                                  \
		.group = GROUP_LIFE,                                                                         \
		.usage = "[SERVICE...]",                                                                     \
		.summary = text,                                                                             \
		.example = "minictr compose " verb,                                                          \
		.max_args = ANY_ARGS,                                                                        \
		.run = compose_cmd_##id }

EACH(pause, "pause", false, "Freeze containers");
EACH(unpause, "unpause", false, "Thaw containers");
EACH(top, "top", true, "Show the processes of containers");
EACH(wait, "wait", false, "Wait until containers end; prints their exit codes");

/* --- rm --- */

struct rm_values {
	bool force, stop, volumes;
};

static const struct option_def rm_options[] = {
	{ 'f', "force", OPT_FLAG, offsetof(struct rm_values, force), NULL, "Do not ask" },
	{ 's', "stop", OPT_FLAG, offsetof(struct rm_values, stop), NULL, "Stop them first" },
	{ 'v', "volumes", OPT_FLAG, offsetof(struct rm_values, volumes), NULL,
		"Their anonymous volumes, too" },
	{ 0 },
};

static int compose_cmd_rm(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct rm_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_strv_ char **names = NULL;
	struct board b;
	int rc = compose_open(cli, argv, &e, &p, err);
	board_open(&b, stderr);
	if (rc >= 0 && v->stop)
		rc = project_stop(&e, &p, argc ? argv : NULL, -1, &b, err);
	if (rc >= 0)
		rc = compose_containers(&e, &p, argv, false, &names, err);
	if (rc >= 0 && names && !v->force &&
		!ask_yes("Going to remove the stopped containers of this project. Continue?")) {
		board_close(&b);
		return 0;
	}
	for (size_t i = 0; rc >= 0 && names && names[i]; i++) {
		_cleanup_container_ struct container c = { 0 };
		_cleanup_free_ char *what = xasprintf("Container %s", names[i]);
		rc = container_find(&e, names[i], &c, err);
		if (rc < 0 || container_is_active(&c))
			continue;
		rc = container_remove(&e, c.id, v->volumes ? REMOVE_VOLUMES : 0, err);
		board_set(&b, what, rc < 0 ? "Error" : "Removed");
	}
	board_close(&b);
	return rc;
}

const struct command compose_rm = {
	.name = "rm",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Remove stopped containers",
	.example = "minictr compose rm -sf web",
	.options = rm_options,
	.values_size = sizeof(struct rm_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_rm,
};

/* --- images, events, port, cp, volumes, version --- */

struct images_list_values {
	bool quiet;
	const char *format;
};

static const struct option_def images_options[] = {
	{ 0, "format", OPT_STRING, offsetof(struct images_list_values, format), "string", "table or json" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct images_list_values, quiet), NULL, "Ids only" },
	{ 0 },
};

static const struct format_title images_titles[] = { { "ContainerName", "CONTAINER" },
	{ "Repository", "REPOSITORY" }, { "Tag", "TAG" }, { "Short", "IMAGE ID" }, { "Human", "SIZE" },
	{ NULL, NULL } };

/* The name the container was made by; the size is unknown once the image was removed. */
static void images_add(struct json *rows, const struct container *c, int store, bool table)
{
	_cleanup_image_ struct image img = { 0 };
	struct mc_err gone = { 0 };
	const char *slash = strrchr(c->image, '/'), *colon = strchr(slash ? slash : c->image, ':');
	_cleanup_free_ char *repository =
		colon ? xstrndup(c->image, (size_t)(colon - c->image)) : xstrdup(c->image);
	_cleanup_free_ char *id = text_short_id(c->image_id);
	struct json *row = json_add(rows, json_new_object());
	uint64_t size = 0;
	if (image_lookup(store, c->image_id, &img, &gone) >= 0)
		size = image_unpacked_size(store, &img);
	json_set_string(row, "ID", c->image_id);
	json_set_string(row, "ContainerName", c->name);
	json_set_string(row, "Repository", repository);
	json_set_string(row, "Tag", colon ? colon + 1 : "latest");
	json_set_i64(row, "Size", (int64_t)size);
	if (!table)
		return;
	_cleanup_free_ char *human = text_size((int64_t)size);
	json_set_string(row, "Short", id);
	json_set_string(row, "Human", human);
}

static int compose_cmd_images(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct images_list_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_json_ struct json *rows = json_new_array();
	_cleanup_close_ int store = -1;
	_cleanup_strv_ char **ids = NULL;
	struct actual have = { 0 };
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = compose_known(&p, argv, err);
	if (rc >= 0)
		rc = store = store_open(e.root, err);
	if (rc >= 0)
		rc = actual_read(&e, p.name, &have, err);
	for (size_t i = 0; rc >= 0 && i < have.n; i++) {
		const struct container *c = have.items[i].c;
		if (have.items[i].oneoff || (argc && !strv_has(argv, have.items[i].service)))
			continue;
		if (!v->quiet)
			images_add(rows, c, store, !str_eq(v->format, "json"));
		else if (!strv_has(ids, c->image_id)) {
			strv_push(&ids, c->image_id);
			printf("%s\n", c->image_id + strlen("sha256:"));
		}
	}
	actual_release(&have);
	if (rc < 0 || v->quiet)
		return rc;
	return compose_rows(v->format,
		"table {{.ContainerName}}\t{{.Repository}}\t{{.Tag}}\t{{.Short}}\t{{.Human}}", images_titles,
		rows, err);
}

const struct command compose_images = {
	.name = "images",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "List the images that containers use",
	.example = "minictr compose images",
	.options = images_options,
	.values_size = sizeof(struct images_list_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_images,
};

struct events_values {
	bool json;
};

static const struct option_def events_options[] = {
	{ 0, "json", OPT_FLAG, offsetof(struct events_values, json), NULL, "One JSON object a line" },
	{ 0 },
};

static int compose_cmd_events(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct events_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *filter = xasprintf("label=%s=%s", label_project, p.name);
	char *const words[] = { (char *)"events", (char *)"--filter", filter,
		v->json ? (char *)"--format" : NULL, (char *)"json", NULL };
	return compose_become(words, err);
}

const struct command compose_events = {
	.name = "events",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS]",
	.summary = "Show what happens to the project's containers",
	.example = "minictr compose events",
	.options = events_options,
	.values_size = sizeof(struct events_values),
	.run = compose_cmd_events,
};

struct port_values {
	int index;
	const char *protocol;
};

static const struct option_def port_options[] = {
	{ 0, "index", OPT_INT, offsetof(struct port_values, index), "number",
		"Which container of the service" },
	{ 0, "protocol", OPT_STRING, offsetof(struct port_values, protocol), "string",
		"tcp (default) or udp" },
	{ 0 },
};

static int compose_cmd_port(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct port_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_free_ char *name = NULL;
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = compose_container(&e, &p, argv[0], v->index, &name, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *port = xasprintf("%s/%s", argv[1], v->protocol ? v->protocol : "tcp");
	char *const words[] = { (char *)"port", name, port, NULL };
	return compose_become(words, err);
}

const struct command compose_port = {
	.name = "port",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] SERVICE PORT",
	.summary = "Print the host's port of a published port",
	.example = "minictr compose port web 80",
	.options = port_options,
	.values_size = sizeof(struct port_values),
	.min_args = 2,
	.max_args = 2,
	.run = compose_cmd_port,
};

/* "web:/etc/x" is the first container of web. Caller frees. */
static int cp_side(
	struct engine *e, const struct project *p, const char *text, char **ret, struct mc_err *err)
{
	const char *colon = strchr(text, ':');
	_cleanup_free_ char *service = colon && *text != '/' && *text != '.'
					       ? xstrndup(text, (size_t)(colon - text))
					       : NULL,
			    *name = NULL;
	if (!service) {
		*ret = xstrdup(text);
		return 0;
	}
	int rc = compose_container(e, p, service, 0, &name, err);
	if (rc >= 0)
		*ret = xasprintf("%s%s", name, colon);
	return rc;
}

static int compose_cmd_cp(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_free_ char *from = NULL, *to = NULL;
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = cp_side(&e, &p, argv[0], &from, err);
	if (rc >= 0)
		rc = cp_side(&e, &p, argv[1], &to, err);
	if (rc < 0)
		return rc;
	char *const words[] = { (char *)"cp", from, to, NULL };
	return compose_become(words, err);
}

const struct command compose_cp = {
	.name = "cp",
	.group = GROUP_LOOK,
	.usage = "SERVICE:SOURCE TARGET | SOURCE SERVICE:TARGET",
	.summary = "Copy files between a service's container and the host",
	.example = "minictr compose cp web:/etc/hosts .",
	.min_args = 2,
	.max_args = 2,
	.run = compose_cmd_cp,
};

static int compose_cmd_volumes(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	int rc = compose_open_name(cli, &e, &p, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *filter = xasprintf("label=%s=%s", label_project, p.name);
	char *const words[] = { (char *)"volume", (char *)"ls", (char *)"--filter", filter, NULL };
	return compose_become(words, err);
}

const struct command compose_volumes = {
	.name = "volumes",
	.group = GROUP_LOOK,
	.usage = "",
	.summary = "List the project's volumes",
	.example = "minictr compose volumes",
	.run = compose_cmd_volumes,
};

static int compose_cmd_version(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	printf("minictr compose version %s\n", MINICTR_VERSION);
	return 0;
}

const struct command compose_version = {
	.name = "version",
	.group = GROUP_SYSTEM,
	.usage = "",
	.summary = "Print the version",
	.example = "minictr compose version",
	.run = compose_cmd_version,
};
