/*
 * events.c - what happened: root/events.log, one JSON object a line.
 *
 * Kernel objects and man pages: open(2) O_APPEND: appends of less than a page do not mix; rename(2) for the
 * one rotation; inotify(7) would tell of new lines at once, polling four times a second is simpler and
 * costs nothing measurable.
 * Left out: compression; more than one old file.
 */
#include "engine/events.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"

enum { LOG_MAX = 8 << 20, POLL_US = 250000 };

static struct json *new_event(const char *type, const char *action, const char *id, int64_t now)
{
	struct json *o = json_new_object();
	if (str_eq(type, "container") ||
		str_eq(type, "image")) { /* docker's older names, which clients still read */
		json_set_string(o, "status", action);
		json_set_string(o, "id", id);
	}
	json_set_string(o, "Type", type);
	json_set_string(o, "Action", action);
	json_set_string(json_sub(o, "Actor"), "ID", id);
	json_sub(json_sub(o, "Actor"), "Attributes");
	json_set_string(o, "scope", "local");
	json_set_i64(o, "time", now / 1000000000);
	json_set_i64(o, "timeNano", now);
	return o;
}

static void append(struct engine *e, const struct json *event)
{
	struct stat st;
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *text = json_dump(event, false);
	_cleanup_free_ char *line = xasprintf("%s\n", text);
	_cleanup_close_ int fd =
		openat(e->dir, "events.log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > LOG_MAX)
		renameat(e->dir, "events.log", e->dir, "events.log.1");
	file_write_all(fd, line, strlen(line), &ignored);
}

static void set_pair(struct json *o, const char *pair)
{
	_cleanup_free_ char *key = xstrdup(pair);
	char *value = strchr(key, '=');
	if (value)
		*value++ = '\0';
	json_set_string(o, key, value ? value : "");
}

void event_log(
	struct engine *e, const char *type, const char *action, const char *id, char *const attributes[])
{
	_cleanup_json_ struct json *event = new_event(type, action, id, (int64_t)now_ns(CLOCK_REALTIME));
	struct json *a = json_sub(json_sub(event, "Actor"), "Attributes");
	for (size_t i = 0; attributes && attributes[i]; i++)
		set_pair(a, attributes[i]);
	append(e, event);
}

static void log_container(
	struct engine *e, const struct container *c, const char *action, char *const attributes[])
{
	_cleanup_json_ struct json *event =
		new_event("container", action, c->id, (int64_t)now_ns(CLOCK_REALTIME));
	struct json *a = json_sub(json_sub(event, "Actor"), "Attributes");
	struct json_iter it = { 0 };
	json_set_string(event, "from", c->image);
	while (json_next(json_member(c->config, "Labels"), &it))
		json_set_string(a, it.key, json_text_of(it.value));
	json_set_string(a, "image", c->image);
	json_set_string(a, "name", c->name);
	for (size_t i = 0; attributes && attributes[i]; i++)
		set_pair(a, attributes[i]);
	append(e, event);
}

void event_container(struct engine *e, const struct container *c, const char *action, const char *extra)
{
	char *const attributes[] = { (char *)extra, NULL };
	log_container(e, c, action, attributes);
}

void event_named(struct engine *e, const char *name, const char *action)
{
	_cleanup_container_ struct container c = { 0 };
	struct mc_err gone = { 0 };
	if (container_find(e, name, &c, &gone) == 0)
		event_container(e, &c, action, NULL);
}

void event_exec(struct engine *e, const struct container *c, const char *action, const char *id,
	char *const command[])
{
	_cleanup_free_ char *exec = xasprintf("execID=%s", id);
	_cleanup_buf_ struct buf text = { 0 };
	buf_addf(&text, "%s: %s%s", action, command[0], command[1] ? "" : " "); /* docker's lone space */
	for (size_t i = 1; command[i]; i++)
		buf_addf(&text, " %s", command[i]);
	event_container(e, c, text.data, exec);
}

void event_exec_die(struct engine *e, const struct container *c, const char *id, int code)
{
	char exec[96], status[32];
	char *const attributes[] = { exec, status, NULL };
	snprintf(exec, sizeof(exec), "execID=%s", id);
	snprintf(status, sizeof(status), "exitCode=%d", code);
	log_container(e, c, "exec_die", attributes);
}

void event_prune(struct engine *e, const char *type, uint64_t freed)
{
	char text[40];
	char *const attributes[] = { text, NULL };
	snprintf(text, sizeof(text), "reclaimed=%" PRIu64, freed);
	event_log(e, type, "prune", "", attributes);
}

void event_kill(struct engine *e, const struct container *c, int sig)
{
	char extra[32];
	snprintf(extra, sizeof(extra), "signal=%d", sig);
	event_container(e, c, "kill", extra);
}

/* --- reading --- */

static bool one_matches(const struct json *event, const char *key, const char *value)
{
	const struct json *a = json_at(event, "Actor.Attributes");
	const char *id = json_text_of(json_at(event, "Actor.ID"));
	const char *type = json_text_of(json_member(event, "Type"));
	const char *action = json_text_of(json_member(event, "Action"));
	if (str_eq(key, "event"))
		return str_eq(action, value) || (str_starts(action, value) && action[strlen(value)] == ':');
	if (str_eq(key, "scope"))
		return str_eq(json_text_of(json_member(event, "scope")), value);
	if (str_eq(key, "type"))
		return str_eq(type, value);
	if (str_eq(key, "label")) {
		_cleanup_free_ char *name = xstrdup(value);
		char *wanted = strchr(name, '=');
		if (wanted)
			*wanted++ = '\0';
		const char *has = json_text_of(json_member(a, name));
		return has && (!wanted || str_eq(has, wanted));
	}
	if (str_eq(key, "image") && str_eq(json_text_of(json_member(a, "image")), value))
		return true;
	return str_eq(type, key) &&
	       (str_eq(json_text_of(json_member(a, "name")), value) || (id && str_starts(id, value)));
}

/* Filters of one key are alternatives, different keys must all fit. */
static bool matches(const struct json *event, char *const filters[])
{
	for (size_t i = 0; filters && filters[i]; i++) {
		const char *eq = strchr(filters[i], '=');
		size_t n = eq ? (size_t)(eq - filters[i]) : strlen(filters[i]);
		bool any = false;
		for (size_t k = 0; filters[k]; k++) {
			_cleanup_free_ char *key = xstrndup(filters[k], n);
			if (!strncmp(filters[k], filters[i], n) && filters[k][n] == '=')
				any |= one_matches(event, key, filters[k] + n + 1);
		}
		if (!any)
			return false;
	}
	return true;
}

struct reading {
	const struct events_options *o;
	int (*out)(const struct json *, const char *, void *);
	void *data;
	int64_t from;
	bool done;
};

static void one_line(struct reading *r, const char *line, size_t len)
{
	_cleanup_json_ struct json *event = NULL;
	struct mc_err ignored = { 0 };
	if (!len || json_parse(line, len, "events.log", &event, &ignored) < 0)
		return; /* a line cut short by a full disk */
	int64_t time = json_int_of(json_member(event, "timeNano"));
	if (time < r->from || !matches(event, r->o->filters))
		return;
	if (r->o->until && time > r->o->until)
		r->done = true;
	_cleanup_free_ char *text = xstrndup(line, len);
	if (!r->done && r->out(event, text, r->data))
		r->done = true;
}

/* Reads what there is from fd on; begun lines stay in b. */
static void read_more(struct reading *r, int fd, struct buf *b)
{
	char chunk[16384];
	ssize_t n;
	while (!r->done && (n = read(fd, chunk, sizeof(chunk))) > 0) {
		buf_add(b, chunk, (size_t)n);
		char *newline;
		while (!r->done && b->len && (newline = memchr(b->data, '\n', b->len))) {
			size_t len = (size_t)(newline - b->data);
			one_line(r, b->data, len);
			buf_trim_front(b, len + 1);
		}
	}
}

static bool is_over(const struct events_options *o)
{
	return o->stop_at_end || (o->until && (int64_t)now_ns(CLOCK_REALTIME) > o->until);
}

int events_read(struct engine *e, const struct events_options *o,
	int (*out)(const struct json *event, const char *line, void *), void *data, struct mc_err *err)
{
	struct reading r = { o, out, data, o->since, false };
	_cleanup_buf_ struct buf b = { 0 };
	if (!r.from && !o->until)
		r.from = (int64_t)now_ns(CLOCK_REALTIME);
	_cleanup_close_ int old = openat(e->dir, "events.log.1", O_RDONLY | O_CLOEXEC);
	if (old >= 0)
		read_more(&r, old, &b);
	_cleanup_close_ int fd = openat(e->dir, "events.log", O_RDONLY | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_sys(err, "open(\"%s/events.log\")", e->root);
	for (;;) {
		struct stat mine, now;
		bool over = is_over(o);
		read_more(&r, fd, &b);
		if (r.done || over)
			return 0;
		if (fstat(fd, &mine) == 0 && fstatat(e->dir, "events.log", &now, 0) == 0 &&
			mine.st_ino != now.st_ino) {
			close_fd(fd);
			fd = openat(e->dir, "events.log", O_RDONLY | O_CLOEXEC);
			continue;
		}
		usleep(POLL_US);
	}
}
