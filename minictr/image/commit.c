/*
 * commit.c - what a container changed becomes a layer, and with its parent's layers a new image.
 *
 * The overlay's upper directory holds exactly the changes; layer_diff() writes them in the words of the
 * image-spec. The bytes go straight into the store (and through the hash): for a plain tar the digest is
 * the diff id too. The caller pauses the container meanwhile.
 */
#include "image/verbs.h"

#include "image/incoming.h"
#include "image/layer.h"

/* What a container's Config says beyond an image's (Hostname, Tty ...) does not belong into an image. */
static struct json *image_part(const struct json *config)
{
	static const char *const keys[] = { "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes",
		"WorkingDir", "Labels", "StopSignal", "StopTimeout", "Healthcheck", "Shell", "OnBuild",
		"ArgsEscaped" };
	struct json *part = json_new_object();
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (json_kind_of(json_member(config, keys[i])) != JSON_NULL)
			json_set(part, keys[i], json_copy(json_member(config, keys[i])));
	return part;
}

static struct json *new_config(const struct commit_options *o)
{
	struct json *doc = o->parent ? json_copy(o->parent->config) : json_new_object();
	if (!o->parent) {
		json_set_string(doc, "architecture", image_architecture());
		json_set_string(doc, "os", "linux");
	}
	image_now(doc, "created");
	json_set_string(doc, "author", o->author);
	json_unset(doc, "container_config"); /* docker's own past, of another image */
	json_unset(doc, "container");
	if (o->config)
		json_set(doc, "config", image_part(o->config));
	/* Where it came from, as docker keeps it. */
	json_set_string(doc, "parent", o->parent ? o->parent->id.text : NULL);
	if (o->container) {
		json_set_string(doc, "container", o->container);
		struct json *past = json_set(doc, "container_config", json_copy(json_member(doc, "config")));
		json_set_string(past, "Image", o->image);
	}
	if (json_kind_of(json_member(doc, "history")) != JSON_ARRAY)
		json_set(doc, "history", json_new_array());
	struct json *step = json_add((struct json *)json_member(doc, "history"), json_new_object());
	json_set_string(step, "created", json_text_of(json_member(doc, "created")));
	json_set_string(step, "author", o->author);
	json_set_string(step, "created_by", o->created_by);
	json_set_string(step, "comment", o->message);
	return doc;
}

int image_commit(int store, const struct commit_options *o, struct digest *ret_id, struct mc_err *err)
{
	struct image_name ignored;
	struct digest layer;
	if (o->name && image_name_parse(o->name, &ignored, err) < 0)
		return -EINVAL;
	_cleanup_json_ struct json *config = new_config(o);
	for (char *const *c = o->changes; c && *c; c++)
		if (config_change(config, *c, err) < 0)
			return -err->code;
	_cleanup_close_ int busy = store_busy(store, err);
	int rc = busy < 0 ? busy : incoming_diff(store, o->upper, o->ids, NULL, &layer, NULL, err);
	if (rc == 0)
		rc = layer_unpack(store, &layer, &layer, NULL, err);
	if (rc < 0)
		return rc;
	return image_create(store, o->parent, &layer, MEDIA_OCI_LAYER, &layer, config, o->name, ret_id, err);
}
