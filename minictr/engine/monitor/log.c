/*
 * monitor/log.c - the log of a container, one JSON object a line:
 * {"log":"text\n","stream":"stdout","time":"..."}.
 *
 * Kernel objects and man pages: O_APPEND (open(2)): each record is one write(2) at the end; rename(2)
 * rotates.
 * Order and why: a line is one record, so that a reader can split anywhere; a record is written whole, so
 * that a crash loses the begun line only. Rotation renames first and opens after: a reader who holds the
 * old file reads on in it and finds by its inode number that there is a newer one (logs.c).
 * Left out: compressing old files; other drivers.
 */
#include "engine/monitor/log.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "base/utf8.h"

static int open_file(struct log_file *l, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/log", l->dir);
	struct stat st;
	l->fd = sys_open(AT_FDCWD, path, O_RDWR | O_APPEND | O_CREAT, 0640, err);
	if (l->fd < 0)
		return l->fd;
	l->size = fstat(l->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	char last = '\n';
	if (l->size && pread(l->fd, &last, 1, (off_t)l->size - 1) == 1 && last != '\n')
		l->size += write(l->fd, "\n", 1) == 1;
	return 0;
}

int log_open(struct log_file *l, const char *dir, uint64_t max_size, unsigned max_files, struct mc_err *err)
{
	*l = (struct log_file){ .dir = dir, .fd = -1, .max_size = max_size, .max_files = max_files };
	return dir ? open_file(l, err) : 0;
}

/* log.1 -> log.2 ..., log -> log.1; the oldest is replaced. */
static void rotate(struct log_file *l)
{
	struct mc_err ignored = { 0 };
	for (unsigned i = l->max_files > 1 ? l->max_files - 1 : 0; i > 0; i--) {
		_cleanup_free_ char *to = xasprintf("%s/log.%u", l->dir, i);
		_cleanup_free_ char *from =
			i > 1 ? xasprintf("%s/log.%u", l->dir, i - 1) : xasprintf("%s/log", l->dir);
		rename(from, to);
	}
	if (l->max_files <= 1) {
		_cleanup_free_ char *only = xasprintf("%s/log", l->dir);
		unlink(only);
	}
	l->fd = close_fd(l->fd);
	open_file(l, &ignored);
}

/*
 * How much of text makes a record when it has to be cut: a character at the end that is not complete waits
 * for the next.
 */
static size_t whole_chars(const char *text, size_t len)
{
	for (size_t back = 1; back < 4 && back < len; back++) {
		unsigned char c = (unsigned char)text[len - back];
		size_t needs = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
		if ((c & 0xc0) != 0x80)
			return needs > back ? len - back : len;
	}
	return len;
}

static void add_escaped(struct buf *b, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)text[i];
		size_t n = utf8_char_len(text + i, len - i);
		if (c == '\n')
			buf_adds(b, "\\n");
		else if (c == '"' || c == '\\')
			buf_addc(b, '\\'), buf_addc(b, (char)c);
		else if (c < 0x20 || c == 0x7f)
			buf_addf(b, "\\u%04x", c);
		else if (n)
			buf_add(b, text + i, n);
		else
			/* JSON is UTF-8: other bytes cannot be kept (docker: the same). */
			buf_adds(b, "\\ufffd");
		i += n ? n : 1;
	}
}

static void write_record(struct log_file *l, int stream, const char *text, size_t len)
{
	char now[40];
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), now, sizeof(now));
	buf_clear(&l->record);
	buf_adds(&l->record, "{\"log\":\"");
	add_escaped(&l->record, text, len);
	buf_addf(&l->record, "\",\"stream\":\"%s\",\"time\":\"%s\"}\n", stream == 2 ? "stderr" : "stdout",
		now);
	if (l->max_size && l->size && l->size + l->record.len > l->max_size)
		rotate(l);
	if (l->fd < 0)
		return;
	ssize_t n = write(l->fd, l->record.data, l->record.len);
	if (n > 0 && (size_t)n < l->record.len && ftruncate(l->fd, (off_t)l->size) == 0)
		n = 0; /* the disk is full: no half record */
	l->size += n > 0 ? (size_t)n : 0;
}

/*
 * The begun line has grown to the limit, or is complete: it goes to the file, but for a character that is
 * cut.
 */
static void flush_pending(struct log_file *l, int stream, bool complete)
{
	struct buf *p = &l->pending[stream == 2];
	char rest[4];
	size_t whole = complete ? p->len : whole_chars(p->data, p->len), left = p->len - whole;
	write_record(l, stream, p->data, whole);
	memcpy(rest, p->data + whole, left);
	buf_clear(p);
	buf_add(p, rest, left);
}

void log_add(struct log_file *l, int stream, const char *data, size_t len)
{
	struct buf *p = &l->pending[stream == 2];
	if (!l->dir)
		return;
	while (len) {
		const char *newline = memchr(data, '\n', len);
		size_t take = newline ? (size_t)(newline - data) + 1 : len;
		if (take > LOG_LINE_MAX - p->len)
			take = LOG_LINE_MAX - p->len;
		bool ends = newline && data + take == newline + 1;
		if (!p->len && ends) {
			/* The usual case: nothing to copy. */
			write_record(l, stream, data, take);
		} else {
			buf_add(p, data, take);
			if (ends || p->len == LOG_LINE_MAX)
				flush_pending(l, stream, ends);
		}
		data += take;
		len -= take;
	}
}

void log_close(struct log_file *l)
{
	for (int i = 0; i < 2; i++) {
		if (l->pending[i].len)
			write_record(l, i + 1, l->pending[i].data, l->pending[i].len);
		buf_release(&l->pending[i]);
	}
	buf_release(&l->record);
	l->fd = l->dir ? close_fd(l->fd) : -1;
}
