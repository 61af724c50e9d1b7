/*
 * source.c - finds function definitions in C that follows the house style.
 *
 * Not a parser: a definition is a text that begins in column 1 with a word, reaches a '{' outside brackets
 * before any ';', and ends with the matching brace. Comments, strings and character constants are skipped.
 * Learners' files are read with it too, so it must not be upset by anything: what is not understood is not
 * a function.
 */
#include "learn/source.h"
#include "learn/workshop.h"

#include <ctype.h>
#include <fcntl.h>
#include "base/file.h"

/* Offset behind what begins at i: a comment, a string, a constant or one character. */
static size_t skip_token(const char *t, size_t i, size_t len)
{
	const char *end;
	if (t[i] == '/' && t[i + 1] == '*')
		return (end = strstr(t + i + 2, "*/")) ? (size_t)(end - t) + 2 : len;
	if (t[i] == '/' && t[i + 1] == '/')
		return i + strcspn(t + i, "\n");
	if (t[i] != '"' && t[i] != '\'')
		return i + 1;
	char quote = t[i++];
	while (i < len && t[i] != quote && t[i] != '\n')
		i += t[i] == '\\' && i + 1 < len ? 2 : 1;
	return i < len ? i + 1 : len;
}

static size_t matching_brace(const char *t, size_t i, size_t len)
{
	int depth = 0;
	while (i < len) {
		if (t[i] == '{')
			depth++;
		if (t[i] == '}' && --depth == 0)
			return i;
		i = skip_token(t, i, len);
	}
	return len;
}

/* From a definition's first character to its '{'; len when it is a declaration, a variable, a type. */
static size_t find_body(const char *t, size_t i, size_t len, size_t *ret_paren)
{
	int depth = 0;
	*ret_paren = 0;
	while (i < len) {
		if (t[i] == '(') {
			if (depth++ == 0 && !*ret_paren)
				*ret_paren = i;
		} else if (t[i] == ')') {
			depth--;
		} else if (depth == 0 && (t[i] == ';' || t[i] == '=')) {
			return len;
		} else if (depth == 0 && t[i] == '{') {
			return *ret_paren ? i : len;
		}
		i = skip_token(t, i, len);
	}
	return len;
}

static char *word_before(const char *t, size_t i)
{
	while (i > 0 && isspace((unsigned char)t[i - 1]))
		i--;
	size_t end = i;
	while (i > 0 && (isalnum((unsigned char)t[i - 1]) || t[i - 1] == '_'))
		i--;
	return xstrndup(t + i, end - i);
}

/* "(const char *dir, int list[2], int (*f)(int))": the last word of each, before any '[', inside "(*". */
static char **parameters_of(const char *t, size_t paren, size_t body)
{
	char **names = xcalloc(1, sizeof(char *));
	int depth = 0;
	size_t last = 0; /* end of the declarator, where it is not the end of the parameter */
	for (size_t i = paren; i < body; i++) {
		if (t[i] == '[' && depth == 1 && !last)
			last = i;
		if (t[i] == '(' && t[i + 1] == '*' && depth == 1 && !last)
			last = i + strcspn(t + i, ")");
		depth += (t[i] == '(' || t[i] == '[') - (t[i] == ')' || t[i] == ']');
		if (!(t[i] == ',' && depth == 1) && depth > 0)
			continue;
		char *name = word_before(t, last ? last : i);
		if (*name && !str_eq(name, "void"))
			strv_push(&names, name);
		free(name);
		last = 0;
		if (depth == 0)
			break;
	}
	return names;
}

/* "Lab 01.4: sentence" on the last line of the comment that ends right above `start`. */
static void read_comment(struct function *f, const char *t)
{
	size_t i = f->start;
	f->comment = f->start;
	if (i < 3 || strncmp(t + i - 3, "*/\n", 3) != 0)
		return;
	while (i > 0 && strncmp(t + i - 1, "/*", 2) != 0)
		i--;
	if (i == 0)
		return;
	f->comment = i - 1;
	const char *marker = NULL, *end = t + f->start;
	for (const char *p = t + f->comment; (p = strstr(p, "Lab ")) && p < end; p++)
		marker = p;
	int used = 0;
	if (!marker || sscanf(marker, "Lab %5[0-9.]:%n", f->task, &used) != 1 || !used ||
		strlen(f->task) != 4) {
		f->task[0] = '\0';
		return;
	}
	marker += used + strspn(marker + used, " ");
	size_t len = strcspn(marker, "\n");
	const char *close = strstr(marker, "*/");
	if (close && (size_t)(close - marker) < len)
		len = (size_t)(close - marker);
	f->sentence = xstrndup(marker, len);
}

static int lines_between(const char *t, size_t from, size_t to)
{
	int lines = 0;
	for (size_t i = from; i < to; i++)
		lines += t[i] == '\n';
	return lines;
}

static void add_function(struct source *s, size_t start, size_t paren, size_t body)
{
	const char *t = s->text;
	size_t brace = matching_brace(t, body, s->len);
	struct function f = { .name = word_before(t, paren), .start = start, .body = body };
	f.end = brace < s->len ? brace + 1 : s->len;
	f.end += t[f.end] == '\n';
	f.line = lines_between(t, 0, paren) + 1;
	f.body_lines = lines_between(t, body, brace) - 1;
	f.is_static = strncmp(t + start, "static ", 7) == 0;
	f.parameters = parameters_of(t, paren, body);
	read_comment(&f, t);
	s->function = xrealloc(s->function, (s->n + 1) * sizeof(f));
	s->function[s->n++] = f;
}

struct source *source_parse(const char *path, const char *text)
{
	struct source *s = xcalloc(1, sizeof(*s));
	s->path = xstrdup(path);
	s->text = xstrdup(text);
	s->len = strlen(text);
	for (size_t i = 0, paren; i < s->len;) {
		bool column1 = i == 0 || s->text[i - 1] == '\n';
		if (s->text[i] == '#' && column1) { /* a directive, with its continued lines */
			do
				i += strcspn(s->text + i, "\n") + (i < s->len);
			while (i > 1 && i < s->len && s->text[i - 2] == '\\');
			continue;
		}
		if (!column1 || !(isalpha((unsigned char)s->text[i]) || s->text[i] == '_')) {
			i = skip_token(s->text, i, s->len);
			continue;
		}
		size_t body = find_body(s->text, i, s->len, &paren);
		if (body < s->len) {
			add_function(s, i, paren, body);
			i = s->function[s->n - 1].end;
		} else {
			i += strcspn(s->text + i, "\n");
		}
	}
	return s;
}

int source_read(const char *path, struct source **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	int rc = work_read(path, 4 << 20, &text, err);
	if (rc == 0)
		*ret = source_parse(path, text.data ? text.data : "");
	return rc;
}

const struct function *source_function(const struct source *s, const char *name)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (str_eq(s->function[i].name, name))
			return &s->function[i];
	return NULL;
}

void source_free(struct source *s)
{
	for (size_t i = 0; s && i < s->n; i++) {
		free(s->function[i].name);
		free(s->function[i].sentence);
		strv_free(s->function[i].parameters);
	}
	if (s) {
		free(s->function);
		free(s->path);
		free(s->text);
	}
	free(s);
}
