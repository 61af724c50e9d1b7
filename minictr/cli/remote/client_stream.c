/*
 * client_stream.c - frames and JSON values out of a stream of bytes. No connection is known here.
 *
 * What a daemon sends is not trusted: a length is only counted down, never allocated; a JSON value has
 * a limit.
 */
#include "cli/remote/client_stream.h"

#include <ctype.h>

#include "base/file.h"

enum { VALUE_MOST = 4 << 20 };

static int to_descriptor(void *ctx, int stream, const void *data, size_t len, struct mc_err *err)
{
	return file_write_all(stream, data, len, err);
}

/* Bytes of the header. Returns how many were taken, or -EPROTO. */
static ssize_t take_head(struct frames *f, const unsigned char *data, size_t len, struct mc_err *err)
{
	size_t n = sizeof(f->head) - f->n_head < len ? sizeof(f->head) - f->n_head : len;
	memcpy(f->head + f->n_head, data, n);
	f->n_head += n;
	if (f->n_head < sizeof(f->head))
		return (ssize_t)n;
	if (f->head[0] > 3 || f->head[1] || f->head[2] || f->head[3])
		return err_set(err, EPROTO, "the daemon's output has no frames where they should be");
	f->left = (uint32_t)f->head[4] << 24 | (uint32_t)f->head[5] << 16 | (uint32_t)f->head[6] << 8 |
		  f->head[7];
	if (!f->left)
		f->n_head = 0;
	return (ssize_t)n;
}

int frames_cut(struct frames *f, const void *data, size_t len,
	int (*out)(void *ctx, int stream, const void *data, size_t len, struct mc_err *err), void *ctx,
	struct mc_err *err)
{
	const unsigned char *p = data;
	if (f->raw)
		return out(ctx, 1, data, len, err);
	while (len) {
		if (!f->left) {
			ssize_t n = take_head(f, p, len, err);
			if (n < 0)
				return (int)n;
			p += n;
			len -= (size_t)n;
			continue;
		}
		size_t n = f->left < len ? f->left : len;
		/* 3 is the daemon's own word: an error in the middle of the stream */
		int rc = out(ctx, f->head[0] == 1 || f->head[0] == 0 ? 1 : 2, p, n, err);
		if (rc < 0)
			return rc;
		p += n;
		len -= n;
		f->left -= (uint32_t)n;
		if (!f->left)
			f->n_head = 0;
	}
	return 0;
}

int frames_print(void *ctx, const void *data, size_t len, struct mc_err *err)
{
	return frames_cut(ctx, data, len, to_descriptor, NULL, err);
}

void json_cutter_release(struct json_cutter *c) { buf_release(&c->text); }

/* One more character of a value. True when it ends the value. */
static bool count(struct json_cutter *c, char ch)
{
	if (c->in_string) {
		if (c->escaped)
			c->escaped = false;
		else if (ch == '\\')
			c->escaped = true;
		else if (ch == '"')
			c->in_string = false;
		return false;
	}
	if (ch == '"')
		c->in_string = true;
	c->depth += (ch == '{' || ch == '[') - (ch == '}' || ch == ']');
	return c->depth <= 0 && !c->in_string;
}

static int deliver(struct json_cutter *c, struct mc_err *err)
{
	_cleanup_json_ struct json *value = NULL;
	int rc = json_parse(c->text.data, c->text.len, "the daemon's answer", &value, err);
	if (rc == 0)
		rc = c->take(c->ctx, value, c->text.data, err);
	buf_clear(&c->text);
	c->depth = 0;
	return rc;
}

int json_cut(void *ctx, const void *data, size_t len, struct mc_err *err)
{
	struct json_cutter *c = ctx;
	const char *p = data;
	for (size_t i = 0; i < len; i++) {
		if (!c->text.len && (isspace((unsigned char)p[i]) || p[i] == ','))
			continue;
		if (!c->text.len && p[i] != '{' && p[i] != '[')
			return err_set(err, EPROTO, "the daemon's answer is no JSON");
		if (c->text.len >= VALUE_MOST)
			return err_set(err, EFBIG, "a value in the daemon's answer is too long");
		buf_addc(&c->text, p[i]);
		int rc = count(c, p[i]) ? deliver(c, err) : 0;
		if (rc != 0)
			return rc < 0 ? rc : -ECANCELED;
	}
	return 0;
}
