/*
 * template_value.c - values as Go prints and judges them.
 */
#include "cli/format/template.h"

const struct json *template_keep(struct template *t, struct json *v)
{
	t->temps = xrealloc(t->temps, (t->n_temps + 1) * sizeof(*t->temps));
	t->temps[t->n_temps++] = v;
	return v;
}

void template_release(struct template *t)
{
	for (size_t i = 0; i < t->n_temps; i++)
		json_free(t->temps[i]);
	free(t->temps);
	t->temps = NULL;
	t->n_temps = 0;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

char **template_keys(const struct json *object)
{
	char **keys = NULL;
	struct json_iter it = { 0 };
	while (json_next(object, &it))
		strv_push(&keys, it.key);
	if (keys) /* qsort(3) takes no NULL, not even of length 0 */
		qsort(keys, strv_len(keys), sizeof(*keys), by_text);
	return keys;
}

bool template_true(const struct json *v)
{
	const char *text = json_text_of(v);
	switch (json_kind_of(v)) {
	case JSON_NULL: return false;
	case JSON_STRING: return text && *text;
	case JSON_ARRAY:
	case JSON_OBJECT: return json_len(v) > 0;
	default: {
		_cleanup_free_ char *dump = json_dump(v, false);
		return !str_eq(dump, "false") && !str_eq(dump, "0") && !str_eq(dump, "0.0");
	}
	}
}

/* Within a list or a map: null is <nil>, and a key with nothing behind it ("80/tcp") has {}. */
static void print_inner(const struct json *v, struct buf *out)
{
	if (json_kind_of(v) == JSON_NULL || (json_kind_of(v) == JSON_OBJECT && !json_len(v)))
		buf_adds(out, json_kind_of(v) == JSON_NULL ? "<nil>" : "{}");
	else
		template_print(v, out);
}

static void print_object(const struct json *v, struct buf *out)
{
	_cleanup_strv_ char **keys = template_keys(v);
	buf_adds(out, "map[");
	for (size_t i = 0; i < strv_len(keys); i++) {
		buf_addf(out, "%s%s:", i ? " " : "", keys[i]);
		print_inner(json_member(v, keys[i]), out);
	}
	buf_addc(out, ']');
}

void template_print(const struct json *v, struct buf *out)
{
	_cleanup_free_ char *dump = NULL;
	switch (json_kind_of(v)) {
	case JSON_NULL: buf_adds(out, "<no value>"); return;
	case JSON_STRING: buf_adds(out, json_text_of(v)); return;
	case JSON_OBJECT: print_object(v, out); return;
	case JSON_ARRAY:
		buf_addc(out, '[');
		for (size_t i = 0; i < json_len(v); i++) {
			if (i)
				buf_addc(out, ' ');
			print_inner(json_item(v, i), out);
		}
		buf_addc(out, ']');
		return;
	default: dump = json_dump(v, false); buf_adds(out, dump);
	}
}
