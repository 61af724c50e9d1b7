/*
 * cmd/commit.c - `commit`: what a container changed becomes a new image.
 */
#include "cli/command.h"

#include <fcntl.h>

#include "base/file.h"
#include "cli/engine_use.h"
#include "cli/image_common.h"
#include "cli/verbs.h"
#include "engine/container_root.h"
#include "engine/stop.h"
#include "engine/spec/user_ids.h"

static const struct commit_values defaults = { .pause = true };

static const struct option_def options[] = {
	{ 'a', "author", OPT_STRING, offsetof(struct commit_values, author), "string", "Who made it" },
	{ 'c', "change", OPT_LIST, offsetof(struct commit_values, changes), "list",
		"Apply a Dockerfile instruction: CMD, ENV, EXPOSE, LABEL, USER, WORKDIR ..." },
	{ 'm', "message", OPT_STRING, offsetof(struct commit_values, message), "string", "What changed" },
	{ 'p', "pause", OPT_FLAG, offsetof(struct commit_values, pause), NULL,
		"Pause the container meanwhile (default true)" },
	{ 0 },
};

static int commit(const struct commit_values *v, struct engine *e, const struct container *c,
	const char *name, struct digest *id, struct mc_err *err)
{
	_cleanup_image_ struct image parent = { 0 };
	_cleanup_free_ char *upper = container_upper(e, c->id), *by = container_command_text(c);
	_cleanup_id_maps_ struct id_maps ids = { 0 };
	_cleanup_close_ int store = image_cli_store(err);
	int rc = store < 0 ? store : image_lookup(store, c->image_id, &parent, err);
	if (rc >= 0)
		rc = user_ids_load(c->host, &ids, err);
	_cleanup_close_ int dir = rc < 0 ? rc : dir_open(AT_FDCWD, upper, err);
	if (dir < 0)
		return dir;
	struct commit_options o = { .parent = &parent,
		.upper = dir,
		.ids = ids.uids.n ? &ids : NULL,
		.name = name,
		.author = v->author,
		.message = v->message,
		.created_by = by,
		.config = c->config,
		.changes = v->changes };
	return image_commit(store, &o, id, err);
}

static int commit_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct commit_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_container_ struct container c = { 0 };
	struct digest id;
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_find(&e, argv[0], &c, err);
	if (rc < 0)
		return rc;
	bool paused = v->pause && c.status == CONTAINER_RUNNING && container_pause(&e, c.id, err) == 0;
	rc = commit(v, &e, &c, argc > 1 ? argv[1] : NULL, &id, err);
	if (paused) {
		struct mc_err ignored;
		container_unpause(&e, c.id, rc < 0 ? &ignored : err);
	}
	if (rc == 0)
		puts(id.text);
	return rc;
}

const struct command cmd_commit = {
	.name = "commit",
	.aliases = "container commit",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
	.summary = "Make an image of a container's changes",
	.example = "minictr commit -m 'with vim' web my-web:2",
	.min_args = 1,
	.max_args = 2,
	.options = options,
	.values_size = sizeof(struct commit_values),
	.defaults = &defaults,
	.run = commit_run,
};
