/*
 * heredoc.c - RUN <<EOF and COPY <<EOF /file: text that stands in the Dockerfile itself.
 *
 * First the words of the instruction are found as a shell would find them (quotes hide a <<), then the
 * body of each announced one is read from the lines below, in order. The delimiter is the whole line;
 * after <<- tabs may stand before it, and the body loses its leading tabs. The escape character is always
 * a backslash here. Dockerfile reference: Here-Documents.
 */
#include "build/lexer.h"

#include <ctype.h>

void heredoc_free(struct heredoc *h)
{
	free(take_ptr(&h->name));
	free(take_ptr(&h->body));
}

/* Behind a quoted part that begins at p; NULL when the quote stays open. */
static const char *heredoc_skip_quote(const char *p)
{
	char quote = *p++;
	while (*p && *p != quote)
		p += *p == '\\' && quote == '"' && p[1] ? 2 : 1;
	return *p ? p + 1 : NULL;
}

/*
 * Behind ${...}, nesting counted. NULL for what the builder's own expansion would not understand
 * (${a[1]}): such a line is for a cleverer shell and is taken as having no heredocs, as BuildKit does.
 */
static const char *heredoc_skip_braces(const char *p)
{
	p += 2;
	size_t name = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	if (!name ? !strchr("@*#?-$!", *p) || !*p : !strchr("}:+-?#%/", p[name]) || !p[name])
		return NULL;
	for (int depth = 1; depth;) {
		if (!*p)
			return NULL;
		depth += *p == '{' ? 1 : *p == '}' ? -1 : 0;
		p += *p == '\\' && p[1] ? 2 : 1;
	}
	return p;
}

/* End of the word that begins at p; NULL when the line can't be split into words. */
static const char *heredoc_word_end(const char *p)
{
	while (p && *p && !isspace((unsigned char)*p)) {
		if (*p == '\'' || *p == '"')
			p = heredoc_skip_quote(p);
		else if (*p == '$' && p[1] == '{')
			p = heredoc_skip_braces(p);
		else if (*p == '\\' && p[1])
			p += 2;
		else if (*p == '<' && p[1] == '<')
			/* Blanks between << and the delimiter belong to the word. */
			p += 2 + strspn(p + 2, " \t\r");
		else
			p++;
	}
	return p;
}

/* The delimiter with its quotes gone. false when it is not exactly one word. */
static bool heredoc_unquote(const char *text, char **name, bool *quoted)
{
	struct buf b = { 0 };
	for (const char *p = text; *p; p++) {
		if (*p == '\'' || *p == '"') {
			*quoted = true;
			for (char q = *p++; *p && *p != q; p++)
				buf_addc(&b, *p);
			if (!*p)
				break;
		} else if (*p == '\\' && p[1]) {
			buf_addc(&b, *++p);
		} else if (!isspace((unsigned char)*p)) {
			buf_addc(&b, *p);
		} else {
			buf_release(&b);
			return false;
		}
	}
	*name = buf_take(&b);
	return **name != '\0' || (free(take_ptr(name)), false);
}

bool heredoc_word(const char *word, struct heredoc *ret)
{
	const char *p = word + strspn(word, "0123456789");
	if (strncmp(p, "<<", 2) != 0)
		return false;
	p += 2;
	bool dash = *p == '-', quoted = false;
	p += dash;
	p += strspn(p, " \t\r\v\f");
	if (!*p || strchr(p, '<') || !heredoc_unquote(p, &ret->name, &quoted))
		return false;
	ret->expand = !quoted;
	ret->strip_tabs = dash;
	return true;
}

static void heredoc_announced(struct instruction *i, const char *word, size_t len)
{
	_cleanup_free_ char *text = xstrndup(word, len);
	struct heredoc h = { .at = instruction_place(i, (size_t)(word - i->line)) };
	if (!heredoc_word(text, &h))
		return;
	i->heredocs = xrealloc(i->heredocs, (i->n_heredocs + 1) * sizeof(*i->heredocs));
	i->heredocs[i->n_heredocs++] = h;
}

static void heredoc_forget(struct instruction *i)
{
	for (size_t n = 0; n < i->n_heredocs; n++)
		heredoc_free(&i->heredocs[n]);
	i->n_heredocs = 0;
}

/* Finds the words; one that can't be understood means that there are no heredocs at all. */
static void heredoc_find(struct instruction *i)
{
	for (const char *p = i->line; *p;) {
		p += strspn(p, " \t\v\f\r");
		const char *end = heredoc_word_end(p);
		if (!end) {
			heredoc_forget(i);
			return;
		}
		if (end > p)
			heredoc_announced(i, p, (size_t)(end - p));
		p = end;
	}
}

/* One line of the file without its end; false at the end of the file. */
static bool heredoc_line(struct lexer *lx, const char **text, size_t *len)
{
	if (lx->at >= lx->len)
		return false;
	*text = lx->text + lx->at;
	const char *end = memchr(*text, '\n', lx->len - lx->at);
	*len = end ? (size_t)(end - *text) : lx->len - lx->at;
	lx->at += *len + (end ? 1 : 0);
	lx->line++;
	/* A CR of a Windows line end would reach the shell as part of each command. */
	while (*len && (*text)[*len - 1] == '\r')
		--*len;
	return true;
}

static bool heredoc_read(struct lexer *lx, struct heredoc *h)
{
	struct buf body = { 0 };
	size_t name = strlen(h->name), len;
	const char *text;
	h->body_line = lx->line;
	buf_adds(&body, "");
	while (heredoc_line(lx, &text, &len)) {
		for (; h->strip_tabs && len && *text == '\t'; len--)
			text++;
		if (len == name && !memcmp(text, h->name, len)) {
			h->body = buf_take(&body);
			return true;
		}
		buf_add(&body, text, len);
		buf_addc(&body, '\n');
	}
	h->body = buf_take(&body);
	return false;
}

void lexer_heredocs(struct lexer *lx, struct instruction *i)
{
	if (!strstr(i->line, "<<"))
		return;
	heredoc_find(i);
	for (size_t n = 0; n < i->n_heredocs; n++) {
		struct heredoc *h = &i->heredocs[n];
		bool ended = heredoc_read(lx, h);
		i->last_line = lx->line - 1;
		if (ended)
			continue;
		problem_add(lx->problems, h->at, (unsigned)strlen(h->name) + 2, h->at.line,
			"unterminated heredoc: no line \"%s\" ends it (quote the << if none was meant)",
			h->name);
		for (size_t k = n + 1; k < i->n_heredocs; k++)
			i->heredocs[k].body = xstrdup("");
		return;
	}
}
