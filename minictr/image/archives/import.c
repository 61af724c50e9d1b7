/*
 * import.c - a root file system as tar becomes an image of one layer.
 *
 * The archive goes into the store as it came when its compression is one that images know (none, gzip,
 * zstd), so that pushing sends the same bytes; xz and bzip2 are unpacked to plain tar on their way in. It
 * is then read once more: the same pass unpacks it and tells the diff id.
 */
#include "image/verbs.h"

#include "image/incoming.h"
#include "image/layer.h"

/* The configuration of an image that has nothing but files. */
static struct json *bare_config(const struct import_options *o, const char *source)
{
	struct json *doc = json_new_object();
	image_now(doc, "created");
	const char *slash = o->platform ? strchr(o->platform, '/') : NULL;
	_cleanup_free_ char *arch =
		slash ? xstrndup(slash + 1, strcspn(slash + 1, "/")) : xstrdup(image_architecture());
	json_set_string(doc, "architecture", arch);
	json_set_string(doc, "os", "linux");
	if (slash && strchr(slash + 1, '/'))
		json_set_string(doc, "variant", strchr(slash + 1, '/') + 1);
	json_set(doc, "config", json_new_object());
	struct json *step = json_add(json_set(doc, "history", json_new_array()), json_new_object());
	json_set_string(step, "created", json_text_of(json_member(doc, "created")));
	_cleanup_free_ char *comment =
		o->message ? xstrdup(o->message) : xasprintf("Imported from %s", source);
	json_set_string(step, "comment", comment);
	return doc;
}

int image_import(int store, int fd, const char *source, const struct import_options *o, struct digest *ret_id,
	struct mc_err *err)
{
	struct image_name ignored;
	if (o->name && image_name_parse(o->name, &ignored, err) < 0)
		return -EINVAL; /* before a gigabyte is read */
	_cleanup_json_ struct json *config = bare_config(o, source);
	for (char *const *c = o->changes; c && *c; c++)
		if (config_change(config, *c, err) < 0)
			return -err->code;

	_cleanup_close_ int busy = store_busy(store, err);
	struct digest blob, diffid;
	const char *type;
	int rc = busy < 0 ? busy : incoming_layer(store, fd, source, &blob, &type, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int layer = store_open_blob(store, &blob, err);
	rc = layer < 0 ? layer : layer_unpack_new(store, layer, source, &diffid, err);
	if (rc < 0)
		return rc;
	return image_create(store, NULL, &blob, type, &diffid, config, o->name, ret_id, err);
}
