/*
 * cmd/push.c - `push`: an image from the store to a registry; output in docker's words.
 */
#include "cli/command.h"

#include "cli/image_common.h"
#include "cli/registry_flags.h"
#include "cli/verbs.h"
#include "image/image.h"
#include "registry/push.h"

static const struct push_values defaults = { .registry = REGISTRY_FLAGS_DEFAULT };

static const struct option_def options[] = {
	{ 'a', "all-tags", OPT_FLAG, offsetof(struct push_values, all_tags), NULL,
		"Send every tag of the image" },
	{ 0, "disable-content-trust", OPT_FLAG, offsetof(struct push_values, trust), NULL, NULL },
	{ 0, "platform", OPT_STRING, offsetof(struct push_values, platform), "string",
		"Send it only when it is for this machine, as linux/arm64" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct push_values, quiet), NULL, "Print only the name" },
	REGISTRY_OPTIONS(struct push_values),
	{ 0 },
};

static int push_one(int store, const struct image_name *n, bool quiet, struct mc_err *err)
{
	_cleanup_free_ char *full = image_name_full(n);
	struct digest digest;
	int rc = image_push(n, store, &digest, err);
	if (rc >= 0 && quiet)
		printf("%s\n", full);
	return rc;
}

/* Every name here of the same repository. */
static int push_all(int store, const struct image_name *n, bool quiet, struct mc_err *err)
{
	struct image *list = NULL;
	struct image_name other;
	struct mc_err ignored;
	size_t i, k, count = 0, sent = 0;
	int rc = image_list(store, &list, &count, err);
	for (i = 0; rc >= 0 && i < count; i++) {
		for (k = 0; rc >= 0 && list[i].names && list[i].names[k]; k++) {
			if (image_name_parse(list[i].names[k], &other, &ignored) < 0 ||
				!str_eq(other.host, n->host) || !str_eq(other.path, n->path))
				continue;
			rc = push_one(store, &other, quiet, err);
			sent++;
		}
	}
	image_list_free(list, count);
	if (rc >= 0 && !sent)
		return err_set(
			err, ENOENT, "An image does not exist locally with the tag: %s/%s", n->host, n->path);
	return rc;
}

static int push_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct push_values *v = values;
	_cleanup_close_ int store = -1;
	struct image_name name;
	int rc = image_name_parse(argv[0], &name, err);
	if (rc >= 0)
		rc = registry_begin(&v->registry, v->quiet, err);
	if (rc >= 0)
		rc = store = registry_open_store(err);
	if (rc >= 0)
		rc = image_cli_platform(store, v->platform, argv, err);
	if (rc >= 0)
		rc = v->all_tags ? push_all(store, &name, v->quiet, err)
				 : push_one(store, &name, v->quiet, err);
	registry_end();
	if (rc >= 0)
		image_cli_event("push", argv[0]);
	return rc < 0 ? rc : 0;
}

const struct command cmd_push = {
	.name = "push",
	.aliases = "image push",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] NAME[:TAG]",
	.summary = "Send an image to a registry",
	.example = "minictr tag busybox localhost:5000/mine && minictr push localhost:5000/mine",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct push_values),
	.defaults = &defaults,
	.run = push_run,
};
