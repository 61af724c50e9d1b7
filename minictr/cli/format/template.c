/*
 * template.c - walks a template: text, {{actions}}, blocks. The text is its own program: no tree is built,
 * a block that must not run is walked with `skip`, a range body is walked once per element.
 *
 * Order: format_render() -> walk() text and actions -> action() keyword or pipeline -> operand().
 * Left out: define/template/block, methods, complex numbers, assignment with `=`.
 */
#include "cli/format/format.h"
#include "cli/format/template.h"

#include <ctype.h>
#include <strings.h>

enum stop { STOP_EOF, STOP_END, STOP_ELSE };

static int walk(struct template *t, const struct json *dot, bool skip, enum stop *ret, struct mc_err *err);
static int pipeline(
	struct template *t, const struct json *dot, bool skip, const struct json **ret, struct mc_err *err);

static int bad(struct template *t, struct mc_err *err, const char *what)
{
	err_set(err, EINVAL, "template: %s near \"%.20s\"", what, t->p);
	return err_hint(err, "a field looks like {{.ID}}, everything as JSON like {{json .}}");
}

static void blanks(struct template *t)
{
	while (isspace((unsigned char)*t->p))
		t->p++;
}

static bool at_close(const struct template *t) { return str_starts(t->p, "}}") || str_starts(t->p, "-}}"); }

static bool word_char(char c) { return isalnum((unsigned char)c) || c == '_'; }

static size_t word_len(const char *p)
{
	size_t n = 0;
	while (word_char(p[n]))
		n++;
	return n;
}

static bool keyword(struct template *t, const char *word)
{
	size_t n = strlen(word);
	if (strncmp(t->p, word, n) != 0 || word_char(t->p[n]))
		return false;
	t->p += n;
	blanks(t);
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

/* The member's own spelling, or NULL. Go's fields begin with a capital: .Status, .TimeNano name "status", "timeNano". */
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

/* `.Label "key"`, the one method people use: out of Labels, "a=1,b=2". In a table's head there is no "=": the key is the title. */
static int label(struct template *t, const struct json **v, bool skip, struct mc_err *err)
{
	const struct json *key = NULL;
	t->p += strspn(t->p, " ");
	if (*t->p != '"' && *t->p != '`')
		return bad(t, err, "Label takes the name of a label: {{.Label \"name\"}}");
	int rc = quoted(t, &key, err);
	if (rc < 0 || skip)
		return rc;
	const char *name = json_text_of(key), *p = json_text_of(json_member(*v, "Labels"));
	bool head = p && *p && !strchr(p, '=');
	size_t n = strlen(name);
	while (p && *p && (strncmp(p, name, n) || p[n] != '=')) {
		p = strchr(p, ',');
		p = p ? p + 1 : NULL;
	}
	_cleanup_free_ char *value =
		p && *p ? xstrndup(p + n + 1, strcspn(p + n + 1, ",")) : xstrdup(head ? name : "");
	*v = template_keep(t, json_new_string(value));
	return 0;
}

/* `.A.B` behind a value; t->p is at the dot or elsewhere (then nothing happens). */
static int fields(struct template *t, const struct json **v, bool skip, struct mc_err *err)
{
	while (t->p[0] == '.' && word_char(t->p[1])) {
		size_t n = word_len(++t->p);
		_cleanup_free_ char *name = xstrndup(t->p, n);
		t->p += n;
		if (str_eq(name, "Label") && (skip || (!find_member(*v, name) && find_member(*v, "Labels"))))
			return label(t, v, skip, err);
		if (skip)
			continue;
		const char *key = find_member(*v, name);
		if (!key)
			return no_field(*v, name, err);
		*v = json_member(*v, key);
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
		return bad(t, err, "unterminated string");
	t->p++;
	*ret = template_keep(t, json_new_string(b.data ? b.data : ""));
	return 0;
}

static int number(struct template *t, const struct json **ret, struct mc_err *err)
{
	size_t n = strspn(t->p + 1, "0123456789.") + 1;
	_cleanup_free_ char *text = xstrndup(t->p, n);
	int64_t i;
	if (strchr(text, '.'))
		*ret = template_keep(t, json_new_double(strtod(text, NULL)));
	else if (parse_i64(text, &i) == 0)
		*ret = template_keep(t, json_new_i64(i));
	else
		return bad(t, err, "bad number");
	t->p += n;
	return 0;
}

static int variable(struct template *t, bool skip, const struct json **ret, struct mc_err *err)
{
	size_t n = word_len(++t->p);
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

static int operand(
	struct template *t, const struct json *dot, bool skip, const struct json **ret, struct mc_err *err)
{
	int rc = 0;
	*ret = NULL;
	if (*t->p == '(') {
		t->p++;
		if (++t->depth > TEMPLATE_DEPTH)
			return bad(t, err, "nested too deep");
		rc = pipeline(t, dot, skip, ret, err);
		t->depth--;
		blanks(t);
		if (rc == 0 && *t->p != ')')
			return bad(t, err, "missing )");
		t->p += rc == 0;
	} else if (*t->p == '.') {
		*ret = dot;
		if (!word_char(t->p[1]))
			t->p++;
	} else if (*t->p == '$') {
		rc = variable(t, skip, ret, err);
	} else if (*t->p == '"' || *t->p == '`') {
		return quoted(t, ret, err);
	} else if (isdigit((unsigned char)*t->p) || (*t->p == '-' && isdigit((unsigned char)t->p[1]))) {
		return number(t, ret, err);
	} else if (keyword(t, "true")) {
		*ret = template_keep(t, json_new_bool(true));
		return 0;
	} else if (keyword(t, "false")) {
		*ret = template_keep(t, json_new_bool(false));
		return 0;
	} else if (keyword(t, "nil")) {
		return 0;
	} else {
		return bad(t, err, "what stands here is no value");
	}
	return rc < 0 ? rc : fields(t, ret, skip, err);
}

static bool at_operand(const struct template *t)
{
	return *t->p && !at_close(t) && *t->p != '|' && *t->p != ')' && *t->p != ',';
}

/* One command of a pipeline: `.A`, or `function arg arg`, with the piped value as its last argument. */
static int command(struct template *t, const struct json *dot, bool skip, const struct json *piped,
	bool has_piped, const struct json **ret, struct mc_err *err)
{
	const struct json *args[TEMPLATE_ARGS];
	size_t n = 0, len = word_len(t->p);
	_cleanup_free_ char *name = xstrndup(t->p, len);
	bool literal = len == 0 || isdigit((unsigned char)*t->p) || str_eq(name, "true") ||
		       str_eq(name, "false") || str_eq(name, "nil");
	if (literal)
		return operand(t, dot, skip, ret, err);
	t->p += len;
	for (blanks(t); at_operand(t); blanks(t)) {
		if (n + 1 >= TEMPLATE_ARGS)
			return bad(t, err, "too many arguments");
		size_t word = word_len(t->p);
		int rc = 0;
		if (word && isalpha((unsigned char)*t->p) && strncmp(t->p, "true", word) &&
			strncmp(t->p, "false", word) && strncmp(t->p, "nil", word))
			return bad(t, err, "a function as an argument needs ( )");
		rc = operand(t, dot, skip, &args[n++], err);
		if (rc < 0)
			return rc;
	}
	if (has_piped)
		args[n++] = piped;
	*ret = NULL;
	return skip ? 0 : template_call(t, name, args, n, ret, err);
}

static int pipeline(
	struct template *t, const struct json *dot, bool skip, const struct json **ret, struct mc_err *err)
{
	blanks(t);
	int rc = command(t, dot, skip, NULL, false, ret, err);
	for (blanks(t); rc == 0 && *t->p == '|'; blanks(t)) {
		t->p++;
		blanks(t);
		rc = command(t, dot, skip, *ret, true, ret, err);
	}
	return rc;
}

/* --- actions and blocks --- */

static int close_action(struct template *t, struct mc_err *err)
{
	blanks(t);
	bool trim = *t->p == '-';
	if (!at_close(t))
		return bad(t, err, "}} expected");
	t->p += trim ? 3 : 2;
	if (trim)
		blanks(t);
	return 0;
}

static int set_variable(struct template *t, const char *name, const struct json *v, struct mc_err *err)
{
	if (t->n_variables == TEMPLATE_VARIABLES)
		return bad(t, err, "too many variables");
	snprintf(t->variables[t->n_variables].name, sizeof(t->variables[0].name), "%s", name);
	t->variables[t->n_variables++].value = v;
	return 0;
}

/* `$k, $v :=` or `$v :=`; returns how many names were read (0: none, t->p unmoved). */
static int declarations(struct template *t, char names[2][32])
{
	const char *start = t->p;
	int n = 0;
	while (n < 2 && *t->p == '$') {
		size_t len = word_len(t->p + 1);
		snprintf(names[n++], 32, "%.*s", (int)(len > 31 ? 31 : len), t->p + 1);
		t->p += 1 + len;
		blanks(t);
		if (*t->p != ',')
			break;
		t->p++;
		blanks(t);
	}
	if (n && str_starts(t->p, ":=")) {
		t->p += 2;
		return n;
	}
	t->p = start;
	return 0;
}

/* Walks the else branch (or skips it) up to {{end}}. `{{else if x}}` is a nested if that shares our end. */
static int if_block(struct template *t, const struct json *dot, bool skip, bool with, struct mc_err *err);

static int else_branch(struct template *t, const struct json *dot, bool skip, struct mc_err *err)
{
	enum stop stop;
	if (keyword(t, "if"))
		return if_block(t, dot, skip, false, err);
	if (keyword(t, "with"))
		return if_block(t, dot, skip, true, err);
	int rc = close_action(t, err);
	if (rc == 0)
		rc = walk(t, dot, skip, &stop, err);
	if (rc == 0 && stop != STOP_END)
		rc = bad(t, err, "{{end}} expected");
	return rc < 0 ? rc : close_action(t, err);
}

static int after_body(
	struct template *t, const struct json *dot, bool skip, enum stop stop, struct mc_err *err)
{
	if (stop == STOP_ELSE)
		return else_branch(t, dot, skip, err);
	if (stop == STOP_EOF)
		return bad(t, err, "{{end}} is missing");
	return close_action(t, err);
}

static int if_block(struct template *t, const struct json *dot, bool skip, bool with, struct mc_err *err)
{
	const struct json *v;
	char names[2][32];
	enum stop stop;
	size_t variables = t->n_variables;
	int declared = declarations(t, names);
	int rc = pipeline(t, dot, skip, &v, err);
	if (rc == 0 && declared)
		rc = set_variable(t, names[0], v, err);
	if (rc == 0)
		rc = close_action(t, err);
	if (rc < 0)
		return rc;
	bool yes = !skip && template_true(v);
	rc = walk(t, with && yes ? v : dot, !yes, &stop, err);
	if (rc == 0)
		rc = after_body(t, dot, skip || yes, stop, err);
	t->n_variables = variables;
	return rc;
}

struct range {
	const struct json *over;
	char **keys; /* of an object, sorted */
	char names[2][32];
	int declared;
	const char *body; /* where the walk of each element starts */
};

static int range_once(
	struct template *t, const struct range *r, size_t i, enum stop *stop, struct mc_err *err)
{
	const struct json *v = r->keys ? json_member(r->over, r->keys[i]) : json_item(r->over, i);
	size_t variables = t->n_variables;
	int rc = 0;
	if (r->declared == 2)
		rc = set_variable(t, r->names[0],
			template_keep(t, r->keys ? json_new_string(r->keys[i]) : json_new_i64((int64_t)i)),
			err);
	if (rc == 0 && r->declared)
		rc = set_variable(t, r->names[r->declared - 1], v, err);
	t->p = r->body;
	if (rc == 0)
		rc = walk(t, v, false, stop, err);
	t->n_variables = variables;
	return rc;
}

static int range_block(struct template *t, const struct json *dot, bool skip, struct mc_err *err)
{
	struct range r = { 0 };
	enum stop stop = STOP_EOF;
	r.declared = declarations(t, r.names);
	int rc = pipeline(t, dot, skip, &r.over, err);
	if (rc == 0)
		rc = close_action(t, err);
	if (rc < 0)
		return rc;
	r.body = t->p;
	size_t n = skip ? 0 : json_len(r.over);
	if (n && json_kind_of(r.over) == JSON_OBJECT)
		r.keys = template_keys(r.over);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = range_once(t, &r, i, &stop, err);
	strv_free(r.keys);
	if (rc == 0 && n == 0)
		rc = walk(t, dot, true, &stop, err);
	return rc < 0 ? rc : after_body(t, dot, skip || n > 0, stop, err);
}

/* An action that prints, or declares. */
static int plain_action(struct template *t, const struct json *dot, bool skip, struct mc_err *err)
{
	const struct json *v;
	char names[2][32];
	int declared = declarations(t, names);
	int rc = pipeline(t, dot, skip, &v, err);
	if (rc < 0)
		return rc;
	if (declared && !skip)
		rc = set_variable(t, names[0], v, err);
	else if (!skip)
		template_print(v, t->out);
	return rc < 0 ? rc : close_action(t, err);
}

static int action(struct template *t, const struct json *dot, bool skip, struct mc_err *err)
{
	if (str_starts(t->p, "/*")) {
		const char *end = strstr(t->p, "*/");
		t->p = end ? end + 2 : t->p;
		return close_action(t, err);
	}
	if (keyword(t, "if"))
		return if_block(t, dot, skip, false, err);
	if (keyword(t, "with"))
		return if_block(t, dot, skip, true, err);
	if (keyword(t, "range"))
		return range_block(t, dot, skip, err);
	return plain_action(t, dot, skip, err);
}

/* Text up to the next action, its end trimmed for {{-. Leaves t->p behind the {{. */
static void text(struct template *t, bool skip)
{
	const char *open = strstr(t->p, "{{");
	size_t n = open ? (size_t)(open - t->p) : strlen(t->p);
	const char *next = t->p + n;
	if (open) {
		next += 2;
		if (next[0] == '-' && isspace((unsigned char)next[1])) {
			next++;
			while (n && isspace((unsigned char)t->p[n - 1]))
				n--;
		}
	}
	if (!skip)
		buf_add(t->out, t->p, n);
	t->p = next;
}

static int walk(struct template *t, const struct json *dot, bool skip, enum stop *ret, struct mc_err *err)
{
	int rc = 0;
	if (++t->depth > TEMPLATE_DEPTH)
		return bad(t, err, "nested too deep");
	*ret = STOP_EOF;
	while (*t->p && rc == 0) {
		bool more = strstr(t->p, "{{") != NULL;
		text(t, skip);
		if (!more)
			break;
		blanks(t);
		if (keyword(t, "end")) {
			*ret = STOP_END;
			break;
		}
		if (keyword(t, "else")) {
			*ret = STOP_ELSE;
			break;
		}
		rc = action(t, dot, skip, err);
	}
	t->depth--;
	return rc;
}

int format_render(const char *template, const struct json *value, struct buf *out, struct mc_err *err)
{
	struct template t = { .p = template, .root = value, .out = out };
	enum stop stop;
	buf_add(out, "", 0); /* a string even when nothing is printed */
	int rc = walk(&t, value, false, &stop, err);
	if (rc == 0 && stop != STOP_EOF)
		rc = err_set(err, EINVAL, "template: {{end}} or {{else}} without if, range or with");
	template_release(&t);
	return rc;
}
