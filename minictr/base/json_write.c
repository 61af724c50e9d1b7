/*
 * json_write.c - writes a document to disk, after a check that it can be read again.
 *
 * Why a check: arguments of execve(2) are bytes, but JSON is UTF-8 (RFC 8259, section 8.1). Without the check
 * a record with other bytes would be written silently, and then no command could read it. The error names
 * the path of the wrong string.
 */
#include "base/json.h"

#include <fcntl.h>
#include "base/file.h"
#include "base/utf8.h"

/* Room for the path of the string that is wrong: "Config.Env[3]". */
struct place {
	char text[200];
	size_t len;
};

static int check_value(const struct json *v, struct place *p, struct mc_err *err);

static int refuse(const char *text, const char *what, const struct place *p, struct mc_err *err)
{
	size_t at = utf8_valid_len(text, strlen(text));
	err_set(err, EILSEQ, "%s: %sthe byte 0x%02x at position %zu is not UTF-8",
		*p->text ? p->text : "document", what, (unsigned char)text[at], at + 1);
	return err_hint(err, "what is kept in JSON must be UTF-8; iconv(1) converts");
}

static int check_below(const struct json *v, struct place *p, struct mc_err *err, const char *step)
{
	size_t len = p->len;
	int n = snprintf(p->text + len, sizeof(p->text) - len, "%s", step);
	p->len += (size_t)n < sizeof(p->text) - len ? (size_t)n : 0;
	int rc = check_value(v, p, err);
	p->len = len;
	p->text[len] = '\0';
	return rc;
}

static int check_value(const struct json *v, struct place *p, struct mc_err *err)
{
	struct json_iter it = { 0 };
	char step[80];
	int rc = 0;
	switch (json_kind_of(v)) {
	case JSON_STRING: {
		const char *text = json_text_of(v);
		return text && !utf8_valid(text) ? refuse(text, "", p, err) : 0;
	}
	case JSON_ARRAY:
		for (size_t i = 0; i < json_len(v) && rc == 0; i++) {
			snprintf(step, sizeof(step), "[%zu]", i);
			rc = check_below(json_item(v, i), p, err, step);
		}
		return rc;
	case JSON_OBJECT:
		while (rc == 0 && json_next(v, &it)) {
			if (!utf8_valid(it.key))
				return refuse(it.key, "in a key, ", p, err);
			snprintf(step, sizeof(step), "%s%.70s", p->len ? "." : "", it.key);
			rc = check_below(it.value, p, err, step);
		}
		return rc;
	default: return 0;
	}
}

int json_check_utf8(const struct json *v, struct mc_err *err)
{
	struct place p = { .len = 0 };
	return check_value(v, &p, err);
}

int json_write_limited(int dir, const char *path, const struct json *v, size_t max, mode_t mode, int flags,
	struct mc_err *err)
{
	int rc = json_check_utf8(v, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *text = json_dump(v, true);
	size_t len = strlen(text);
	if (len > max)
		return err_set(err, EFBIG, "%s would have %zu bytes, and at most %zu can be read again", path,
			len, max);
	return file_write_atomic(dir, path, text, len, mode, flags, err);
}

int json_write_file(
	int dir, const char *path, const struct json *v, mode_t mode, int flags, struct mc_err *err)
{
	return json_write_limited(dir, path, v, SIZE_MAX, mode, flags, err);
}
