/*
 * platform_choose.c - an index in the store: the manifest for one platform (image-spec, image-index.md).
 *
 * "platform" is optional in the specification, and an entry may itself be an index. Both occur: buildah and
 * several export tools write no platform, and docker's buildx nests indexes. Depth and number of documents
 * are bounded, because an index is a stranger's text and may name the same index many times.
 */
#include "image/platform.h"

#include "image/image.h"

enum { DEEPEST = 4, MOST_DOCUMENTS = 1000 };

struct choice {
	int store; /* borrowed */
	const struct platform *want;
	struct digest best;
	int rating; /* of best; 0: none yet */
	size_t documents;
	struct buf offered; /* "linux/arm64, linux/s390x", for the message */
};

bool media_is_manifest(const char *type)
{
	return str_eq(type, MEDIA_OCI_MANIFEST) || str_eq(type, MEDIA_DOCKER_MANIFEST);
}

bool media_is_index(const char *type)
{
	return str_eq(type, MEDIA_OCI_INDEX) || str_eq(type, MEDIA_DOCKER_INDEX);
}

/* An entry that says nothing about its machine: its image's configuration does. False: it is no image. */
static bool read_config_platform(struct choice *c, const struct digest *manifest, struct platform *ret)
{
	_cleanup_json_ struct json *document = NULL, *config = NULL;
	struct digest d;
	struct mc_err ignored;
	if (store_read_json(c->store, manifest, &document, &ignored) < 0 ||
		digest_parse(json_text_of(json_at(document, "config.digest")), &d, &ignored) < 0 ||
		store_read_json(c->store, &d, &config, &ignored) < 0)
		return false;
	platform_read(config, ret);
	return json_kind_of(json_at(config, "rootfs.diff_ids")) == JSON_ARRAY;
}

static void rate_manifest(struct choice *c, const struct json *entry, const struct digest *d)
{
	struct platform have;
	char text[96];
	platform_read(json_member(entry, "platform"), &have);
	if (!have.os[0] && !have.architecture[0] && !read_config_platform(c, d, &have))
		return;
	bool silent = !have.os[0] && !have.architecture[0];
	int rating = silent ? 1 : 2 * platform_match(&have, c->want);
	if (c->offered.len < 300)
		buf_addf(&c->offered, "%s%s", c->offered.len ? ", " : "", platform_text(&have, text));
	if (rating > c->rating) {
		c->rating = rating;
		c->best = *d;
	}
}

static int walk_index(struct choice *c, const struct digest *index, int depth, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	int rc = store_read_json(c->store, index, &doc, err);
	const struct json *list = json_member(doc, "manifests");
	for (size_t i = 0; rc == 0 && i < json_len(list); i++) {
		const struct json *entry = json_item(list, i);
		const char *type = json_text_of(json_member(entry, "mediaType"));
		struct digest d;
		struct mc_err ignored;
		if (digest_parse(json_text_of(json_member(entry, "digest")), &d, &ignored) < 0 ||
			!store_has(c->store, &d) || ++c->documents > MOST_DOCUMENTS)
			continue;
		if (media_is_index(type) && depth < DEEPEST)
			walk_index(c, &d, depth + 1, &ignored);
		else if (!type || !*type || media_is_manifest(type))
			rate_manifest(c, entry, &d);
	}
	return rc;
}

int platform_choose(int store, const struct digest *index, const struct platform *want, struct digest *ret,
	struct mc_err *err)
{
	struct choice c = { .store = store, .want = want };
	char text[96];
	int rc = walk_index(&c, index, 0, err);
	if (rc == 0 && c.rating)
		*ret = c.best;
	else if (rc == 0)
		rc = err_set(err, ENOENT, "no image for %s in %.19s%s%s", platform_text(want, text),
			index->text, c.offered.len ? "; it has " : "", c.offered.len ? c.offered.data : "");
	buf_release(&c.offered);
	return rc;
}
