/*
 * cmd/events.c - `events`: what happened and what happens, from the engine's append-only log. No daemon is
 * asked.
 */
#include "base/wrap.h"
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/format.h"
#include "cli/verbs.h"
#include "engine/events.h"
#include "engine/logs.h"

#include <time.h>

static const struct option_def options[] = {
	{ 'f', "filter", OPT_LIST, offsetof(struct events_values, filters), "filter",
		"Only those with KEY=VALUE: event, container, image, type, label" },
	{ 0, "format", OPT_STRING, offsetof(struct events_values, format), "string", "'json' or a template" },
	{ 0, "since", OPT_STRING, offsetof(struct events_values, since), "string",
		"From this time on: 10m (ago), 2024-01-02T15:04:05Z" },
	{ 0, "until", OPT_STRING, offsetof(struct events_values, until), "string",
		"Up to this time, then stop" },
	{ 0 },
};

static const char *const types[] = { "container", "image", "network", "volume", "daemon", "builder", NULL };

static const struct filter_key keys[] = { { "event", FILTER_TEXT, NULL }, { "container", FILTER_TEXT, NULL },
	{ "image", FILTER_TEXT, NULL }, { "type", FILTER_WORD, types }, { "label", FILTER_TEXT, NULL },
	{ "volume", FILTER_TEXT, NULL }, { "network", FILTER_TEXT, NULL }, { "daemon", FILTER_TEXT, NULL },
	{ "scope", FILTER_TEXT, NULL }, { 0 } };

int events_filter_check(char *const filters[], struct mc_err *err)
{
	return filter_check_values(filters, keys, err);
}

/* "2024-01-02T15:04:05.000000000Z container start 3f9c... (image=busybox, name=web)" */
static void print_text(const struct json *event)
{
	struct mc_err err = { 0 };
	const char *type = "", *action = "", *id = "";
	int64_t ns = 0;
	char time_text[48];
	json_get_string(event, &type, &err, "Type");
	json_get_string(event, &action, &err, "Action");
	json_get_string(event, &id, &err, "Actor.ID");
	json_get_i64(event, &ns, &err, "timeNano");
	time_rfc3339(ns, time_text, sizeof(time_text));
	const struct json *attributes = json_at(event, "Actor.Attributes");
	_cleanup_buf_ struct buf b = { 0 };
	struct json_iter it = { 0 };
	buf_addf(&b, "%s %s %s %s (", time_text, type, action, id);
	for (bool first = true; json_kind_of(attributes) == JSON_OBJECT && json_next(attributes, &it);
		first = false)
		buf_addf(&b, "%s%s=%s", first ? "" : ", ", it.key,
			json_text_of(it.value) ? json_text_of(it.value) : "");
	_cleanup_free_ char *shown = text_visible(b.data ? b.data : "");
	for (char *p = shown; (p = strchr(p, '\n'));)
		*p = ' '; /* a line break in a label or a command must not make an event of its own */
	printf("%s)\n", shown);
}

int event_print(const struct json *event, const char *line, void *data)
{
	struct event_sink *s = data;
	if (str_eq(s->format, "json")) {
		printf("%.*s\n", (int)strcspn(line, "\n"), line);
	} else if (s->format) {
		_cleanup_buf_ struct buf b = { 0 };
		if (format_render(s->format, event, &b, &s->err) < 0)
			return 1;
		printf("%s\n", b.data);
	} else {
		print_text(event);
	}
	return fflush(stdout) != 0;
}

static int events_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct events_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	struct event_sink sink = { .format = v->format };
	struct events_options o = { .filters = v->filters };
	int rc = format_check(v->format, err);
	if (rc == 0)
		rc = events_filter_check(v->filters, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc == 0 && v->since)
		rc = logs_parse_time(v->since, &o.since, err);
	if (rc == 0 && v->until)
		rc = logs_parse_time(v->until, &o.until, err);
	o.stop_at_end = o.until && o.until <= (int64_t)now_ns(CLOCK_REALTIME);
	if (rc == 0)
		rc = events_read(&e, &o, event_print, &sink, err);
	if (rc >= 0 && sink.err.code) {
		*err = sink.err;
		return -err->code;
	}
	return rc < 0 ? rc : 0;
}

const struct command cmd_events = {
	.name = "events",
	.aliases = "system events",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS]",
	.summary = "Show what happens in the engine",
	.example = "minictr events --since 10m --filter event=die",
	.options = options,
	.values_size = sizeof(struct events_values),
	.run = events_run,
};
