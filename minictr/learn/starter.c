/*
 * starter.c - makes the file a learner begins with out of the engine's source.
 *
 * Nothing is written twice: the reference is the solution, and its starter is the same text with the owned
 * bodies taken out. The doc comment (what must hold) stays; how and why stand inside the body and vanish
 * with it.
 */
#include "learn/starter.h"

#include <ctype.h>

const struct lab_task *task_of_function(const struct lab *l, const char *name)
{
	for (int i = 0; i < l->tasks; i++)
		if (str_eq(l->task[i].function, name))
			return &l->task[i];
	return NULL;
}

char *function_text(const struct source *s, const char *name)
{
	const struct function *f = source_function(s, name);
	return f ? xstrndup(s->text + f->start, f->end - f->start) : NULL;
}

static void add_todo_body(struct buf *out, const struct source *s, const struct function *f, const char *task)
{
	/* "static void f(" or "void f(": nothing to return; "void *f(" has. */
	bool nothing = strncmp(s->text + f->start, "void ", 5) == 0 && s->text[f->start + 5] != '*';
	size_t head = f->body;
	while (head > f->start && strchr(" \n\t", s->text[head - 1]))
		head--;
	buf_add(out, s->text + f->start, head - f->start);
	buf_addf(out, "\n{\n\t%sTODO(%s, %s", nothing ? "" : "return ", task, f->name);
	for (char **p = f->parameters; *p; p++)
		buf_addf(out, ", %s", *p);
	buf_adds(out, ");\n}\n");
}

/* Behind the last #include; in a file without any, above its first definition or declaration. */
static size_t place_of_header(const struct source *s)
{
	size_t place = 0, end = s->n ? s->function[0].comment : s->len;
	for (size_t i = 0; i < end; i += strcspn(s->text + i, "\n") + 1)
		if (strncmp(s->text + i, "#include", 8) == 0)
			place = i + strcspn(s->text + i, "\n") + 1;
	const char *close = strstr(s->text, "*/\n");
	if (!place && close && s->text[0] == '/')
		place = (size_t)(close - s->text) + 3;
	return place;
}

static void add_header(struct buf *out, const struct lab *l, int i)
{
	const struct lab_file *f = &l->file[i];
	buf_adds(out, "#include \"learn/todo.h\"\n\n");
	buf_addf(out,
		"/* Lab %s: this file is yours. Replace each TODO line; `lab check %s` grades, `lab hint` "
		"helps. */\n",
		l->number, l->number);
	buf_addf(out, "LAB_STARTER(%s_%d);\n", f->stem, l->interface);
}

static bool uses(const struct source *s, const struct function *f, const char *name)
{
	size_t len = strlen(name);
	for (const char *p = s->text + f->body; (p = strstr(p, name)) && p < s->text + f->end; p += len) {
		char before = p[-1], after = p[len];
		if (!isalnum((unsigned char)before) && before != '_' && !isalnum((unsigned char)after) &&
			after != '_')
			return true;
	}
	return false;
}

/* Given helpers are those that an owned body needs, directly or through another; the rest would only
 * distract. */
static bool *find_given(const struct lab *l, const struct source *s)
{
	bool *given = xcalloc(s->n + 1, sizeof(bool));
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < s->n; i++) {
			if (!given[i] && !task_of_function(l, s->function[i].name))
				continue;
			for (size_t k = 0; k < s->n; k++)
				if (!given[k] && s->function[k].is_static &&
					uses(s, &s->function[i], s->function[k].name))
					more = given[k] = true;
		}
	}
	return given;
}

/* One walk over the reference, copying all but the owned bodies; the text of a variant takes the place of
 * its functions. */
static char *rewrite(
	const struct lab *l, int i, const struct source *s, const struct source *variant, const char *text)
{
	struct buf out = { 0 };
	size_t header = place_of_header(s), at = header;
	bool placed = false, *given = find_given(l, s);
	buf_add(&out, s->text, header);
	add_header(&out, l, i);
	for (size_t k = 0; k < s->n; k++) {
		const struct function *f = &s->function[k];
		const struct lab_task *t = task_of_function(l, f->name);
		bool varied = source_function(variant, f->name) != NULL;
		if (!varied && !t &&
			!given[k]) { /* public, or a helper of such: it stays in the reference alone */
			buf_add(&out, s->text + at, f->comment - at);
			at = f->end + (s->text[f->end] == '\n');
			continue;
		}
		if (!varied && (!t || t->as_is || f->is_static))
			continue;
		buf_add(&out, s->text + at, f->start - at);
		at = f->end;
		if (varied && !placed)
			buf_adds(&out, text);
		else if (!varied)
			add_todo_body(&out, s, f, t->id);
		placed |= varied;
	}
	buf_add(&out, s->text + at, s->len - at);
	free(given);
	return buf_take(&out);
}

int starter_text(const struct lab *l, int i, char **ret, struct mc_err *err)
{
	struct source *s = NULL;
	int rc = source_read(l->file[i].source, &s, err);
	if (rc == 0)
		*ret = rewrite(l, i, s, NULL, NULL);
	source_free(s);
	return rc;
}

int starter_variant(const struct lab *l, int i, const char *text, char **ret, struct mc_err *err)
{
	struct source *s = NULL, *variant = source_parse("variant", text);
	int rc = source_read(l->file[i].source, &s, err);
	if (rc == 0)
		*ret = rewrite(l, i, s, variant, text);
	source_free(s);
	source_free(variant);
	return rc;
}
