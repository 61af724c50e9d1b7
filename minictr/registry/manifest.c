/*
 * manifest.c - indexes and manifests taken apart: OCI and Docker schema 2. No network, no store.
 *
 * What a registry sends is a stranger's text: every digest goes through digest_parse() before it becomes
 * part of a path, every count is bounded, and a document that is two things at once (manifests and layers)
 * is refused, because two readers could see two different images in it (CVE-2021-41190).
 *
 * Left out: Docker schema 1 (gone from every registry), signatures.
 */
#include "image/image.h"
#include "registry/manifest.h"

enum { MAX_LAYERS = 1000, MAX_ENTRIES = 4000 };

/* --- documents --- */

static int read_ref(const struct json *v, const char *what, struct blob_ref *ret, struct mc_err *err)
{
	const char *digest = NULL;
	int rc;
	ret->media_type = "";
	rc = json_get_string(v, &digest, err, "digest");
	if (rc >= 0)
		rc = json_get_string(v, &ret->media_type, err, "mediaType");
	if (rc >= 0)
		rc = json_get_u64(v, &ret->size, err, "size");
	if (rc < 0)
		return err_wrap(err, "manifest: %s", what);
	if (rc == 0 || !digest)
		return err_set(err, EINVAL, "manifest: %s: no digest or no size", what);
	rc = digest_parse(digest, &ret->digest, err);
	return rc < 0 ? err_wrap(err, "manifest: %s", what) : 0;
}

static void copy_text(const struct json *v, const char *key, char *out, size_t size)
{
	const char *text = json_text_of(json_member(v, key));
	snprintf(out, size, "%s", text ? text : "");
}

static int read_index(struct manifest *m, struct mc_err *err)
{
	const struct json *list = json_member(m->doc, "manifests"), *item, *platform;
	size_t i, n = json_len(list);
	struct blob_ref ref;
	int rc;
	if (n > MAX_ENTRIES)
		return err_set(err, EINVAL, "index: %zu entries, more than %d", n, MAX_ENTRIES);
	m->index.entries = xcalloc(n + 1, sizeof(*m->index.entries));
	for (i = 0; i < n; i++) {
		struct index_entry *e = &m->index.entries[m->index.count];
		item = json_item(list, i);
		rc = read_ref(item, "entry", &ref, err);
		if (rc < 0)
			return rc;
		if (*ref.media_type && !media_is_manifest(ref.media_type))
			continue; /* an index in an index, or an artifact */
		e->digest = ref.digest;
		e->size = ref.size;
		platform = json_member(item, "platform");
		copy_text(platform, "os", e->platform.os, sizeof(e->platform.os));
		copy_text(
			platform, "architecture", e->platform.architecture, sizeof(e->platform.architecture));
		copy_text(platform, "variant", e->platform.variant, sizeof(e->platform.variant));
		m->index.count++;
	}
	return 0;
}

static int read_manifest(struct manifest *m, struct mc_err *err)
{
	const struct json *list = json_member(m->doc, "layers");
	size_t i, n = json_len(list);
	int rc;
	if (n > MAX_LAYERS)
		return err_set(err, EINVAL, "manifest: %zu layers, more than %d", n, MAX_LAYERS);
	rc = read_ref(json_member(m->doc, "config"), "config", &m->config, err);
	if (rc < 0)
		return rc;
	m->layers = xcalloc(n + 1, sizeof(*m->layers));
	for (m->n_layers = i = 0; i < n; i++, m->n_layers++) {
		rc = read_ref(json_item(list, i), "layer", &m->layers[i], err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The media type: what the document says of itself, else the header, else what its shape tells. */
static int find_type(struct manifest *m, const char *header, struct mc_err *err)
{
	const char *own = json_text_of(json_member(m->doc, "mediaType"));
	bool has_list = json_member(m->doc, "manifests"), has_layers = json_member(m->doc, "layers");
	size_t len = header ? strcspn(header, "; ") : 0;
	if (json_kind_of(m->doc) != JSON_OBJECT)
		return err_set(err, EINVAL, "manifest: not a JSON object");
	if (json_int_of(json_member(m->doc, "schemaVersion")) == 1)
		return err_set(err, ENOTSUP,
			"manifest: Docker's schema 1, which no tool makes any more; ask for the image to be "
			"pushed again");
	if (has_list && has_layers)
		return err_set(err, EINVAL, "manifest: both an index and a manifest; refused");
	m->media_type = own ? xstrdup(own) : len ? xstrndup(header, len) : NULL;
	if (!m->media_type || (!media_is_index(m->media_type) && !media_is_manifest(m->media_type))) {
		free(m->media_type);
		m->media_type = xstrdup(has_list ? MEDIA_OCI_INDEX : MEDIA_OCI_MANIFEST);
	}
	if (media_is_index(m->media_type) != has_list)
		return err_set(
			err, EINVAL, "manifest: its media type (%s) is not what it holds", m->media_type);
	return 0;
}

int manifest_parse(
	const void *bytes, size_t len, const char *media_type, struct manifest *ret, struct mc_err *err)
{
	int rc;
	memset(ret, 0, sizeof(*ret));
	if (len > DOCUMENT_MAX)
		return err_set(err, EFBIG, "manifest: larger than %d bytes", DOCUMENT_MAX);
	buf_add(&ret->bytes, bytes, len);
	digest_of(bytes, len, &ret->digest);
	rc = json_parse(ret->bytes.data, len, "manifest", &ret->doc, err);
	if (rc == 0)
		rc = find_type(ret, media_type, err);
	if (rc == 0)
		ret->is_index = media_is_index(ret->media_type);
	if (rc == 0)
		rc = ret->is_index ? read_index(ret, err) : read_manifest(ret, err);
	if (rc < 0)
		manifest_release(ret);
	return rc;
}

void manifest_digest_like(struct manifest *m, const char *digest)
{
	struct digest like;
	struct mc_err ignored;
	if (digest_parse(digest, &like, &ignored) == 0)
		digest_of_like(&like, m->bytes.data, m->bytes.len, &m->digest);
}

void manifest_release(struct manifest *m)
{
	buf_release(&m->bytes);
	free(m->media_type);
	json_free(m->doc);
	free(m->layers);
	free(m->index.entries);
	memset(m, 0, sizeof(*m));
}

static bool layer_type_known(const char *type)
{
	return !*type || str_starts(type, MEDIA_OCI_LAYER) ||
	       str_starts(type, "application/vnd.docker.image.rootfs.") ||
	       str_starts(type, "application/vnd.oci.image.layer.nondistributable.");
}

int manifest_is_image(const struct manifest *m, const char *name, struct mc_err *err)
{
	const char *type = m->config.media_type,
		   *artifact = json_text_of(json_member(m->doc, "artifactType"));
	if (m->is_index && !json_len(json_member(m->doc, "manifests")))
		return err_set(err, ENOTSUP, "%s: its index lists no image", name);
	if (m->is_index)
		return err_set(err, ENOTSUP, "%s: an index where an image should be", name);
	if (!artifact)
		artifact = type;
	if (*type && !str_eq(type, MEDIA_OCI_CONFIG) && !str_eq(type, MEDIA_DOCKER_CONFIG)) {
		err_set(err, ENOTSUP, "%s is no container image but an artifact of type %s", name, artifact);
		return err_hint(err, "its files are meant for another tool (helm, cosign, oras ...): there "
				     "is nothing to run");
	}
	for (size_t i = 0; i < m->n_layers; i++)
		if (!layer_type_known(m->layers[i].media_type))
			return err_set(err, ENOTSUP, "%s: layer %zu is of type %s, which is no file system",
				name, i + 1, m->layers[i].media_type);
	return 0;
}

uint64_t manifest_blob_size(const struct manifest *m, const struct digest *d)
{
	if (m && digest_eq(&m->config.digest, d))
		return m->config.size;
	for (size_t i = 0; m && i < m->n_layers; i++)
		if (digest_eq(&m->layers[i].digest, d))
			return m->layers[i].size;
	return UINT64_MAX;
}
