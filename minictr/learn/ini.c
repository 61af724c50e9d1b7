/*
 * ini.c - reading and writing the labs' small files. One flat list of entries: they have tens of lines, not
 * thousands. Left out: quoting, line continuation; a value is what stands behind `=`, trimmed.
 */
#include "learn/ini.h"

#include <ctype.h>
#include "base/file.h"
#include "learn/workshop.h"

struct entry {
	char *section, *key, *value; /* key NULL: the head of a section */
};

struct ini {
	struct entry *entry;
	size_t n;
};

struct ini *ini_new(void) { return xcalloc(1, sizeof(struct ini)); }

static void push(struct ini *f, const char *section, const char *key, const char *value)
{
	f->entry = xrealloc(f->entry, (f->n + 1) * sizeof(*f->entry));
	f->entry[f->n++] = (struct entry){ xstrdup(section), xstrdup(key), xstrdup(value) };
}

static char *trim(char *s)
{
	s += strspn(s, " \t");
	size_t len = strlen(s);
	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
	return s;
}

static int parse_line(struct ini *f, char *line, char **section)
{
	char *equals = strchr(line, '=');
	if (*line == '\0' || *line == '#' || *line == ';')
		return 0;
	if (*line == '[') {
		char *end = strchr(line, ']');
		if (!end)
			return -EINVAL;
		*end = '\0';
		free(*section);
		*section = xstrdup(trim(line + 1));
		push(f, *section, NULL, NULL);
		return 0;
	}
	if (!equals)
		return -EINVAL;
	*equals = '\0';
	push(f, *section, trim(line), trim(equals + 1));
	return 0;
}

int ini_read(const char *path, struct ini **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	int rc = work_read(path, 1 << 20, &text, err), number = 0;
	if (rc < 0)
		return rc;
	struct ini *f = ini_new();
	_cleanup_free_ char *section = xstrdup("");
	for (char *line = text.data, *next; line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		number++;
		if (parse_line(f, trim(line), &section) < 0) {
			ini_free(f);
			return err_set(err, EINVAL, "%s:%d: neither [section] nor key = value", path, number);
		}
	}
	*ret = f;
	return 0;
}

static struct entry *find(const struct ini *f, const char *section, const char *key)
{
	for (size_t i = f ? f->n : 0; i > 0; i--)
		if (str_eq(f->entry[i - 1].key, key) && str_eq(f->entry[i - 1].section, section))
			return &f->entry[i - 1];
	return NULL;
}

const char *ini_get(const struct ini *f, const char *section, const char *key)
{
	const struct entry *e = find(f, section, key);
	return e ? e->value : NULL;
}

long ini_number(const struct ini *f, const char *section, const char *key, long otherwise)
{
	const char *text = ini_get(f, section, key);
	int64_t number;
	return text && parse_i64(text, &number) == 0 ? (long)number : otherwise;
}

const char *ini_section(const struct ini *f, size_t i)
{
	for (size_t k = 0; f && k < f->n; k++)
		if (!f->entry[k].key && i-- == 0)
			return f->entry[k].section;
	return NULL;
}

void ini_set(struct ini *f, const char *section, const char *key, const char *value)
{
	struct entry *e = find(f, section, key);
	if (e) {
		free(e->value);
		e->value = xstrdup(value);
		return;
	}
	size_t at = f->n, i;
	for (i = 0; i < f->n; i++)
		if (str_eq(f->entry[i].section, section))
			at = i + 1;
	if (at == f->n && (f->n == 0 || !str_eq(f->entry[f->n - 1].section, section))) {
		push(f, section, NULL, NULL);
		at = f->n;
	}
	push(f, section, key, value);
	struct entry added = f->entry[f->n - 1];
	memmove(&f->entry[at + 1], &f->entry[at], (f->n - 1 - at) * sizeof(added));
	f->entry[at] = added;
}

char *ini_dump(const struct ini *f)
{
	struct buf text = { 0 };
	for (size_t i = 0; i < f->n; i++) {
		const struct entry *e = &f->entry[i];
		if (e->key)
			buf_addf(&text, "%s = %s\n", e->key, e->value);
		else
			buf_addf(&text, "%s[%s]\n", i ? "\n" : "", e->section);
	}
	return buf_take(&text);
}

void ini_free(struct ini *f)
{
	for (size_t i = 0; f && i < f->n; i++) {
		free(f->entry[i].section);
		free(f->entry[i].key);
		free(f->entry[i].value);
	}
	if (f)
		free(f->entry);
	free(f);
}

char **words_of(const char *text)
{
	char **words = xcalloc(1, sizeof(char *));
	while (text && *(text += strspn(text, " \t"))) {
		size_t len = strcspn(text, " \t");
		strv_pushf(&words, "%.*s", (int)len, text);
		text += len;
	}
	return words;
}
