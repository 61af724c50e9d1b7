/*
 * json.h - the only interface to json-c. Exact 64-bit numbers; errors that name the place.
 *
 * Reading: every getter takes the root of the document and a dotted path in printf style, so a wrong
 * type is reported as `config.json: linux.resources.memory.limit: expected an integer, got string "64m"`.
 *     rc = json_get_u64(root, &limit, err, "linux.resources.memory.limit");
 *     rc = json_get_string(root, &dest, err, "mounts[%zu].destination", i);
 * Getters return 1 when the value is there, 0 when it is absent or null (*ret is untouched), and -EINVAL
 * with *err filled when the type or range of the value, or the type of a value on its path, is wrong. json-c
 * clamps numbers silently; we check first. Strings returned are borrowed: they live as long as the document.
 * A path cannot name keys that contain dots (annotations, sysctl): iterate with json_next().
 */
#ifndef MC_BASE_JSON_H
#define MC_BASE_JSON_H

#include "base/buf.h"
#include "base/err.h"

struct json; /* a value; what json_parse() and json_new_*() return is owned by the caller */

/* source names the document in messages ("config.json"); depth is limited. Errors carry line:column. */
int json_parse(const char *text, size_t len, const char *source, struct json **ret, struct mc_err *err);
int json_parse_file(int dir, const char *path, size_t max, struct json **ret, struct mc_err *err);
/* A file that we wrote ourselves (file_read_record()). */
int json_parse_record(int dir, const char *path, size_t max, struct json **ret, struct mc_err *err);
void json_free(struct json *doc); /* NULL is fine */
void json_cleanup(struct json **doc);
#define _cleanup_json_ __attribute__((cleanup(json_cleanup)))

/* --- reading by path --- */
int json_get_string(const struct json *root, const char **ret, struct mc_err *err, const char *path, ...)
	PRINTF_LIKE(4, 5);
int json_get_bool(const struct json *root, bool *ret, struct mc_err *err, const char *path, ...)
	PRINTF_LIKE(4, 5);
int json_get_i64(const struct json *root, int64_t *ret, struct mc_err *err, const char *path, ...)
	PRINTF_LIKE(4, 5);
int json_get_u64(const struct json *root, uint64_t *ret, struct mc_err *err, const char *path, ...)
	PRINTF_LIKE(4, 5);
int json_get_u32(const struct json *root, uint32_t *ret, struct mc_err *err, const char *path, ...)
	PRINTF_LIKE(4, 5);
int json_get_double(const struct json *root, double *ret, struct mc_err *err, const char *path, ...)
	PRINTF_LIKE(4, 5);
/* An array of strings, copied; caller strv_free()s *ret. An empty array gives an empty vector. */
int json_get_strv(const struct json *root, char ***ret, struct mc_err *err, const char *path, ...)
	PRINTF_LIKE(4, 5);
/* Number of elements; 0 also when absent. -EINVAL when it is no array. */
int json_get_array(const struct json *root, size_t *ret_len, struct mc_err *err, const char *path, ...)
	PRINTF_LIKE(4, 5);
/* The object itself, borrowed. For iterating or for keeping a part of a document. */
int json_get_object(const struct json *root, const struct json **ret, struct mc_err *err, const char *path,
	...) PRINTF_LIKE(4, 5);
/* The value of any type, borrowed; NULL when absent. Never an error. */
const struct json *json_at(const struct json *root, const char *path, ...) PRINTF_LIKE(2, 3);

/* --- one value --- */
enum json_kind { JSON_NULL, JSON_BOOL, JSON_INT, JSON_DOUBLE, JSON_STRING, JSON_ARRAY, JSON_OBJECT };
enum json_kind json_kind_of(const struct json *v); /* NULL is JSON_NULL */
const char *json_bytes_of(
	const struct json *v, size_t *ret_len); /* a string, NUL bytes included; NULL: no string */
const char *json_text_of(
	const struct json *v); /* the string of a JSON_STRING without NULs, else NULL; borrowed */
/* The string under key of an object; otherwise when there is none. */
const char *json_text_at(const struct json *object, const char *key, const char *otherwise);
int64_t json_int_of(const struct json *v);       /* the number of a JSON_INT or JSON_DOUBLE, else 0 */
uint64_t json_u64_of(const struct json *v);      /* of a JSON_INT, without a sign; 0 when below 0 */
bool json_bool_of(const struct json *v);         /* false when it is no boolean */
double json_double_of(const struct json *v);     /* 0 when it is no number */
const char *json_source(const struct json *doc); /* the name given to json_parse(), for messages */
size_t json_len(const struct json *v);           /* elements of an array or object, else 0 */
const struct json *json_item(const struct json *array, size_t i);           /* borrowed; NULL out of range */
const struct json *json_member(const struct json *object, const char *key); /* key taken literally */

/*
 * Iteration over an object in file order:
 *     struct json_iter it = {0}; while (json_next(object, &it)) use it.key, it.value;
 */
struct json_iter {
	const char *key;          /* borrowed */
	const struct json *value; /* borrowed; NULL for JSON null */
	void *place;              /* private */
};
bool json_next(const struct json *object, struct json_iter *it);

/* --- building --- */
struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_string(const char *s); /* NULL gives JSON null */
struct json *json_new_i64(int64_t v);
struct json *json_new_u64(uint64_t v);
struct json *json_new_bool(bool v);
struct json *json_new_double(double v);
struct json *json_new_strv(char *const v[]);  /* NULL gives an empty array */
struct json *json_copy(const struct json *v); /* deep */
/* Whether two values are the same, whatever the order of their keys. */
bool json_equal(const struct json *a, const struct json *b);
/* set and add take ownership of value and return it. set replaces an earlier value; NULL stores JSON null. */
struct json *json_set(struct json *object, const char *key, struct json *value);
struct json *json_add(struct json *array, struct json *value);
void json_put(struct json *array, size_t i, struct json *value); /* replaces element i; takes value */
void json_unset(struct json *object, const char *key);
/* Shorthands; a NULL string or vector stores nothing. */
void json_set_string(struct json *object, const char *key, const char *s);
void json_set_i64(struct json *object, const char *key, int64_t v);
void json_set_u64(struct json *object, const char *key, uint64_t v);
void json_set_bool(struct json *object, const char *key, bool v);
void json_set_strv(struct json *object, const char *key, char *const v[]);
/* Sub-object by key, made when missing; borrowed. */
struct json *json_sub(struct json *object, const char *key);

/* --- writing --- */
char *json_dump(const struct json *v, bool pretty); /* caller frees; slashes are not escaped */
/* May v be written? -EILSEQ names the string that is not UTF-8. In json_write.c. */
int json_check_utf8(const struct json *v, struct mc_err *err);
/*
 * Writes v to path (file_write_atomic(): mode, flags). -EILSEQ names the string that is not UTF-8. -EFBIG:
 * the text has more than max bytes, the limit of its reader. In json_write.c.
 */
int json_write_limited(int dir, const char *path, const struct json *v, size_t max, mode_t mode, int flags,
	struct mc_err *err);
/* The same without a limit. */
int json_write_file(
	int dir, const char *path, const struct json *v, mode_t mode, int flags, struct mc_err *err);

#endif
