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

/* Go prints a struct as its values alone, in the order of its fields; JSON has maps only: the structs. */
static const char *const structs[][9] = {
	{ "HostIp", "HostPort" },
	{ "Name", "MaximumRetryCount" },
	{ "Subnet", "IPRange", "Gateway", "AuxiliaryAddresses" },
	{ "Type", "Config" },
	{ "Type", "Layers" },
	{ "Type", "Name", "Source", "Destination", "Driver", "Mode", "RW", "Propagation" },
};

/* The struct that has all these keys; it may have fields more, which JSON leaves out when they are empty. */
static const char *const *struct_of(char *const *keys)
{
	for (size_t i = 0; i < ARRAY_LEN(structs); i++) {
		bool all = strv_has(keys, structs[i][0]) && strv_len(keys) > 1;
		for (size_t k = 0; all && keys[k]; k++)
			all = strv_has((char *const *)structs[i], keys[k]);
		if (all)
			return structs[i];
	}
	return NULL;
}

static void print_struct(const char *const *field, const struct json *v, struct buf *out)
{
	buf_addc(out, '{');
	for (size_t i = 0; field[i]; i++) {
		const struct json *value = json_member(v, field[i]);
		const char *empty = template_null(field[i]);
		if (i)
			buf_addc(out, ' ');
		if (json_kind_of(value) == JSON_OBJECT && !json_len(value))
			buf_adds(out, "map[]");
		else if (value && json_kind_of(value) != JSON_NULL)
			template_print(value, out);
		else if (empty)
			buf_adds(out, empty);
	}
	buf_addc(out, '}');
}

static void print_object(const struct json *v, struct buf *out)
{
	_cleanup_strv_ char **keys = template_keys(v);
	const char *const *fields = keys ? struct_of(keys) : NULL;
	if (fields) {
		print_struct(fields, v, out);
		return;
	}
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
