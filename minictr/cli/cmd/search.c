/*
 * cmd/search.c - `search`: the Hub's search, or the catalog of another registry (HOST/TERM).
 */
#include "cli/command.h"

#include "cli/format/format.h"
#include "cli/registry_flags.h"
#include "cli/format/table.h"
#include "cli/verbs.h"
#include "registry/push.h"

static const struct search_values defaults = { .registry = REGISTRY_FLAGS_DEFAULT, .limit = 25 };

static const struct option_def options[] = {
	{ 'f', "filter", OPT_LIST, offsetof(struct search_values, filters), "filter",
		"is-official=true, is-automated=true or stars=N" },
	{ 0, "format", OPT_STRING, offsetof(struct search_values, format), "string", "Print by a template" },
	{ 0, "limit", OPT_INT, offsetof(struct search_values, limit), "int", "At most so many (default 25)" },
	{ 0, "no-trunc", OPT_FLAG, offsetof(struct search_values, no_trunc), NULL, "Whole descriptions" },
	REGISTRY_OPTIONS(struct search_values),
	{ 0 },
};

static const struct format_title titles[] = {
	{ "Name", "NAME" },
	{ "Description", "DESCRIPTION" },
	{ "StarCount", "STARS" },
	{ "IsOfficial", "OFFICIAL" },
	{ "IsAutomated", "AUTOMATED" },
	{ NULL, NULL },
};

/* Does a hit pass all filters? -EINVAL for one that is not known. */
static int passes(const struct search_hit *hit, char *const *filters, struct mc_err *err)
{
	uint64_t stars;
	for (; filters && *filters; filters++) {
		if (str_starts(*filters, "is-official=")) {
			if (hit->official != str_eq(*filters + 12, "true"))
				return 0;
		} else if (str_starts(*filters, "is-automated=")) {
			if (hit->automated != str_eq(*filters + 13, "true"))
				return 0;
		} else if (str_starts(*filters, "stars=") && parse_u64(*filters + 6, &stars) == 0) {
			if (hit->stars < (int64_t)stars)
				return 0;
		} else {
			return err_set(err, EINVAL, "invalid filter '%s'", *filters);
		}
	}
	return 1;
}

struct json *search_row(const struct search_hit *hit, bool whole)
{
	struct json *o = json_new_object();
	_cleanup_free_ char *text = whole ? xstrdup(hit->description) : text_ellipsis(hit->description, 45);
	char *p, stars[24];
	for (p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = ' ';
	snprintf(stars, sizeof(stars), "%lld", (long long)hit->stars);
	json_set_string(o, "Name", hit->name);
	json_set_string(o, "Description", text);
	json_set_string(o, "StarCount", stars);
	json_set_string(o, "IsOfficial", hit->official ? "[OK]" : "");
	json_set_string(o, "IsAutomated", hit->automated ? "[OK]" : "");
	return o;
}

int search_print(const struct search_values *v, const struct json *rows, struct mc_err *err)
{
	return format_list(v->format,
		"table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}\t{{.IsAutomated}}",
		titles, rows, stdout, err);
}

int search_limit_check(const struct search_values *v, struct mc_err *err)
{
	if (v->limit >= 1 && v->limit <= 100)
		return 0;
	return err_set(err, EINVAL, "limit %d is outside the range of [1, 100]", v->limit);
}

static int search_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct search_values *v = values;
	_cleanup_json_ struct json *rows = json_new_array();
	struct search_hit *hits = NULL;
	size_t n = 0, i;
	int rc = search_limit_check(v, err);
	if (rc >= 0)
		rc = registry_begin(&v->registry, true, err);
	if (rc >= 0)
		rc = registry_search(argv[0], (size_t)v->limit, &hits, &n, err);
	for (i = 0; rc >= 0 && i < n; i++) {
		rc = passes(&hits[i], v->filters, err);
		if (rc == 1)
			json_add(rows, search_row(&hits[i], v->no_trunc));
	}
	search_free(hits, n);
	return rc < 0 ? rc : search_print(v, rows, err);
}

const struct command cmd_search = {
	.name = "search",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] TERM",
	.summary = "Search a registry for images",
	.example = "minictr search busybox\nminictr search localhost:5000/",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct search_values),
	.defaults = &defaults,
	.run = search_run,
};
