/*
 * cmd/pull.c - `pull`: an image from a registry into the store; output in docker's words.
 */
#include "cli/command.h"

#include "cli/image_common.h"
#include "cli/registry_flags.h"
#include "cli/verbs.h"
#include "image/image.h"
#include "registry/progress.h"
#include "registry/pull.h"
#include "registry/push.h"
#include "registry/settings.h"

static const struct pull_values defaults = { .registry = REGISTRY_FLAGS_DEFAULT };

static const struct option_def options[] = {
	{ 'a', "all-tags", OPT_FLAG, offsetof(struct pull_values, all_tags), NULL,
		"Fetch every tag of the repository" },
	{ 0, "disable-content-trust", OPT_FLAG, offsetof(struct pull_values, trust), NULL, NULL },
	{ 0, "platform", OPT_STRING, offsetof(struct pull_values, registry.platform), "string",
		"Choose the image for another machine: linux/arm64" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct pull_values, quiet), NULL,
		"Print only the name of the image" },
	REGISTRY_OPTIONS(struct pull_values),
	{ 0 },
};

/* Manifest that the name points at now; "" when the image is not here. */
static struct digest present(int store, const char *full)
{
	_cleanup_image_ struct image img = { 0 };
	struct digest none = { "" };
	struct mc_err ignored;
	return image_lookup(store, full, &img, &ignored) < 0 ? none : img.manifest;
}

static int pull_one(int store, const struct image_name *n, struct mc_err *err)
{
	_cleanup_free_ char *full = image_name_full(n), *brief = image_name_short(n);
	struct progress *p = registry_settings()->progress;
	struct digest before = present(store, full), after;
	int rc;
	progress_line(p, "%s: Pulling from %s", *n->digest.text ? n->digest.text : n->tag, n->path);
	rc = image_pull(n, store, err);
	if (rc < 0)
		return rc;
	after = present(store, full);
	progress_line(p, "Status: %s for %s",
		digest_eq(&before, &after) ? "Image is up to date" : "Downloaded newer image", brief);
	printf("%s\n", full);
	return 0;
}

static int pull_all(int store, struct image_name *n, struct mc_err *err)
{
	_cleanup_strv_ char **tags = NULL;
	size_t i;
	int rc = registry_tags(n, &tags, err);
	for (i = 0; rc >= 0 && tags && tags[i]; i++) {
		if (strlen(tags[i]) >= sizeof(n->tag))
			continue;
		strcpy(n->tag, tags[i]);
		rc = pull_one(store, n, err);
	}
	return rc < 0 ? rc : 0;
}

int pull_name(const struct pull_values *v, const char *word, struct image_name *ret, struct mc_err *err)
{
	bool tagged = image_word_has_tag(word);
	int rc = image_name_parse(word, ret, err);
	if (rc < 0)
		return rc;
	if (v->all_tags && tagged)
		return err_set(err, EINVAL, "tag can't be used with --all-tags/-a");
	if (!v->all_tags && !v->quiet && !tagged)
		printf("Using default tag: latest\n");
	fflush(stdout);
	return 0;
}

static int pull_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct pull_values *v = values;
	_cleanup_close_ int store = -1;
	struct image_name name;
	int rc = pull_name(v, argv[0], &name, err);
	if (rc < 0)
		return rc;
	rc = registry_begin(&v->registry, v->quiet, err);
	if (rc >= 0)
		rc = store = registry_open_store(err);
	if (rc >= 0)
		rc = v->all_tags ? pull_all(store, &name, err) : pull_one(store, &name, err);
	registry_end();
	image_cli_failed(store, rc, true);
	if (rc >= 0)
		image_cli_event("pull", argv[0]);
	return rc < 0 ? rc : 0;
}

const struct command cmd_pull = {
	.name = "pull",
	.aliases = "image pull",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] NAME[:TAG|@DIGEST]",
	.summary = "Fetch an image from a registry",
	.example = "minictr pull busybox:1\nminictr pull localhost:5000/mine",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct pull_values),
	.defaults = &defaults,
	.run = pull_run,
};
