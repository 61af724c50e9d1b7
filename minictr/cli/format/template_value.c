/*
 * template_value.c - values as Go prints and judges them, and the functions docker's --format knows.
 * To add a function: write `static int fn_NAME(...)`, name it in the table at the end.
 */
#include "cli/format/template.h"

#include <ctype.h>

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

static void print_object(const struct json *v, struct buf *out)
{
	_cleanup_strv_ char **keys = template_keys(v);
	buf_adds(out, "map[");
	for (size_t i = 0; i < strv_len(keys); i++) {
		buf_addf(out, "%s%s:", i ? " " : "", keys[i]);
		template_print(json_member(v, keys[i]), out);
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
			template_print(json_item(v, i), out);
		}
		buf_addc(out, ']');
		return;
	default: dump = json_dump(v, false); buf_adds(out, dump);
	}
}

/* --- functions. Each gets n args within its bounds and sets *ret. --- */

struct call {
	struct template *t;
	const char *name;
	const struct json *const *args;
	size_t n;
	struct mc_err *err;
};

static const char *text_arg(const struct call *c, size_t i)
{
	const char *s = i < c->n ? json_text_of(c->args[i]) : NULL;
	return s ? s : "";
}

static int give_text(const struct call *c, const char *s, const struct json **ret)
{
	*ret = template_keep(c->t, json_new_string(s ? s : ""));
	return 0;
}

static int fn_json(const struct call *c, const struct json **ret)
{
	_cleanup_free_ char *s = json_dump(c->args[0], false);
	return give_text(c, s, ret);
}

static int fn_case(const struct call *c, const struct json **ret)
{
	_cleanup_free_ char *s = xstrdup(text_arg(c, 0));
	bool first = true;
	for (char *p = s; *p; p++) {
		bool up = str_eq(c->name, "upper") || (str_eq(c->name, "title") && first);
		if (up)
			*p = (char)toupper((unsigned char)*p);
		else if (str_eq(c->name, "lower"))
			*p = (char)tolower((unsigned char)*p);
		first = *p == ' ';
	}
	return give_text(c, s, ret);
}

static int fn_join(const struct call *c, const struct json **ret)
{
	_cleanup_buf_ struct buf b = { 0 };
	for (size_t i = 0; i < json_len(c->args[0]); i++) {
		if (i)
			buf_adds(&b, text_arg(c, 1));
		template_print(json_item(c->args[0], i), &b);
	}
	return give_text(c, b.data, ret);
}

static int fn_split(const struct call *c, const struct json **ret)
{
	const char *s = text_arg(c, 0), *sep = text_arg(c, 1), *at;
	struct json *list = json_new_array();
	while (*sep && (at = strstr(s, sep))) {
		_cleanup_free_ char *part = xstrndup(s, (size_t)(at - s));
		json_add(list, json_new_string(part));
		s = at + strlen(sep);
	}
	json_add(list, json_new_string(s));
	*ret = template_keep(c->t, list);
	return 0;
}

/* print, println: blanks between arguments, println adds a newline. */
static int fn_print(const struct call *c, const struct json **ret)
{
	_cleanup_buf_ struct buf b = { 0 };
	for (size_t i = 0; i < c->n; i++) {
		if (i)
			buf_addc(&b, ' ');
		template_print(c->args[i], &b);
	}
	if (str_eq(c->name, "println"))
		buf_addc(&b, '\n');
	return give_text(c, b.data, ret);
}

/* One verb of printf: flags and width go to the C library, the value is always printed by us. */
static void print_verb(const struct call *c, const char *spec, size_t len, size_t arg, struct buf *out)
{
	char flags[24] = "%";
	_cleanup_buf_ struct buf v = { 0 };
	if (arg >= c->n) {
		buf_addf(out, "%%!%c(MISSING)", spec[len - 1]);
		return;
	}
	buf_add(&v, "", 0);
	template_print(c->args[arg], &v);
	if (spec[len - 1] == 'q') {
		buf_addf(out, "\"%s\"", v.data ? v.data : "");
		return;
	}
	size_t n = len - 2 < sizeof(flags) - 3 ? len - 2 : 0;
	memcpy(flags + 1, spec + 1, n);
	long width = strtol(flags + 1 + strspn(flags + 1, "-+ #0"), NULL, 10);
	bool left = memchr(flags, '-', n + 1) != NULL, zero = flags[1] == '0';
	long pad = width < 4096 ? width - (long)v.len : 0;
	for (long i = 0; !left && i < pad; i++)
		buf_addc(out, zero ? '0' : ' ');
	buf_adds(out, v.data ? v.data : "");
	for (long i = 0; left && i < pad; i++)
		buf_addc(out, ' ');
}

static int fn_printf(const struct call *c, const struct json **ret)
{
	_cleanup_buf_ struct buf b = { 0 };
	size_t arg = 1;
	for (const char *p = text_arg(c, 0); *p;) {
		size_t len = *p == '%' ? 1 + strspn(p + 1, "-+ #0123456789.") : 0;
		if (len && p[len] == '%') {
			buf_addc(&b, '%');
			p += len + 1;
		} else if (len && p[len]) {
			print_verb(c, p, len + 1, arg++, &b);
			p += len + 1;
		} else {
			buf_addc(&b, *p++);
		}
	}
	return give_text(c, b.data, ret);
}

static int fn_len(const struct call *c, const struct json **ret)
{
	const char *s = json_text_of(c->args[0]);
	*ret = template_keep(c->t, json_new_i64((int64_t)(s ? strlen(s) : json_len(c->args[0]))));
	return 0;
}

static int fn_index(const struct call *c, const struct json **ret)
{
	const struct json *v = c->args[0];
	for (size_t i = 1; i < c->n; i++) {
		if (json_kind_of(v) == JSON_OBJECT) {
			v = json_member(v, text_arg(c, i));
			continue;
		}
		int64_t at = json_int_of(c->args[i]);
		if (json_kind_of(v) != JSON_ARRAY || json_kind_of(c->args[i]) != JSON_INT)
			return err_set(
				c->err, EINVAL, "template: index of a value that is neither list nor map");
		if (at < 0 || (size_t)at >= json_len(v))
			return err_set(c->err, EINVAL, "template: index out of range: %lld of %zu",
				(long long)at, json_len(v));
		v = json_item(v, (size_t)at);
	}
	*ret = v ? v : template_keep(c->t, json_new_string("")); /* a missing key is the zero value */
	return 0;
}

/* -1, 0, 1; texts by bytes, numbers by value, all else by their JSON. */
static int compare(const struct json *a, const struct json *b)
{
	if (json_kind_of(a) == JSON_INT && json_kind_of(b) == JSON_INT) {
		int64_t x = json_int_of(a), y = json_int_of(b);
		return x < y ? -1 : x > y;
	}
	_cleanup_buf_ struct buf x = { 0 }, y = { 0 };
	template_print(a, &x);
	template_print(b, &y);
	return strcmp(x.data ? x.data : "", y.data ? y.data : "");
}

static int fn_compare(const struct call *c, const struct json **ret)
{
	bool yes = false;
	int d = compare(c->args[0], c->args[1]);
	if (str_eq(c->name, "eq"))
		for (size_t i = 1; i < c->n; i++)
			yes = yes || compare(c->args[0], c->args[i]) == 0;
	else
		yes = (str_eq(c->name, "ne") && d) || (str_eq(c->name, "lt") && d < 0) ||
		      (str_eq(c->name, "le") && d <= 0) || (str_eq(c->name, "gt") && d > 0) ||
		      (str_eq(c->name, "ge") && d >= 0);
	*ret = template_keep(c->t, json_new_bool(yes));
	return 0;
}

/* and: the first false value or the last; or: the first true one or the last. */
static int fn_logic(const struct call *c, const struct json **ret)
{
	bool want = str_eq(c->name, "or");
	for (size_t i = 0; i < c->n; i++) {
		*ret = c->args[i];
		if (template_true(*ret) == want)
			break;
	}
	return 0;
}

static int fn_not(const struct call *c, const struct json **ret)
{
	*ret = template_keep(c->t, json_new_bool(!template_true(c->args[0])));
	return 0;
}

static int fn_truncate(const struct call *c, const struct json **ret)
{
	int64_t n = json_int_of(c->args[1]);
	_cleanup_free_ char *s = xstrndup(text_arg(c, 0), n < 0 ? 0 : (size_t)n);
	return give_text(c, s, ret);
}

static int fn_pad(const struct call *c, const struct json **ret)
{
	int64_t before = json_int_of(c->args[1]), after = json_int_of(c->args[2]);
	if (!*text_arg(c, 0) || before < 0 || after < 0 || before + after > 4096)
		return give_text(c, text_arg(c, 0), ret);
	_cleanup_free_ char *s = xasprintf("%*s%s%*s", (int)before, "", text_arg(c, 0), (int)after, "");
	return give_text(c, s, ret);
}

static const struct {
	const char *name;
	size_t min, max; /* arguments */
	int (*run)(const struct call *c, const struct json **ret);
} functions[] = {
	{ "json", 1, 1, fn_json },
	{ "upper", 1, 1, fn_case },
	{ "lower", 1, 1, fn_case },
	{ "title", 1, 1, fn_case },
	{ "join", 2, 2, fn_join },
	{ "split", 2, 2, fn_split },
	{ "print", 0, TEMPLATE_ARGS, fn_print },
	{ "println", 0, TEMPLATE_ARGS, fn_print },
	{ "printf", 1, TEMPLATE_ARGS, fn_printf },
	{ "len", 1, 1, fn_len },
	{ "index", 1, TEMPLATE_ARGS, fn_index },
	{ "eq", 2, TEMPLATE_ARGS, fn_compare },
	{ "ne", 2, 2, fn_compare },
	{ "lt", 2, 2, fn_compare },
	{ "le", 2, 2, fn_compare },
	{ "gt", 2, 2, fn_compare },
	{ "ge", 2, 2, fn_compare },
	{ "and", 1, TEMPLATE_ARGS, fn_logic },
	{ "or", 1, TEMPLATE_ARGS, fn_logic },
	{ "not", 1, 1, fn_not },
	{ "truncate", 2, 2, fn_truncate },
	{ "pad", 3, 3, fn_pad },
};

int template_call(struct template *t, const char *name, const struct json *const args[], size_t n,
	const struct json **ret, struct mc_err *err)
{
	const char *names[ARRAY_LEN(functions)];
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		names[i] = functions[i].name;
		if (!str_eq(name, functions[i].name))
			continue;
		if (n < functions[i].min || n > functions[i].max)
			return err_set(
				err, EINVAL, "template: %s got %zu argument%s", name, n, n == 1 ? "" : "s");
		struct call c = { t, name, args, n, err };
		return functions[i].run(&c, ret);
	}
	err_set(err, ENOENT, "template: function \"%s\" is not defined", name);
	const char *near = nearest_word(name, names, ARRAY_LEN(functions));
	return near ? err_hint(err, "did you mean %s?", near)
		    : err_hint(err, "a field begins with a dot: .%s", name);
}
