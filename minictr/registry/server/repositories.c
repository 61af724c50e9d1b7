/*
 * server/repositories.c - the engine's index seen as repositories and tags.
 *
 * index.json is read anew for each question: it is small, it is replaced by rename, and so the server needs
 * no cache that could be wrong when an image is pulled or removed beside it.
 */
#include "registry/server/repositories.h"

#include "image/image.h"

/* Indexes in indexes: deeper ones, or more documents for one question, are a stranger's trick. */
enum { DEEPEST = 4, MOST_DOCUMENTS = 4000 };

struct entry {
	struct image_name name;
	const char *digest, *type; /* borrowed from the index */
};

/* The i-th entry of the index; false when it has no (readable) name. */
static bool read_entry(const struct json *index, size_t i, struct entry *e)
{
	const struct json *item = json_item(json_member(index, "manifests"), i);
	const char *name = json_text_of(json_member(json_member(item, "annotations"), ANNOTATION_NAME));
	struct mc_err ignored;
	e->digest = json_text_of(json_member(item, "digest"));
	e->type = json_text_of(json_member(item, "mediaType"));
	return e->digest && name && image_name_parse(name, &e->name, &ignored) == 0;
}

/* How well an entry answers for a repository: our own, docker.io's, any other host's; 0: not at all. */
static int rate_entry(const struct server *s, const struct entry *e, const char *name)
{
	bool library = str_starts(e->name.path, "library/") && str_eq(e->name.path + 8, name);
	if (str_eq(e->name.path, name))
		return str_eq(e->name.host, s->host) ? 4 : str_eq(e->name.host, "docker.io") ? 3 : 1;
	return str_eq(e->name.host, "docker.io") && library ? 2 : 0;
}

static size_t count_entries(const struct json *index) { return json_len(json_member(index, "manifests")); }

/* --- walking what a repository holds --- */

/* Sees one descriptor; true ends the walk. */
typedef bool visit(void *ctx, const struct json *descriptor, bool is_manifest);

struct walk {
	const struct server *server;
	const char *name;
	visit *see;
	void *ctx;
	size_t documents;
};

static bool walk_document(struct walk *w, const struct json *descriptor, int depth)
{
	_cleanup_json_ struct json *doc = NULL;
	const char *digest = json_text_of(json_member(descriptor, "digest"));
	struct digest d;
	struct mc_err ignored;
	if (depth && digest && served_has(w->server, w->name, SERVED_GONE, digest))
		return false;
	if (w->see(w->ctx, descriptor, true))
		return true;
	if (depth > DEEPEST || ++w->documents > MOST_DOCUMENTS || digest_parse(digest, &d, &ignored) < 0 ||
		!store_has(w->server->store, &d) || store_read_json(w->server->store, &d, &doc, &ignored) < 0)
		return false;
	const struct json *children = json_member(doc, "manifests"), *layers = json_member(doc, "layers");
	if (json_member(doc, "config") && w->see(w->ctx, json_member(doc, "config"), false))
		return true;
	for (size_t i = 0; i < json_len(layers); i++)
		if (w->see(w->ctx, json_item(layers, i), false))
			return true;
	for (size_t i = 0; i < json_len(children); i++)
		if (walk_document(w, json_item(children, i), depth + 1))
			return true;
	return false;
}

/* Everything that manifests of the repository name. Returns 1 when see() ended the walk, 0, or -errno. */
static int walk_repository(
	const struct server *s, const char *name, visit *see, void *ctx, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	struct walk w = { .server = s, .name = name, .see = see, .ctx = ctx };
	struct entry e;
	int rc = store_read_index(s->store, &index, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count_entries(index); i++)
		if (read_entry(index, i, &e) && rate_entry(s, &e, name) &&
			walk_document(&w, json_item(json_member(index, "manifests"), i), 0))
			return 1;
	return 0;
}

struct search {
	const char *digest;
	bool manifests_only;
	char *type; /* of what was found; owned */
};

static bool is_wanted(void *ctx, const struct json *descriptor, bool is_manifest)
{
	struct search *s = ctx;
	const char *type = json_text_of(json_member(descriptor, "mediaType"));
	if ((s->manifests_only && !is_manifest) ||
		!str_eq(json_text_of(json_member(descriptor, "digest")), s->digest))
		return false;
	s->type = xstrdup(type ? type : MEDIA_OCI_MANIFEST);
	return true;
}

bool repository_names(const struct server *s, const char *name, const struct digest *d)
{
	struct search search = { .digest = d->text };
	struct mc_err ignored;
	int rc = walk_repository(s, name, is_wanted, &search, &ignored);
	free(search.type);
	return rc == 1;
}

static int find_digest(const struct server *s, const char *name, const char *digest, struct digest *ret,
	char **ret_type, struct mc_err *err)
{
	struct search search = { .digest = digest, .manifests_only = true };
	int rc = walk_repository(s, name, is_wanted, &search, err);
	if (rc == 1 && ret_type)
		*ret_type = take_ptr(&search.type);
	free(search.type);
	if (rc <= 0)
		return rc < 0 ? rc : err_set(err, ENOENT, "manifest unknown");
	return digest_parse(digest, ret, err);
}

int repository_find(const struct server *s, const char *name, const char *reference, bool by_digest,
	struct digest *ret, char **ret_type, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	struct entry e, best = { 0 };
	if (by_digest)
		return find_digest(s, name, reference, ret, ret_type, err);
	int rc = store_read_index(s->store, &index, err), highest = 0;
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count_entries(index); i++) {
		int rating = read_entry(index, i, &e) && str_eq(e.name.tag, reference)
				     ? rate_entry(s, &e, name)
				     : 0;
		if (rating > highest) {
			highest = rating;
			best = e;
		}
	}
	if (!highest)
		return err_set(err, ENOENT, "manifest unknown");
	if (ret_type)
		*ret_type = xstrdup(best.type ? best.type : MEDIA_OCI_MANIFEST);
	return digest_parse(best.digest, ret, err);
}

/* --- lists --- */

struct gathering {
	struct json *list;
	char **seen;
};

static bool gather(void *ctx, const struct json *descriptor, bool is_manifest)
{
	struct gathering *g = ctx;
	const char *digest = json_text_of(json_member(descriptor, "digest"));
	if (is_manifest && digest && !strv_has(g->seen, digest)) {
		strv_push(&g->seen, digest);
		json_add(g->list, json_copy(descriptor));
	}
	return false;
}

int repository_manifests(const struct server *s, const char *name, struct json **ret, struct mc_err *err)
{
	struct gathering g = { .list = json_new_array() };
	int rc = walk_repository(s, name, gather, &g, err);
	strv_free(g.seen);
	if (rc < 0)
		json_free(g.list);
	else
		*ret = g.list;
	return rc < 0 ? rc : 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int repository_list(const struct server *s, const char *name, char ***ret, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	_cleanup_strv_ char **all = NULL;
	struct entry e;
	int rc = store_read_index(s->store, &index, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count_entries(index); i++) {
		if (!read_entry(index, i, &e))
			continue;
		if (!name)
			strv_push(&all, e.name.path);
		else if (rate_entry(s, &e, name))
			strv_push(&all, *e.name.tag && !*e.name.digest.text ? e.name.tag : "");
	}
	size_t n = strv_len(all);
	if (n)
		qsort(all, n, sizeof(*all), compare_names);
	for (size_t i = 0; i < n; i++)
		if (*all[i] && (i == 0 || !str_eq(all[i], all[i - 1])))
			strv_push(ret, all[i]);
	/* known, though it has no tags: an empty list and not "unknown" */
	if (n && !*ret)
		*ret = xcalloc(1, sizeof(**ret));
	return 0;
}

/* --- changes --- */

int repository_put(const struct server *s, const char *name, const char *tag, const char *type,
	const struct digest *d, uint64_t size, struct mc_err *err)
{
	_cleanup_json_ struct json *descriptor = descriptor_new(type, d, size);
	_cleanup_free_ char *full = tag ? xasprintf("%s/%s:%s", s->host, name, tag)
					: xasprintf("%s/%s@%s", s->host, name, d->text);
	json_set_string(json_sub(descriptor, "annotations"), ANNOTATION_SOURCE, d->text);
	served_remove(s, name, SERVED_GONE, d->text);
	return store_set_name(s->store, full, descriptor, err);
}

/* False when no index names it, or when an image that was pulled and not pushed has this digest itself. */
static bool hide_in_indexes(const struct server *s, const char *name, const char *digest)
{
	struct mc_err ignored;
	struct digest d;
	if (find_digest(s, name, digest, &d, NULL, &ignored) < 0 || !served_add(s, name, SERVED_GONE, digest))
		return false;
	if (find_digest(s, name, digest, &d, NULL, &ignored) < 0)
		return true;
	served_remove(s, name, SERVED_GONE, digest);
	return false;
}

int repository_delete(
	const struct server *s, const char *name, const char *reference, bool by_digest, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	struct entry e;
	int rc = store_read_index(s->store, &index, err), count = 0;
	for (size_t i = 0; rc >= 0 && i < count_entries(index); i++) {
		if (!read_entry(index, i, &e) || !str_eq(e.name.host, s->host) ||
			!str_eq(e.name.path, name) || !str_eq(by_digest ? e.digest : e.name.tag, reference))
			continue;
		_cleanup_free_ char *full = image_name_full(&e.name);
		rc = store_remove_name(s->store, full, false, err);
		count++;
	}
	if (rc >= 0 && by_digest && hide_in_indexes(s, name, reference))
		count++;
	return rc < 0 ? rc : count;
}
