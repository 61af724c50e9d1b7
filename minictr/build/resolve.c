/*
 * resolve.c - one instruction with its variables replaced, as the builder does it for each kind.
 *
 * RUN, CMD, ENTRYPOINT, HEALTHCHECK and SHELL are left alone: their text is for the shell in the
 * container, which knows what it is only then. One instruction has one view: "ENV a=1 b=$a" uses the a of
 * the line before. Dockerfile reference: Environment replacement.
 */
#include "build/resolve.h"

#include "build/lexer.h"
#include "build/parse.h"

struct resolve {
	const struct vars *v;
	const char *file;
	struct place *at; /* of the error, for the caller */
	struct mc_err *err;
};

/* *text becomes what it means; where: for the message. */
static int resolve_text(struct resolve *r, char **text, struct place at)
{
	char *value = NULL;
	if (!strpbrk(*text, "$'\"") && !strchr(*text, r->v->escape ?: '\\'))
		return 0;
	if (expand(*text, r->v, &value, r->err) < 0)
		return err_place(r->err, r->file, at, r->at);
	free(*text);
	*text = value;
	return 0;
}

static bool resolve_has_words(enum instruction_kind kind)
{
	switch (kind) {
	case DO_ADD:
	case DO_COPY:
	case DO_ENV:
	case DO_EXPOSE:
	case DO_FROM:
	case DO_LABEL:
	case DO_STOPSIGNAL:
	case DO_USER:
	case DO_VOLUME:
	case DO_WORKDIR: return true;
	default: return false;
	}
}

/* A source that announces a heredoc is no text of its own: <<'EOF' keeps its quotes until it is read. */
static bool resolve_is_heredoc(const struct instruction *i, const char *word)
{
	struct heredoc h = { 0 };
	bool is = i->n_heredocs && (i->kind == DO_COPY || i->kind == DO_ADD) && heredoc_word(word, &h);
	heredoc_free(&h);
	return is;
}

static int resolve_words(struct resolve *r, struct instruction *i)
{
	for (size_t k = 0; k < i->n_words; k++) {
		int rc = resolve_is_heredoc(i, i->words[k]) ? 0
							    : resolve_text(r, &i->words[k], i->at_words[k]);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* EXPOSE $PORTS with PORTS="80 443" exposes two: only EXPOSE splits after the expansion. */
static void resolve_split(struct instruction *i)
{
	struct instruction old = *i;
	struct parse p = { .i = i };
	i->words = NULL;
	i->at_words = NULL;
	i->n_words = 0;
	for (size_t k = 0; k < old.n_words; k++) {
		for (const char *s = old.words[k]; *(s += strspn(s, " \t\n"));) {
			size_t len = strcspn(s, " \t\n");
			word_push(&p, s, len, 0);
			i->at_words[i->n_words - 1] = old.at_words[k];
			s += len;
		}
		free(old.words[k]);
	}
	free(old.words);
	free(old.at_words);
}

/* --mount=type=cache,target=$HOME: each value by itself, so that a value can't bring a new key along. */
static int resolve_mount(struct resolve *r, struct flag *f)
{
	_cleanup_buf_ struct buf out = { 0 };
	for (const char *p = f->value; *p;) {
		size_t len = strcspn(p, ","), key = strcspn(p, "=,");
		_cleanup_free_ char *value = key < len ? xstrndup(p + key + 1, len - key - 1) : NULL;
		bool from = key == 4 && !strncmp(p, "from", 4);
		if (value && !from) {
			int rc = resolve_text(r, &value, f->at);
			if (rc < 0)
				return rc;
			if (strchr(value, ',')) {
				err_set(r->err, EINVAL, "--mount: \"%s\" holds a comma", value);
				return err_place(r->err, r->file, f->at, r->at);
			}
		}
		buf_add(&out, p, key);
		if (value)
			buf_addf(&out, "=%s", value);
		p += len;
		if (*p == ',')
			buf_addc(&out, *p++);
	}
	free(f->value);
	f->value = buf_take(&out);
	return 0;
}

static int resolve_flags(struct resolve *r, struct instruction *i)
{
	static const char *const expanded[] = { "chown", "chmod", "checksum", "platform", "exclude" };
	for (size_t k = 0; k < i->n_flags; k++) {
		struct flag *f = &i->flags[k];
		bool known = false;
		for (size_t n = 0; n < ARRAY_LEN(expanded); n++)
			known |= str_eq(f->name, expanded[n]);
		int rc = known                      ? resolve_text(r, &f->value, f->at)
			 : str_eq(f->name, "mount") ? resolve_mount(r, f)
						    : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Bodies: variables and escapes work, quotes are text. */
static int resolve_heredocs(struct resolve *r, struct instruction *i)
{
	struct vars v = {
		.values = r->v->values, .keep_quotes = true, .unset = r->v->unset, .used = r->v->used
	};
	struct resolve body = { &v, r->file, r->at, r->err };
	if (i->kind != DO_COPY && i->kind != DO_ADD)
		return 0;
	for (size_t k = 0; k < i->n_heredocs; k++) {
		int rc = i->heredocs[k].expand ? resolve_text(&body, &i->heredocs[k].body, i->heredocs[k].at)
					       : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* --- copies --- */

static void *resolve_copy_array(const void *from, size_t n, size_t size)
{
	void *to = xcalloc(n + 1, size);
	if (n)
		memcpy(to, from, n * size);
	return to;
}

/* A deep copy; ret is the caller's: instruction_free(). */
static void instruction_copy(const struct instruction *i, struct instruction *ret)
{
	*ret = *i;
	ret->keyword = xstrdup(i->keyword);
	ret->line = xstrdup(i->line);
	ret->args = xstrdup(i->args);
	ret->doc = xstrdup(i->doc);
	ret->spans = resolve_copy_array(i->spans, i->n_spans, sizeof(*i->spans));
	ret->at_words = resolve_copy_array(i->at_words, i->n_words, sizeof(*i->at_words));
	ret->words = resolve_copy_array(i->words, i->n_words, sizeof(*i->words));
	ret->flags = resolve_copy_array(i->flags, i->n_flags, sizeof(*i->flags));
	ret->heredocs = resolve_copy_array(i->heredocs, i->n_heredocs, sizeof(*i->heredocs));
	for (size_t k = 0; k < i->n_words; k++)
		ret->words[k] = xstrdup(i->words[k]);
	for (size_t k = 0; k < i->n_flags; k++) {
		ret->flags[k].name = xstrdup(i->flags[k].name);
		ret->flags[k].value = xstrdup(i->flags[k].value);
	}
	for (size_t k = 0; k < i->n_heredocs; k++) {
		ret->heredocs[k].name = xstrdup(i->heredocs[k].name);
		ret->heredocs[k].body = xstrdup(i->heredocs[k].body);
	}
	if (i->trigger) {
		ret->trigger = xcalloc(1, sizeof(*ret->trigger));
		instruction_copy(i->trigger, ret->trigger);
	}
}

int instruction_resolve(const struct instruction *i, const struct vars *v, const char *file, struct place *at,
	struct instruction *ret, struct mc_err *err)
{
	struct resolve r = { v, file, at, err };
	instruction_copy(i, ret);
	int rc = resolve_has_words(ret->kind) ? resolve_words(&r, ret) : 0;
	if (rc == 0)
		rc = resolve_flags(&r, ret);
	if (rc == 0)
		rc = resolve_heredocs(&r, ret);
	if (rc < 0) {
		instruction_free(ret);
		return rc;
	}
	if (ret->kind == DO_EXPOSE)
		resolve_split(ret);
	return 0;
}
