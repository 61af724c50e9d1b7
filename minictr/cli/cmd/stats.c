/*
 * cmd/stats.c - `stats`: what containers use right now, by the counters of their cgroups.
 *
 * CPU is a rate: two samples, the container's CPU time over the machine's between them, times the number of
 * CPUs (so that one busy core is 100 %). Memory is what the cgroup is charged for without the cache that
 * can go at once.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/format.h"
#include "cli/format/table.h"
#include "cli/verbs.h"
#include "engine/inspect.h"

#include <unistd.h>

static const struct option_def options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct stats_values, all), NULL, "Stopped ones, too" },
	{ 0, "format", OPT_STRING, offsetof(struct stats_values, format), "string",
		"'table', 'table TEMPLATE', 'json' or a template: {{.Name}} {{.CPUPerc}}" },
	{ 0, "no-stream", OPT_FLAG, offsetof(struct stats_values, no_stream), NULL,
		"Once, not again and again" },
	{ 0, "no-trunc", OPT_FLAG, offsetof(struct stats_values, no_trunc), NULL, "Nothing shortened" },
	{ 0 },
};

static const struct format_title titles[] = { { "ID", "CONTAINER ID" }, { "CPUPerc", "CPU %" },
	{ "MemUsage", "MEM USAGE / LIMIT" }, { "MemPerc", "MEM %" }, { "NetIO", "NET I/O" },
	{ "BlockIO", "BLOCK I/O" }, { "PIDs", "PIDS" }, { NULL, NULL } };

static const char table_format[] = "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t"
				   "{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";

enum { FIRST_GAP_US = 400000, GAP_US = 1000000, MOST = 1024 };

struct sample {
	char id[CONTAINER_ID_LEN + 1];
	struct container_stats stats;
};

struct samples {
	struct sample items[MOST];
	size_t n;
};

static const struct container_stats *before(const struct samples *s, const char *id)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->items[i].id, id))
			return &s->items[i].stats;
	return NULL;
}

static void set_pair(struct json *row, const char *key, uint64_t a, uint64_t b, bool binary)
{
	_cleanup_free_ char *x = binary ? text_size_binary((int64_t)a) : text_size((int64_t)a);
	_cleanup_free_ char *y = binary ? text_size_binary((int64_t)b) : text_size((int64_t)b);
	_cleanup_free_ char *text = xasprintf("%s / %s", x, y);
	json_set_string(row, key, text);
}

static void set_percent(struct json *row, const char *key, double value)
{
	char text[32];
	snprintf(text, sizeof(text), "%.2f%%", value);
	json_set_string(row, key, text);
}

static double cpu_percent(const struct container_stats *old, const struct container_stats *now)
{
	if (!old || now->system_ns <= old->system_ns || now->cpu_ns < old->cpu_ns)
		return 0;
	return (double)(now->cpu_ns - old->cpu_ns) / (double)(now->system_ns - old->system_ns) *
	       now->online_cpus * 100;
}

void stats_row(struct json *row, const char *whole_id, const char *name, const struct container_stats *old,
	const struct container_stats *now, bool no_trunc)
{
	_cleanup_free_ char *id = no_trunc ? xstrdup(whole_id) : text_short_id(whole_id);
	char pids[32];
	snprintf(pids, sizeof(pids), "%llu", (unsigned long long)now->pids);
	json_set_string(row, "ID", id);
	json_set_string(row, "Container", id);
	json_set_string(row, "Name", name);
	set_percent(row, "CPUPerc", cpu_percent(old, now));
	set_pair(row, "MemUsage", now->memory, now->memory_limit, true);
	set_percent(row, "MemPerc",
		now->memory_limit ? (double)now->memory * 100 / (double)now->memory_limit : 0);
	set_pair(row, "NetIO", now->net_rx, now->net_tx, false);
	set_pair(row, "BlockIO", now->block_read, now->block_write, false);
	json_set_string(row, "PIDs", pids);
}

static bool wanted(const struct container *c, int argc, char **argv, bool all)
{
	if (argc == 0)
		return all || container_is_active(c);
	for (int i = 0; i < argc; i++)
		if (str_eq(c->name, argv[i]) || str_starts(c->id, argv[i]))
			return true;
	return false;
}

static struct json *sample_all(struct engine *e, const struct stats_values *v, int argc, char **argv,
	struct samples *last, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list list = { 0 };
	_cleanup_free_ struct samples *now = xcalloc(1, sizeof(*now));
	if (container_list(e, &list, err) < 0)
		return NULL;
	struct json *rows = json_new_array();
	for (size_t i = 0; i < list.count && now->n < MOST; i++) {
		const struct container *c = &list.items[i];
		struct sample *s = &now->items[now->n];
		struct mc_err gone = { 0 };
		if (!wanted(c, argc, argv, v->all))
			continue;
		memcpy(s->id, c->id, sizeof(s->id));
		memset(&s->stats, 0, sizeof(s->stats));
		if (container_is_active(c) && container_stats(e, c, &s->stats, &gone) < 0)
			continue; /* it has just ended */
		stats_row(json_add(rows, json_new_object()), c->id, c->name, before(last, c->id), &s->stats,
			v->no_trunc);
		now->n++;
	}
	memcpy(last, now, sizeof(*last));
	return rows;
}

static int check_names(struct engine *e, int argc, char **argv, struct mc_err *err)
{
	for (int i = 0; i < argc; i++) {
		_cleanup_container_ struct container c = { 0 };
		int rc = container_find(e, argv[i], &c, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int stats_print(const struct stats_values *v, const struct json *rows, bool live, struct mc_err *err)
{
	if (live)
		printf("\033[2J\033[H");
	return format_list(v->format, table_format, titles, rows, stdout, err);
}

static int show(struct engine *e, const struct stats_values *v, int argc, char **argv, struct mc_err *err)
{
	_cleanup_free_ struct samples *last = xcalloc(1, sizeof(*last));
	bool live = !v->no_stream && isatty(STDOUT_FILENO);
	json_free(sample_all(e, v, argc, argv, last, err));
	for (unsigned gap = FIRST_GAP_US;; gap = GAP_US) {
		usleep(gap);
		_cleanup_json_ struct json *rows = sample_all(e, v, argc, argv, last, err);
		if (!rows)
			return -err->code;
		int rc = stats_print(v, rows, live, err);
		if (rc < 0 || v->no_stream)
			return rc;
		if (fflush(stdout) != 0)
			/* the reader is gone: `stats | head` */
			return 0;
	}
}

static int stats_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = check_names(&e, argc, argv, err);
	return rc < 0 ? rc : show(&e, values, argc, argv, err);
}

const struct command cmd_stats = {
	.name = "stats",
	.aliases = "container stats",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS] [CONTAINER...]",
	.summary = "Show what containers use: CPU, memory, network, disk",
	.example = "minictr stats --no-stream",
	.takes = TAKES_RUNNING,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct stats_values),
	.run = stats_run,
};
