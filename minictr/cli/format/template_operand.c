/*
 * template_operand.c - one value of a template: a field, a variable, a text, a number, or a pipeline in
 * parentheses.
 *
 * A field that is not there: docker's structs have a fixed set of fields, there it is an error that names
 * the nearest one; in its maps (labels, attributes) a key may be absent, and is printed as <no value>. JSON
 * does not tell the two apart, so is_map() knows docker's maps by name.
 */
#include "cli/format/format.h"
#include "cli/format/template.h"

#include <ctype.h>
#include <strings.h>

int template_bad(struct template *t, struct mc_err *err, const char *what)
{
	err_set(err, EINVAL, "template: %s near \"%.20s\"", what, t->p);
	return err_hint(err, "a field looks like {{.ID}}, everything as JSON like {{json .}}");
}

void template_blanks(struct template *t)
{
	while (isspace((unsigned char)*t->p))
		t->p++;
}

bool template_at_close(const struct template *t) { return str_starts(t->p, "}}") || str_starts(t->p, "-}}"); }

static bool word_char(char c) { return isalnum((unsigned char)c) || c == '_'; }

size_t template_word(const char *p)
{
	size_t n = 0;
	while (word_char(p[n]))
		n++;
	return n;
}

bool template_keyword(struct template *t, const char *word)
{
	size_t n = strlen(word);
	if (strncmp(t->p, word, n) != 0 || word_char(t->p[n]))
		return false;
	t->p += n;
	template_blanks(t);
	return true;
}

/* --- operands --- */

static int no_field(const struct json *v, const char *name, struct mc_err *err)
{
	const char *names[256];
	size_t n = 0;
	struct json_iter it = { 0 };
	if (json_kind_of(v) != JSON_OBJECT)
		return err_set(err, EINVAL, "template: can't take field %s of a value that has none", name);
	while (n < ARRAY_LEN(names) && json_next(v, &it))
		names[n++] = it.key;
	const char *near = nearest_word(name, names, n);
	err_set(err, EINVAL, "template: there is no field .%s", name);
	if (near)
		return err_hint(err, "did you mean .%s? All fields: --format json", near);
	return err_hint(err, "all fields: --format json");
}

/* The member's own spelling, or NULL. Go's fields begin with a capital: .Status, .TimeNano name "status",
 * "timeNano". */
static const char *find_member(const struct json *object, const char *name)
{
	const char *small = NULL;
	struct json_iter it = { 0 };
	while (json_kind_of(object) == JSON_OBJECT && json_next(object, &it)) {
		if (str_eq(it.key, name))
			return it.key;
		if (islower((unsigned char)*it.key) && isupper((unsigned char)*name) &&
			!strcasecmp(it.key, name))
			small = it.key;
	}
	return small;
}

static int quoted(struct template *t, const struct json **ret, struct mc_err *err);

/* docker's objects that are maps: a key that is not there is <no value> in them. All others have a fixed
 * set of fields. */
static bool is_map(const char *name)
{
	static const char *const maps[] = { "Labels", "Annotations", "Attributes", "Sysctls", "Tmpfs",
		"Ports", "PortBindings", "ExposedPorts", "Volumes", "Networks", "Options", "DriverOpts",
		"Data", "Storage", "Runtimes" };
	for (size_t i = 0; name && i < ARRAY_LEN(maps); i++)
		if (str_eq(name, maps[i]))
			return true;
	return false;
}

/* The last part of a label's name, as docker heads its column: "com.example.my-tier" is "my tier". */
static char *label_title(const char *name)
{
	const char *dot = strrchr(name, '.');
	char *title = xstrdup(dot ? dot + 1 : name);
	for (char *p = title; *p; p++)
		*p = *p == '-' || *p == '_' ? ' ' : *p;
	return title;
}

/* `.Label "key"`, the one method people use: out of Labels, "a=1,b=2". */
static int label(struct template *t, const struct json **v, bool skip, struct mc_err *err)
{
	const struct json *key = NULL;
	t->p += strspn(t->p, " ");
	if (*t->p != '"' && *t->p != '`')
		return template_bad(t, err, "Label takes the name of a label: {{.Label \"name\"}}");
	int rc = quoted(t, &key, err);
	if (rc < 0 || skip)
		return rc;
	const char *name = json_text_of(key),
		   *p = t->heading ? NULL : json_text_of(json_member(*v, "Labels"));
	size_t n = strlen(name);
	while (p && *p && (strncmp(p, name, n) || p[n] != '=')) {
		p = strchr(p, ',');
		p = p ? p + 1 : NULL;
	}
	_cleanup_free_ char *value = t->heading ? label_title(name)
				     : p && *p  ? xstrndup(p + n + 1, strcspn(p + n + 1, ","))
						: xstrdup("");
	*v = template_keep(t, json_new_string(value));
	return 0;
}

/* What stands over a column: the title of the field, or its name in capitals. */
static const struct json *title_value(struct template *t, const char *field)
{
	_cleanup_free_ char *title = NULL;
	for (const struct format_title *one = t->titles; one && one->field; one++)
		if (str_eq(one->field, field) && one->title)
			title = xstrdup(one->title);
	if (!title)
		title = xstrdup(field);
	for (char *p = title; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return template_keep(t, json_new_string(title));
}

/* A text or a boolean that the document lacks; lists, maps and pointers are null. */
static const struct json *empty_value(struct template *t, const char *empty)
{
	if (str_eq(empty, "false"))
		return template_keep(t, json_new_bool(false));
	return *empty ? NULL : template_keep(t, json_new_string(""));
}

/* `.A.B` behind a value; t->p is at the dot or elsewhere (then nothing happens). */
static int fields(struct template *t, const struct json **v, bool skip, struct mc_err *err)
{
	_cleanup_free_ char *above = NULL;
	while (t->p[0] == '.' && word_char(t->p[1])) {
		size_t n = template_word(++t->p);
		char *name = xstrndup(t->p, n);
		t->p += n;
		bool method = str_eq(name, "Label") && !find_member(*v, name) &&
			      (skip || t->heading || find_member(*v, "Labels"));
		const char *key = skip || t->heading ? NULL : find_member(*v, name);
		bool absent = !skip && !t->heading && !key && !method;
		bool in_map = json_kind_of(*v) == JSON_OBJECT && is_map(above);
		const char *empty = absent && !in_map && *v ? template_absent(*v, above, name) : NULL;
		int rc = absent && !in_map && !empty ? no_field(*v, name, err) : 0;
		t->null = in_map ? NULL : empty ? empty : template_null(name);
		if (rc == 0 && !skip)
			*v = t->heading ? title_value(t, name)
			     : method   ? *v
			     : key      ? json_member(*v, key)
			     : empty    ? empty_value(t, empty)
					: NULL;
		free(above);
		above = name;
		if (rc < 0)
			return rc;
		if (method)
			return label(t, v, skip, err);
	}
	return 0;
}

static int quoted(struct template *t, const struct json **ret, struct mc_err *err)
{
	char quote = *t->p++;
	_cleanup_buf_ struct buf b = { 0 };
	for (; *t->p && *t->p != quote; t->p++) {
		if (*t->p != '\\' || quote == '`') {
			buf_addc(&b, *t->p);
			continue;
		}
		char c = *++t->p;
		if (!c)
			break;
		buf_addc(&b, c == 'n' ? '\n' : c == 't' ? '\t' : c);
	}
	if (!*t->p)
		return template_bad(t, err, "unterminated string");
	t->p++;
	*ret = template_keep(t, json_new_string(b.data ? b.data : ""));
	return 0;
}

/* 12, -1.5, 1e3, 0x10, and 'a', which is a number in Go. */
static int number(struct template *t, const struct json **ret, struct mc_err *err)
{
	if (*t->p == '\'') {
		if (!t->p[1] || t->p[2] != '\'')
			return template_bad(t, err, "bad character constant");
		*ret = template_keep(t, json_new_i64((unsigned char)t->p[1]));
		t->p += 3;
		return 0;
	}
	char *end, *whole;
	double d = strtod(t->p, &end);
	long long i = strtoll(t->p, &whole, 0);
	if (end == t->p || word_char(*end) || d != d)
		return template_bad(t, err, "bad number");
	/* Only a double below 2^63 may be cast (C11 6.3.1.4). */
	bool fits = d >= -0x1p63 && d < 0x1p63 && d == (double)(long long)d;
	*ret = template_keep(
		t, whole == end || fits ? json_new_i64(whole == end ? i : (int64_t)d) : json_new_double(d));
	t->p = end;
	return 0;
}

static int variable(struct template *t, bool skip, const struct json **ret, struct mc_err *err)
{
	size_t n = template_word(++t->p);
	const char *name = t->p;
	t->p += n;
	*ret = t->root;
	if (n == 0 || skip)
		return 0;
	for (size_t i = t->n_variables; i-- > 0;) {
		if (strlen(t->variables[i].name) == n && !strncmp(t->variables[i].name, name, n)) {
			*ret = t->variables[i].value;
			return 0;
		}
	}
	return err_set(err, EINVAL, "template: undefined variable $%.*s", (int)n, name);
}

int template_operand(
	struct template *t, const struct json *dot, bool skip, const struct json **ret, struct mc_err *err)
{
	int rc = 0;
	*ret = NULL;
	if (*t->p == '(') {
		t->p++;
		if (++t->depth > TEMPLATE_DEPTH)
			return template_bad(t, err, "nested too deep");
		rc = template_pipeline(t, dot, skip, ret, err);
		t->depth--;
		template_blanks(t);
		if (rc == 0 && *t->p != ')')
			return template_bad(t, err, "missing )");
		t->p += rc == 0;
	} else if (*t->p == '.') {
		*ret = dot;
		if (!word_char(t->p[1]))
			t->p++;
	} else if (*t->p == '$') {
		rc = variable(t, skip, ret, err);
	} else if (*t->p == '"' || *t->p == '`') {
		return quoted(t, ret, err);
	} else if (*t->p == '\'' || isdigit((unsigned char)*t->p) ||
		   (*t->p == '-' && isdigit((unsigned char)t->p[1]))) {
		return number(t, ret, err);
	} else if (template_keyword(t, "true")) {
		*ret = template_keep(t, json_new_bool(true));
		return 0;
	} else if (template_keyword(t, "false")) {
		*ret = template_keep(t, json_new_bool(false));
		return 0;
	} else if (template_keyword(t, "nil")) {
		return 0;
	} else {
		return template_bad(t, err, "what stands here is no value");
	}
	return rc < 0 ? rc : fields(t, ret, skip, err);
}
