/*
 * server/repositories.c - the engine's index seen as repositories and tags.
 *
 * index.json is read anew for each question: it is small, it is replaced by rename, and so the server needs no cache
 * that could be wrong when somebody pulls or removes an image beside it.
 */
#include <time.h>

#include "image/image.h"
#include "registry/server/server.h"

enum { BUSY_NS = 300 };

struct entry {
	struct image_name name;
	const char *digest, *type; /* borrowed from the index */
};
/* The i-th entry of the index; false when it has no (readable) name. Digest and type are filled either way. */
static bool read_entry(const struct json *index, size_t i, struct entry *e)
{
	const struct json *item = json_item(json_member(index, "manifests"), i);
	const char *name = json_text_of(json_member(json_member(item, "annotations"), ANNOTATION_NAME));
	struct mc_err ignored;
	e->digest = json_text_of(json_member(item, "digest"));
	e->type = json_text_of(json_member(item, "mediaType"));
	return e->digest && name && image_name_parse(name, &e->name, &ignored) == 0;
}

/* How well an entry answers for a repository: our own, docker.io's, anybody's; 0: not at all. */
static int rate(const struct server *s, const struct entry *e, const char *name)
{
	bool library = str_starts(e->name.path, "library/") && str_eq(e->name.path + 8, name);
	if (str_eq(e->name.path, name))
		return str_eq(e->name.host, s->host) ? 4 : str_eq(e->name.host, "docker.io") ? 3 : 1;
	return str_eq(e->name.host, "docker.io") && library ? 2 : 0;
}

static int found(const struct entry *e, struct digest *ret, char **ret_type, struct mc_err *err)
{
	if (ret_type)
		*ret_type = xstrdup(e->type ? e->type : MEDIA_OCI_MANIFEST);
	return digest_parse(e->digest, ret, err);
}

/* A manifest that an index in the store names. */
static bool find_child(const struct server *s, const struct entry *parent, const char *digest,
	struct entry *ret, struct json **ret_doc)
{
	_cleanup_json_ struct json *doc = NULL;
	const struct json *list, *item;
	struct digest d;
	struct mc_err ignored;
	if (!parent->type || !media_is_index(parent->type) ||
		digest_parse(parent->digest, &d, &ignored) < 0 ||
		store_read_json(s->store, &d, &doc, &ignored) < 0)
		return false;
	list = json_member(doc, "manifests");
	for (size_t i = 0; i < json_len(list); i++) {
		item = json_item(list, i);
		if (!str_eq(json_text_of(json_member(item, "digest")), digest))
			continue;
		ret->digest = json_text_of(json_member(item, "digest"));
		ret->type = json_text_of(json_member(item, "mediaType"));
		*ret_doc = take_ptr(&doc);
		return true;
	}
	return false;
}

static int find_digest(const struct server *s, const struct json *index, const char *digest,
	struct digest *ret, char **ret_type, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	size_t i, n = json_len(json_member(index, "manifests"));
	struct entry e, child = { 0 };
	for (i = 0; i < n; i++) {
		read_entry(index, i, &e);
		if (str_eq(e.digest, digest))
			return found(&e, ret, ret_type, err);
	}
	for (i = 0; i < n; i++) {
		read_entry(index, i, &e);
		if (e.digest && find_child(s, &e, digest, &child, &doc))
			return found(&child, ret, ret_type, err);
	}
	return err_set(err, ENOENT, "manifest unknown");
}

int repository_find(const struct server *s, const char *name, const char *reference, bool by_digest,
	struct digest *ret, char **ret_type, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	struct entry e, best = { 0 };
	int rc = store_read_index(s->store, &index, err), highest = 0, rating;
	if (rc < 0)
		return rc;
	if (by_digest)
		return find_digest(s, index, reference, ret, ret_type, err);
	for (size_t i = 0; i < json_len(json_member(index, "manifests")); i++) {
		if (!read_entry(index, i, &e) || !str_eq(e.name.tag, reference))
			continue;
		rating = rate(s, &e, name);
		if (rating > highest) {
			highest = rating;
			best = e;
		}
	}
	return highest ? found(&best, ret, ret_type, err) : err_set(err, ENOENT, "manifest unknown");
}

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int repository_list(const struct server *s, const char *name, char ***ret, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	_cleanup_strv_ char **all = NULL;
	struct entry e;
	size_t i, n;
	int rc = store_read_index(s->store, &index, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < json_len(json_member(index, "manifests")); i++) {
		if (!read_entry(index, i, &e))
			continue;
		if (!name)
			strv_push(&all, e.name.path);
		else if (rate(s, &e, name))
			strv_push(&all, *e.name.tag && !*e.name.digest.text ? e.name.tag : "");
	}
	n = strv_len(all);
	if (n)
		qsort(all, n, sizeof(*all), compare);
	for (i = 0; i < n; i++)
		if (*all[i] && (i == 0 || !str_eq(all[i], all[i - 1])))
			strv_push(ret, all[i]);
	/* known, though it has no tags: an empty list and not "unknown" */
	if (n && !*ret)
		*ret = xcalloc(1, sizeof(**ret));
	return 0;
}

int repository_put(const struct server *s, const char *name, const char *tag, const char *type,
	const struct digest *d, uint64_t size, struct mc_err *err)
{
	_cleanup_json_ struct json *descriptor = descriptor_new(type, d, size);
	_cleanup_free_ char *full = tag ? xasprintf("%s/%s:%s", s->host, name, tag)
					: xasprintf("%s/%s@%s", s->host, name, d->text);
	json_set_string(json_sub(descriptor, "annotations"), ANNOTATION_SOURCE, d->text);
	return store_set_name(s->store, full, descriptor, err);
}

int repository_delete(
	const struct server *s, const char *name, const char *reference, bool by_digest, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	struct entry e;
	int rc = store_read_index(s->store, &index, err), count = 0;
	for (size_t i = 0; rc >= 0 && i < json_len(json_member(index, "manifests")); i++) {
		_cleanup_free_ char *full = NULL;
		if (!read_entry(index, i, &e) || !str_eq(e.name.host, s->host) ||
			!str_eq(e.name.path, name) || !str_eq(by_digest ? e.digest : e.name.tag, reference))
			continue;
		full = image_name_full(&e.name);
		rc = store_remove_name(s->store, full, false, err);
		count++;
	}
	return rc < 0 ? rc : count;
}

void server_writes(struct server *s)
{
	struct mc_err ignored;
	pthread_mutex_lock(&s->busy_lock);
	if (s->busy < 0)
		s->busy = store_busy(s->store, &ignored);
	s->busy_since = now_ns(CLOCK_MONOTONIC);
	pthread_mutex_unlock(&s->busy_lock);
}

void server_idle(struct server *s)
{
	pthread_mutex_lock(&s->busy_lock);
	if (s->busy >= 0 && now_ns(CLOCK_MONOTONIC) - s->busy_since > BUSY_NS * 1000000000ULL)
		s->busy = close_fd(s->busy);
	pthread_mutex_unlock(&s->busy_lock);
}
