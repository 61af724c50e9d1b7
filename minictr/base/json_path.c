/*
 * json_path.c - values by dotted path ("mounts[3].destination"), with their type checked and exact numbers.
 *
 * A getter returns 1 found, 0 absent or null, -EINVAL of another type. The error names document, path, what
 * was expected and what stands there. Type, sign and size are checked here because json-c clamps silently
 * (json.c).
 */
#include "base/json.h"

#include <inttypes.h>
#include <stdarg.h>

enum { MAX_PATH_TEXT = 512 };

/* --- the walk --- */

static const struct json *walk(const struct json *v, const char *path)
{
	while (v && *path) {
		char key[256];
		if (*path == '[') {
			v = json_item(v, strtoul(path + 1, NULL, 10));
			path += strcspn(path, "]") + 1;
		} else {
			size_t n = strcspn(path, ".[");
			if (n >= sizeof(key))
				return NULL;
			memcpy(key, path, n);
			key[n] = '\0';
			v = json_member(v, key);
			path += n;
		}
		path += *path == '.';
	}
	return v;
}

const struct json *json_at(const struct json *root, const char *path, ...)
{
	char text[MAX_PATH_TEXT];
	va_list ap;
	va_start(ap, path);
	vsnprintf(text, sizeof(text), path, ap);
	va_end(ap);
	return walk(root, text);
}

static const char *kind_name(enum json_kind kind)
{
	static const char *const names[] = { "null", "a boolean", "an integer", "a number", "a string",
		"an array", "an object" };
	return names[kind];
}

static int wrong(const struct json *root, const char *path, const char *expected, const struct json *got,
	struct mc_err *err)
{
	enum json_kind kind = json_kind_of(got);
	if (kind == JSON_ARRAY || kind == JSON_OBJECT)
		return err_set(err, EINVAL, "%s: %s: expected %s, got %s", json_source(root), path, expected,
			kind_name(kind));
	_cleanup_free_ char *text = json_dump(got, false);
	return err_set(err, EINVAL, "%s: %s: expected %s, got %s %.80s", json_source(root), path, expected,
		kind_name(kind), text);
}

/* Why walk() found nothing. 0: absent. -EINVAL: a value on the way is no object or array. Reading it as
 * absent would hide a mistake: "resources":{"memory":"64m"} would silently set no limit. */
static int on_the_way(const struct json *root, const char *path, struct mc_err *err)
{
	char so_far[MAX_PATH_TEXT];
	const struct json *v = root;
	for (size_t n = 0; v && path[n]; n += path[n] == '.') {
		enum json_kind kind = path[n] == '[' ? JSON_ARRAY : JSON_OBJECT;
		snprintf(so_far, sizeof(so_far), "%.*s", (int)(n && path[n - 1] == '.' ? n - 1 : n), path);
		if (json_kind_of(v) != kind)
			return wrong(root, n ? so_far : "the document", kind_name(kind), v, err);
		n += path[n] == '[' ? strcspn(path + n, "]") + 1 : strcspn(path + n, ".[");
		snprintf(so_far, sizeof(so_far), "%.*s", (int)n, path);
		v = walk(root, so_far);
	}
	return 0;
}

/* Finds path and checks its kind. Returns 1 found, 0 absent or null, -EINVAL wrong kind. */
static int find(const struct json *root, const char *path, enum json_kind kind, const struct json **ret,
	struct mc_err *err)
{
	const struct json *v = walk(root, path);
	if (!v)
		return on_the_way(root, path, err);
	if (json_kind_of(v) != kind)
		return wrong(root, path, kind_name(kind), v, err);
	*ret = v;
	return 1;
}

/* Every getter formats its path first; only this macro handles the va_list. */
#define FORMAT_PATH(text)                                                                                    \
	char text[MAX_PATH_TEXT];                                                                            \
	va_list ap;                                                                                          \
	va_start(ap, path);                                                                                  \
	vsnprintf(text, sizeof(text), path, ap);                                                             \
	va_end(ap)

int json_get_string(const struct json *root, const char **ret, struct mc_err *err, const char *path, ...)
{
	FORMAT_PATH(text);
	const struct json *v;
	int rc = find(root, text, JSON_STRING, &v, err);
	if (rc == 1 && !json_text_of(v))
		return err_set(err, EINVAL, "%s: %s: a NUL byte inside the string", json_source(root), text);
	if (rc == 1)
		*ret = json_text_of(v);
	return rc;
}

int json_get_bool(const struct json *root, bool *ret, struct mc_err *err, const char *path, ...)
{
	FORMAT_PATH(text);
	const struct json *v;
	int rc = find(root, text, JSON_BOOL, &v, err);
	if (rc == 1)
		*ret = json_bool_of(v);
	return rc;
}

/* json-c keeps integers as int64 or uint64; json_parse() has refused numbers that fit neither. */
static int find_integer(
	const struct json *root, const char *path, int64_t *ret_i, uint64_t *ret_u, struct mc_err *err)
{
	const struct json *v;
	int rc = find(root, path, JSON_INT, &v, err);
	if (rc == 1) {
		*ret_i = json_int_of(v);
		*ret_u = json_u64_of(v);
	}
	return rc;
}

int json_get_i64(const struct json *root, int64_t *ret, struct mc_err *err, const char *path, ...)
{
	FORMAT_PATH(text);
	int64_t i;
	uint64_t u;
	int rc = find_integer(root, text, &i, &u, err);
	if (rc == 1 && u > INT64_MAX)
		return err_set(err, EINVAL, "%s: %s: %" PRIu64 " does not fit a signed 64-bit number",
			json_source(root), text, u);
	if (rc == 1)
		*ret = i;
	return rc;
}

int json_get_u64(const struct json *root, uint64_t *ret, struct mc_err *err, const char *path, ...)
{
	FORMAT_PATH(text);
	int64_t i;
	uint64_t u;
	int rc = find_integer(root, text, &i, &u, err);
	if (rc == 1 && i < 0)
		return err_set(err, EINVAL, "%s: %s: expected a number that is not negative, got %" PRId64,
			json_source(root), text, i);
	if (rc == 1)
		*ret = u;
	return rc;
}

int json_get_u32(const struct json *root, uint32_t *ret, struct mc_err *err, const char *path, ...)
{
	FORMAT_PATH(text);
	uint64_t v;
	int rc = json_get_u64(root, &v, err, "%s", text);
	if (rc == 1 && v > UINT32_MAX)
		return err_set(
			err, EINVAL, "%s: %s: %" PRIu64 " does not fit 32 bits", json_source(root), text, v);
	if (rc == 1)
		*ret = (uint32_t)v;
	return rc;
}

int json_get_double(const struct json *root, double *ret, struct mc_err *err, const char *path, ...)
{
	FORMAT_PATH(text);
	const struct json *v = walk(root, text);
	if (!v)
		return on_the_way(root, text, err);
	if (json_kind_of(v) != JSON_INT && json_kind_of(v) != JSON_DOUBLE)
		return wrong(root, text, "a number", v, err);
	*ret = json_double_of(v);
	return 1;
}

int json_get_strv(const struct json *root, char ***ret, struct mc_err *err, const char *path, ...)
{
	FORMAT_PATH(text);
	const struct json *v;
	int rc = find(root, text, JSON_ARRAY, &v, err);
	if (rc <= 0)
		return rc;
	size_t n = json_len(v);
	char **strings = xcalloc(n + 1, sizeof(char *));
	for (size_t i = 0; i < n; i++) {
		const char *s = json_text_of(json_item(v, i));
		/* A path is only made for the message: lists of ten thousand strings are read, too. */
		rc = s ? 1 : json_get_string(root, &s, err, "%s[%zu]", text, i);
		if (rc == 0)
			rc = wrong(root, text, "an array of strings", json_item(v, i), err);
		if (rc < 0) {
			strv_free(strings);
			return rc;
		}
		strings[i] = xstrdup(s);
	}
	*ret = strings;
	return 1;
}

int json_get_array(const struct json *root, size_t *ret_len, struct mc_err *err, const char *path, ...)
{
	FORMAT_PATH(text);
	const struct json *v;
	int rc = find(root, text, JSON_ARRAY, &v, err);
	*ret_len = rc == 1 ? json_len(v) : 0;
	return rc;
}

int json_get_object(
	const struct json *root, const struct json **ret, struct mc_err *err, const char *path, ...)
{
	FORMAT_PATH(text);
	return find(root, text, JSON_OBJECT, ret, err);
}
