/*
 * ops_streams.c - logs, events, stats: answers that go on until the client leaves.
 *
 * The head is sent at once, before there is anything to say: clients wait for it before they do the next
 * thing (podman issue 23712).
 */
#include "daemon/ops_job.h"

#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/job.h"
#include "daemon/stream.h"
#include "engine/events.h"
#include "engine/inspect.h"
#include "engine/logs.h"

/* --- logs --- */

struct log_stream {
	int out;
	bool tty, timestamps, details;
	bool mid_line[3]; /* the last record of this stream had no newline */
};

/* One frame a record; a line that comes in several has its time once. */
static int log_entry_out(const struct log_entry *entry, void *data)
{
	struct log_stream *s = data;
	_cleanup_buf_ struct buf b = { 0 };
	char time[40];
	bool begins = !s->mid_line[entry->stream];
	if (begins && s->timestamps) {
		time_rfc3339(entry->time, time, sizeof(time));
		buf_addf(&b, "%s ", time);
	}
	if (begins && s->details)
		buf_addc(&b, ' ');
	buf_add(&b, entry->text, entry->len);
	s->mid_line[entry->stream] = entry->len && entry->text[entry->len - 1] != '\n';
	return stream_frame(s->out, s->tty ? STREAM_RAW : entry->stream, b.data, b.len) < 0;
}

/* "tail": a number; "all", nonsense and what is below zero mean all. */
static int64_t tail_of(const struct request *q)
{
	const char *text = request_query(q, "tail");
	int64_t n;
	return text && parse_i64(text, &n) == 0 && n >= 0 ? n : -1;
}

/* Seconds, with or without a fraction, or a time; 0 and "" are no limit. */
static int time_of(const struct request *q, const char *key, int64_t *ret, struct mc_err *err)
{
	const char *text = request_query(q, key);
	*ret = 0;
	if (!text || !*text || strspn(text, "0.") == strlen(text))
		return 0;
	return logs_parse_time(text, ret, err);
}

int job_logs(struct engine *e, const struct request *q, const struct container *c, int out, bool follow,
	struct mc_err *err)
{
	struct logs_options o = { .follow = follow,
		.no_stdout = !request_flag(q, "stdout", false),
		.no_stderr = !request_flag(q, "stderr", false),
		.tail = tail_of(q) };
	struct log_stream s = { .out = out,
		.tty = container_flag(c->config, "Tty"),
		.timestamps = request_flag(q, "timestamps", false),
		.details = request_flag(q, "details", false) };
	int rc = time_of(q, "since", &o.since, err);
	if (rc >= 0)
		rc = time_of(q, "until", &o.until, err);
	return rc < 0 ? rc : container_logs(e, c->id, &o, log_entry_out, &s, err);
}

int op_logs(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int64_t ignored;
	int rc = container_find(e, request_name(q), &c, err);
	if (rc >= 0 && !request_flag(q, "stdout", false) && !request_flag(q, "stderr", false))
		rc = err_set(err, EINVAL, "Bad parameters: you must choose at least one stream");
	if (rc >= 0)
		rc = time_of(q, "since", &ignored, err);
	if (rc >= 0)
		rc = time_of(q, "until", &ignored, err);
	if (rc >= 0 && str_eq(json_text_of(json_at(c.host, "LogConfig.Type")), "none"))
		rc = err_set(err, EOPNOTSUPP, "configured logging driver does not support reading");
	if (rc >= 0)
		rc = reply_begin(r, 200, job_stream_type(q, container_flag(c.config, "Tty")), err);
	return rc < 0 ? rc : job_logs(e, q, &c, JOB_REPLY, request_flag(q, "follow", false), err);
}

/* --- events --- */

static int event_out(const struct json *event, const char *line, void *data)
{
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *text = xasprintf("%s\n", line);
	return file_write_all(JOB_REPLY, text, strlen(text), &ignored) < 0;
}

int op_events(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	static const char *const known[] = { "event", "container", "image", "label", "type", "network",
		"volume", "daemon", "scope", "plugin", "service", "node", "secret", "config" };
	_cleanup_strv_ char **filters = NULL;
	struct events_options o = { 0 };
	int rc = request_filters(q, &filters, err);
	for (size_t i = 0; rc >= 0 && filters && filters[i]; i++) {
		bool ok = false;
		for (size_t k = 0; k < ARRAY_LEN(known); k++)
			ok |= str_starts(filters[i], known[k]) && filters[i][strlen(known[k])] == '=';
		if (!ok)
			rc = err_set(err, EINVAL, "invalid filter '%.*s'", (int)strcspn(filters[i], "="),
				filters[i]);
	}
	if (rc >= 0)
		rc = time_of(q, "since", &o.since, err);
	if (rc >= 0)
		rc = time_of(q, "until", &o.until, err);
	if (rc >= 0 && o.until && o.since > o.until)
		rc = err_set(err, EINVAL, "`since` time (%s) cannot be after `until` time (%s)",
			request_query(q, "since"), request_query(q, "until"));
	if (rc < 0)
		return rc;
	o.filters = filters;
	/* Until now, and nothing before: an empty answer, not all that ever happened. */
	if (o.until && !o.since)
		o.since = (int64_t)now_ns(CLOCK_REALTIME);
	rc = reply_begin(r, 200, "application/json", err);
	return rc < 0 ? rc : events_read(e, &o, event_out, NULL, err);
}

/* --- stats --- */

static void set_time(struct json *o, const char *key, int64_t ns)
{
	char text[40] = "0001-01-01T00:00:00Z";
	if (ns)
		time_rfc3339(ns, text, sizeof(text));
	json_set_string(o, key, text);
}

static struct json *cpu_stats(const struct container_stats *s)
{
	struct json *o = json_new_object(), *usage = json_sub(o, "cpu_usage");
	json_set_u64(usage, "total_usage", s->cpu_ns);
	json_set_u64(usage, "usage_in_kernelmode", 0);
	json_set_u64(usage, "usage_in_usermode", s->cpu_ns);
	if (s->time) {
		json_set_u64(o, "system_cpu_usage", s->system_ns);
		json_set_u64(o, "online_cpus", s->online_cpus);
	}
	struct json *throttling = json_sub(o, "throttling_data");
	json_set_u64(throttling, "periods", 0);
	json_set_u64(throttling, "throttled_periods", 0);
	json_set_u64(throttling, "throttled_time", 0);
	return o;
}

static void add_block(struct json *list, const char *op, uint64_t value)
{
	struct json *o = json_add(list, json_new_object());
	json_set_u64(o, "major", 0);
	json_set_u64(o, "minor", 0);
	json_set_string(o, "op", op);
	json_set_u64(o, "value", value);
}

static void set_usage(struct json *o, const struct container_stats *s)
{
	static const char *const links[] = { "rx_packets", "rx_errors", "rx_dropped", "tx_packets",
		"tx_errors", "tx_dropped" };
	struct json *pids = json_sub(o, "pids_stats"), *memory = json_sub(o, "memory_stats");
	struct json *blocks =
		json_set(json_sub(o, "blkio_stats"), "io_service_bytes_recursive", json_new_array());
	json_set_u64(pids, "current", s->pids);
	if (s->pids_limit && s->pids_limit != UINT64_MAX)
		json_set_u64(pids, "limit", s->pids_limit);
	/* The page cache that could go at once is not counted (engine/inspect.h), so clients subtract nothing. */
	json_set_u64(memory, "usage", s->memory);
	json_set_u64(memory, "limit", s->memory_limit);
	json_set_u64(json_sub(memory, "stats"), "inactive_file", 0);
	json_set_u64(json_sub(memory, "stats"), "total_inactive_file", 0);
	json_set_u64(json_sub(memory, "stats"), "cache", 0);
	add_block(blocks, "read", s->block_read);
	add_block(blocks, "write", s->block_write);
	json_set(json_sub(o, "blkio_stats"), "io_serviced_recursive", NULL);
	struct json *link = json_sub(json_sub(o, "networks"), "eth0");
	json_set_u64(link, "rx_bytes", s->net_rx);
	json_set_u64(link, "tx_bytes", s->net_tx);
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		json_set_u64(link, links[i], 0);
}

static struct json *stats_document(const struct container *c, const struct container_stats *before,
	int64_t before_time, const struct container_stats *now, int64_t now_time)
{
	struct json *o = json_new_object();
	_cleanup_free_ char *name = xasprintf("/%s", c->name);
	set_time(o, "read", now_time);
	set_time(o, "preread", before_time);
	json_set_u64(o, "num_procs", 0);
	json_set(o, "cpu_stats", cpu_stats(now));
	json_set(o, "precpu_stats", cpu_stats(before));
	json_set(o, "storage_stats", json_new_object());
	json_set_string(o, "name", name);
	json_set_string(o, "id", c->id);
	set_usage(o, now);
	return o;
}

/* A sample a second; the rate is between two. one_shot: one sample, without a rate. */
int op_stats(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	struct container_stats before = { 0 }, now = { 0 };
	int64_t before_time = 0, now_time = 0;
	bool stream = request_flag(q, "stream", true), one_shot = request_flag(q, "one-shot", false);
	int rc = container_find(e, request_name(q), &c, err);
	if (rc >= 0 && stream && one_shot)
		rc = err_set(err, EINVAL, "cannot have stream=true and one-shot=true");
	if (rc >= 0)
		rc = reply_begin(r, 200, "application/json", err);
	for (int i = 0; rc >= 0; i++) {
		before = now;
		before_time = now_time;
		now_time = (int64_t)now_ns(CLOCK_REALTIME);
		if (container_stats(e, &c, &now, err) < 0)
			now = (struct container_stats){ 0 };
		bool last = !stream && (i == 1 || one_shot || !c.init.pid);
		if (stream || last) {
			_cleanup_json_ struct json *o =
				stats_document(&c, &before, before_time, &now, now_time);
			rc = reply_message(r, o, err);
		}
		if (last || rc < 0)
			break;
		sleep(1);
		char id[CONTAINER_ID_LEN + 1];
		snprintf(id, sizeof(id), "%s", c.id);
		container_release(&c);
		c = (struct container){ 0 };
		/* Removed: that is the end of the stream. */
		if (container_load(e, id, &c, err) < 0)
			break;
	}
	return rc < 0 ? rc : 0;
}
