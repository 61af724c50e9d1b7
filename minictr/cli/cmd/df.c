/*
 * cmd/df.c - `system df`: where the disk space went. Reclaimable is what prune would give back.
 */
#include <fcntl.h>

#include "base/file.h"
#include "build/build_prune.h"
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/format.h"
#include "cli/format/table.h"
#include "cli/verbs.h"
#include "engine/inspect.h"
#include "engine/volumes.h"
#include "image/image.h"
#include "image/unfinished.h"
#include "image/verbs.h"

static const struct option_def options[] = {
	{ 0, "format", OPT_STRING, offsetof(struct df_values, format), "string", "'json' or a template" },
	{ 'v', "verbose", OPT_FLAG, offsetof(struct df_values, verbose), NULL, "Each image and container" },
	{ 0 },
};

static const struct format_title titles[] = { { "Type", "TYPE" }, { "TotalCount", "TOTAL" },
	{ "Active", "ACTIVE" }, { "Size", "SIZE" }, { "Reclaimable", "RECLAIMABLE" }, { NULL, NULL } };

static bool image_used(const struct container_list *l, const struct image *img)
{
	for (size_t i = 0; i < l->count; i++)
		if (str_eq(l->items[i].image_id, img->id.text))
			return true;
	return false;
}

static int sum_images(
	struct engine *e, const struct container_list *l, struct df_sum *s, bool verbose, struct mc_err *err)
{
	struct image *list = NULL;
	size_t n = 0;
	_cleanup_close_ int store = store_open(e->root, err);
	int rc = store < 0 ? store : image_list(store, &list, &n, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		bool used = image_used(l, &list[i]);
		int64_t size = (int64_t)image_unpacked_size(store, &list[i]);
		s->total++;
		s->active += used;
		s->size += size;
		s->reclaimable += used ? 0 : size;
		_cleanup_free_ char *text = text_size(size), *id = text_short_id(list[i].id.text);
		if (verbose)
			printf("image      %s  %-10s %s\n", id, text,
				list[i].names && list[i].names[0] ? list[i].names[0] : "<none>");
	}
	image_list_free(list, n);
	int64_t unfinished = rc == 0 ? (int64_t)unfinished_size(store) : 0;
	s->size += unfinished;
	s->reclaimable += unfinished;
	_cleanup_free_ char *shown = text_size(unfinished);
	if (verbose && unfinished)
		printf("unfinished               %-10s downloads, uploads and unpacking that were broken "
		       "off, or go on\n",
			shown);
	return rc;
}

static int sum_containers(
	struct engine *e, const struct container_list *l, struct df_sum *s, bool verbose, struct mc_err *err)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct container *c = &l->items[i];
		_cleanup_json_ struct json *doc = NULL;
		int64_t size = 0;
		int rc = container_summary(e, c, true, &doc, err);
		if (rc == 0)
			rc = json_get_i64(doc, &size, err, "SizeRw");
		if (rc < 0)
			return rc;
		bool active = container_is_active(c);
		s->total++;
		s->active += active;
		s->size += size;
		s->reclaimable += active ? 0 : size;
		_cleanup_free_ char *text = text_size(size);
		if (verbose)
			printf("container  %.12s  %-10s %s\n", c->id, text, c->name);
	}
	return 0;
}

/* A volume that mounts something else has no size of its own. */
static int sum_volumes(struct engine *e, struct df_sum *s, bool verbose, struct mc_err *err)
{
	_cleanup_json_ struct json *list = NULL;
	int rc = engine_volume_list(e, true, &list, err);
	for (size_t i = 0; rc == 0 && i < json_len(list); i++) {
		const struct json *v = json_item(list, i);
		int64_t size = json_int_of(json_at(v, "UsageData.Size"));
		bool used = json_int_of(json_at(v, "UsageData.RefCount")) > 0;
		size = size < 0 ? 0 : size;
		s->total++;
		s->active += used;
		s->size += size;
		s->reclaimable += used ? 0 : size;
		_cleanup_free_ char *text = text_size(size);
		if (verbose)
			printf("volume     %-12.12s  %-10s %s\n", json_text_of(json_member(v, "Name")), text,
				used ? "in use" : "unused");
	}
	return rc;
}

/* All of it is reclaimable: a build makes again what it misses. */
static int sum_cache(struct engine *e, struct df_sum *s, bool verbose, struct mc_err *err)
{
	struct build_usage u;
	int rc = build_usage(e, &u, err);
	if (rc < 0)
		return rc;
	*s = (struct df_sum){
		.total = (int64_t)u.records, .size = (int64_t)u.bytes, .reclaimable = (int64_t)u.bytes
	};
	_cleanup_free_ char *size = text_size(s->size);
	if (verbose && u.records)
		printf("cache      %-12zu  %-10s results of build steps (minictr builder prune)\n", u.records,
			size);
	return 0;
}

/* Runs of pipelines with their artifacts and logs, and the caches between runs, project by project. */
static void sum_pipelines(const struct engine *e, struct df_sum *s, bool verbose)
{
	_cleanup_strv_ char **projects = NULL;
	_cleanup_free_ char *home = xasprintf("%s/pipelines", e->root);
	struct mc_err none = { 0 };
	if (dir_list(AT_FDCWD, home, &projects, &none) < 0)
		return;
	for (char **p = projects; *p; p++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", home, *p);
		int64_t bytes = (int64_t)dir_bytes(AT_FDCWD, path);
		_cleanup_free_ char *size = text_size(bytes);
		s->total++;
		s->size += bytes;
		if (verbose)
			printf("pipeline   %-12s  %-10s in its directory: minictr pipeline prune --keep 0 "
			       "--cache\n",
				*p, size);
	}
	s->reclaimable = s->size;
}

void df_row(struct json *rows, const char *type, const struct df_sum *s)
{
	struct json *row = json_add(rows, json_new_object());
	_cleanup_free_ char *size = text_size(s->size), *back = text_size(s->reclaimable);
	_cleanup_free_ char *total = xasprintf("%lld", (long long)s->total);
	_cleanup_free_ char *active = xasprintf("%lld", (long long)s->active);
	_cleanup_free_ char *share =
		s->size ? xasprintf("%s (%d%%)", back, (int)(s->reclaimable * 100 / s->size)) : xstrdup(back);
	json_set_string(row, "Type", type);
	json_set_string(row, "TotalCount", total);
	json_set_string(row, "Active", active);
	json_set_string(row, "Size", size);
	json_set_string(row, "Reclaimable", share);
}

int df_print(const struct df_values *v, const struct json *rows, struct mc_err *err)
{
	return format_list(v->format,
		"table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}", titles, rows,
		stdout, err);
}

static int df_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct df_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_container_list_ struct container_list list = { 0 };
	_cleanup_json_ struct json *rows = json_new_array();
	struct df_sum images = { 0 }, containers = { 0 }, volumes = { 0 }, cache = { 0 }, pipelines = { 0 };
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_list(&e, &list, err);
	if (rc == 0)
		rc = sum_images(&e, &list, &images, v->verbose, err);
	if (rc == 0)
		rc = sum_containers(&e, &list, &containers, v->verbose, err);
	if (rc == 0)
		rc = sum_volumes(&e, &volumes, v->verbose, err);
	if (rc == 0)
		rc = sum_cache(&e, &cache, v->verbose, err);
	if (rc < 0)
		return rc;
	df_row(rows, "Images", &images);
	df_row(rows, "Containers", &containers);
	df_row(rows, "Local Volumes", &volumes);
	df_row(rows, "Build Cache", &cache);
	sum_pipelines(&e, &pipelines, v->verbose);
	if (pipelines.total) /* docker has no such row */
		df_row(rows, "Pipelines", &pipelines);
	return df_print(v, rows, err);
}

const struct command cmd_df = {
	.name = "system df",
	.group = GROUP_SYSTEM,
	.usage = "[OPTIONS]",
	.summary = "Show how much disk space images and containers take",
	.example = "minictr system df -v",
	.options = options,
	.values_size = sizeof(struct df_values),
	.run = df_run,
};
