/*
 * expand_pattern.c - the patterns of ${v#p}, ${v%p} and ${v/p/r}: * and ? over characters, found in one
 * pass.
 *
 * Backtracking would take exponential time on "*a*a*a*a"; here each place of the pattern remembers the
 * leftmost start from which it can be reached, so one pass over the text finds the leftmost match,
 * shortest or longest.
 */
#include "build/expand.h"

/* Characters of UTF-8, so that ? never cuts one in two; broken bytes stand for themselves. */
struct pattern_text {
	uint32_t *c;
	size_t *at; /* byte offset of each, and of the end */
	size_t n;
};
#define PATTERN_ANY UINT32_MAX
#define PATTERN_STAR (UINT32_MAX - 1)
#define PATTERN_NONE SIZE_MAX
/* Steps of one expansion: some tenths of a second. */
#define PATTERN_BUDGET 200000000ULL

static void pattern_text_free(struct pattern_text *t)
{
	free(t->c);
	free(t->at);
}
#define _cleanup_pattern_ __attribute__((cleanup(pattern_text_free)))

static size_t pattern_char(const char *s, uint32_t *c)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : *p >= 0xc0 ? 2 : 1;
	*c = *p;
	for (size_t k = 1; k < n; k++) {
		if ((p[k] & 0xc0) != 0x80) {
			*c = *p;
			return 1;
		}
		*c = *c << 6 | (p[k] & 0x3f);
	}
	return n;
}

static void pattern_push(struct pattern_text *t, uint32_t c, size_t at)
{
	t->c[t->n] = c;
	t->at[t->n++] = at;
}

static struct pattern_text pattern_decode(const char *s)
{
	size_t len = strlen(s);
	struct pattern_text t = { xcalloc(len + 1, sizeof(*t.c)), xcalloc(len + 1, sizeof(*t.at)), 0 };
	for (size_t at = 0; s[at];) {
		uint32_t c;
		size_t n = pattern_char(s + at, &c);
		pattern_push(&t, c, at);
		at += n;
	}
	t.at[t.n] = len;
	return t;
}

/* * and ? become marks; \ in front of * ? \ } / makes them ordinary, elsewhere it is an error. */
static int pattern_compile(const char *s, struct pattern_text *ret, struct mc_err *err)
{
	struct pattern_text raw = pattern_decode(s);
	size_t n = 0;
	*ret = raw;
	for (size_t k = 0; k < raw.n; k++) {
		uint32_t c = raw.c[k];
		if (c == '\\') {
			if (k + 1 == raw.n || !strchr("*?\\}/", (int)raw.c[k + 1]) || raw.c[k + 1] > 127)
				return err_set(err, EINVAL,
					"pattern \"%s\": \\ stands only in front of * ? \\ / }", s);
			c = raw.c[++k];
		} else if (c == '*') {
			c = PATTERN_STAR;
		} else if (c == '?') {
			c = PATTERN_ANY;
		}
		ret->c[n++] = c;
	}
	ret->n = n;
	return 0;
}

static void pattern_reverse(struct pattern_text *t)
{
	for (size_t a = 0, b = t->n; a + 1 < b; a++) {
		uint32_t c = t->c[--b];
		t->c[b] = t->c[a];
		t->c[a] = c;
	}
}

struct pattern_match {
	bool anchored, longest;
	size_t start, end; /* found: characters start to end-1 */
	uint64_t work;     /* steps spent, over all calls */
};

/* A star may match nothing, so a match that reached the place before it is also behind it. */
static void pattern_spread(const struct pattern_text *p, size_t *state)
{
	for (size_t k = 0; k < p->n; k++)
		if (p->c[k] == PATTERN_STAR && state[k] < state[k + 1])
			state[k + 1] = state[k];
}

/* One character: next[k] is the leftmost start from which k places of the pattern match up to here. */
static bool pattern_step(
	const struct pattern_text *p, const size_t *state, size_t *next, uint32_t c, size_t limit)
{
	bool alive = false;
	for (size_t k = 0; k <= p->n; k++)
		next[k] = PATTERN_NONE;
	for (size_t k = 0; k < p->n; k++) {
		size_t to = p->c[k] == PATTERN_STAR ? k : k + 1;
		if (state[k] > limit || (p->c[k] != c && p->c[k] < PATTERN_STAR))
			continue;
		if (state[k] < next[to])
			next[to] = state[k];
		alive = true;
	}
	return alive;
}

/* The first match at or behind `from`: leftmost, then shortest or longest. */
static bool pattern_find(
	const struct pattern_text *p, const struct pattern_text *t, size_t from, struct pattern_match *m)
{
	size_t *state = xcalloc(p->n + 1, sizeof(*state)), *next = xcalloc(p->n + 1, sizeof(*next));
	bool found = false, alive = true;
	for (size_t k = 0; k <= p->n; k++)
		state[k] = PATTERN_NONE;
	for (size_t at = from; at <= t->n && alive && m->work < PATTERN_BUDGET; at++) {
		if (!found && (at == from || !m->anchored) && state[0] > at)
			state[0] = at;
		pattern_spread(p, state);
		if (state[p->n] != PATTERN_NONE && (!found || state[p->n] <= m->start)) {
			m->start = state[p->n];
			m->end = at;
			found = true;
		}
		if ((found && !m->longest) || at == t->n)
			break;
		alive = pattern_step(p, state, next, t->c[at], found ? m->start : PATTERN_NONE - 1) ||
			(!found && !m->anchored);
		size_t *swap = state;
		state = next;
		next = swap;
		m->work += p->n + 1;
	}
	free(state);
	free(next);
	return found;
}

static int pattern_too_much(struct mc_err *err)
{
	return err_set(err, E2BIG, "this pattern takes too long on a value of that size");
}

int pattern_trim(
	const char *value, const char *pattern, bool suffix, bool longest, char **ret, struct mc_err *err)
{
	_cleanup_pattern_ struct pattern_text p = { 0 }, t = pattern_decode(value);
	struct pattern_match m = { .anchored = true, .longest = longest };
	int rc = pattern_compile(pattern, &p, err);
	if (rc < 0)
		return rc;
	/* ${v%p}: with text and pattern reversed, the shortest end is the shortest beginning. */
	if (suffix) {
		pattern_reverse(&p);
		pattern_reverse(&t);
	}
	bool found = pattern_find(&p, &t, 0, &m);
	if (m.work >= PATTERN_BUDGET)
		return pattern_too_much(err);
	size_t cut = found ? m.end : 0;
	*ret = suffix ? xstrndup(value, t.at[t.n - cut]) : xstrdup(value + t.at[cut]);
	return 0;
}

int pattern_replace(
	const char *value, const char *pattern, const char *by, bool all, char **ret, struct mc_err *err)
{
	_cleanup_pattern_ struct pattern_text p = { 0 }, t = pattern_decode(value);
	_cleanup_buf_ struct buf out = { 0 };
	struct pattern_match m = { .longest = true };
	size_t from = 0, done = 0, last = PATTERN_NONE;
	int rc = pattern_compile(pattern, &p, err);
	if (rc < 0)
		return rc;
	/* An empty match counts, as in BuildKit, but not directly behind another match. */
	while (from <= t.n && out.len <= (1u << 20) && pattern_find(&p, &t, from, &m)) {
		if (m.end > m.start || m.end != last) {
			buf_add(&out, value + t.at[done], t.at[m.start] - t.at[done]);
			buf_adds(&out, by);
			done = m.end;
		}
		if (!all)
			break;
		last = m.end;
		from = m.end > m.start ? m.end : m.end + 1;
	}
	if (m.work >= PATTERN_BUDGET)
		return pattern_too_much(err);
	buf_adds(&out, value + t.at[done]);
	*ret = buf_take(&out);
	return 0;
}
