/*
 * image_create.c - a new image out of an old one, a layer and a configuration: what import, commit and
 * build end in.
 *
 * An image is never changed; a new one shares the old one's layers by naming the same blobs. Order: the
 * layer is in the store already, then configuration, then manifest, then the name. Specification:
 * image-spec, config.md, manifest.md.
 */
#include "image/verbs.h"

#include <time.h>

/* Layers of the manifest, diff ids of the configuration: the parent's and then the new one. */
static int add_layer(int store, struct json *layers, struct json *ids, const struct digest *layer,
	const char *type, const struct digest *diffid, struct mc_err *err)
{
	uint64_t size = 0;
	int rc = store_blob_size(store, layer, &size, err);
	if (rc < 0)
		return rc;
	json_add(layers, descriptor_new(type, layer, size));
	json_add(ids, json_new_string(diffid->text));
	return 0;
}

static struct json *copy_or_empty(const struct json *array)
{
	return json_kind_of(array) == JSON_ARRAY ? json_copy(array) : json_new_array();
}

struct json *image_layers_in_oci(const struct image *parent)
{
	struct json *layers = json_new_array();
	const struct json *old = parent ? json_member(parent->document, "layers") : NULL;
	for (size_t i = 0; i < json_len(old); i++) {
		struct json *copy = json_add(layers, json_copy(json_item(old, i)));
		const char *type = json_text_of(json_member(copy, "mediaType"));
		if (str_eq(type, MEDIA_DOCKER_LAYER_GZIP))
			json_set_string(copy, "mediaType", MEDIA_OCI_LAYER_GZIP);
		else if (str_eq(type, MEDIA_DOCKER_LAYER))
			json_set_string(copy, "mediaType", MEDIA_OCI_LAYER);
	}
	return layers;
}

int image_create(int store, const struct image *parent, const struct digest *layer, const char *layer_type,
	const struct digest *diffid, const struct json *config, const char *name, struct digest *ret_id,
	struct mc_err *err)
{
	_cleanup_json_ struct json *document = json_copy(config), *manifest = json_new_object();
	struct json *ids = copy_or_empty(parent ? json_at(parent->config, "rootfs.diff_ids") : NULL);
	struct json *layers = image_layers_in_oci(parent);
	struct json *rootfs = json_set(document, "rootfs", json_new_object());
	json_set_string(rootfs, "type", "layers");
	json_set(rootfs, "diff_ids", ids);

	struct digest id;
	uint64_t size;
	json_set_i64(manifest, "schemaVersion", 2);
	json_set_string(manifest, "mediaType", MEDIA_OCI_MANIFEST);
	json_set(manifest, "layers", layers);
	int rc = layer->text[0] ? add_layer(store, layers, ids, layer, layer_type, diffid, err) : 0;
	if (rc == 0)
		rc = blob_put_json(store, document, &id, &size, err);
	if (rc < 0)
		return rc;
	json_set(manifest, "config", descriptor_new(MEDIA_OCI_CONFIG, &id, size));
	if (ret_id)
		*ret_id = id;
	struct digest digest;
	rc = blob_put_json(store, manifest, &digest, NULL, err);
	return rc < 0 ? rc : image_publish(store, &digest, manifest, document, name, err);
}

int image_descriptor(int store, const struct digest *manifest, const struct json *document,
	const struct json *config, struct json **ret, struct mc_err *err)
{
	uint64_t size;
	int rc = store_blob_size(store, manifest, &size, err);
	if (rc < 0)
		return rc;
	/* What was read as a manifest is recorded as one: an entry that calls it an index would never be found. */
	const char *type = json_text_of(json_member(document, "mediaType"));
	*ret = descriptor_new(type && !media_is_index(type) ? type : MEDIA_OCI_MANIFEST, manifest, size);
	struct json *platform = json_sub(*ret, "platform");
	const char *arch = json_text_of(json_member(config, "architecture"));
	const char *os = json_text_of(json_member(config, "os"));
	json_set_string(platform, "architecture", arch ? arch : image_architecture());
	json_set_string(platform, "os", os ? os : "linux");
	json_set_string(platform, "variant", json_text_of(json_member(config, "variant")));
	return 0;
}

int image_publish(int store, const struct digest *manifest, const struct json *document,
	const struct json *config, const char *name, struct mc_err *err)
{
	_cleanup_json_ struct json *entry = NULL;
	int rc = image_descriptor(store, manifest, document, config, &entry, err);
	if (rc < 0 || !name)
		return rc < 0 ? rc : store_set_name(store, NULL, entry, err);
	struct image_name parsed;
	rc = image_name_parse(name, &parsed, err);
	if (rc < 0)
		return rc;
	_cleanup_free_ char *full = image_name_full(&parsed);
	return store_set_name(store, full, entry, err);
}

void image_now(struct json *object, const char *key)
{
	char text[40];
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), text, sizeof(text));
	json_set_string(object, key, text);
}
