/*
 * json.c - the only file that knows json-c: parse, one value, build, write. By path: json_path.c.
 *
 * json-c clamps silently: 2^64 reads as UINT64_MAX, -1 as u64 reads 0. So numbers beyond 64 bits are refused
 * in the text, and type and sign are checked before a getter is used. The parser's byte offset becomes
 * line:column. The name of a document is the user data of its root value.
 */
#include "base/json.h"

#include <inttypes.h>
#include <json-c/json.h>

#include "base/file.h"
#include "base/utf8.h"

enum { MAX_DEPTH = 64 };

static struct json_object *jc(const struct json *v) { return (struct json_object *)v; }
static struct json *mj(struct json_object *o) { return (struct json *)o; }

/* --- parsing --- */

static void free_source(struct json_object *o, void *source)
{
	(void)o;
	free(source);
}

const char *json_source(const struct json *root)
{
	enum json_kind kind = json_kind_of(root);
	const char *name =
		kind == JSON_OBJECT || kind == JSON_ARRAY ? json_object_get_userdata(jc(root)) : NULL;
	return name ? name : "JSON";
}

static int syntax_error(const char *text, size_t at, const char *source, const char *why, struct mc_err *err)
{
	size_t line = 1, column = 1;
	for (size_t i = 0; i < at; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return err_set(err, EINVAL, "%s:%zu:%zu: not valid JSON: %s", source, line, column, why);
}

/* Length of the number that begins here. *ret_fits: false for an integer beyond 64 bits. */
static size_t number_len(const char *text, size_t len, bool negative, bool *ret_fits)
{
	size_t n = 0;
	bool integer = true;
	char digits[24] = "";
	uint64_t v;
	while (n < len && text[n] && strchr("0123456789.eE+-", text[n]))
		integer = strchr(".eE", text[n++]) == NULL && integer;
	*ret_fits = true;
	if (!integer || n < 19) /* 18 nines fit */
		return n;
	memcpy(digits, text, n < 23 ? n : 23);
	*ret_fits = parse_u64(digits, &v) != -ERANGE && !(negative && v > (uint64_t)INT64_MAX + 1);
	return n;
}

/* Offset of what ends the string that begins at `at`: its quote, a bare control character, or len. */
static size_t string_end(const char *text, size_t len, size_t at)
{
	while (++at < len && text[at] != '"' && (unsigned char)text[at] >= 0x20)
		at += text[at] == '\\';
	return at < len ? at : len;
}

/*
 * Checks that need no parser, in one pass: a start of a container reads ten such documents, a list hundreds.
 * Returns the offset of the first fault and its name; len when there is none.
 * - An integer literal beyond 64 bits, which json-c would clamp silently.
 * - A bare control character in a string. RFC 8259, section 7, forbids them; json-c refuses them only since
 *   0.18, and a document must mean the same on every machine.
 */
static size_t find_fault(const char *text, size_t len, const char **ret_why)
{
	size_t valid = utf8_valid_len(text, len);
	bool fits = true;
	for (size_t i = 0; i < valid; i++) {
		if (text[i] == '"') {
			i = string_end(text, valid, i);
			*ret_why = "a control character inside a string must be escaped";
			if (i < valid && text[i] != '"')
				return i;
		} else if (text[i] >= '0' && text[i] <= '9') {
			size_t n = number_len(text + i, valid - i, i && text[i - 1] == '-', &fits);
			*ret_why = "the number does not fit 64 bits";
			if (!fits)
				return i;
			i += n - 1;
		}
	}
	*ret_why = "the text is not UTF-8 here";
	return valid;
}

/*
 * json-c 0.18 in strict mode treats a char above 0x7f as a control character, because char is signed
 * (json-c issue 875). Without strict mode it would accept comments and 'single quotes'. So we replace every
 * character above 0x7f by \uXXXX: the same document, in ASCII.
 */
static void escape_char(struct buf *out, uint32_t c)
{
	if (c < 0x10000)
		buf_addf(out, "\\u%04x", c);
	else
		buf_addf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
			0xdc00 + ((c - 0x10000) & 0x3ff));
}

static void to_ascii(const char *text, size_t len, struct buf *out)
{
	buf_reserve(out, len + len / 2);
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = utf8_decode(text + i, len - i, &c);
		if (c < 0x80)
			buf_addc(out, text[i]);
		else
			escape_char(out, c);
		i += n ? n : 1;
	}
}

/* Turns `at`, an offset in the ASCII form, into the offset in `text`, for messages. */
static size_t original_offset(const char *text, size_t len, size_t at)
{
	size_t i = 0;
	for (size_t ascii = 0; i < len && ascii < at;) {
		size_t n = utf8_char_len(text + i, len - i);
		ascii += n == 4 ? 12 : n > 1 ? 6 : 1;
		i += n ? n : 1;
	}
	return i;
}

static struct json_object *parse(const char *text, size_t len, size_t *ret_end, const char **ret_why)
{
	struct json_tokener *tok = json_tokener_new_ex(MAX_DEPTH);
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	struct json_object *o = json_tokener_parse_ex(tok, text, (int)len);
	*ret_end = json_tokener_get_parse_end(tok);
	if (json_tokener_get_error(tok) == json_tokener_continue && *ret_end == len)
		o = json_tokener_parse_ex(tok, "", 1); /* a bare number ends only at a NUL */
	enum json_tokener_error why = json_tokener_get_error(tok);
	*ret_why = why == json_tokener_success    ? "null where a value is needed"
		   : why == json_tokener_continue ? "the text ends too early"
						  : json_tokener_error_desc(why);
	json_tokener_free(tok);
	if (why != json_tokener_success) {
		json_object_put(o);
		return NULL;
	}
	return o;
}

/* parse() of the document's ASCII form; *ret_end is an offset in `text`. */
static struct json_object *parse_utf8(const char *text, size_t len, size_t *ret_end, const char **ret_why)
{
	if (utf8_ascii_len(text, len) == len)
		return parse(text, len, ret_end, ret_why);
	_cleanup_buf_ struct buf ascii = { 0 };
	to_ascii(text, len, &ascii);
	*ret_end = 0;
	*ret_why = "it is too long";
	struct json_object *o = ascii.len > INT32_MAX ? NULL : parse(ascii.data, ascii.len, ret_end, ret_why);
	*ret_end = original_offset(text, len, *ret_end);
	return o;
}

int json_parse(const char *text, size_t len, const char *source, struct json **ret, struct mc_err *err)
{
	size_t end;
	const char *why = NULL;
	if (len > INT32_MAX)
		return err_set(err, EFBIG, "%s: %zu bytes are too much for one JSON document", source, len);
	size_t fault = find_fault(text, len, &why);
	if (fault < len)
		return syntax_error(text, fault, source, why, err);
	struct json_object *o = parse_utf8(text, len, &end, &why);
	if (!o)
		return syntax_error(text, end < len ? end : len, source, why, err);
	for (size_t i = end; i < len; i++) {
		if (!text[i] || !strchr(" \t\r\n", text[i])) {
			json_object_put(o);
			return syntax_error(text, i, source, "something follows the document", err);
		}
	}
	if (json_object_is_type(o, json_type_object) || json_object_is_type(o, json_type_array))
		json_object_set_userdata(o, xstrdup(source), free_source);
	*ret = mj(o);
	return 0;
}

int json_parse_file(int dir, const char *path, size_t max, struct json **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	int rc = file_read(dir, path, max, &text, err);
	return rc < 0 ? rc : json_parse(text.data, text.len, path, ret, err);
}

int json_parse_record(int dir, const char *path, size_t max, struct json **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	int rc = file_read_record(dir, path, max, &text, err);
	return rc < 0 ? rc : json_parse(text.data, text.len, path, ret, err);
}

void json_free(struct json *doc) { json_object_put(jc(doc)); }

void json_cleanup(struct json **doc)
{
	json_free(*doc);
	*doc = NULL;
}

/* --- one value --- */

enum json_kind json_kind_of(const struct json *v)
{
	switch (json_object_get_type(jc(v))) {
	case json_type_boolean: return JSON_BOOL;
	case json_type_double: return JSON_DOUBLE;
	case json_type_int: return JSON_INT;
	case json_type_object: return JSON_OBJECT;
	case json_type_array: return JSON_ARRAY;
	case json_type_string: return JSON_STRING;
	default: return JSON_NULL;
	}
}

const char *json_bytes_of(const struct json *v, size_t *ret_len)
{
	if (json_kind_of(v) != JSON_STRING)
		return NULL;
	*ret_len = (size_t)json_object_get_string_len(jc(v));
	return json_object_get_string(jc(v));
}

const char *json_text_of(const struct json *v)
{
	const char *text = json_kind_of(v) == JSON_STRING ? json_object_get_string(jc(v)) : NULL;
	/* A string with a NUL ("mkdir\u0000x") would be cut there and read as another word. */
	return text && strlen(text) == (size_t)json_object_get_string_len(jc(v)) ? text : NULL;
}

const char *json_text_at(const struct json *object, const char *key, const char *otherwise)
{
	const char *text = json_text_of(json_member(object, key));
	return text ? text : otherwise;
}

int64_t json_int_of(const struct json *v)
{
	enum json_kind kind = json_kind_of(v);
	return kind == JSON_INT || kind == JSON_DOUBLE ? json_object_get_int64(jc(v)) : 0;
}

uint64_t json_u64_of(const struct json *v) { return json_object_get_uint64(jc(v)); }

bool json_bool_of(const struct json *v)
{
	return json_kind_of(v) == JSON_BOOL && json_object_get_boolean(jc(v));
}

double json_double_of(const struct json *v)
{
	enum json_kind kind = json_kind_of(v);
	return kind == JSON_INT || kind == JSON_DOUBLE ? json_object_get_double(jc(v)) : 0;
}

size_t json_len(const struct json *v)
{
	enum json_kind kind = json_kind_of(v);
	if (kind == JSON_OBJECT)
		return (size_t)json_object_object_length(jc(v));
	return kind == JSON_ARRAY ? json_object_array_length(jc(v)) : 0;
}

const struct json *json_item(const struct json *array, size_t i)
{
	return json_kind_of(array) == JSON_ARRAY ? mj(json_object_array_get_idx(jc(array), i)) : NULL;
}

const struct json *json_member(const struct json *object, const char *key)
{
	struct json_object *v = NULL;
	if (json_kind_of(object) == JSON_OBJECT)
		json_object_object_get_ex(jc(object), key, &v);
	return mj(v);
}

bool json_next(const struct json *object, struct json_iter *it)
{
	if (json_kind_of(object) != JSON_OBJECT)
		return false;
	struct lh_entry *e = it->place ? lh_entry_next((struct lh_entry *)it->place)
				       : json_object_get_object(jc(object))->head;
	if (!e)
		return false;
	*it = (struct json_iter){ .key = lh_entry_k(e), .value = lh_entry_v(e), .place = e };
	return true;
}

/* --- building --- */

struct json *json_new_object(void) { return mj(json_object_new_object()); }
struct json *json_new_array(void) { return mj(json_object_new_array()); }
struct json *json_new_string(const char *s) { return s ? mj(json_object_new_string(s)) : NULL; }
struct json *json_new_i64(int64_t v) { return mj(json_object_new_int64(v)); }
struct json *json_new_u64(uint64_t v) { return mj(json_object_new_uint64(v)); }
struct json *json_new_bool(bool v) { return mj(json_object_new_boolean(v)); }
struct json *json_new_double(double v) { return mj(json_object_new_double(v)); }

struct json *json_new_strv(char *const v[])
{
	struct json *a = json_new_array();
	for (size_t i = 0; v && v[i]; i++)
		json_add(a, json_new_string(v[i]));
	return a;
}

/* json-c refuses to copy user data (the name of a document); the result 2 says that we handled it. */
static int copy_one(struct json_object *from, struct json_object *parent, const char *key, size_t i,
	struct json_object **to)
{
	int rc = json_c_shallow_copy_default(from, parent, key, i, to);
	return rc == 1 && !json_object_is_type(from, json_type_double) ? 2 : rc;
}

bool json_equal(const struct json *a, const struct json *b) { return json_object_equal(jc(a), jc(b)); }

struct json *json_copy(const struct json *v)
{
	struct json_object *copy = NULL;
	if (v)
		json_object_deep_copy(jc(v), &copy, copy_one);
	return mj(copy);
}

struct json *json_set(struct json *object, const char *key, struct json *value)
{
	json_object_object_add(jc(object), key, jc(value));
	return value;
}

struct json *json_add(struct json *array, struct json *value)
{
	json_object_array_add(jc(array), jc(value));
	return value;
}

void json_put(struct json *array, size_t i, struct json *value)
{
	json_object_array_put_idx(jc(array), i, jc(value));
}

void json_unset(struct json *object, const char *key) { json_object_object_del(jc(object), key); }

void json_set_string(struct json *object, const char *key, const char *s)
{
	if (s)
		json_set(object, key, json_new_string(s));
}

void json_set_i64(struct json *object, const char *key, int64_t v) { json_set(object, key, json_new_i64(v)); }
void json_set_u64(struct json *object, const char *key, uint64_t v)
{
	json_set(object, key, json_new_u64(v));
}
void json_set_bool(struct json *object, const char *key, bool v) { json_set(object, key, json_new_bool(v)); }

void json_set_strv(struct json *object, const char *key, char *const v[])
{
	if (v)
		json_set(object, key, json_new_strv(v));
}

struct json *json_sub(struct json *object, const char *key)
{
	struct json *v = (struct json *)json_member(object, key);
	return v ? v : json_set(object, key, json_new_object());
}

/* --- writing --- */

char *json_dump(const struct json *v, bool pretty)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE |
		    (pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED : JSON_C_TO_STRING_PLAIN);
	return xstrdup(v ? json_object_to_json_string_ext(jc(v), flags) : "null");
}
