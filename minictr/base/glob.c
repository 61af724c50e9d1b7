/*
 * glob.c - path patterns as a small automaton: tokens, and the set of tokens that may come next. No
 * backtracking.
 *
 * Rules: Go's filepath.Match; for two stars those of moby/patternmatcher: with a slash behind them they
 * are "nothing, or anything that ends in a slash", at the end "anything".
 */
#include "base/glob.h"

#include "base/utf8.h"

enum glob_kind { GLOB_CHAR, GLOB_ANY, GLOB_CLASS, GLOB_STAR, GLOB_DIRS, GLOB_ALL };
struct glob_token {
	enum glob_kind kind;
	uint32_t c;        /* GLOB_CHAR */
	const char *class; /* GLOB_CLASS: behind the [ */
};
struct glob {
	char *text;
	size_t n;
	struct glob_token list[];
};
/* A state: waiting for its token, or in the middle of what ** skips. */
enum { GLOB_AT = 1, GLOB_INSIDE = 2 };

/* One character; a byte that is no UTF-8 stands for itself, above all characters. */
static size_t glob_char(const char *s, uint32_t *c)
{
	size_t n = utf8_decode(s, strlen(s) < 4 ? strlen(s) : 4, c);
	if (n)
		return n;
	*c = 0x110000u + (unsigned char)*s;
	return 1;
}

static size_t glob_class_char(const char *s, uint32_t *c)
{
	size_t escape = *s == '\\';
	return s[escape] ? escape + glob_char(s + escape, c) : 0;
}

/*
 * Does the class that begins at s hold c? Returns the length with its ]; 0 when it is broken: empty,
 * without end, a range without its second half.
 */
static size_t glob_class(const char *s, uint32_t c, bool *ret)
{
	bool negated = *s == '^', in = false;
	const char *p = s + negated;
	for (bool first = true; first || *p != ']'; first = false) {
		uint32_t low, high;
		size_t n = *p && *p != '-' && *p != ']' ? glob_class_char(p, &low) : 0;
		if (!n)
			return 0;
		p += n;
		high = low;
		if (*p == '-') {
			n = p[1] && p[1] != '-' && p[1] != ']' ? glob_class_char(p + 1, &high) : 0;
			if (!n)
				return 0;
			p += n + 1;
		}
		in |= c >= low && c <= high;
	}
	*ret = in != negated;
	return (size_t)(p - s) + 1;
}

/* The token at s; returns its length, 0 when the pattern is broken there. */
static size_t glob_token(const char *s, bool deep, struct glob_token *ret)
{
	bool ignored;
	*ret = (struct glob_token){ 0 };
	if (*s == '*' && deep && s[1] == '*') {
		size_t stars = strspn(s, "*"), slash = s[stars] == '/';
		ret->kind = s[stars + slash] ? GLOB_DIRS : GLOB_ALL;
		return stars + slash;
	}
	if (*s == '*' || *s == '?') {
		ret->kind = *s == '*' ? GLOB_STAR : GLOB_ANY;
		return 1;
	}
	if (*s == '[') {
		ret->kind = GLOB_CLASS;
		ret->class = s + 1;
		size_t len = glob_class(s + 1, 0, &ignored);
		return len ? len + 1 : 0;
	}
	if (*s == '\\')
		return s[1] ? 1 + glob_char(s + 1, &ret->c) : 0;
	return glob_char(s, &ret->c);
}

int glob_compile(const char *pattern, bool deep, struct glob **ret, struct mc_err *err)
{
	size_t max = strlen(pattern);
	if (max > GLOB_MAX_TOKENS)
		return err_set(err, EINVAL, "the pattern has %zu bytes, at most %d are allowed", max,
			GLOB_MAX_TOKENS);
	struct glob *g = xcalloc(1, sizeof(*g) + (max + 1) * sizeof(g->list[0]));
	g->text = xstrdup(pattern);
	for (const char *s = g->text; *s;) {
		size_t len = glob_token(s, deep, &g->list[g->n]);
		if (!len) {
			glob_free(g);
			return err_set(err, EINVAL,
				"broken pattern \"%s\": a [ needs its ], a \\ something behind it", pattern);
		}
		g->n++;
		s += len;
	}
	*ret = g;
	return 0;
}

void glob_free(struct glob *g)
{
	if (g)
		free(g->text);
	free(g);
}

/* Tokens that may match nothing let the next one come at once. */
static void glob_spread(const struct glob *g, uint8_t *state)
{
	for (size_t k = 0; k < g->n; k++)
		if ((state[k] & GLOB_AT) && g->list[k].kind >= GLOB_STAR)
			state[k + 1] |= GLOB_AT;
}

static bool glob_takes(const struct glob_token *t, uint32_t c)
{
	bool in = false;
	switch (t->kind) {
	case GLOB_CHAR: return t->c == c;
	case GLOB_ANY: return c != '/';
	case GLOB_CLASS: return c != '/' && glob_class(t->class, c, &in) && in;
	default: return false;
	}
}

/* One character of the text. false: no way is left. */
static bool glob_step(const struct glob *g, const uint8_t *state, uint8_t *next, uint32_t c)
{
	bool alive = false;
	memset(next, 0, g->n + 1);
	for (size_t k = 0; k < g->n; k++) {
		enum glob_kind kind = g->list[k].kind;
		if (!state[k])
			continue;
		if (kind == GLOB_DIRS) {
			next[k] |= GLOB_INSIDE;
			if (c == '/')
				next[k + 1] |= GLOB_AT;
		} else if (kind == GLOB_ALL || (kind == GLOB_STAR && c != '/')) {
			next[k] |= GLOB_AT;
		} else if (glob_takes(&g->list[k], c)) {
			next[k + 1] |= GLOB_AT;
		} else {
			continue;
		}
		alive = true;
	}
	return alive;
}

bool glob_run(const struct glob *g, const char *text, bool above)
{
	uint8_t sets[2][GLOB_MAX_TOKENS + 1], *state = sets[0], *next = sets[1];
	memset(state, 0, g->n + 1);
	state[0] = GLOB_AT;
	for (const char *s = text;;) {
		uint32_t c;
		glob_spread(g, state);
		if ((!*s || (above && *s == '/' && s > text)) && (state[g->n] & GLOB_AT))
			return true;
		if (!*s)
			return false;
		s += glob_char(s, &c);
		if (!glob_step(g, state, next, c))
			return false;
		uint8_t *swap = state;
		state = next;
		next = swap;
	}
}

static bool glob_once(const char *pattern, bool deep, const char *text)
{
	struct glob *g = NULL;
	struct mc_err ignored;
	if (glob_compile(pattern, deep, &g, &ignored) < 0)
		return false;
	bool match = glob_run(g, text, false);
	glob_free(g);
	return match;
}

bool glob_match(const char *pattern, const char *text) { return glob_once(pattern, false, text); }

bool glob_match_deep(const char *pattern, const char *text) { return glob_once(pattern, true, text); }

bool glob_valid(const char *pattern)
{
	struct glob *g = NULL;
	struct mc_err ignored;
	int rc = glob_compile(pattern, false, &g, &ignored);
	glob_free(g);
	return rc == 0;
}

bool glob_has_magic(const char *pattern) { return strpbrk(pattern, "*?[\\") != NULL; }
