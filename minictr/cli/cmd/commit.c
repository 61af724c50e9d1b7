/*
 * cmd/commit.c - `commit`: what a container changed becomes a new image.
 */
#include "cli/command.h"

#include "cli/engine_use.h"
#include "engine/commit.h"
#include "cli/verbs.h"

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

static int commit_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct commit_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	struct digest id;
	struct container_commit o = { .name = argc > 1 ? argv[1] : NULL,
		.author = v->author,
		.message = v->message,
		.changes = v->changes,
		.pause = v->pause };
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_commit(&e, argv[0], &o, &id, err);
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
