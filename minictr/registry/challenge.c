/*
 * challenge.c - parser of WWW-Authenticate: `Bearer
 * realm="https://auth.example/token",service="x",scope="..."`.
 *
 * Grammar (RFC 9110, 11.2): scheme, blank, comma-separated name=token or name="quoted \" string"; a word
 * that is not followed by = begins the next challenge. The text comes from the network: no recursion, one
 * pass, nothing is trusted to be there.
 */
#include <ctype.h>

#include "base/buf.h"
#include "registry/challenge.h"

static bool is_token(char c) { return c && (isalnum((unsigned char)c) || strchr("!#$%&'*+-.^_`|~", c)); }

static const char *skip_blank(const char *p) { return p + strspn(p, " \t,"); }

/* A value: token or quoted string. Returns what follows, NULL when the quote never ends. */
static const char *read_value(const char *p, char **ret)
{
	struct buf b = { 0 };
	if (*p != '"') {
		const char *start = p;
		while (*p && *p != ',' && !isspace((unsigned char)*p))
			p++;
		*ret = xstrndup(start, (size_t)(p - start));
		return p;
	}
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
		buf_addc(&b, *p);
	}
	*ret = buf_take(&b);
	return *p == '"' ? p + 1 : NULL;
}

/* Keeps a parameter we know; the first one of a name counts. Takes value over. */
static void keep(struct challenge *c, const char *name, size_t len, char *value)
{
	const struct {
		const char *name;
		char **place;
	} known[] = { { "realm", &c->realm }, { "service", &c->service }, { "scope", &c->scope },
		{ "error", &c->error } };

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strlen(known[i].name) == len && !strncasecmp(name, known[i].name, len) &&
			!*known[i].place) {
			*known[i].place = value;
			return;
		}
	}
	free(value);
}

/* One challenge from p on. Returns what follows, NULL when it is broken. */
static const char *read_challenge(const char *p, struct challenge *c)
{
	const char *name = p, *end;
	size_t len;
	while (is_token(*p))
		p++;
	if (p == name)
		return NULL;
	len = (size_t)(p - name);
	c->scheme = len == 6 && !strncasecmp(name, "bearer", 6)  ? CHALLENGE_BEARER
		    : len == 5 && !strncasecmp(name, "basic", 5) ? CHALLENGE_BASIC
								 : CHALLENGE_NONE;
	for (p = skip_blank(p); *p; p = skip_blank(p)) {
		char *value = NULL;
		for (name = p; is_token(*p);)
			p++;
		end = p;
		p += strspn(p, " \t");
		if (end == name)
			return NULL;
		if (*p != '=')
			return name; /* a word of its own: the next scheme */
		p++;
		p = read_value(p + strspn(p, " \t"), &value);
		keep(c, name, (size_t)(end - name), value);
		if (!p)
			return NULL;
	}
	return p;
}

int challenge_parse(const char *text, struct challenge *ret, struct mc_err *err)
{
	const char *p;
	memset(ret, 0, sizeof(*ret));
	for (p = skip_blank(text); p && *p;) {
		_cleanup_challenge_ struct challenge c = { 0 };
		p = read_challenge(p, &c);
		if (p && c.scheme > ret->scheme) {
			challenge_release(ret);
			*ret = c;
			memset(&c, 0, sizeof(c));
		}
	}
	if (p && ret->scheme != CHALLENGE_NONE)
		return 0;
	challenge_release(ret);
	if (!p)
		return err_set(err, EINVAL,
			"the registry's challenge cannot be read: WWW-Authenticate: %.200s", text);
	return err_set(
		err, ENOTSUP, "the registry wants a kind of login that is not known here: %.200s", text);
}

void challenge_release(struct challenge *c)
{
	free(c->realm);
	free(c->service);
	free(c->scope);
	free(c->error);
	memset(c, 0, sizeof(*c));
}
