/*
 * server/manifests.c - manifests in and out (distribution-spec 1.1, "Pulling manifests", "Pushing
 * Manifests").
 */
#include "registry/server/handlers.h"

#include "image/image.h"
#include "registry/manifest.h"
#include "registry/server/proxy.h"
#include "registry/server/repositories.h"

enum { MOST_TAGS = 100 }; /* of one PUT with ?tag= */

static enum MHD_Result get_manifest(struct call *c)
{
	const struct route *r = &c->route;
	_cleanup_free_ char *type = NULL;
	_cleanup_close_ int fd = -1;
	struct mc_err err, behind = { .code = ENOENT };
	struct digest d;
	uint64_t size;
	/* a tag may have moved behind us, so the registry there is asked first; when it cannot say, what we have
	 * must do */
	if (!r->by_digest)
		proxy_manifest(c->server, r, &behind);
	if (repository_find(c->server, r->name, r->reference, r->by_digest, &d, &type, &err) < 0 ||
		!store_has(c->server->store, &d)) {
		free(take_ptr(&type));
		if (!r->by_digest || proxy_manifest(c->server, r, &behind) < 0 ||
			repository_find(c->server, r->name, r->reference, true, &d, &type, &err) < 0)
			return proxy_failure(c, &behind, "MANIFEST_UNKNOWN", "manifest unknown");
	}
	fd = store_open_blob(c->server->store, &d, &err);
	if (fd < 0 || store_blob_size(c->server->store, &d, &size, &err) < 0)
		return answer_error(c, 404, "MANIFEST_UNKNOWN", "manifest unknown");
	answer_header(c, "Content-Type: %s", type);
	answer_header(c, "Docker-Content-Digest: %s", d.text);
	answer_header(c, "ETag: \"%s\"", d.text);
	return answer_file(c, 200, take_fd(&fd), 0, size);
}

/* --- in --- */

/* The first manifest of an index that this repository does not have; NULL when all are there. */
static const char *missing_entry(const struct call *c, const struct json *doc)
{
	const struct json *list = json_member(doc, "manifests");
	for (size_t i = 0; i < json_len(list); i++) {
		const char *text = json_text_of(json_member(json_item(list, i), "digest"));
		struct digest d;
		struct mc_err ignored;
		if (digest_parse(text, &d, &ignored) < 0 || !store_has(c->server->store, &d) ||
			repository_find(c->server, c->route.name, text, true, &d, NULL, &ignored) < 0)
			return text ? text : "an entry without a digest";
	}
	return NULL;
}

/* Everything a manifest names must be here before it: a tag never leads into the void. Layers that may not
 * be distributed are fetched from elsewhere. Returns the missing one. */
static const char *missing_part(const struct call *c, const struct manifest *m)
{
	if (m->is_index)
		return missing_entry(c, m->doc);
	if (!ledger_has(c->server, c->route.name, &m->config.digest))
		return m->config.digest.text;
	for (size_t i = 0; i < m->n_layers; i++)
		if (!ledger_has(c->server, c->route.name, &m->layers[i].digest) &&
			!strstr(m->layers[i].media_type, "nondistributable") &&
			!strstr(m->layers[i].media_type, "foreign"))
			return m->layers[i].digest.text;
	return NULL;
}

/* Pushed one by one before their index, its images needed names of their own; now the index holds them. */
static void adopt_children(struct call *c, const struct manifest *m)
{
	const struct json *list = json_member(m->doc, "manifests");
	struct mc_err ignored;
	for (size_t i = 0; i < json_len(list); i++) {
		const char *digest = json_text_of(json_member(json_item(list, i), "digest"));
		_cleanup_free_ char *name =
			xasprintf("%s/%s@%s", c->server->host, c->route.name, digest ? digest : "");
		store_remove_name(c->server->store, name, false, &ignored);
	}
}

/* Gives the stored manifest its names: the tag of the address, or the digest and the tags of ?tag=. */
static int name_manifest(struct call *c, const struct manifest *m, char *const tags[], struct mc_err *err)
{
	const struct route *r = &c->route;
	int rc = repository_put(c->server, r->name, r->by_digest ? NULL : r->reference, m->media_type,
		&m->digest, m->bytes.len, err);
	for (size_t i = 0; rc >= 0 && tags && tags[i]; i++) {
		rc = repository_put(
			c->server, r->name, tags[i], m->media_type, &m->digest, m->bytes.len, err);
		answer_header(c, "OCI-Tag: %s", tags[i]);
	}
	return rc;
}

static enum MHD_Result keep_manifest(struct call *c, const struct manifest *m, char *const tags[])
{
	const char *subject = json_text_of(json_member(json_member(m->doc, "subject"), "digest"));
	struct mc_err err;
	struct digest ignored;
	server_writes(c->server);
	int rc = blob_put_named(c->server->store, m->bytes.data, m->bytes.len, &m->digest, &err);
	if (rc >= 0)
		rc = name_manifest(c, m, tags, &err);
	if (rc < 0)
		return answer_failure(c, &err);
	adopt_children(c, m);
	answer_header(c, "Location: /v2/%s/manifests/%s", c->route.name, m->digest.text);
	answer_header(c, "Docker-Content-Digest: %s", m->digest.text);
	if (subject && digest_parse(subject, &ignored, &err) == 0)
		answer_header(c, "OCI-Subject: %s", subject);
	return answer_empty(c, 201);
}

static bool tags_are_good(char *const tags[])
{
	for (size_t i = 0; tags && tags[i]; i++)
		if (i >= MOST_TAGS || !route_is_tag(tags[i]))
			return false;
	return true;
}

static enum MHD_Result put_manifest(struct call *c)
{
	_cleanup_manifest_ struct manifest m = { 0 };
	_cleanup_strv_ char **tags = c->route.by_digest ? call_queries(c, "tag") : NULL;
	struct mc_err err;
	if (c->rc == -EFBIG)
		return answer_error(c, 413, "MANIFEST_INVALID", c->err.what);
	if (c->rc == -EAGAIN)
		return answer_error(c, 503, "TOOMANYREQUESTS", c->err.what);
	if (manifest_parse(c->document.data ? c->document.data : "", c->document.len,
		    call_header(c, "Content-Type"), &m, &err) < 0)
		return answer_error(c, 400, "MANIFEST_INVALID", err.what);
	if (c->route.by_digest)
		manifest_digest_like(&m, c->route.reference);
	if (c->route.by_digest && !str_eq(c->route.reference, m.digest.text))
		return answer_error(
			c, 400, "DIGEST_INVALID", "the manifest received does not have that digest");
	if (!tags_are_good(tags))
		return answer_error(c, 400, "TAG_INVALID", "one of the tags is none, or there are too many");
	const char *missing = missing_part(c, &m);
	if (missing)
		return answer_error(c, 404, "MANIFEST_BLOB_UNKNOWN", missing);
	return keep_manifest(c, &m, tags);
}

/* --- away --- */

static enum MHD_Result delete_manifest(struct call *c)
{
	struct mc_err err;
	if (!c->server->may_delete)
		return answer_error(c, 405, "UNSUPPORTED", "deleting is off (registry serve --allow-delete)");
	int n = repository_delete(c->server, c->route.name, c->route.reference, c->route.by_digest, &err);
	if (n < 0)
		return answer_failure(c, &err);
	struct digest d;
	if (!n && repository_find(c->server, c->route.name, c->route.reference, c->route.by_digest, &d, NULL,
			  &err) == 0)
		return answer_error(c, 405, "UNSUPPORTED",
			"the image was pulled to this store, not pushed here: minictr rmi takes it away");
	return n ? answer_empty(c, 202) : answer_error(c, 404, "MANIFEST_UNKNOWN", "manifest unknown");
}

enum MHD_Result serve_manifest(struct call *c)
{
	if (str_eq(c->method, "PUT"))
		return put_manifest(c);
	if (str_eq(c->method, "DELETE"))
		return delete_manifest(c);
	if (str_eq(c->method, "GET") || str_eq(c->method, "HEAD"))
		return get_manifest(c);
	return answer_error(c, 405, "UNSUPPORTED", "method not allowed here");
}
