/*
 * cmd/images.c - `images`: one line for each name, and one for each image without a name.
 */
#include "cli/client_config.h"
#include "cli/command.h"

#include <time.h>

#include "cli/format/format.h"
#include "cli/image_common.h"
#include "cli/format/table.h"
#include "cli/verbs.h"

static const struct option_def options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct images_values, all), NULL,
		"Accepted for docker's sake: nothing is hidden" },
	{ 0, "digests", OPT_FLAG, offsetof(struct images_values, digests), NULL, "Show digests" },
	{ 'f', "filter", OPT_LIST, offsetof(struct images_values, filters), "filter",
		"dangling=true, reference=PATTERN, label=KEY[=VALUE], before=IMAGE, since=IMAGE, "
		"until=TIME" },
	{ 0, "format", OPT_STRING, offsetof(struct images_values, format), "string",
		"Print by a template, or 'json'" },
	{ 0, "no-trunc", OPT_FLAG, offsetof(struct images_values, no_trunc), NULL, "Whole ids" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct images_values, quiet), NULL, "Ids only" },
	{ 0, "tree", OPT_FLAG, offsetof(struct images_values, tree), NULL, "Show how images share layers" },
	{ 0 },
};

static const struct format_title titles[] = { { "Repository", "REPOSITORY" }, { "Tag", "TAG" },
	{ "Digest", "DIGEST" }, { "ID", "IMAGE ID" }, { "CreatedSince", "CREATED" },
	{ "CreatedAt", "CREATED AT" }, { "Size", "SIZE" }, { NULL, NULL } };

const char *image_digest_in(char *const digests[], const char *repository)
{
	size_t len = strlen(repository);
	for (char *const *d = digests; d && *d; d++)
		if (strncmp(*d, repository, len) == 0 && (*d)[len] == '@')
			return *d + len + 1;
	return NULL;
}

void images_row(struct json *rows, const struct images_values *v, const struct image_line *l)
{
	_cleanup_free_ char *size = text_size(l->size), *ago = text_ago(l->created);
	_cleanup_free_ char *id = v->no_trunc ? xstrdup(l->id) : text_short_id(l->id);
	time_t seconds = (time_t)(l->created / 1000000000);
	struct tm tm;
	char at[64] = "";
	strftime(at, sizeof(at), "%Y-%m-%d %H:%M:%S %z %Z", localtime_r(&seconds, &tm));
	struct json *row = json_add(rows, json_new_object());
	json_set_string(row, "Containers", "N/A");
	json_set_string(row, "CreatedAt", at);
	json_set_string(row, "CreatedSince", ago);
	json_set_string(row, "Digest", l->digest ? l->digest : "<none>");
	json_set_string(row, "ID", id);
	json_set_string(row, "Repository", l->repository);
	json_set_string(row, "SharedSize", "N/A");
	json_set_string(row, "Size", size);
	json_set_string(row, "Tag", l->tag);
	json_set_string(row, "UniqueSize", "N/A");
	json_set_string(row, "VirtualSize", size);
}

static void add_row(struct json *rows, int store, const struct image *img, const char *repository,
	const char *tag, const struct images_values *v)
{
	uint64_t bytes = image_unpacked_size(store, img);
	const struct image_line l = { img->id.text, repository, tag,
		image_digest_in(img->digests, repository), img->created,
		(int64_t)(bytes ? bytes : img->size) };
	images_row(rows, v, &l);
}

/* A line for each name; images known only by a digest have no tag; the rest are <none>. */
static void add_rows(struct json *rows, int store, const struct image *img, const char *pattern,
	const struct images_values *v)
{
	for (char **n = img->names; n && *n; n++) {
		char *colon = strrchr(*n, ':');
		_cleanup_free_ char *repository = xstrndup(*n, colon ? (size_t)(colon - *n) : strlen(*n));
		if (image_name_shown(*n, v->filters) &&
			(!pattern || str_eq(pattern, *n) || str_eq(pattern, repository)))
			add_row(rows, store, img, repository, colon ? colon + 1 : "<none>", v);
	}
	if (img->names || pattern)
		return;
	const char *at = img->digests ? strchr(img->digests[0], '@') : NULL;
	_cleanup_free_ char *repository =
		at ? xstrndup(img->digests[0], (size_t)(at - img->digests[0])) : xstrdup("<none>");
	add_row(rows, store, img, repository, "<none>", v);
}

/* The operand as it stands in `names`: "docker.io/library/busybox" is busybox; without a tag it means all
 * tags. */
static char *pattern_of(const char *text)
{
	struct image_name name;
	struct mc_err ignored;
	if (!text)
		return NULL;
	if (strpbrk(text, "*?[") || image_name_parse(text, &name, &ignored) < 0)
		return xstrdup(text);
	const char *slash = strrchr(text, '/');
	return strchr(slash ? slash : text, ':') ? image_name_short(&name) : image_name_repository(&name);
}

static void print_ids(const struct json *rows)
{
	_cleanup_strv_ char **seen = NULL;
	for (size_t i = 0; i < json_len(rows); i++) {
		const char *id = json_text_of(json_member(json_item(rows, i), "ID"));
		if (strv_has(seen, id))
			continue;
		puts(id);
		strv_push(&seen, id);
	}
}

int images_print(const struct images_values *v, const struct json *rows, struct mc_err *err)
{
	if (v->quiet && !v->format) {
		print_ids(rows);
		return 0;
	}
	_cleanup_free_ char *own = v->format ? NULL : client_config("imagesFormat");
	if (str_eq(v->format, "raw"))
		return format_list(v->quiet
					   ? "image_id: {{.ID}}"
					   : "repository: {{.Repository}}\ntag: {{.Tag}}\nimage_id: {{.ID}}\n"
					     "created_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n",
			NULL, titles, rows, stdout, err);
	return format_list(own ? own : v->format,
		v->digests ? "table "
			     "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}"
			   : "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}",
		titles, rows, stdout, err);
}

static int images_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct images_values *v = values;
	if (v->tree && v->format)
		return err_set(err, EINVAL, "conflicting options: a tree is drawn, it has no --format");
	_cleanup_free_ char *pattern = pattern_of(argc ? argv[0] : NULL);
	_cleanup_json_ struct json *rows = json_new_array();
	struct image *list;
	size_t n = 0, owned;
	_cleanup_close_ int store = image_cli_store(err);
	int rc = store < 0 ? store : image_list(store, &list, &n, err);
	if (rc < 0)
		return rc;
	owned = n;
	rc = image_filter(store, list, &n, v->filters, err);
	if (rc == 0 && v->tree)
		image_tree_print(store, list, n, pattern);
	for (size_t i = 0; rc == 0 && i < n && !v->tree; i++)
		add_rows(rows, store, &list[i], pattern, v);
	if (rc == 0 && !v->tree)
		rc = images_print(v, rows, err);
	image_list_free(list, owned);
	return rc;
}

const struct command cmd_images = {
	.name = "images",
	.aliases = "image ls, image list",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [REPOSITORY[:TAG]]",
	.summary = "List images",
	.example = "minictr images --digests\nminictr images -q --filter dangling=true",
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct images_values),
	.run = images_run,
};

/* `image tree`: the same question, asked for the picture. */
static const struct images_values tree_defaults = { .tree = true };

const struct command cmd_image_tree = {
	.name = "image tree",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [NAME[:TAG]]",
	.summary = "Draw images with their layers and who shares them",
	.example = "minictr image tree",
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct images_values),
	.defaults = &tree_defaults,
	.run = images_run,
};
