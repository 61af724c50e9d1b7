/*
 * server/requests.c - a request's path taken apart. Pure: no store, no network; fuzzed.
 *
 * Everything that could later be part of a file name passes a grammar here: repository names
 * (distribution-spec, "<name>": lower-case words joined by . _ __ - and /), tags, digests, upload ids.
 * "..", empty words, percent signs and bytes above 127 are in none of them.
 */
#include <ctype.h>

#include "registry/server/requests.h"

static bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/* [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/...)* , at most 255 bytes */
static bool name_ok(const char *p)
{
	size_t run;
	if (strlen(p) > 255)
		return false;
	for (;;) {
		if (!is_word(*p))
			return false;
		while (is_word(*p))
			p++;
		if (!*p)
			return true;
		if (*p == '/' || *p == '.') {
			p++;
			continue;
		}
		run = strspn(p, *p == '_' ? "_" : "-");
		if (run == 0 || (*p == '_' && run > 2))
			return false;
		p += run;
	}
}

bool route_is_tag(const char *p)
{
	size_t i;
	for (i = 0; p[i]; i++)
		if (!isalnum((unsigned char)p[i]) && p[i] != '_' && (i == 0 || (p[i] != '.' && p[i] != '-')))
			return false;
	return i > 0 && i <= 128;
}

static bool upload_id_ok(const char *p) { return strlen(p) == 32 && strspn(p, "0123456789abcdef") == 32; }

static bool digest_ok(const char *p)
{
	struct digest d;
	struct mc_err ignored;
	return digest_parse(p, &d, &ignored) == 0;
}

/* Splits "NAME/word/LAST" at the last "/word/". False when word is not there. */
static bool split(const char *path, const char *word, char *name, size_t size, const char **last)
{
	const char *at = NULL, *p = path;
	int n;
	while ((p = strstr(p, word))) {
		at = p;
		p++;
	}
	if (!at)
		return false;
	n = snprintf(name, size, "%.*s", (int)(at - path), path);
	*last = at + strlen(word);
	return n >= 0 && (size_t)n < size;
}

static enum route_kind find_kind(const char *path, struct route *r, const char **last)
{
	if (split(path, "/blobs/uploads/", r->name, sizeof(r->name), last))
		return **last ? ROUTE_UPLOAD : ROUTE_UPLOADS;
	if (str_ends(path, "/blobs/uploads") && split(path, "/blobs/", r->name, sizeof(r->name), last)) {
		*last = "";
		return ROUTE_UPLOADS;
	}
	if (split(path, "/manifests/", r->name, sizeof(r->name), last))
		return ROUTE_MANIFEST;
	if (split(path, "/blobs/", r->name, sizeof(r->name), last))
		return ROUTE_BLOB;
	if (split(path, "/referrers/", r->name, sizeof(r->name), last))
		return ROUTE_REFERRERS;
	if (str_ends(path, "/tags/list") && split(path, "/tags/", r->name, sizeof(r->name), last)) {
		*last = "";
		return ROUTE_TAGS;
	}
	return ROUTE_NONE;
}

void route_parse(const char *path, struct route *ret)
{
	const char *last = "";
	bool ok;
	memset(ret, 0, sizeof(*ret));
	if (str_eq(path, "/v2/") || str_eq(path, "/v2"))
		ret->kind = ROUTE_BASE;
	else if (str_eq(path, "/v2/_catalog"))
		ret->kind = ROUTE_CATALOG;
	else if (str_starts(path, "/v2/"))
		ret->kind = find_kind(path + 4, ret, &last);
	if (ret->kind < ROUTE_TAGS)
		return;
	ret->by_digest = digest_ok(last);
	ok = ret->kind == ROUTE_UPLOAD                                 ? upload_id_ok(last)
	     : ret->kind == ROUTE_MANIFEST                             ? ret->by_digest || route_is_tag(last)
	     : ret->kind == ROUTE_BLOB || ret->kind == ROUTE_REFERRERS ? ret->by_digest
								       : true;
	if (!name_ok(ret->name))
		ret->kind = ROUTE_BAD_NAME;
	else if (!ok)
		ret->kind = ROUTE_BAD_REFERENCE;
	else
		snprintf(ret->reference, sizeof(ret->reference), "%s", last);
}
