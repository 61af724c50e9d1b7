/*
 * list_cache.c - dashboards ask for the list of containers every second, and nothing has changed.
 *
 * Man pages: stat(2), rename(2), proc_pid_stat(5).
 * Two thirds of a list's work is parsing records. So run_dir/rows keeps each row as text, with what tells
 * whether it is still true: device, inode, size, mtime and ctime of container.json and state.json, as
 * build/stat_cache.c does it with git's rule for racy times, and the process that must be alive. State and
 * Status are made anew: "Up 3 minutes" is true for a minute. What the kernel does not confirm, what is
 * damaged, and what changed within the last GRAIN is read from its files as always.
 * The file is one build's own (its bytes are in this machine's order), on tmpfs, replaced by rename(2): two
 * lists at the same time see one or the other.
 */
#include "daemon/list_cache.h"

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "engine/container.h"
#include "engine/inspect.h"

#define GRAIN_NS 20000000LL

enum { MAX_BYTES = 64 << 20 };

struct file_key {
	uint64_t dev, ino, size;
	int64_t mtime, ctime;
};

struct row {
	char id[CONTAINER_ID_LEN + 1];
	struct file_key record, state; /* all zero: no such file, or not to be trusted */
	enum container_state status;
	struct process_id init, monitor;
	char boot_id[40], health[16]; /* empty: none */
	int exit_code;
	int64_t created, started, finished;
	uint32_t len; /* of the text that follows: the row without State and Status */
};

static struct file_key file_key(int dir, const char *path)
{
	struct stat st;
	struct file_key k;
	memset(&k, 0, sizeof(k)); /* padding too: keys are compared as bytes */
	if (fstatat(dir, path, &st, 0) < 0)
		return k;
	k.dev = st.st_dev;
	k.ino = st.st_ino;
	k.size = (uint64_t)st.st_size;
	k.mtime = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	k.ctime = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
	return k;
}

static bool same_key(const struct file_key *a, const struct file_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* --- one row --- */

/* Is what it says of the container's processes what the kernel says? */
static bool row_confirmed(const struct row *r)
{
	if (r->status == CONTAINER_RESTARTING)
		return process_id_alive(&r->monitor);
	return (r->status != CONTAINER_RUNNING && r->status != CONTAINER_PAUSED) ||
	       (str_eq(r->boot_id, container_boot_id()) && process_id_alive(&r->init));
}

static void row_of_container(const struct container *c, struct row *r)
{
	r->status = c->status;
	r->init = c->init;
	r->monitor = c->monitor;
	r->exit_code = c->exit_code;
	r->created = c->created;
	r->started = c->started;
	r->finished = c->finished;
	snprintf(r->boot_id, sizeof(r->boot_id), "%s", c->boot_id);
	snprintf(r->health, sizeof(r->health), "%s", c->health ? c->health : "");
}

/* Reads the container's files and adds its row. A row that may not be kept gets no key. */
static void add_fresh(struct engine *e, struct row *r, struct buf *rows)
{
	_cleanup_container_ struct container c = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	struct mc_err ignored = { 0 };
	int64_t begin = (int64_t)now_ns(CLOCK_REALTIME) - GRAIN_NS;
	if (container_load_damaged(e, r->id, &c, &ignored) < 0 ||
		container_summary(e, &c, false, &doc, &ignored) < 0)
		return; /* one being made or removed right now */
	bool lasts = !c.damaged && !c.stale && r->record.ctime < begin && r->state.ctime < begin;
	if (!lasts)
		r->record = (struct file_key){ 0 };
	row_of_container(&c, r);
	if (lasts) {
		json_unset(doc, "State");
		json_unset(doc, "Status");
	}
	_cleanup_free_ char *text = json_dump(doc, false);
	r->len = (uint32_t)strlen(text);
	buf_add(rows, r, sizeof(*r));
	buf_add(rows, text, r->len);
}

/* --- the file --- */

/* The row at *at, and *at behind it; false at the end of the file, or where it is damaged. */
static bool next_row(const struct buf *b, size_t *at, struct row *ret, const char **ret_text)
{
	if (*at > b->len || b->len - *at < sizeof(*ret))
		return false;
	memcpy(ret, b->data + *at, sizeof(*ret));
	if (ret->len > b->len - *at - sizeof(*ret) || ret->id[CONTAINER_ID_LEN])
		return false;
	*ret_text = b->data + *at + sizeof(*ret);
	*at += sizeof(*ret) + ret->len;
	return true;
}

/* Every container's row, in the order of ids as dir_list() has them, so that old and new are walked side by
 * side. */
static bool make_rows(struct engine *e, char *const ids[], const struct buf *old, struct buf *rows)
{
	size_t at = sizeof(struct file_key);
	struct row r, had;
	const char *text;
	bool more = next_row(old, &at, &had, &text), changed = false;
	for (size_t i = 0; ids[i]; i++) {
		_cleanup_free_ char *record = xasprintf("containers/%s/container.json", ids[i]),
				    *state = xasprintf("containers/%s/state.json", ids[i]);
		memset(&r, 0, sizeof(r));
		snprintf(r.id, sizeof(r.id), "%s", ids[i]);
		r.record = file_key(e->dir, record);
		r.state = file_key(e->dir, state);
		for (; more && strcmp(had.id, ids[i]) < 0; changed = true)
			more = next_row(old, &at, &had, &text);
		if (more && str_eq(had.id, ids[i]) && had.record.ino && same_key(&r.record, &had.record) &&
			same_key(&r.state, &had.state) && row_confirmed(&had)) {
			buf_add(rows, &had, sizeof(had));
			buf_add(rows, text, had.len);
		} else if (strlen(ids[i]) == CONTAINER_ID_LEN) {
			add_fresh(e, &r, rows);
			changed = true;
		}
	}
	return changed || (more && next_row(old, &at, &had, &text));
}

/* --- the list --- */

struct shown {
	struct row r;
	const char *text;
};

static int newest_first(const void *a, const void *b)
{
	const struct row *x = &((const struct shown *)a)->r, *y = &((const struct shown *)b)->r;
	return x->created == y->created ? strcmp(x->id, y->id) : x->created < y->created ? 1 : -1;
}

/* What `ps` says of its state; a row that may not be kept has it in its text. */
static void show_row(const struct shown *s, struct buf *ret)
{
	struct container c = { .status = s->r.status,
		.exit_code = s->r.exit_code,
		.started = s->r.started,
		.finished = s->r.finished,
		.health = *s->r.health ? (char *)s->r.health : NULL };
	if (!s->r.record.ino) {
		buf_add(ret, s->text, s->r.len);
		return;
	}
	_cleanup_free_ char *status = container_status_text(&c);
	buf_addf(ret, "{\"State\":\"%s\",\"Status\":\"%s\",", container_status_name(c.status), status);
	buf_add(ret, s->text + 1, s->r.len - 1);
}

static void show_rows(const struct buf *rows, bool any_state, struct buf *ret)
{
	size_t at = sizeof(struct file_key), n = 0;
	struct shown *list = xcalloc(rows->len / sizeof(struct row) + 1, sizeof(*list));
	while (next_row(rows, &at, &list[n].r, &list[n].text)) {
		struct container c = { .status = list[n].r.status };
		n += any_state || container_is_active(&c);
	}
	qsort(list, n, sizeof(*list), newest_first);
	buf_addc(ret, '[');
	for (size_t i = 0; i < n; i++) {
		buf_adds(ret, i ? "," : "");
		show_row(&list[i], ret);
	}
	buf_addc(ret, ']');
	free(list);
}

int list_cache_rows(struct engine *e, bool any_state, struct buf *ret, struct mc_err *err)
{
	_cleanup_strv_ char **ids = NULL;
	_cleanup_buf_ struct buf old = { 0 }, rows = { 0 };
	_cleanup_free_ char *path = xasprintf("%s/rows", e->run_dir);
	struct mc_err ignored = { 0 };
	/* Another build's rows may look different: the file begins with the key of our executable. */
	struct file_key build = file_key(AT_FDCWD, "/proc/self/exe");
	int rc = dir_list(e->dir, "containers", &ids, err);
	if (rc < 0)
		return rc;
	file_read(AT_FDCWD, path, MAX_BYTES, &old, &ignored);
	if (old.len < sizeof(build) || memcmp(old.data, &build, sizeof(build)) != 0)
		buf_clear(&old);
	buf_add(&rows, &build, sizeof(build));
	if (make_rows(e, ids, &old, &rows))
		file_write_atomic(AT_FDCWD, path, rows.data, rows.len, 0600, 0, &ignored);
	show_rows(&rows, any_state, ret);
	return 0;
}
