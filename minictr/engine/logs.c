/*
 * logs.c - reading a container's log.
 *
 * Kernel objects and man pages: rename(2) and inode numbers: the monitor rotates by renaming, so a reader
 * of the old file reads it to its end and then finds another inode under the name.
 * Order and why: the oldest file first. A long line of the program is several records, and two streams take
 * turns, so --tail looks at the files twice before it reads them, without parsing: how many lines end in
 * them, and with which record each stream's first wanted line begins. A line that is no JSON (a crash, a
 * full disk) is passed over.
 */
#include "engine/logs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/file.h"

enum { POLL_US = 100000, MAX_FILES = 1000 };

struct reader {
	const struct logs_options *o;
	int (*out)(const struct log_entry *, void *);
	void *data;
	bool done;
	struct buf begun; /* a record not complete yet */
	/* For --tail, by stream (1, 2): records are numbered from 1 over all files. */
	uint64_t record;        /* the one that is looked at */
	uint64_t lines;         /* that have ended so far */
	uint64_t skip;          /* lines to be passed over */
	uint64_t line_begin[3]; /* record that began the line that is under way; 0: none is */
	uint64_t first[3];      /* record that begins the first wanted line; 0: not found */
};

/* Calls f for every record from the present offset to the end. True when there was something. */
static bool each_record(struct reader *r, int fd, void (*f)(struct reader *, const char *line, size_t len))
{
	char chunk[65536];
	ssize_t n;
	bool any = false;
	while (!r->done && (n = read(fd, chunk, sizeof(chunk))) > 0) {
		const char *p = chunk, *end = chunk + n, *newline;
		any = true;
		while (!r->done && (newline = memchr(p, '\n', (size_t)(end - p)))) {
			if (r->begun.len) {
				buf_add(&r->begun, p, (size_t)(newline - p));
				f(r, r->begun.data, r->begun.len);
				buf_clear(&r->begun);
			} else {
				f(r, p, (size_t)(newline - p));
			}
			p = newline + 1;
		}
		buf_add(&r->begun, p, (size_t)(end - p));
	}
	return any;
}

/* --- --tail --- */

/*
 * Of a record as the monitor writes it (monitor/log.c): which stream, and does its text end with a
 * newline? 0: no record.
 */
static int scan_record(const char *line, size_t len, bool *ret_ends)
{
	static const char mark[] = "\",\"stream\":\"std";
	const size_t n = sizeof(mark) - 1;
	size_t backslashes = 0;
	const char *at = line + len;
	/* Behind it stand the stream's name and a time: it is near the end. */
	for (at = len > n ? line + len - n : line; at > line && memcmp(at, mark, n) != 0;)
		at--;
	if (at == line)
		return 0;
	/* The text is escaped: n behind an odd number of backslashes is a newline. */
	while (at[-1] == 'n' && at - 2 - backslashes > line && at[-2 - (ptrdiff_t)backslashes] == '\\')
		backslashes++;
	*ret_ends = at[-1] == 'n' && backslashes % 2;
	return at[n] == 'e' ? 2 : 1;
}

static void scan_line(struct reader *r, const char *line, size_t len)
{
	bool ends;
	int stream = scan_record(line, len, &ends);
	r->record++;
	if (!stream)
		return;
	if (!r->line_begin[stream])
		r->line_begin[stream] = r->record;
	if (!ends)
		return;
	if (++r->lines > r->skip && !r->first[stream])
		r->first[stream] = r->line_begin[stream];
	r->line_begin[stream] = 0;
}

static void scan_files(struct reader *r, const int fds[], int n)
{
	r->record = r->lines = 0;
	for (int s = 1; s < 3; s++)
		r->line_begin[s] = r->first[s] = 0;
	for (int i = n - 1; i >= 0; i--) {
		each_record(r, fds[i], scan_line);
		lseek(fds[i], 0, SEEK_SET);
	}
	buf_clear(&r->begun);
}

/* A line that has begun and has no end yet counts, too. */
static uint64_t open_lines(const struct reader *r) { return !!r->line_begin[1] + !!r->line_begin[2]; }

static void find_tail(struct reader *r, const int fds[], int n)
{
	r->skip = UINT64_MAX;
	scan_files(r, fds, n);
	uint64_t total = r->lines + open_lines(r), wanted = (uint64_t)r->o->tail;
	r->skip = total > wanted ? total - wanted : 0;
	scan_files(r, fds, n);
	for (int s = 1; s < 3; s++)
		if (!r->first[s])
			r->first[s] = r->line_begin[s] && r->lines + open_lines(r) > r->skip
					      ? r->line_begin[s]
					      : r->record + 1;
	if (!wanted)
		r->first[1] = r->first[2] = r->record + 1;
}

/* --- reading --- */

static void read_record(struct reader *r, const char *line, size_t len)
{
	_cleanup_json_ struct json *doc = NULL;
	struct mc_err ignored = { 0 };
	const char *stream = NULL, *time = NULL;
	struct log_entry entry = { 0 };
	r->record++;
	if (r->record < r->first[1] && r->record < r->first[2])
		return;
	if (json_parse(line, len, "log", &doc, &ignored) < 0)
		return;
	entry.text = json_bytes_of(json_member(doc, "log"), &entry.len);
	stream = json_text_of(json_member(doc, "stream"));
	time = json_text_of(json_member(doc, "time"));
	if (!entry.text || !stream || !time || parse_rfc3339(time, &entry.time) < 0)
		return;
	entry.stream = str_eq(stream, "stderr") ? 2 : 1;
	if (r->record < r->first[entry.stream] || entry.time < r->o->since ||
		(entry.stream == 1 ? r->o->no_stdout : r->o->no_stderr))
		return;
	if (r->o->until && entry.time > r->o->until)
		r->done = true;
	if (!r->done && r->out(&entry, r->data))
		r->done = true;
}

static bool read_file(struct reader *r, int fd) { return each_record(r, fd, read_record); }

/* Opens log, log.1 ... into fds, newest first. Returns their number. */
static int open_files(const char *base, int fds[MAX_FILES])
{
	int n = 0;
	while (n < MAX_FILES) {
		_cleanup_free_ char *path = n ? xasprintf("%s.%d", base, n) : xstrdup(base);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			break;
		fds[n++] = fd;
	}
	return n;
}

static bool still_runs(struct engine *e, const char *id)
{
	_cleanup_container_ struct container c = { 0 };
	struct mc_err ignored = { 0 };
	return container_load(e, id, &c, &ignored) == 0 && container_is_active(&c);
}

/* Goes on reading fd (taken over; -1 none yet) and whatever replaces it. */
static void follow(struct engine *e, const struct container *c, struct reader *r, const char *base, int fd)
{
	bool alive = true;
	while (!r->done) {
		struct stat mine, now;
		bool any = fd >= 0 && read_file(r, fd);
		if (fd < 0 || (fstat(fd, &mine) == 0 && stat(base, &now) == 0 && mine.st_ino != now.st_ino)) {
			if (fd >= 0)
				read_file(r, fd); /* what came between the read and the rename */
			close_fd(fd);
			fd = open(base, O_RDONLY | O_CLOEXEC);
			any |= fd >= 0;
		}
		if (any)
			continue;
		if (!alive || (r->o->until && (int64_t)now_ns(CLOCK_REALTIME) > r->o->until))
			break;
		alive = still_runs(e, c->id); /* once more after the end: the last words */
		if (alive)
			usleep(POLL_US);
	}
	close_fd(fd);
}

int container_logs(struct engine *e, const char *name, const struct logs_options *o,
	int (*out)(const struct log_entry *, void *), void *data, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	struct reader r = { .o = o, .out = out, .data = data };
	static int fds[MAX_FILES];
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	if (str_eq(json_text_of(json_at(c.host, "LogConfig.Type")), "none"))
		return err_set(err, EINVAL, "configured logging driver does not support reading");
	_cleanup_free_ char *base = container_path(e, c.id, "log");
	int n = open_files(base, fds);
	if (o->tail >= 0)
		find_tail(&r, fds, n);
	r.record = 0;
	for (int i = n - 1; i >= 0; i--) {
		read_file(&r, fds[i]);
		if (i > 0 || !o->follow)
			close(fds[i]);
	}
	if (o->follow)
		follow(e, &c, &r, base, n ? fds[0] : -1);
	buf_release(&r.begun);
	return 0;
}

/* --- printing --- */

struct printing {
	const char *name; /* NULL: not shown */
	bool timestamps, details;
	bool mid_line[3]; /* the last record of this stream had no newline */
};

static int print_entry(const struct log_entry *entry, void *data)
{
	struct printing *p = data;
	struct mc_err ignored = { 0 };
	char time[40];
	FILE *f = entry->stream == 2 ? stderr : stdout;
	bool begins = !p->mid_line[entry->stream];
	if (begins && p->name)
		fprintf(f, "%s ", p->name);
	if (begins && p->timestamps) {
		time_rfc3339(entry->time, time, sizeof(time));
		fprintf(f, "%s ", time);
	}
	if (begins && p->details)
		fputc(' ', f);
	p->mid_line[entry->stream] = entry->len && entry->text[entry->len - 1] != '\n';
	fflush(f);
	return file_write_all(entry->stream == 2 ? 2 : 1, entry->text, entry->len, &ignored) < 0;
}

int container_logs_print(struct engine *e, const char *name, const struct logs_options *o, struct mc_err *err)
{
	struct printing p = {
		.name = o->names ? name : NULL, .timestamps = o->timestamps, .details = o->details
	};
	return container_logs(e, name, o, print_entry, &p, err);
}

/* --- times --- */

/* "2024-01-02", "2024-01-02T15:04", "2024-01-02T15:04:05": local time, as docker has it. */
static bool parse_local(const char *text, int64_t *ret)
{
	static const char *const formats[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d" };
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, formats[i], &tm);
		if (end && !*end) {
			*ret = (int64_t)mktime(&tm) * 1000000000;
			return true;
		}
	}
	return false;
}

int logs_parse_time(const char *text, int64_t *ret, struct mc_err *err)
{
	int64_t ago;
	if (parse_rfc3339(text, ret) == 0 || parse_local(text, ret))
		return 0;
	if (parse_duration(text, &ago) == 0 && strcmp(text, "0") != 0) {
		*ret = (int64_t)now_ns(CLOCK_REALTIME) - ago;
		return 0;
	}
	/* digits alone: strtod(3) would take "nan" and "0x10", too */
	size_t digits = strspn(text, "0123456789"), all = digits + strspn(text + digits, ".0123456789");
	double seconds = digits ? strtod(text, NULL) : -1;
	if (!digits || text[all] || strchr(text, '.') != strrchr(text, '.') || seconds > 9.2e9)
		return err_set(err, EINVAL,
			"invalid value for \"since\" or \"until\": \"%s\" is neither a time "
			"(2024-01-02T15:04:05Z), seconds since 1970, nor a duration (10m)",
			text);
	*ret = (int64_t)(seconds * 1e9);
	return 0;
}
