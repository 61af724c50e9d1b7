/*
 * tail/config_shape.c - compares a document with the tables of tail/config_fields.c. No system call.
 *
 * Each field's pattern is followed through the document; "[]" and "{}" lead to each element or value. The
 * message names the real place: "config.json: linux.devices[3].type: expected one of c b u p, got \"x\"".
 */
#include "runtime/tail/config_shape.h"

#include "base/buf.h"

/* --- one value --- */

static bool is_cpu_list(const char *text)
{
	while (*text) {
		size_t first = strspn(text, "0123456789"), last = 1;
		text += first;
		if (*text == '-') {
			last = strspn(++text, "0123456789");
			text += last;
		}
		if (!first || !last || (*text && *text != ',') || (*text == ',' && !text[1]))
			return false;
		text += *text == ',';
	}
	return true;
}

static bool is_one_of(const char *text, const char *words)
{
	size_t len = strlen(text);
	for (const char *at = words; len && (at = strstr(at, text)); at += len)
		if ((at == words || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static bool fits_number(const struct config_field *f, const struct json *v)
{
	int64_t n = json_int_of(v);
	return json_kind_of(v) == JSON_INT && n >= f->min && n <= f->max &&
	       !(n > 0 && json_u64_of(v) > INT64_MAX);
}

static bool fits(const struct config_field *f, const struct json *v)
{
	const char *text = json_text_of(v);
	switch (f->kind) {
	case SHAPE_OBJECT: return json_kind_of(v) == JSON_OBJECT;
	case SHAPE_LIST: return json_kind_of(v) == JSON_ARRAY;
	case SHAPE_BOOL: return json_kind_of(v) == JSON_BOOL;
	case SHAPE_NUMBER: return fits_number(f, v);
	case SHAPE_U64: return json_kind_of(v) == JSON_INT && json_int_of(v) >= 0;
	case SHAPE_TEXT: return text != NULL;
	case SHAPE_CPUS: return text && is_cpu_list(text);
	case SHAPE_WORD: return text && is_one_of(text, f->words);
	}
	return false;
}

static int refuse(const struct config_field *f, const struct json *doc, const char *place,
	const struct json *v, struct mc_err *err)
{
	static const char *const expected[] = { [SHAPE_OBJECT] = "an object",
		[SHAPE_LIST] = "an array",
		[SHAPE_BOOL] = "a boolean",
		[SHAPE_NUMBER] = "an integer",
		[SHAPE_U64] = "an integer from 0",
		[SHAPE_TEXT] = "a string without NUL bytes",
		[SHAPE_CPUS] = "a list like 0-3,7",
		[SHAPE_WORD] = "one of" };
	const char *source = json_source(doc);
	if (json_kind_of(v) == JSON_NULL)
		return err_set(err, EINVAL, "%s: %s: missing", source, place);
	_cleanup_free_ char *got = json_dump(v, false);
	if (f->kind == SHAPE_NUMBER && json_kind_of(v) == JSON_INT)
		return err_set(err, EINVAL, "%s: %s: %.40s is not between %lld and %lld", source, place, got,
			(long long)f->min, (long long)f->max);
	return err_set(err, EINVAL, "%s: %s: expected %s%s%s, got %.80s", source, place, expected[f->kind],
		f->words ? " " : "", f->words ? f->words : "", got);
}

/* --- all values of one field --- */

struct walk {
	const struct config_field *field;
	const struct json *doc;
	struct buf place; /* where we are, for the message */
};

static void back_to(struct walk *w, size_t len)
{
	w->place.len = len;
	if (w->place.data)
		w->place.data[len] = '\0';
}

static int look(struct walk *w, const struct json *v, const char *rest, struct mc_err *err);

/* v is the value behind the place so far; rest is the pattern from there on. */
static int look_below(struct walk *w, const struct json *v, const char *rest, struct mc_err *err)
{
	size_t len = w->place.len;
	int rc = 0;
	if (str_starts(rest, "[]"))
		for (size_t i = 0; i < json_len(v) && rc == 0 && json_kind_of(v) == JSON_ARRAY; i++) {
			buf_addf(&w->place, "[%zu]", i);
			rc = look(w, json_item(v, i), rest + 2, err);
			back_to(w, len);
		}
	struct json_iter it = { 0 };
	while (str_starts(rest, "{}") && rc == 0 && json_next(v, &it)) {
		buf_addf(&w->place, ".%s", it.key);
		rc = look(w, it.value, rest + 2, err);
		back_to(w, len);
	}
	return rc;
}

static int look(struct walk *w, const struct json *v, const char *rest, struct mc_err *err)
{
	char key[64];
	if (*rest == '[' || *rest == '{')
		return look_below(w, v, rest, err);
	if (!*rest) {
		bool absent = json_kind_of(v) == JSON_NULL;
		return absent && !w->field->needed    ? 0
		       : absent || !fits(w->field, v) ? refuse(w->field, w->doc, w->place.data, v, err)
						      : 0;
	}
	rest += *rest == '.';
	if (json_kind_of(v) != JSON_OBJECT) /* absent, or the row of v itself has refused it */
		return 0;
	size_t len = w->place.len, n = strcspn(rest, ".[{");
	snprintf(key, sizeof(key), "%.*s", (int)n, rest);
	buf_addf(&w->place, "%s%s", len ? "." : "", key);
	int rc = look(w, json_member(v, key), rest + n, err);
	back_to(w, len);
	return rc;
}

int config_shape(const struct json *doc, const char *in, enum config_part part, struct mc_err *err)
{
	const struct config_table *t = &config_tables[part];
	const struct json *at = *in ? json_at(doc, "%.*s", (int)strlen(in) - 1, in) : doc;
	int rc = 0;
	for (size_t i = 0; i < t->n && rc == 0; i++) {
		struct walk w = { .field = &t->fields[i], .doc = doc };
		if (*in)
			buf_addf(&w.place, "%.*s", (int)strlen(in) - 1, in);
		rc = look(&w, at, t->fields[i].path, err);
		buf_release(&w.place);
	}
	return rc;
}
