/*
 * cmd/history.c - `history`: what an image is made of, newest step first.
 */
#include "cli/command.h"

#include "cli/format/format.h"
#include "cli/image_common.h"
#include "cli/format/table.h"
#include "cli/verbs.h"

static const struct history_values defaults = { .human = true };

static const struct option_def options[] = {
	{ 0, "format", OPT_STRING, offsetof(struct history_values, format), "string",
		"Print by a template, or 'json'" },
	{ 'H', "human", OPT_FLAG, offsetof(struct history_values, human), NULL,
		"Sizes and ages for people (default true)" },
	{ 0, "no-trunc", OPT_FLAG, offsetof(struct history_values, no_trunc), NULL,
		"Whole ids and commands" },
	{ 0, "platform", OPT_STRING, offsetof(struct history_values, platform), "string",
		"Show it only when it is for this machine, as linux/arm64" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct history_values, quiet), NULL, "Ids only" },
	{ 0 },
};

static const struct format_title titles[] = { { "ID", "IMAGE" }, { "CreatedSince", "CREATED" },
	{ "CreatedAt", "CREATED AT" }, { "CreatedBy", "CREATED BY" }, { "Size", "SIZE" },
	{ "Comment", "COMMENT" }, { NULL, NULL } };

struct json *history_row(const struct history_values *v, const struct image_step *s)
{
	char at[40];
	time_rfc3339(s->created, at, sizeof(at));
	char *dot = strpbrk(at, ".");
	if (dot)
		snprintf(dot, 2, "Z"); /* docker: seconds are enough here */
	_cleanup_free_ char *id = !s->id.text[0] ? xstrdup("<missing>")
				  : v->no_trunc  ? xstrdup(s->id.text)
						 : text_short_id(s->id.text);
	_cleanup_free_ char *by = v->no_trunc ? xstrdup(s->created_by) : text_ellipsis(s->created_by, 45);
	_cleanup_free_ char *size =
		v->human ? text_size((int64_t)s->size) : xasprintf("%llu", (unsigned long long)s->size);
	_cleanup_free_ char *since = v->human ? text_ago(s->created) : xstrdup(at);
	for (char *p = by; *p; p++)
		if (*p == '\t' || *p == '\n')
			*p = ' ';
	struct json *o = json_new_object();
	json_set_string(o, "ID", id);
	json_set_string(o, "CreatedSince", since);
	json_set_string(o, "CreatedAt", at);
	json_set_string(o, "CreatedBy", by);
	json_set_string(o, "Size", size);
	json_set_string(o, "Comment", s->comment);
	return o;
}

int history_print(const struct history_values *v, const struct json *rows, struct mc_err *err)
{
	return format_list(v->quiet && !v->format ? "{{.ID}}" : v->format,
		"table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}", titles, rows,
		stdout, err);
}

static int history_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct history_values *v = values;
	_cleanup_image_ struct image img = { 0 };
	_cleanup_json_ struct json *rows = json_new_array();
	struct image_step *steps;
	size_t n;
	_cleanup_close_ int store = image_cli_store(err);
	int rc = store < 0 ? store : image_lookup(store, argv[0], &img, err);
	if (rc == 0)
		rc = image_cli_platform(store, v->platform, argv, err);
	if (rc == 0)
		rc = image_history(store, &img, &steps, &n, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n; i++)
		json_add(rows, history_row(v, &steps[i]));
	image_history_free(steps, n);
	return history_print(v, rows, err);
}

const struct command cmd_history = {
	.name = "history",
	.aliases = "image history",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] IMAGE",
	.summary = "Show the layers an image is made of",
	.example = "minictr history --no-trunc busybox",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct history_values),
	.defaults = &defaults,
	.run = history_run,
};
