/*
 * index_fetch.c - what an index leaves out, asked of the registry: indexes inside it, and platforms that it
 * does not tell.
 *
 * Both are legal (image-spec, image-index.md: "platform" is optional, an entry may be an index).
 * manifest_choose() then sees plain entries, each with a platform. The number of documents is bounded: an
 * index is a stranger's text.
 */
#include "image/image.h"
#include "registry/remote.h"

enum { MOST_INDEXES = 16, MOST_CONFIGS = 32 };

static void add_entry(struct index *to, const struct index_entry *e)
{
	to->entries = xrealloc(to->entries, (to->count + 1) * sizeof(*to->entries));
	to->entries[to->count++] = *e;
}

/* Entries of the indexes that doc lists, and of those in them, behind the ones that are there. */
static int add_nested(
	struct remote *r, const struct json *doc, struct index *to, unsigned *left, struct mc_err *err)
{
	const struct json *list = json_member(doc, "manifests");
	int rc = 0;
	for (size_t i = 0; i < json_len(list) && rc == 0; i++) {
		_cleanup_manifest_ struct manifest inner = { 0 };
		const struct json *item = json_item(list, i);
		struct digest d;
		if (!media_is_index(json_text_of(json_member(item, "mediaType"))))
			continue;
		if ((*left)-- == 0)
			return err_set(err, ELOOP, "index: more than %d indexes inside it", MOST_INDEXES);
		rc = digest_parse(json_text_of(json_member(item, "digest")), &d, err);
		if (rc == 0)
			rc = manifest_fetch_raw(r, &d, &inner, err);
		for (size_t n = 0; rc == 0 && n < inner.index.count; n++)
			add_entry(to, &inner.index.entries[n]);
		if (rc == 0 && inner.is_index)
			rc = add_nested(r, inner.doc, to, left, err);
	}
	return rc;
}

int manifest_platform(struct remote *r, const struct manifest *m, struct platform *ret, struct mc_err *err)
{
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	_cleanup_json_ struct json *config = NULL;
	struct digest got;
	_cleanup_free_ char *url = xasprintf("/v2/%s/blobs/%s", r->name->path, m->config.digest.text);
	int rc = remote_send(r, &(struct http_request){ .url = url, .max_body = DOCUMENT_MAX }, &reply, err);
	if (rc < 0)
		return rc;
	if (reply.status != 200)
		return remote_error(r, &reply, "pull", err);
	digest_of_like(&m->config.digest, reply.body.data ? reply.body.data : "", reply.body.len, &got);
	if (!digest_eq(&got, &m->config.digest))
		return err_set(err, EBADMSG, "configuration %s: the bytes received have %s",
			m->config.digest.text, got.text);
	rc = json_parse(
		reply.body.data ? reply.body.data : "", reply.body.len, "image configuration", &config, err);
	if (rc == 0)
		platform_read(config, ret);
	return rc;
}

static int read_platform(
	struct remote *r, const struct index_entry *e, struct platform *ret, struct mc_err *err)
{
	_cleanup_manifest_ struct manifest m = { 0 };
	int rc = manifest_fetch_raw(r, &e->digest, &m, err);
	return rc == 0 ? manifest_platform(r, &m, ret, err) : rc;
}

/* Adds to m->index the entries of indexes inside it, and reads missing platforms from configurations. */
static int index_complete(struct remote *r, struct manifest *m, struct mc_err *err)
{
	unsigned indexes = MOST_INDEXES, configs = MOST_CONFIGS;
	int rc = add_nested(r, m->doc, &m->index, &indexes, err);
	/* A lone entry without a platform is taken whatever it is for: manifest_choose(). */
	for (size_t i = 0; rc == 0 && m->index.count > 1 && i < m->index.count; i++) {
		struct index_entry *e = &m->index.entries[i];
		struct mc_err ignored; /* an entry that cannot be read is not chosen */
		if (!e->platform.os[0] && !e->platform.architecture[0] && configs-- > 0)
			read_platform(r, e, &e->platform, &ignored);
	}
	return rc;
}

int manifest_fetch(struct remote *r, const struct digest *digest, struct manifest *ret, struct mc_err *err)
{
	int rc = manifest_fetch_raw(r, digest, ret, err);
	return rc == 0 && ret->is_index && r->is_pull ? index_complete(r, ret, err) : rc;
}
