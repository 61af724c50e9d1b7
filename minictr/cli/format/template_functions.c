/*
 * template_functions.c - the functions that docker's --format knows: Go's own, and docker's json, join,
 * split, pad ...
 * To add one: write `static int fn_NAME(...)`, name it in the table at the end.
 */
#include "cli/format/template.h"

#include <ctype.h>

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
	for (size_t n; !*sep && *s; s += n) { /* no separator: character by character */
		for (n = 1; ((unsigned char)s[n] & 0xc0) == 0x80;)
			n++;
		_cleanup_free_ char *part = xstrndup(s, n);
		json_add(list, json_new_string(part));
	}
	while (*sep && (at = strstr(s, sep))) {
		_cleanup_free_ char *part = xstrndup(s, (size_t)(at - s));
		json_add(list, json_new_string(part));
		s = at + strlen(sep);
	}
	if (*sep)
		json_add(list, json_new_string(s));
	*ret = template_keep(c->t, list);
	return 0;
}

/* println: a blank between all arguments and a newline; print: a blank between two of which none is a text
 * (Go's fmt). */
static int fn_print(const struct call *c, const struct json **ret)
{
	_cleanup_buf_ struct buf b = { 0 };
	bool line = str_eq(c->name, "println");
	for (size_t i = 0; i < c->n; i++) {
		bool texts = i && (json_text_of(c->args[i]) || json_text_of(c->args[i - 1]));
		if (i && (line || !texts))
			buf_addc(&b, ' ');
		template_print(c->args[i], &b);
	}
	if (line)
		buf_addc(&b, '\n');
	return give_text(c, b.data, ret);
}

/* A text as Go's %q quotes it. */
static void print_quoted(const char *s, struct buf *out)
{
	buf_addc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addf(out, "\\%c", *s);
		else if (*s == '\n' || *s == '\t')
			buf_addf(out, "\\%c", *s == '\n' ? 'n' : 't');
		else if ((unsigned char)*s < ' ')
			buf_addf(out, "\\x%02x", (unsigned char)*s);
		else
			buf_addc(out, *s);
	}
	buf_addc(out, '"');
}

/* What one verb prints of a value, before width and sides: %s %v %d %t print it, %x %X %o %b count, %q
 * quotes, %f rounds. */
static void print_value(const struct json *v, char verb, int precision, struct buf *out)
{
	const char *text = json_text_of(v);
	bool number = json_kind_of(v) == JSON_INT || json_kind_of(v) == JSON_DOUBLE;
	_cleanup_free_ char *digits = number ? json_dump(v, false) : NULL;
	double d = number ? strtod(digits, NULL) : 0;
	if (verb == 'q' && text) {
		print_quoted(text, out);
	} else if ((verb == 'x' || verb == 'X') && text) {
		for (; *text; text++)
			buf_addf(out, verb == 'x' ? "%02x" : "%02X", (unsigned char)*text);
	} else if (number && (verb == 'x' || verb == 'X' || verb == 'o')) {
		buf_addf(out,
			verb == 'x'   ? "%llx"
			: verb == 'X' ? "%llX"
				      : "%llo",
			(unsigned long long)json_int_of(v));
	} else if (number && verb == 'c') {
		buf_addf(out, "%c", (int)json_int_of(v));
	} else if (number && strchr("feg", verb)) {
		buf_addf(out,
			verb == 'f'   ? "%.*f"
			: verb == 'e' ? "%.*e"
				      : "%.*g",
			precision < 0 ? 6 : precision, d);
	} else if (text && precision >= 0) {
		buf_addf(out, "%.*s", precision, text);
	} else {
		template_print(v, out);
	}
}

/* One verb of printf at spec ("%-5.2f"): len bytes long. */
static void print_verb(const struct call *c, const char *spec, size_t len, size_t arg, struct buf *out)
{
	_cleanup_buf_ struct buf v = { 0 };
	char verb = spec[len - 1];
	size_t flags = strspn(spec + 1, "-+ #0"), digits = strspn(spec + 1 + flags, "0123456789");
	long width = strtol(spec + 1 + flags, NULL, 10);
	const char *dot = spec + 1 + flags + digits;
	int precision = *dot == '.' ? atoi(dot + 1) : -1;
	if (arg >= c->n) {
		buf_addf(out, "%%!%c(MISSING)", verb);
		return;
	}
	if (!strchr("vsdtqxXocfeg", verb)) {
		buf_addf(out, "%%!%c(", verb);
		template_print(c->args[arg], out);
		buf_addc(out, ')');
		return;
	}
	buf_add(&v, "", 0);
	print_value(c->args[arg], verb, precision > 4096 ? 4096 : precision, &v);
	bool left = memchr(spec + 1, '-', flags) != NULL,
	     zero = !left && memchr(spec + 1, '0', flags) != NULL;
	long pad = width < 4096 ? width - (long)v.len : 0;
	for (long i = 0; !left && i < pad; i++)
		buf_addc(out, zero ? '0' : ' ');
	buf_adds(out, v.data);
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

/* A bound of slice: args[i], or `otherwise` when it was not given. -EINVAL for one outside of [0, len]. */
static int slice_bound(const struct call *c, size_t i, size_t len, size_t otherwise, size_t *ret)
{
	int64_t at = i < c->n ? json_int_of(c->args[i]) : (int64_t)otherwise;
	if (i < c->n && json_kind_of(c->args[i]) != JSON_INT)
		return err_set(c->err, EINVAL, "template: slice wants whole numbers");
	if (at < 0 || (size_t)at > len)
		return err_set(c->err, EINVAL, "template: slice: index out of range: %lld of %zu",
			(long long)at, len);
	*ret = (size_t)at;
	return 0;
}

/* slice .ID 0 12: a part of a text or of a list. */
static int fn_slice(const struct call *c, const struct json **ret)
{
	const char *s = json_text_of(c->args[0]);
	size_t len = s ? strlen(s) : json_len(c->args[0]), from, to;
	if (!s && json_kind_of(c->args[0]) != JSON_ARRAY)
		return err_set(c->err, EINVAL, "template: slice of a value that is neither text nor list");
	int rc = slice_bound(c, 1, len, 0, &from);
	if (rc == 0)
		rc = slice_bound(c, 2, len, len, &to);
	if (rc == 0 && from > to)
		rc = err_set(c->err, EINVAL, "template: slice: %zu is behind %zu", from, to);
	if (rc < 0)
		return rc;
	if (s) {
		_cleanup_free_ char *part = xstrndup(s + from, to - from);
		return give_text(c, part, ret);
	}
	struct json *list = json_new_array();
	for (; from < to; from++)
		json_add(list, json_copy(json_item(c->args[0], from)));
	*ret = template_keep(c->t, list);
	return 0;
}

/* What each of these escapes: Go's tables (text/template, net/url). */
static void escape(const char *function, unsigned char ch, struct buf *out)
{
	static const struct {
		const char *function;
		char ch;
		const char *text;
	} table[] = { { "html", '<', "&lt;" }, { "html", '>', "&gt;" }, { "html", '&', "&amp;" },
		{ "html", '"', "&#34;" }, { "html", '\'', "&#39;" }, { "js", '\\', "\\\\" },
		{ "js", '\'', "\\'" }, { "js", '"', "\\\"" }, { "js", '<', "\\u003C" },
		{ "js", '>', "\\u003E" }, { "js", '&', "\\u0026" }, { "js", '=', "\\u003D" },
		{ "urlquery", ' ', "+" } };
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].ch != (char)ch || !str_eq(table[i].function, function))
			continue;
		buf_adds(out, table[i].text);
		return;
	}
	if (str_eq(function, "urlquery") && !isalnum(ch) && !strchr("-_.~", ch))
		buf_addf(out, "%%%02X", ch);
	else if (str_eq(function, "js") && ch < ' ')
		buf_addf(out, "\\u%04X", ch);
	else
		buf_addc(out, (char)ch);
}

static int fn_escape(const struct call *c, const struct json **ret)
{
	_cleanup_buf_ struct buf text = { 0 }, b = { 0 };
	for (size_t i = 0; i < c->n; i++)
		template_print(c->args[i], &text);
	for (const char *p = text.data; p && *p; p++)
		escape(c->name, (unsigned char)*p, &b);
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
	{ "slice", 1, 3, fn_slice },
	{ "html", 1, TEMPLATE_ARGS, fn_escape },
	{ "js", 1, TEMPLATE_ARGS, fn_escape },
	{ "urlquery", 1, TEMPLATE_ARGS, fn_escape },
};

bool template_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(functions); i++)
		if (str_eq(name, functions[i].name))
			return true;
	return false;
}

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
