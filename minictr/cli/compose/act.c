/*
 * compose/act.c - verbs that are another command of minictr on the images or containers of services: build,
 * pull, push, images, kill, pause, top, wait, rm.
 *
 * What such a verb does can be typed by hand as well; here it is only found which containers and images are
 * meant.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
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
	char **args, **ssh;
	const char *progress, *builder, *memory;
};

static const struct option_def build_options[] = {
	{ 0, "build-arg", OPT_LIST, offsetof(struct build_values, args), "list", "Build arguments" },
	{ 0, "builder", OPT_STRING, offsetof(struct build_values, builder), "string", NULL },
	{ 'm', "memory", OPT_STRING, offsetof(struct build_values, memory), "bytes", NULL },
	{ 0, "no-cache", OPT_FLAG, offsetof(struct build_values, no_cache), NULL, "Every step anew" },
	{ 0, "progress", OPT_STRING, offsetof(struct build_values, progress), "string",
		"auto, plain, tty or quiet" },
	{ 0, "pull", OPT_FLAG, offsetof(struct build_values, pull), NULL, "Ask for newer base images" },
	{ 0, "push", OPT_FLAG, offsetof(struct build_values, push), NULL, "Push them when all are built" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct build_values, quiet), NULL, "Print nothing" },
	{ 0, "ssh", OPT_LIST, offsetof(struct build_values, ssh), "default|ID[=SOCKET]",
		"An agent for RUN --mount=type=ssh" },
	{ 0, "with-dependencies", OPT_FLAG, offsetof(struct build_values, deps), NULL,
		"What the named services need, too" },
	{ 0 },
};

/* The words of `minictr build` that the flags stand for; what that command refuses, it refuses itself. */
static char **build_words(const struct build_values *v)
{
	char **words = NULL;
	for (size_t i = 0; v->args && v->args[i]; i++)
		compose_flag(&words, "--build-arg", v->args[i]);
	for (size_t i = 0; v->ssh && v->ssh[i]; i++)
		compose_flag(&words, "--ssh", v->ssh[i]);
	if (v->no_cache)
		strv_push(&words, "--no-cache");
	if (v->pull)
		strv_push(&words, "--pull");
	if (v->quiet)
		strv_push(&words, "-q");
	compose_flag(&words, "--progress", v->progress);
	compose_flag(&words, "--builder", v->builder);
	compose_flag(&words, "--memory", v->memory);
	return words;
}

struct move_values {
	bool quiet, ignore, buildable, deps;
	const char *policy;
};
static int move_images(struct project *p, const struct move_values *v, const char *verb,
	char *const services[], struct mc_err *err);

static int compose_cmd_build(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct build_values *v = values;
	const struct move_values move = { .quiet = v->quiet, .deps = v->deps };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_strv_ char **extra = build_words(v), **chosen = NULL;
	int rc = compose_load(cli, argv, &p, err);
	if (rc >= 0)
		rc = compose_known(&p, argv, err);
	if (rc >= 0)
		chosen = project_choose(&p, argv, !v->deps);
	for (size_t i = 0; rc >= 0 && i < p.services->n; i++)
		if (ynode_get(p.services->items[i], "build") &&
			(!chosen || strv_has(chosen, p.services->keys[i])))
			rc = image_build(&p, p.services->keys[i], extra, err);
	return rc < 0 || !v->push ? rc : move_images(&p, &move, "push", argv, err);
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

static const struct option_def pull_options[] = {
	{ 0, "ignore-buildable", OPT_FLAG, offsetof(struct move_values, buildable), NULL,
		"Not the images that can be built" },
	{ 0, "ignore-pull-failures", OPT_FLAG, offsetof(struct move_values, ignore), NULL,
		"Go on when one cannot be had" },
	{ 0, "include-deps", OPT_FLAG, offsetof(struct move_values, deps), NULL,
		"What the named services need, too" },
	{ 0, "policy", OPT_STRING, offsetof(struct move_values, policy), "string",
		"always (default), or missing: only those that are not here" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct move_values, quiet), NULL, "Without progress" },
	{ 0 },
};

static const struct option_def push_options[] = {
	{ 0, "ignore-push-failures", OPT_FLAG, offsetof(struct move_values, ignore), NULL,
		"Go on when one cannot be sent" },
	{ 0, "include-deps", OPT_FLAG, offsetof(struct move_values, deps), NULL,
		"What the named services need, too" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct move_values, quiet), NULL, "Without progress" },
	{ 0 },
};

/* Is it here, so that --policy missing has nothing to fetch? */
static bool move_is_done(const struct move_values *v, char *image)
{
	char *const words[] = { (char *)"image", (char *)"exists", image, NULL };
	struct mc_err ignored = { 0 };
	return str_eq(v->policy, "missing") && tool_run(words, NULL, true, &ignored) == 0;
}

static int move_images(struct project *p, const struct move_values *v, const char *verb,
	char *const services[], struct mc_err *err)
{
	int rc = compose_known(p, services, err), worst = 0;
	if (rc < 0)
		return rc;
	_cleanup_strv_ char **chosen = project_choose(p, services, !v->deps);
	for (size_t i = 0; i < p->services->n; i++) {
		const struct yaml *s = p->services->items[i];
		bool builds = ynode_get(s, "build") != NULL;
		if ((chosen && !strv_has(chosen, p->services->keys[i])) ||
			(str_eq(verb, "push") ? !builds : builds && (v->buildable || !ynode_get(s, "image"))))
			continue;
		_cleanup_free_ char *image = service_image(p, p->services->keys[i]);
		char *const words[] = { (char *)verb, image, v->quiet ? (char *)"-q" : NULL, NULL };
		int one = move_is_done(v, image) ? 0 : tool_run(words, NULL, false, err);
		worst = one && !v->ignore ? 1 : worst;
	}
	return worst;
}

static int compose_cmd_pull(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct move_values *v = values;
	_cleanup_project_ struct project p = { 0 };
	if (v->policy && !str_eq(v->policy, "missing") && !str_eq(v->policy, "always"))
		return err_set(err, EINVAL, "--policy %s: expected missing or always", v->policy);
	int rc = compose_load(cli, argv, &p, err);
	return rc < 0 ? rc : move_images(&p, v, "pull", argv, err);
}

static int compose_cmd_push(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_project_ struct project p = { 0 };
	int rc = compose_load(cli, argv, &p, err);
	return rc < 0 ? rc : move_images(&p, values, "push", argv, err);
}

const struct command compose_pull = {
	.name = "pull",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Pull the images of services",
	.example = "minictr compose pull",
	.options = pull_options,
	.values_size = sizeof(struct move_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_pull,
};

const struct command compose_push = {
	.name = "push",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Push the images that services build",
	.example = "minictr compose push",
	.options = push_options,
	.values_size = sizeof(struct move_values),
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
		if (container_find(&e, names[i], &c, &gone) < 0 || !container_is_active(&c))
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
	if (v->orphans)
		return compose_refuse_orphans("kill", err);
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

/* --- wait --- */

struct wait_values {
	bool down;
};

static const struct option_def wait_options[] = {
	{ 0, "down-project", OPT_FLAG, offsetof(struct wait_values, down), NULL,
		"`down` when the first of them ends" },
	{ 0 },
};

struct waiter {
	pid_t pid;
	int fd; /* its output, the exit code; -1: it has ended */
};

/* Prints the code of the one that ended. */
static int wait_take(struct waiter *w)
{
	char text[64] = "";
	ssize_t n = read(w->fd, text, sizeof(text) - 1);
	w->fd = close_fd(w->fd);
	waitpid(w->pid, NULL, 0);
	printf("%s", n > 0 ? text : "");
	fflush(stdout);
	return atoi(text);
}

/* The exit code of the one that ended last; first: of the first one, and the others are not waited for. */
static int wait_for(char *const names[], bool first, struct mc_err *err)
{
	size_t n = strv_len((char **)names), left = n;
	_cleanup_free_ struct waiter *all = xcalloc(n + 1, sizeof(*all));
	_cleanup_free_ struct pollfd *polls = xcalloc(n + 1, sizeof(*polls));
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		char *const words[] = { (char *)"wait", names[i], NULL };
		all[i].fd = -1;
		rc = all[i].pid = tool_start(words, &all[i].fd, err);
	}
	for (; rc >= 0 && left; left = first ? 0 : left) {
		for (size_t i = 0; i < n; i++)
			polls[i] = (struct pollfd){ all[i].fd, POLLIN, 0 };
		poll(polls, n, -1);
		for (size_t i = 0; i < n; i++)
			if (all[i].fd >= 0 && polls[i].revents) {
				rc = wait_take(&all[i]);
				left--;
			}
	}
	for (size_t i = 0; i < n; i++)
		if (all[i].fd >= 0) {
			kill(all[i].pid, SIGTERM);
			close_fd(all[i].fd);
			waitpid(all[i].pid, NULL, 0);
		}
	return rc;
}

static int compose_cmd_wait(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct wait_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	_cleanup_strv_ char **names = NULL;
	struct down_options o = { .timeout = -1 };
	struct board b;
	int code = 0, rc = compose_open_name(cli, &e, &p, err);
	if (rc >= 0)
		rc = compose_containers(&e, &p, argv, false, &names, err);
	if (rc >= 0 && !names)
		rc = err_set(err, ENOENT, "no containers for project \"%s\"", p.name);
	if (rc >= 0)
		rc = code = wait_for(names, v->down, err);
	if (rc < 0 || !v->down)
		return rc;
	compose_board(cli, &b, &p);
	rc = project_down(&e, &p, &o, &b, err);
	board_close(&b);
	return rc < 0 ? rc : code;
}

const struct command compose_wait = {
	.name = "wait",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Wait until containers end; prints their exit codes",
	.example = "minictr compose wait --down-project tests",
	.options = wait_options,
	.values_size = sizeof(struct wait_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_wait,
};

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
	compose_board(cli, &b, &p);
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

/* --- images --- */

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
