/*
 * publish.c - a finished stage as an image: configuration, manifest, and last of all its names.
 *
 * The layers are in the store already. A crash before the name leaves blobs that garbage collection takes,
 * and the cache: the next build is at this point at once. Specification: image-spec, config.md,
 * manifest.md.
 */
#include "build/publish.h"

#include "image/verbs.h"

/* Keys that belong to another image's past, and the time. */
static void finish_config(struct builder *all, struct build *t)
{
	char text[40];
	int64_t ns = all->epoch >= 0 ? all->epoch * 1000000000
		     : t->created    ? t->created
				     : (int64_t)now_ns(CLOCK_REALTIME);
	time_rfc3339(ns, text, sizeof(text));
	json_set_string(t->config.image, "created", text);
	json_unset(t->config.image, "container_config");
	json_unset(t->config.image, "container");
	json_unset(t->config.image, "parent");
	json_unset(t->config.image, "id");
	for (size_t i = 0; all->o->labels && all->o->labels[i]; i++)
		stage_config_label(&t->config, all->o->labels[i]);
}

static int put_manifest(struct builder *all, struct build *t, struct json **ret, struct mc_err *err)
{
	uint64_t size;
	int rc = blob_put_json(all->store, t->config.image, &all->result->id, &size, err);
	if (rc < 0)
		return rc;
	struct json *m = *ret = json_new_object();
	json_set_i64(m, "schemaVersion", 2);
	json_set_string(m, "mediaType", MEDIA_OCI_MANIFEST);
	json_set(m, "config", descriptor_new(MEDIA_OCI_CONFIG, &all->result->id, size));
	json_set(m, "layers", json_copy(t->layers));
	return blob_put_json(all->store, m, &all->result->manifest, NULL, err);
}

int publish_image(struct builder *all, struct build *t, struct mc_err *err)
{
	_cleanup_json_ struct json *manifest = NULL;
	finish_config(all, t);
	int rc = put_manifest(all, t, &manifest, err);
	if (rc >= 0 && !strv_len((char **)all->o->tags))
		rc = image_publish(all->store, &all->result->manifest, manifest, t->config.image, NULL, err);
	for (size_t i = 0; rc >= 0 && all->o->tags && all->o->tags[i]; i++)
		rc = image_publish(
			all->store, &all->result->manifest, manifest, t->config.image, all->o->tags[i], err);
	return rc;
}
