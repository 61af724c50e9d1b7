/*
 * reply.c - answers: heads, JSON, errors. See reply.h.
 */
#include "daemon/reply.h"

#include <stdarg.h>

#include "base/file.h"

void reply_release(struct reply *r)
{
	json_free(r->head);
	r->head = NULL;
	buf_release(&r->body);
}

static struct json *head_of(struct reply *r)
{
	if (!r->head)
		r->head = json_new_object();
	return r->head;
}

void reply_header(struct reply *r, const char *name, const char *value)
{
	json_set_string(json_sub(head_of(r), "headers"), name, value);
}

/* A whole answer: collected, or sent with its length. text is taken over. */
static void reply_whole(struct reply *r, int status, const char *type, char *text)
{
	struct json *head = head_of(r);
	struct mc_err ignored = { 0 };
	if (r->begun) {
		free(text);
		return;
	}
	r->begun = true;
	json_set_i64(head, "status", status);
	json_set_string(head, "type", type);
	json_set_u64(head, "length", strlen(text));
	buf_adds(&r->body, text);
	free(text);
	if (r->out < 0)
		return;
	_cleanup_free_ char *line = json_dump(head, false);
	_cleanup_buf_ struct buf b = { 0 };
	buf_addf(&b, "%s\n", line);
	buf_add(&b, r->body.data, r->body.len);
	file_write_all(r->out, b.data, b.len, &ignored);
}

void reply_json(struct reply *r, int status, const struct json *doc)
{
	_cleanup_free_ char *text = json_dump(doc, false);
	reply_json_text(r, status, text);
}

void reply_json_text(struct reply *r, int status, const char *text)
{
	reply_whole(r, status, "application/json", xasprintf("%s\n", text));
}

void reply_text(struct reply *r, int status, const char *text)
{
	reply_whole(r, status, "text/plain; charset=utf-8", xstrdup(text));
}

void reply_empty(struct reply *r, int status) { reply_whole(r, status, NULL, xstrdup("")); }

void reply_error(struct reply *r, int status, const char *fmt, ...)
{
	_cleanup_json_ struct json *doc = json_new_object();
	_cleanup_buf_ struct buf text = { 0 };
	char line[1100];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	json_set_string(doc, "message", line);
	reply_json(r, status, doc);
}

int error_status(int code)
{
	static const struct {
		int code, status;
	} table[] = {
		{ ENOENT, 404 },
		{ EEXIST, 409 },
		{ EBUSY, 409 },
		{ ESRCH, 409 },
		{ EALREADY, 304 },
		{ EINVAL, 400 },
		{ ENOTDIR, 400 },
		{ ERANGE, 400 },
		{ E2BIG, 400 },
		{ ENOTTY, 400 },
		{ EISDIR, 400 },
		{ EILSEQ, 400 },
		{ ENAMETOOLONG, 400 },
		{ ELOOP, 400 },
		{ EPERM, 403 },
		{ EACCES, 403 },
		{ EROFS, 403 },
		{ EFBIG, 413 },
		{ EOPNOTSUPP, 501 },
		{ ENOSYS, 501 },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].code == code)
			return table[i].status;
	return 500;
}

/* The sentence, and what to do about it: the client prints one text only. */
static char *whole_text(const struct mc_err *err)
{
	const char *what =
		err->what[0] ? err->what : "the job ended without a word; the daemon's log has more";
	return err->hint[0] ? xasprintf("%s (%s)", what, err->hint) : xstrdup(what);
}

void reply_failure(struct reply *r, const struct mc_err *err)
{
	_cleanup_free_ char *text = whole_text(err);
	/* The runtime's 126 and 127: the program of the container is at fault, not the daemon. */
	int status = err->exit_status == 126 || err->exit_status == 127 ? 400 : error_status(err->code);
	if (err->exit_status)
		json_set_i64(head_of(r), "exit", err->exit_status);
	if (status == 304)
		reply_empty(r, 304);
	else
		reply_error(r, status, "%s", text);
}

/* --- streams --- */

int reply_begin(struct reply *r, int status, const char *type, struct mc_err *err)
{
	struct json *head = head_of(r);
	r->begun = true;
	json_set_i64(head, "status", status);
	json_set_string(head, "type", type);
	_cleanup_free_ char *text = json_dump(head, false);
	_cleanup_free_ char *line = xasprintf("%s\n", text);
	return file_write_all(r->out, line, strlen(line), err);
}

int reply_message(struct reply *r, const struct json *doc, struct mc_err *err)
{
	_cleanup_free_ char *text = json_dump(doc, false);
	_cleanup_free_ char *line = xasprintf("%s\r\n", text);
	return file_write_all(r->out, line, strlen(line), err);
}

void reply_stream_error(struct reply *r, const struct mc_err *err)
{
	_cleanup_json_ struct json *doc = json_new_object();
	_cleanup_free_ char *text = whole_text(err);
	struct mc_err ignored = { 0 };
	struct json *detail = json_sub(doc, "errorDetail");
	if (err->exit_status)
		json_set_i64(detail, "code", err->exit_status);
	json_set_string(detail, "message", text);
	json_set_string(doc, "error", text);
	reply_message(r, doc, &ignored);
}
