/*
 * server/manifests.c - manifests in and out, tags, catalog, referrers: the small documents of a registry.
 */
#include "base/file.h"
#include "image/image.h"
#include "registry/manifest.h"
#include "registry/server/server.h"

static enum MHD_Result unknown(struct call *c)
{
	return reply_error(c, 404, "MANIFEST_UNKNOWN", "manifest unknown");
}

static enum MHD_Result get_manifest(struct call *c)
{
	const struct route *r = &c->route;
	_cleanup_free_ char *type = NULL;
	_cleanup_close_ int fd = -1;
	struct mc_err err;
	struct digest d;
	uint64_t size;
	/* a tag may have moved behind us, so the registry there is asked first; when it cannot say, what we have must do */
	if (!r->by_digest)
		proxy_manifest(c->server, r, &err);
	if (repository_find(c->server, r->name, r->reference, r->by_digest, &d, &type, &err) < 0 ||
		!store_has(c->server->store, &d)) {
		free(take_ptr(&type));
		if (!r->by_digest || proxy_manifest(c->server, r, &err) < 0 ||
			repository_find(c->server, r->name, r->reference, true, &d, &type, &err) < 0)
			return unknown(c);
	}
	fd = store_open_blob(c->server->store, &d, &err);
	if (fd < 0 || store_blob_size(c->server->store, &d, &size, &err) < 0)
		return unknown(c);
	reply_header(c, "Content-Type: %s", type);
	reply_header(c, "Docker-Content-Digest: %s", d.text);
	reply_header(c, "ETag: \"%s\"", d.text);
	return reply_file(c, 200, take_fd(&fd), 0, size);
}

/* Everything a manifest names must be here before it: a tag never leads into the void. Returns the missing one. */
static const char *missing_part(const struct call *c, const struct manifest *m)
{
	if (m->index.count) {
		for (size_t i = 0; i < m->index.count; i++)
			if (!store_has(c->server->store, &m->index.entries[i].digest))
				return m->index.entries[i].digest.text;
		return NULL;
	}
	if (!store_has(c->server->store, &m->config.digest))
		return m->config.digest.text;
	for (size_t i = 0; i < m->n_layers; i++)
		if (!store_has(c->server->store, &m->layers[i].digest) &&
			!strstr(m->layers[i].media_type, "nondistributable") &&
			!strstr(m->layers[i].media_type, "foreign"))
			return m->layers[i].digest.text;
	return NULL;
}

/* Pushed one by one before their index, its images needed names of their own; now the index holds them. */
static void adopt(struct call *c, const struct manifest *m)
{
	struct mc_err ignored;
	for (size_t i = 0; i < m->index.count; i++) {
		_cleanup_free_ char *name = xasprintf(
			"%s/%s@%s", c->server->host, c->route.name, m->index.entries[i].digest.text);
		store_remove_name(c->server->store, name, false, &ignored);
	}
}

static enum MHD_Result keep_manifest(struct call *c, const struct manifest *m)
{
	const struct route *r = &c->route;
	const char *subject = json_text_of(json_member(json_member(m->doc, "subject"), "digest"));
	struct digest stored;
	struct mc_err err;
	server_writes(c->server);
	if (blob_put(c->server->store, m->bytes.data, m->bytes.len, &stored, &err) < 0 ||
		repository_put(c->server, r->name, r->by_digest ? NULL : r->reference, m->media_type, &stored,
			m->bytes.len, &err) < 0)
		return reply_failure(c, &err);
	adopt(c, m);
	reply_header(c, "Location: /v2/%s/manifests/%s", r->name, stored.text);
	reply_header(c, "Docker-Content-Digest: %s", stored.text);
	if (subject && strlen(subject) < 100 && !strpbrk(subject, "\r\n"))
		reply_header(c, "OCI-Subject: %s", subject);
	return reply_empty(c, 201);
}

static enum MHD_Result put_manifest(struct call *c)
{
	_cleanup_manifest_ struct manifest m = { 0 };
	const char *missing;
	struct mc_err err;
	if (c->rc == -EFBIG)
		return reply_error(c, 413, "MANIFEST_INVALID", c->err.what);
	if (c->rc == -EAGAIN)
		return reply_error(c, 503, "TOOMANYREQUESTS", c->err.what);
	if (manifest_parse(c->document.data ? c->document.data : "", c->document.len,
		    call_header(c, "Content-Type"), &m, &err) < 0)
		return reply_error(c, 400, "MANIFEST_INVALID", err.what);
	if (c->route.by_digest && !str_eq(c->route.reference, m.digest.text))
		return reply_error(
			c, 400, "DIGEST_INVALID", "the manifest received does not have that digest");
	missing = missing_part(c, &m);
	if (missing)
		return reply_error(c, 404, "MANIFEST_BLOB_UNKNOWN", missing);
	return keep_manifest(c, &m);
}

static enum MHD_Result delete_manifest(struct call *c)
{
	struct mc_err err;
	int n;
	if (!c->server->may_delete)
		return reply_error(c, 405, "UNSUPPORTED", "deleting is off (registry serve --allow-delete)");
	n = repository_delete(c->server, c->route.name, c->route.reference, c->route.by_digest, &err);
	if (n < 0)
		return reply_failure(c, &err);
	return n ? reply_empty(c, 202) : unknown(c);
}

enum MHD_Result serve_manifest(struct call *c)
{
	if (str_eq(c->method, "PUT"))
		return put_manifest(c);
	if (str_eq(c->method, "DELETE"))
		return delete_manifest(c);
	if (str_eq(c->method, "GET") || str_eq(c->method, "HEAD"))
		return get_manifest(c);
	return reply_error(c, 405, "UNSUPPORTED", "method not allowed here");
}

/* --- lists, in pages: ?n=COUNT&last=NAME, the next page in a Link header --- */

static struct json *page(struct call *c, char *const all[], const char *path)
{
	const char *last = call_query(c, "last"), *count = call_query(c, "n"), *final = NULL;
	struct json *list = json_new_array();
	uint64_t n = 1000, taken = 0;
	size_t i;
	if (count && parse_u64(count, &n) < 0)
		n = 1000;
	for (i = 0; all && all[i] && taken < n; i++) {
		if (last && strcmp(all[i], last) <= 0)
			continue;
		json_add(list, json_new_string(final = all[i]));
		taken++;
	}
	if (n && all && all[i] && final)
		reply_header(
			c, "Link: <%s?last=%s&n=%llu>; rel=\"next\"", path, final, (unsigned long long)n);
	return list;
}

enum MHD_Result serve_tags(struct call *c)
{
	_cleanup_strv_ char **tags = NULL;
	_cleanup_json_ struct json *doc = json_new_object();
	_cleanup_free_ char *path = xasprintf("/v2/%s/tags/list", c->route.name);
	struct mc_err err;
	if (repository_list(c->server, c->route.name, &tags, &err) < 0)
		return reply_failure(c, &err);
	if (!tags)
		return reply_error(c, 404, "NAME_UNKNOWN", "repository name not known to registry");
	json_set_string(doc, "name", c->route.name);
	json_set(doc, "tags", page(c, tags, path));
	return reply_json(c, 200, doc, NULL);
}

enum MHD_Result serve_catalog(struct call *c)
{
	_cleanup_strv_ char **names = NULL;
	_cleanup_json_ struct json *doc = json_new_object();
	struct mc_err err;
	if (repository_list(c->server, NULL, &names, &err) < 0)
		return reply_failure(c, &err);
	json_set(doc, "repositories", page(c, names, "/v2/_catalog"));
	return reply_json(c, 200, doc, NULL);
}

/* --- referrers (distribution-spec 1.1): who names this manifest as its subject --- */

static void copy_member(struct json *to, const struct json *from, const char *key)
{
	if (json_member(from, key))
		json_set(to, key, json_copy(json_member(from, key)));
}

/* The descriptor of entry, when its manifest names subject and is of the wanted artifact type; NULL otherwise. */
static struct json *referrer(const struct call *c, const struct json *entry, const char *want)
{
	_cleanup_json_ struct json *doc = NULL;
	const char *digest = json_text_of(json_member(entry, "digest")), *type;
	struct json *out;
	struct digest d;
	struct mc_err ignored;
	if (!digest || digest_parse(digest, &d, &ignored) < 0 ||
		store_read_json(c->server->store, &d, &doc, &ignored) < 0)
		return NULL;
	if (!str_eq(json_text_of(json_member(json_member(doc, "subject"), "digest")), c->route.reference))
		return NULL;
	type = json_text_of(json_member(doc, "artifactType"));
	if (!type)
		type = json_text_of(json_member(json_member(doc, "config"), "mediaType"));
	if (want && !str_eq(want, type))
		return NULL;
	out = json_new_object();
	copy_member(out, entry, "mediaType");
	copy_member(out, entry, "digest");
	copy_member(out, entry, "size");
	json_set_string(out, "artifactType", type);
	copy_member(out, doc, "annotations");
	return out;
}

enum MHD_Result serve_referrers(struct call *c)
{
	_cleanup_json_ struct json *index = NULL, *doc = json_new_object();
	struct json *list = json_set(doc, "manifests", json_new_array()), *found;
	const char *want = call_query(c, "artifactType"), *digest, *before = "";
	const struct json *all, *entry;
	struct mc_err err;
	if (store_read_index(c->server->store, &index, &err) < 0)
		return reply_failure(c, &err);
	json_set_i64(doc, "schemaVersion", 2);
	json_set_string(doc, "mediaType", MEDIA_OCI_INDEX);
	all = json_member(index, "manifests");
	for (size_t i = 0; i < json_len(all); i++) {
		entry = json_item(all, i);
		digest = json_text_of(json_member(entry, "digest"));
		if (str_eq(digest, before) || !(found = referrer(c, entry, want)))
			continue;
		json_add(list, found);
		before = digest;
	}
	if (want)
		reply_header(c, "OCI-Filters-Applied: artifactType");
	return reply_json(c, 200, doc, MEDIA_OCI_INDEX);
}
