/*
 * template.c - walks a template: text, {{actions}}, blocks. The text is its own program: no tree is built,
 * a block that must not run is walked with `skip`, a range body is walked once per element.
 *
 * Order: format_render() -> walk() text and actions -> action() keyword or pipeline -> template_operand().
 * Left out: define/template/block, methods, complex numbers, assignment with `=`.
 */
#include "cli/format/format.h"
#include "cli/format/template.h"

#include <ctype.h>

enum stop { STOP_EOF, STOP_END, STOP_ELSE };

static int walk(struct template *t, const struct json *dot, bool skip, enum stop *ret, struct mc_err *err);
static bool at_operand(const struct template *t)
{
	return *t->p && !template_at_close(t) && *t->p != '|' && *t->p != ')' && *t->p != ',';
}

/* One command of a pipeline: `.A`, or `function arg arg`, with the piped value as its last argument. */
static int command(struct template *t, const struct json *dot, bool skip, const struct json *piped,
	bool has_piped, const struct json **ret, struct mc_err *err)
{
	const struct json *args[TEMPLATE_ARGS];
	size_t n = 0, len = template_word(t->p);
	_cleanup_free_ char *name = xstrndup(t->p, len);
	bool literal = len == 0 || isdigit((unsigned char)*t->p) || str_eq(name, "true") ||
		       str_eq(name, "false") || str_eq(name, "nil");
	if (literal)
		return template_operand(t, dot, skip, ret, err);
	t->p += len;
	for (template_blanks(t); at_operand(t); template_blanks(t)) {
		if (n + 1 >= TEMPLATE_ARGS)
			return template_bad(t, err, "too many arguments");
		size_t word = template_word(t->p);
		int rc = 0;
		if (word && isalpha((unsigned char)*t->p) && strncmp(t->p, "true", word) &&
			strncmp(t->p, "false", word) && strncmp(t->p, "nil", word))
			return template_bad(t, err, "a function as an argument needs ( )");
		rc = template_operand(t, dot, skip, &args[n++], err);
		if (rc < 0)
			return rc;
	}
	if (has_piped)
		args[n++] = piped;
	*ret = NULL;
	if (t->heading && !skip && n && template_known(name)) {
		*ret = args[has_piped ? n - 1 : 0];
		return 0;
	}
	return skip && template_known(name) ? 0 : template_call(t, name, args, skip ? 0 : n, ret, err);
}

int template_pipeline(
	struct template *t, const struct json *dot, bool skip, const struct json **ret, struct mc_err *err)
{
	template_blanks(t);
	int rc = command(t, dot, skip, NULL, false, ret, err);
	for (template_blanks(t); rc == 0 && *t->p == '|'; template_blanks(t)) {
		t->p++;
		template_blanks(t);
		rc = command(t, dot, skip, *ret, true, ret, err);
	}
	return rc;
}

/* --- actions and blocks --- */

static int close_action(struct template *t, struct mc_err *err)
{
	template_blanks(t);
	bool trim = *t->p == '-';
	if (!template_at_close(t))
		return template_bad(t, err, "}} expected");
	t->p += trim ? 3 : 2;
	if (trim)
		template_blanks(t);
	return 0;
}

static int set_variable(struct template *t, const char *name, const struct json *v, struct mc_err *err)
{
	if (t->n_variables == TEMPLATE_VARIABLES)
		return template_bad(t, err, "too many variables");
	snprintf(t->variables[t->n_variables].name, sizeof(t->variables[0].name), "%s", name);
	t->variables[t->n_variables++].value = v;
	return 0;
}

/* `$v = ...`: an older variable gets a new value. */
static int change_variable(struct template *t, const char *name, const struct json *v, struct mc_err *err)
{
	for (size_t i = t->n_variables; i-- > 0;) {
		if (!str_eq(t->variables[i].name, name))
			continue;
		t->variables[i].value = v;
		return 0;
	}
	return err_set(err, EINVAL, "template: undefined variable $%s", name);
}

/* `$k, $v :=` or `$v :=`; returns how many names were read (0: none, t->p unmoved). -1: `$v =`. */
static int declarations(struct template *t, char names[2][32])
{
	const char *start = t->p;
	int n = 0;
	while (n < 2 && *t->p == '$') {
		size_t len = template_word(t->p + 1);
		snprintf(names[n++], 32, "%.*s", (int)(len > 31 ? 31 : len), t->p + 1);
		t->p += 1 + len;
		template_blanks(t);
		if (*t->p != ',')
			break;
		t->p++;
		template_blanks(t);
	}
	if (n && str_starts(t->p, ":=")) {
		t->p += 2;
		return n;
	}
	if (n == 1 && *t->p == '=' && t->p[1] != '=') {
		t->p++;
		return -1;
	}
	t->p = start;
	return 0;
}

/* Walks the else branch (or skips it) up to {{end}}. `{{else if x}}` is a nested if that shares our end. */
static int if_block(struct template *t, const struct json *dot, bool skip, bool with, struct mc_err *err);

static int else_branch(struct template *t, const struct json *dot, bool skip, struct mc_err *err)
{
	enum stop stop;
	if (template_keyword(t, "if"))
		return if_block(t, dot, skip, false, err);
	if (template_keyword(t, "with"))
		return if_block(t, dot, skip, true, err);
	int rc = close_action(t, err);
	if (rc == 0)
		rc = walk(t, dot, skip, &stop, err);
	if (rc == 0 && stop != STOP_END)
		rc = template_bad(t, err, "{{end}} expected");
	return rc < 0 ? rc : close_action(t, err);
}

static int after_body(
	struct template *t, const struct json *dot, bool skip, enum stop stop, struct mc_err *err)
{
	if (stop == STOP_ELSE)
		return else_branch(t, dot, skip, err);
	if (stop == STOP_EOF)
		return template_bad(t, err, "{{end}} is missing");
	return close_action(t, err);
}

static int if_block(struct template *t, const struct json *dot, bool skip, bool with, struct mc_err *err)
{
	const struct json *v;
	char names[2][32];
	enum stop stop;
	size_t variables = t->n_variables;
	int declared = declarations(t, names);
	t->null = NULL;
	int rc = template_pipeline(t, dot, skip, &v, err);
	if (rc == 0 && declared > 0)
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
	if (rc == 0 && r->declared > 0)
		rc = set_variable(t, r->names[r->declared - 1], v, err);
	if (rc == 0 && r->declared < 0) /* {{range $v = .List}}: a variable that is there already */
		rc = change_variable(t, r->names[0], v, err);
	t->p = r->body;
	t->ranges++;
	if (rc == 0)
		rc = walk(t, v, false, stop, err);
	t->ranges--;
	t->n_variables = variables;
	return rc;
}

static int range_block(struct template *t, const struct json *dot, bool skip, struct mc_err *err)
{
	struct range r = { 0 };
	enum stop stop = STOP_EOF;
	r.declared = declarations(t, r.names);
	int rc = template_pipeline(t, dot, skip, &r.over, err);
	if (rc == 0)
		rc = close_action(t, err);
	if (rc < 0)
		return rc;
	r.body = t->p;
	size_t n = skip ? 0 : json_len(r.over);
	if (n && json_kind_of(r.over) == JSON_OBJECT)
		r.keys = template_keys(r.over);
	for (size_t i = 0; i < n && rc == 0 && t->leave != LEAVE_BREAK; i++) {
		t->leave = LEAVE_NOT;
		rc = range_once(t, &r, i, &stop, err);
	}
	t->leave = LEAVE_NOT;
	strv_free(r.keys);
	if (rc == 0 && n == 0) {
		t->ranges++;
		rc = walk(t, dot, true, &stop, err);
		t->ranges--;
	}
	return rc < 0 ? rc : after_body(t, dot, skip || n > 0, stop, err);
}

/* An action that prints, or declares. */
static int plain_action(struct template *t, const struct json *dot, bool skip, struct mc_err *err)
{
	const struct json *v;
	char names[2][32];
	int declared = declarations(t, names);
	t->null = NULL;
	int rc = template_pipeline(t, dot, skip, &v, err);
	if (rc < 0)
		return rc;
	if (declared && !skip)
		rc = declared < 0 ? change_variable(t, names[0], v, err) : set_variable(t, names[0], v, err);
	else if (!skip)
		v || !t->null ? template_print(v, t->out) : buf_adds(t->out, t->null);
	return rc < 0 ? rc : close_action(t, err);
}

/* What follows in the body is read and not done, up to the {{end}} of the range. */
static int leave_range(struct template *t, enum template_leave how, bool skip, struct mc_err *err)
{
	if (!t->ranges)
		return template_bad(t, err, "{{break}} or {{continue}} outside of {{range}}");
	if (!skip)
		t->leave = how;
	return close_action(t, err);
}

static int action(struct template *t, const struct json *dot, bool skip, struct mc_err *err)
{
	if (str_starts(t->p, "/*")) {
		const char *end = strstr(t->p, "*/");
		t->p = end ? end + 2 : t->p;
		return close_action(t, err);
	}
	if (template_keyword(t, "if"))
		return if_block(t, dot, skip, false, err);
	if (template_keyword(t, "with"))
		return if_block(t, dot, skip, true, err);
	if (template_keyword(t, "range"))
		return range_block(t, dot, skip, err);
	if (template_keyword(t, "break"))
		return leave_range(t, LEAVE_BREAK, skip, err);
	if (template_keyword(t, "continue"))
		return leave_range(t, LEAVE_CONTINUE, skip, err);
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
		return template_bad(t, err, "nested too deep");
	*ret = STOP_EOF;
	while (*t->p && rc == 0) {
		bool more = strstr(t->p, "{{") != NULL;
		bool quiet = skip || t->leave;
		text(t, quiet);
		if (!more)
			break;
		template_blanks(t);
		if (template_keyword(t, "end")) {
			*ret = STOP_END;
			break;
		}
		if (template_keyword(t, "else")) {
			*ret = STOP_ELSE;
			break;
		}
		rc = action(t, dot, quiet, err);
	}
	t->depth--;
	return rc;
}

static int whole(struct template *t, const struct json *value, bool skip, struct mc_err *err)
{
	enum stop stop;
	buf_add(t->out, "", 0); /* a string even when nothing is printed */
	int rc = walk(t, value, skip, &stop, err);
	if (rc == 0 && stop != STOP_EOF)
		rc = err_set(err, EINVAL, "template: {{end}} or {{else}} without if, range or with");
	template_release(t);
	return rc;
}

int format_render(const char *template, const struct json *value, struct buf *out, struct mc_err *err)
{
	struct template t = { .p = template, .root = value, .out = out };
	return whole(&t, value, false, err);
}

int format_heading(
	const char *template, const struct format_title *titles, struct buf *out, struct mc_err *err)
{
	struct template t = { .p = template, .out = out, .heading = true, .titles = titles };
	return whole(&t, NULL, false, err);
}

int format_check(const char *template, struct mc_err *err)
{
	_cleanup_buf_ struct buf nothing = { 0 };
	struct template t = { .p = template, .out = &nothing };
	if (!template || str_eq(template, "json"))
		return 0;
	int rc = whole(&t, NULL, true, err);
	return rc < 0 ? err_exit(err, 64) : 0;
}
