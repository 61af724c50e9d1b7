/*
 * cmd/rmi.c - `rmi` and `image prune`: names go, and images that no name leads to any more.
 */
#include "cli/command.h"

#include <ctype.h>

#include "cli/image_common.h"
#include "cli/format/table.h"
#include "cli/verbs.h"

static const struct option_def rmi_options[] = {
	{ 'f', "force", OPT_FLAG, offsetof(struct rmi_values, force), NULL,
		"Also when a stopped container uses it or it has several names" },
	{ 0, "no-prune", OPT_FLAG, offsetof(struct rmi_values, no_prune), NULL,
		"Take the name only, leave the layers" },
	{ 0, "platform", OPT_STRING, offsetof(struct rmi_values, platform), "string",
		"Remove it only when it is for this machine, as linux/arm64" },
	{ 0 },
};

static int run_rmi(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct rmi_values *v = values;
	struct image_uses uses;
	_cleanup_close_ int store = image_cli_store(err);
	_cleanup_close_ int pin = store < 0 ? store : store_pin_none(store, err);
	int rc = pin < 0 ? pin : image_cli_platform(store, v->platform, argv, err), status = 0;
	if (rc >= 0)
		rc = image_cli_uses(&uses, err);
	if (rc < 0)
		return rc;
	for (int i = 0; i < argc; i++) { /* one that fails does not keep the others */
		struct mc_err why = { 0 };
		rc = image_remove(store, argv[i], v->force, v->no_prune, &uses, &image_cli_report, &why);
		if (rc < 0) {
			err_print(&why, "minictr");
			status = rc == -ENOENT && v->force ? status : 1;
		}
	}
	free((void *)uses.use);
	return status;
}

const struct command cmd_rmi = {
	.name = "rmi",
	.aliases = "image rm, image remove",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] IMAGE [IMAGE...]",
	.summary = "Remove images",
	.example = "minictr rmi busybox:1",
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = rmi_options,
	.values_size = sizeof(struct rmi_values),
	.run = run_rmi,
};

static const struct option_def prune_options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct image_prune_values, all), NULL,
		"Also images with a name that no container uses" },
	{ 'f', "force", OPT_FLAG, offsetof(struct image_prune_values, force), NULL, "Do not ask" },
	{ 0, "filter", OPT_LIST, offsetof(struct image_prune_values, filters), "filter",
		"until=24h, label=KEY[=VALUE]" },
	{ 0 },
};

struct pruned {
	bool any;
};

/* docker's two lists write the same lines in two ways: `rmi` with a capital, `prune` without one and with a
 * head. */
static void print_pruned(void *arg, const char *line)
{
	struct pruned *p = arg;
	image_cli_line_event(line);
	printf("%s%c%s\n", p->any ? "" : "Deleted Images:\n", tolower((unsigned char)*line), line + 1);
	p->any = true;
}

static bool agreed(bool all)
{
	char answer[16] = "";
	printf("WARNING! This will remove all %s.\nAre you sure you want to continue? [y/N] ",
		all ? "images without at least one container associated to them" : "dangling images");
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

static int run_prune(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct image_prune_values *v = values;
	struct image_uses uses;
	uint64_t freed = 0;
	if (!v->force && !agreed(v->all))
		return 0;
	_cleanup_close_ int store = image_cli_store(err);
	_cleanup_close_ int pin = store < 0 ? store : store_pin_none(store, err);
	int rc = pin < 0 ? pin : image_cli_uses(&uses, err);
	if (rc < 0)
		return rc;
	struct pruned pruned = { 0 };
	const struct image_report report = { .line = print_pruned, .arg = &pruned };
	rc = image_prune(store, v->all, v->filters, &uses, &report, &freed, err);
	free((void *)uses.use);
	if (rc < 0)
		return rc;
	image_cli_prune_event(freed);
	_cleanup_free_ char *size = text_size((int64_t)freed);
	printf("%sTotal reclaimed space: %s\n", pruned.any ? "\n" : "", size);
	return 0;
}

const struct command cmd_image_prune = {
	.name = "image prune",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS]",
	.summary = "Remove images without a user",
	.example = "minictr image prune -a --filter until=240h",
	.options = prune_options,
	.values_size = sizeof(struct image_prune_values),
	.run = run_prune,
};
