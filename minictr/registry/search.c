/*
 * search.c - looking for images, and asking a registry whether it knows us.
 *
 * The Hub answers GET /v1/search?q=TERM&n=N. No other registry has a search; what the spec gives is the
 * catalog, GET /v2/_catalog, in pages chained by Link headers (RFC 8288), which we filter ourselves.
 */
#include "registry/push.h"
#include "registry/remote.h"
#include "registry/settings.h"
#include "registry/url.h"

enum { CATALOG_PAGES = 1000 };

static void add_hit(struct search_hit **list, size_t *n, struct search_hit hit)
{
	*list = xrealloc(*list, (*n + 1) * sizeof(**list));
	(*list)[(*n)++] = hit;
}

void search_free(struct search_hit *hits, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(hits[i].name);
		free(hits[i].description);
	}
	free(hits);
}

static char *text_of(const struct json *v, const char *key)
{
	const char *text = json_text_of(json_member(v, key));
	return xstrdup(text ? text : "");
}

static bool flag_of(const struct json *v, const char *key)
{
	struct mc_err ignored;
	bool flag = false;
	json_get_bool(v, &flag, &ignored, "%s", key);
	return flag;
}

static int hub_search(
	const char *term, size_t limit, struct search_hit **ret, size_t *ret_n, struct mc_err *err)
{
	const char *address =
		registry_settings()->index ? registry_settings()->index : "https://index.docker.io";
	struct http *http = http_new(&(struct http_options){ .attempts = 2, .stall_seconds = 15 });
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_buf_ struct buf url = { 0 };
	const struct json *list, *item;
	int rc;
	buf_addf(&url, "%s/v1/search?n=%zu&q=", address, limit);
	url_escape(&url, term);
	rc = http_get(http, url.data, NULL, &reply, err);
	http_free(http);
	if (rc < 0)
		return rc;
	if (reply.status != 200)
		return err_set(err, EPROTO, "%s: the search answered %ld", url.data, reply.status);
	rc = json_parse(reply.body.data ? reply.body.data : "", reply.body.len, "search", &doc, err);
	if (rc < 0)
		return rc;
	list = json_member(doc, "results");
	for (size_t i = 0; i < json_len(list) && *ret_n < limit; i++) {
		item = json_item(list, i);
		add_hit(ret, ret_n,
			(struct search_hit){
				.name = text_of(item, "name"),
				.description = text_of(item, "description"),
				.stars = json_int_of(json_member(item, "star_count")),
				.official = flag_of(item, "is_official"),
				.automated = flag_of(item, "is_automated"),
			});
	}
	return 0;
}

/* The target of the first link of a Link header whose relation is "next"; NULL without one. Caller frees.
 * (RFC 8288: <target>; rel="next", <other>; rel=prev ...; quotes are optional, a relation may be a list of
 * words.) */
static char *next_target(const char *link)
{
	for (const char *p = link; (p = strchr(p, '<'));) {
		const char *close = strchr(p, '>');
		if (!close)
			return NULL;
		size_t len = strcspn(close, ",<");
		_cleanup_free_ char *params = xstrndup(close, len);
		const char *rel = strcasestr(params, "rel=");
		size_t word = rel ? strspn(rel + 4, "\"' ") : 0;
		if (!rel || !strncasecmp(rel + 4 + word, "next",
				    4)) /* docker's clients take a lone link for the next one */
			return xstrndup(p + 1, (size_t)(close - p - 1));
		p = close + len;
	}
	return NULL;
}

/* The next page: Link: </v2/_catalog?last=x&n=100>; rel="next". 0 with *ret NULL when this was the last. A
 * registry may not send us to another host: names of its images are its own to tell. */
static int next_page(const struct http_reply *reply, char **ret, struct mc_err *err)
{
	_cleanup_free_ char *link = http_header(reply, "Link", 0), *target = link ? next_target(link) : NULL;
	_cleanup_free_ char *url = target ? url_join(reply->url, target) : NULL;
	_cleanup_free_ char *here = url_origin(reply->url), *there = url ? url_origin(url) : NULL;
	*ret = NULL;
	if (url && !str_eq(here, there))
		return err_set(err, EPROTO, "%s: its next page is on another server (%.200s): refused",
			reply->url, url);
	*ret = take_ptr(&url);
	return 0;
}

/* Names and tags as the specification allows them. What else a server sends is no name, and must not reach
 * a terminal. */
static bool is_plain_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";
	size_t len = strlen(s);
	return len > 0 && len < 256 && strspn(s, letters) == len;
}

/* One page of names under key; *url becomes the next page's, NULL at the end. */
static int list_page(const struct remote *r, char **url, const char *key, char ***names, struct mc_err *err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	const struct json *list;
	const char *name;
	int rc = remote_send(r, &(struct http_request){ .url = *url }, &reply, err);
	if (rc < 0)
		return rc;
	if (reply.status != 200)
		return remote_error(r, &reply, "pull", err);
	rc = json_parse(reply.body.data ? reply.body.data : "", reply.body.len, key, &doc, err);
	if (rc < 0)
		return rc;
	list = json_member(doc, key);
	for (size_t i = 0; i < json_len(list); i++)
		if ((name = json_text_of(json_item(list, i))) && is_plain_name(name))
			strv_push(names, name);
	free(take_ptr(url));
	return next_page(&reply, url, err);
}

/*
 * All pages. Takes first over. A page that was seen before would go round for ever; its address may be a new
 * one.
 */
static int list_all(const struct remote *r, char *first, const char *key, char ***names, struct mc_err *err)
{
	_cleanup_free_ char *url = first;
	_cleanup_strv_ char **seen = NULL;
	int rc = 0;
	for (int page = 0; rc >= 0 && url && page < CATALOG_PAGES; page++) {
		size_t had = strv_len(*names), n;
		strv_push(&seen, url);
		rc = list_page(r, &url, key, names, err);
		n = strv_len(*names);
		if (rc >= 0 && url &&
			(strv_has(seen, url) ||
				(had && n > had && str_eq((*names)[n - 1], (*names)[had - 1]))))
			rc = err_set(err, ELOOP, "%s: its list leads back to a page that came before: %.200s",
				r->name->host, url);
	}
	return rc;
}

int registry_tags(const struct image_name *n, char ***ret, struct mc_err *err)
{
	_cleanup_remote_ struct remote r = { 0 };
	int rc = remote_open(n, REMOTE_ORIGIN, &r, err);
	return rc < 0 ? rc : list_all(&r, xasprintf("/v2/%s/tags/list?n=100", n->path), "tags", ret, err);
}

/* A name whose host part only is wanted. */
static int host_name(const char *host, struct image_name *ret, struct mc_err *err)
{
	_cleanup_free_ char *text = xasprintf("%s/x", host);
	return image_name_parse(text, ret, err);
}

static int catalog_search(const char *host, const char *term, size_t limit, struct search_hit **ret,
	size_t *ret_n, struct mc_err *err)
{
	_cleanup_remote_ struct remote r = { 0 };
	_cleanup_strv_ char **names = NULL;
	struct image_name name;
	int rc = host_name(host, &name, err);
	if (rc >= 0)
		rc = remote_open(&name, REMOTE_REGISTRY, &r, err);
	if (rc >= 0)
		rc = list_all(&r, xstrdup("/v2/_catalog?n=100"), "repositories", &names, err);
	if (rc == -EPROTO || rc == -ENOENT || rc == -EACCES)
		err_hint(err, "%s has no search of its own, and not every registry shows a catalog", host);
	if (rc < 0)
		return rc;
	for (size_t i = 0; names && names[i] && *ret_n < limit; i++)
		if (strstr(names[i], term))
			add_hit(ret, ret_n,
				(struct search_hit){ .name = xasprintf("%s/%s", host, names[i]),
					.description = xstrdup("") });
	return 0;
}

/* Is the first part a host, as in image names: a dot, a colon, or localhost? */
static bool names_host(const char *term)
{
	size_t len = strcspn(term, "/");
	return term[len] && (memchr(term, '.', len) || memchr(term, ':', len) ||
				    (len == 9 && str_starts(term, "localhost")));
}

int registry_search(
	const char *term, size_t limit, struct search_hit **ret, size_t *ret_n, struct mc_err *err)
{
	_cleanup_free_ char *host = NULL;
	struct search_hit *hits = NULL;
	size_t n = 0;
	int rc;
	if (names_host(term)) {
		host = xstrndup(term, strcspn(term, "/"));
		rc = catalog_search(host, term + strlen(host) + 1, limit, &hits, &n, err);
	} else {
		rc = hub_search(term, limit, &hits, &n, err);
	}
	if (rc < 0) {
		search_free(hits, n);
		return rc;
	}
	*ret = hits;
	*ret_n = n;
	return 0;
}

int registry_login(const char *host, const struct login *who, struct mc_err *err)
{
	_cleanup_remote_ struct remote r = { 0 };
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	struct image_name name;
	int rc = host_name(host, &name, err);
	if (rc >= 0)
		rc = remote_open(&name, REMOTE_REGISTRY, &r, err);
	if (rc < 0)
		return rc;
	login_release(&r.login);
	r.login.user = xstrdup(who->user);
	r.login.password = xstrdup(who->password);
	rc = remote_send(&r, &(struct http_request){ .url = "/v2/" }, &reply, err);
	if (rc < 0)
		return rc;
	if (reply.status == 200)
		return 0;
	if (reply.status == 401 || reply.status == 403)
		return err_set(err, EACCES,
			"login attempt to %s/v2/ failed: unauthorized: incorrect username or password",
			r.bases[0]);
	return err_set(err, EPROTO, "%s/v2/ answered %ld: is it a registry?", r.bases[0], reply.status);
}
