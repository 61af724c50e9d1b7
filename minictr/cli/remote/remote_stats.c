/*
 * remote_stats.c - stats of a daemon's containers.
 *
 * One GET .../stats?stream=0 a container gives two samples, this second's and the one before. The daemon
 * needs about a second for it, so the containers are asked one after the other, and again for a live view.
 * What is shown of them is what ours shows: docker's formulas (memory without the cache that can go at once).
 */
#include "cli/remote/remote.h"

#include <unistd.h>

static uint64_t number(const struct json *o, const char *path)
{
	int64_t n = json_int_of(json_at(o, "%s", path));
	return n > 0 ? (uint64_t)n : 0;
}

/* v1 says total_inactive_file, v2 inactive_file; docker subtracts either. */
static uint64_t memory_of(const struct json *doc)
{
	uint64_t usage = number(doc, "memory_stats.usage");
	uint64_t idle = number(doc, "memory_stats.stats.total_inactive_file");
	if (!idle)
		idle = number(doc, "memory_stats.stats.inactive_file");
	return idle < usage ? usage - idle : usage;
}

static void sum_links(const struct json *doc, struct container_stats *s)
{
	struct json_iter it = { 0 };
	const struct json *links = json_member(doc, "networks");
	while (json_kind_of(links) == JSON_OBJECT && json_next(links, &it)) {
		s->net_rx += number(it.value, "rx_bytes");
		s->net_tx += number(it.value, "tx_bytes");
	}
}

static void sum_blocks(const struct json *doc, struct container_stats *s)
{
	const struct json *list = json_at(doc, "blkio_stats.io_service_bytes_recursive");
	for (size_t i = 0; i < json_len(list); i++) {
		const char *op = json_text_of(json_member(json_item(list, i), "op"));
		uint64_t n = number(json_item(list, i), "value");
		if (op && !strcasecmp(op, "read"))
			s->block_read += n;
		if (op && !strcasecmp(op, "write"))
			s->block_write += n;
	}
}

static void samples_of(const struct json *doc, struct container_stats *before, struct container_stats *now)
{
	*before = (struct container_stats){ .cpu_ns = number(doc, "precpu_stats.cpu_usage.total_usage"),
		.system_ns = number(doc, "precpu_stats.system_cpu_usage") };
	*now = (struct container_stats){ .cpu_ns = number(doc, "cpu_stats.cpu_usage.total_usage"),
		.system_ns = number(doc, "cpu_stats.system_cpu_usage"),
		.online_cpus = (unsigned)number(doc, "cpu_stats.online_cpus"),
		.memory = memory_of(doc),
		.memory_limit = number(doc, "memory_stats.limit"),
		.pids = number(doc, "pids_stats.current") };
	sum_links(doc, now);
	sum_blocks(doc, now);
}

static int add_row(struct client *c, const char *name, bool no_trunc, struct json *rows, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_buf_ struct buf path = { 0 };
	struct container_stats before, now;
	buf_adds(&path, "/containers/");
	path_add(&path, name);
	buf_adds(&path, "/stats?stream=0");
	int rc = client_get(c, path.data, &doc, err);
	if (rc < 0)
		return rc;
	const char *id = json_text_of(json_member(doc, "id")),
		   *shown = json_text_of(json_member(doc, "name"));
	samples_of(doc, &before, &now);
	stats_row(json_add(rows, json_new_object()), id ? id : name, shown ? shown + (*shown == '/') : name,
		before.system_ns ? &before : NULL, &now, no_trunc);
	return 0;
}

/* The names to show: operands, or what the daemon lists. */
static int names_now(struct client *c, const struct stats_values *v, int argc, char **argv, char ***ret,
	struct mc_err *err)
{
	_cleanup_json_ struct json *list = NULL;
	for (int i = 0; i < argc; i++)
		strv_push(ret, argv[i]);
	int rc = argc ? 0 : client_get(c, v->all ? "/containers/json?all=1" : "/containers/json", &list, err);
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++)
		if (json_text_of(json_member(json_item(list, i), "Id")))
			strv_push(ret, json_text_of(json_member(json_item(list, i), "Id")));
	return rc;
}

int remote_stats(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct stats_values *v = values;
	_cleanup_client_ struct client c = { 0 };
	bool live = !v->no_stream && isatty(STDOUT_FILENO);
	int rc = client_open(cli, &c, err);
	while (rc >= 0) {
		_cleanup_strv_ char **names = NULL;
		_cleanup_json_ struct json *rows = json_new_array();
		rc = names_now(&c, v, argc, argv, &names, err);
		for (size_t i = 0; rc >= 0 && names && names[i]; i++) {
			struct mc_err gone = { 0 };
			rc = add_row(&c, names[i], v->no_trunc, rows, &gone);
			if (rc == -ENOENT && !argc)
				rc = 0; /* it ended between the list and the question */
			else if (rc < 0)
				*err = gone;
		}
		if (rc >= 0)
			rc = stats_print(v, rows, live, err);
		if (rc < 0 || v->no_stream || fflush(stdout) != 0)
			break;
		if (!names)
			sleep(1);
	}
	return rc < 0 ? rc : 0;
}
