/*
 * cmd/prune.c - `container prune`, `system prune`: give disk space back. What runs, and what something that
 * runs needs, stays.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/table.h"
#include "cli/verbs.h"
#include "engine/network_jobs.h"
#include "engine/ps_filters.h"

#include "base/tool.h"

static const struct option_def container_options[] = {
	{ 0, "filter", OPT_LIST, offsetof(struct prune_values, filters), "filter",
		"Only those with until=TIME, label=KEY[=VALUE], label!=..." },
	{ 'f', "force", OPT_FLAG, offsetof(struct prune_values, force), NULL, "Do not ask" },
	{ 0 },
};

static const struct option_def system_options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct prune_values, all), NULL, "Every image no container uses" },
	{ 0, "filter", OPT_LIST, offsetof(struct prune_values, filters), "filter",
		"Only those with until=TIME, label=KEY[=VALUE]" },
	{ 'f', "force", OPT_FLAG, offsetof(struct prune_values, force), NULL, "Do not ask" },
	{ 0, "volumes", OPT_FLAG, offsetof(struct prune_values, volumes), NULL, "Anonymous volumes, too" },
	{ 0 },
};

struct pruning {
	size_t removed;
};

static void say(const struct container *c, void *data)
{
	struct pruning *p = data;
	if (!p->removed++)
		printf("Deleted Containers:\n");
	printf("%s\n", c->id);
}

static int prune_containers(
	struct engine *e, const struct prune_values *v, uint64_t *freed, struct mc_err *err)
{
	struct pruning p = { 0 };
	return containers_prune(e, v->filters, say, &p, freed, err);
}

static int run_containers(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct prune_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	uint64_t freed = 0;
	if (!v->force && !ask_yes("WARNING! This will remove all stopped containers.\nAre you sure you want "
				  "to continue?"))
		return 0;
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = prune_containers(&e, v, &freed, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *size = text_size((int64_t)freed);
	printf("\nTotal reclaimed space: %s\n", size);
	return 0;
}

/* By minictr-build. Its entries have no labels and no times of their own: a filter leaves the cache alone. */
static int prune_cache(const struct prune_values *v, struct mc_err *err)
{
	char *const words[] = { "builder", "prune", "--force", v->all ? "--all" : NULL, NULL };
	if (v->filters)
		return 0;
	printf("Build cache:\n");
	fflush(stdout);
	int rc = tool_run(words, NULL, false, err);
	return rc > 0 ? err_set(err, EIO, "removing the build cache failed") : rc;
}

/* Images are minictr-image's: it knows blobs and layers. It prints what it removed. */
static int prune_images(const struct prune_values *v, struct mc_err *err)
{
	char *const words[] = { "image", "prune", "--force", v->all ? "--all" : NULL, NULL };
	int rc = tool_run(words, NULL, false, err);
	return rc > 0 ? err_set(err, EIO, "removing images failed") : rc;
}

static int run_system(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct prune_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	uint64_t freed = 0;
	_cleanup_free_ char *question =
		xasprintf("WARNING! This will remove:\n  - all stopped containers\n  - all networks not used "
			  "by at least one container\n  - all %simages\n  - the build cache\n"
			  "Are you sure you want to continue?",
			v->all ? "unused " : "nameless ");
	if (!v->force && !ask_yes(question))
		return 0;
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = prune_containers(&e, v, &freed, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *size = text_size((int64_t)freed);
	printf("Containers: %s\n", size);
	if (v->volumes) {
		freed = 0;
		rc = volume_prune_all(&e, false, NULL, &freed, err);
		if (rc < 0)
			return rc;
		_cleanup_free_ char *data = text_size((int64_t)freed);
		printf("Volumes: %s\n", data);
	}
	struct mc_err ignored = { 0 };
	if (networks_allowed(&e, &ignored) == 0)
		rc = network_prune_all(&e, v->filters, err);
	if (rc >= 0)
		rc = prune_images(v, err);
	return rc < 0 ? rc : prune_cache(v, err);
}

const struct command cmd_container_prune = {
	.name = "container prune",
	.group = GROUP_SYSTEM,
	.usage = "[OPTIONS]",
	.summary = "Remove all stopped containers",
	.example = "minictr container prune -f --filter until=24h",
	.options = container_options,
	.values_size = sizeof(struct prune_values),
	.run = run_containers,
};

const struct command cmd_system_prune = {
	.name = "system prune",
	.group = GROUP_SYSTEM,
	.usage = "[OPTIONS]",
	.summary = "Remove what nothing uses: stopped containers, images",
	.example = "minictr system prune -a",
	.options = system_options,
	.values_size = sizeof(struct prune_values),
	.run = run_system,
};
