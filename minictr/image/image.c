/*
 * image.c - what an image is: a manifest that names a configuration and layers, found by name or by id.
 *
 *     index.json --name--> manifest --> config (its digest is the image id; rootfs.diff_ids name the layers)
 *                                   --> layers (compressed blobs, as they travel)
 *
 * The engine needs two things of it: the configuration (what to run) and the unpacked directories, top
 * first (what overlay_mount() takes). Both come from a few small files; nothing is locked, nothing is
 * hashed: blobs were verified when they came in. Specification: OCI image-spec, manifest.md, config.md,
 * image-index.md. Left out: choosing among platforms when pulling (registry/pull.c); of an index in the
 * store the entry for this machine is taken.
 */
#include "image/image.h"

#include "base/file.h"
#include "image/platform.h"

void image_free(struct image *img)
{
	json_free(img->config);
	json_free(img->document);
	strv_free(img->names);
	strv_free(img->digests);
	strv_free(img->layers);
	*img = (struct image){ 0 };
}

/* --- one image --- */

static int digest_at(const struct json *object, const char *what, struct digest *ret, struct mc_err *err)
{
	return digest_parse(json_text_of(json_member(object, "digest")), ret, err) < 0
		       ? err_wrap(err, "%s", what)
		       : 0;
}

/* Sum of the blobs' sizes as the manifest tells them. */
static uint64_t sizes(const struct json *manifest)
{
	uint64_t sum = (uint64_t)json_int_of(json_at(manifest, "config.size"));
	const struct json *layers = json_member(manifest, "layers");
	for (size_t i = 0; i < json_len(layers); i++)
		sum += (uint64_t)json_int_of(json_member(json_item(layers, i), "size"));
	return sum;
}

/* Artifacts (signatures, charts ...) are stored like images and cannot run: refuse with the reason. */
static int check_is_image(const struct json *manifest, const struct json *config, struct mc_err *err)
{
	const char *type = json_text_of(json_at(manifest, "config.mediaType"));
	const char *kind = json_text_of(json_member(manifest, "artifactType"));
	const struct json *ids = json_at(config, "rootfs.diff_ids");
	if (type && !str_eq(type, MEDIA_OCI_CONFIG) && !str_eq(type, MEDIA_DOCKER_CONFIG) &&
		json_kind_of(ids) != JSON_ARRAY)
		return err_set(err, ENOEXEC, "this is an artifact of type %s, not a container image",
			kind ? kind : type);
	if (json_kind_of(ids) != JSON_ARRAY)
		return err_set(err, ENOEXEC,
			"the image's configuration has no rootfs.diff_ids: not a container image");
	const char *os = json_text_of(json_member(config, "os"));
	if (os && *os && !str_eq(os, "linux"))
		return err_set(
			err, ENOEXEC, "the image is made for %s; here only images for linux can be used", os);
	if (json_len(ids) > IMAGE_MAX_LAYERS)
		return err_set(err, E2BIG, "the image has %zu layers; Linux can stack %d", json_len(ids),
			IMAGE_MAX_LAYERS);
	if (json_len(ids) != json_len(json_member(manifest, "layers")))
		return err_set(err, EINVAL, "the image has %zu layers but %zu diff ids",
			json_len(json_member(manifest, "layers")), json_len(ids));
	return 0;
}

int image_load_manifest(int store, const struct digest *manifest, struct image *ret, struct mc_err *err)
{
	*ret = (struct image){ .manifest = *manifest };
	int rc = store_read_json(store, manifest, &ret->document, err);
	if (rc == 0)
		rc = digest_at(json_member(ret->document, "config"), "image configuration", &ret->id, err);
	if (rc == 0)
		rc = store_read_json(store, &ret->id, &ret->config, err);
	if (rc == 0)
		rc = check_is_image(ret->document, ret->config, err);
	if (rc < 0) {
		err_wrap(err, "manifest %.19s", manifest->text);
		image_free(ret);
		return rc;
	}
	ret->size = sizes(ret->document);
	const char *created = json_text_of(json_member(ret->config, "created"));
	if (created)
		parse_rfc3339(created, &ret->created);
	return 0;
}

/* An entry of index.json: its manifest, or of an index the one for this machine. */
static int entry_manifest(int store, const struct json *entry, struct digest *ret, struct mc_err *err)
{
	struct platform host;
	int rc = digest_at(entry, "index entry", ret, err);
	if (rc < 0 || !media_is_index(json_text_of(json_member(entry, "mediaType"))))
		return rc;
	platform_host(&host);
	return platform_choose(store, ret, &host, ret, err);
}

/* Adds the names an index entry gives to the image. */
static void add_names(const struct json *entry, struct image *img)
{
	const struct json *notes = json_member(entry, "annotations");
	const char *text = json_text_of(json_member(notes, ANNOTATION_NAME));
	const char *source = json_text_of(json_member(notes, ANNOTATION_SOURCE));
	struct image_name name;
	struct mc_err ignored;
	if (!text)
		return;
	if (image_name_parse(text, &name, &ignored) < 0) {
		strv_push(&img->names, text); /* another tool's wording: shown as it is */
		return;
	}
	_cleanup_free_ char *repository = image_name_repository(&name);
	const char *digest = name.digest.text[0] ? name.digest.text : source;
	_cleanup_free_ char *by_digest = digest ? xasprintf("%s@%s", repository, digest) : NULL;
	_cleanup_free_ char *by_tag = name.tag[0] ? xasprintf("%s:%s", repository, name.tag) : NULL;
	if (by_tag && !strv_has(img->names, by_tag))
		strv_push(&img->names, by_tag);
	if (by_digest && !strv_has(img->digests, by_digest))
		strv_push(&img->digests, by_digest);
}

/* --- finding --- */

/* Does this entry carry the name asked for? A name with a digest matches by repository and digest. */
static bool entry_matches(const struct json *entry, const struct image_name *want)
{
	const struct json *notes = json_member(entry, "annotations");
	const char *text = json_text_of(json_member(notes, ANNOTATION_NAME));
	struct image_name name;
	struct mc_err ignored;
	if (!text || image_name_parse(text, &name, &ignored) < 0 || !str_eq(name.host, want->host) ||
		!str_eq(name.path, want->path))
		return false;
	if (!want->digest.text[0])
		return str_eq(name.tag, want->tag) && !name.digest.text[0];
	return digest_eq(&name.digest, &want->digest) ||
	       str_eq(json_text_of(json_member(notes, ANNOTATION_SOURCE)), want->digest.text) ||
	       str_eq(json_text_of(json_member(entry, "digest")), want->digest.text);
}

static int find_by_name(int store, const struct json *entries, const char *text, size_t *ret_entry,
	struct digest *ret, struct mc_err *err)
{
	struct image_name want;
	if (image_name_parse(text, &want, err) < 0)
		return -ENOENT;
	for (size_t i = 0; i < json_len(entries); i++)
		if (entry_matches(json_item(entries, i), &want)) {
			*ret_entry = i;
			return entry_manifest(store, json_item(entries, i), ret, err);
		}
	return -ENOENT;
}

static bool is_whole_id(const char *text)
{
	return str_starts(text, "sha256:") || str_starts(text, "sha512:");
}

/* text is the beginning of an id, with or without "sha256:". Also the digest of a manifest, in full. */
static int find_by_id(int store, const struct json *entries, const char *text, size_t *ret_entry,
	struct digest *ret, struct mc_err *err)
{
	const char *hex = is_whole_id(text) ? text + 7 : text;
	size_t len = strlen(hex);
	struct digest found = { "" }, manifest, id;
	if (len == 0 || len > 128 || strspn(hex, "0123456789abcdef") != len)
		return -ENOENT;
	for (size_t i = 0; i < json_len(entries); i++) {
		_cleanup_json_ struct json *document = NULL;
		if (entry_manifest(store, json_item(entries, i), &manifest, err) < 0 ||
			store_read_json(store, &manifest, &document, err) < 0 ||
			digest_at(json_member(document, "config"), "config", &id, err) < 0)
			continue;
		bool hit = strncmp(digest_hex(&id), hex, len) == 0 ||
			   (len >= 64 && str_eq(digest_hex(&manifest), hex));
		if (hit && found.text[0] && !digest_eq(&found, &id))
			return err_set(err, EEXIST,
				"several images have an id that begins with %s: give more digits", text);
		if (hit && !found.text[0]) {
			found = id;
			*ret = manifest;
			*ret_entry = i;
		}
	}
	return found.text[0] ? 0 : -ENOENT;
}

/* Names of every entry that has this image's id. Only entries of the same manifest are looked at without
 * reading. */
static void gather_names(int store, const struct json *entries, struct image *img)
{
	for (size_t i = 0; i < json_len(entries); i++) {
		struct mc_err ignored;
		struct digest d, id;
		_cleanup_json_ struct json *document = NULL;
		if (entry_manifest(store, json_item(entries, i), &d, &ignored) < 0)
			continue;
		if (digest_eq(&d, &img->manifest) ||
			(store_read_json(store, &d, &document, &ignored) == 0 &&
				digest_at(json_member(document, "config"), "", &id, &ignored) == 0 &&
				digest_eq(&id, &img->id)))
			add_names(json_item(entries, i), img);
	}
}

/* docker's words, with the tag that was meant. */
static int no_such_image(const char *text, struct mc_err *err)
{
	struct image_name n;
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *brief =
		image_name_parse(text, &n, &ignored) < 0 ? xstrdup(text) : image_name_short(&n);
	return err_set(err, ENOENT, "No such image: %s", brief);
}

static int lookup(int store, const char *text, bool names, struct image *ret, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	struct digest manifest;
	size_t entry = 0;
	struct mc_err why = { 0 };
	int rc = store_read_index(store, &index, err);
	if (rc < 0)
		return rc;
	const struct json *entries = json_member(index, "manifests");
	bool only_id = is_whole_id(text);
	rc = only_id ? -ENOENT : find_by_name(store, entries, text, &entry, &manifest, &why);
	if (rc == -ENOENT)
		rc = find_by_id(store, entries, text, &entry, &manifest, &why);
	if (rc == -ENOENT)
		return no_such_image(text, err);
	if (rc < 0) {
		*err = why;
		return rc;
	}
	rc = image_load_manifest(store, &manifest, ret, err);
	if (rc == 0)
		digest_at(json_item(entries, entry), "index entry", &ret->entry, err);
	if (rc == 0 && names)
		gather_names(store, entries, ret);
	return rc;
}

int image_lookup(int store, const char *text, struct image *ret, struct mc_err *err)
{
	return lookup(store, text, true, ret, err);
}

int image_find(int store, const char *text, struct image *ret, struct mc_err *err)
{
	int rc = lookup(store, text, false, ret, err);
	if (rc == 0 && (rc = image_layers(store, ret, NULL, &ret->layers, err)) < 0)
		image_free(ret);
	return rc;
}

/* --- all of them --- */

static int by_age(const void *a, const void *b)
{
	const struct image *x = a, *y = b;
	if (x->created != y->created)
		return x->created < y->created ? 1 : -1;
	return strcmp(x->id.text, y->id.text);
}

int image_list(int store, struct image **ret, size_t *ret_n, struct mc_err *err)
{
	_cleanup_json_ struct json *index = NULL;
	int rc = store_read_index(store, &index, err);
	if (rc < 0)
		return rc;
	const struct json *entries = json_member(index, "manifests");
	struct image *list = xcalloc(json_len(entries) + 1, sizeof(*list));
	size_t n = 0;
	for (size_t i = 0; i < json_len(entries); i++) {
		struct mc_err ignored;
		struct image one;
		struct digest manifest;
		if (entry_manifest(store, json_item(entries, i), &manifest, &ignored) < 0 ||
			image_load_manifest(store, &manifest, &one, &ignored) < 0)
			continue;
		size_t same = 0;
		while (same < n && !digest_eq(&list[same].id, &one.id))
			same++;
		if (same == n)
			list[n++] = one;
		else
			image_free(&one);
		add_names(json_item(entries, i), &list[same]);
	}
	if (n)
		qsort(list, n, sizeof(*list), by_age);
	*ret = list;
	*ret_n = n;
	return 0;
}

void image_list_free(struct image *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		image_free(&list[i]);
	free(list);
}

bool image_word_has_tag(const char *text)
{
	const char *slash = strrchr(text, '/');
	return strpbrk(slash ? slash : text, ":@");
}
