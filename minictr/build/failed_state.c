/*
 * failed_state.c - the state around a failed step, as two images that `minictr run` and `minictr debug
 * build` open.
 *
 * The files before the step are the stage's layers; the files it left are one layer more. That layer is in
 * no cache entry: no build takes it. A COPY that failed leaves no such layer: both images are the same. The
 * next build that succeeds, or fails elsewhere, removes both names.
 */
#include "build/publish.h"

#include "image/layer_adopt.h"
#include "image/verbs.h"

static void no_line(void *arg, const char *line) {}

void failed_state_drop(struct builder *all)
{
	static const char *const names[] = { FAILED_BEFORE, FAILED_AFTER };
	static const struct image_report quiet = { .line = no_line };
	struct mc_err ignored;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		_cleanup_image_ struct image img = { 0 };
		if (image_lookup(all->store, names[i], &img, &ignored) >= 0)
			image_remove(all->store, names[i], true, true, NULL, &quiet, &ignored);
	}
}

/*
 * The step's own environment, and its shell as the command: what a person types goes where the step's
 * words went.
 */
static struct json *config_of(const struct build *b)
{
	struct json *doc = json_copy(b->config.image);
	struct json *c = json_sub(doc, "config");
	_cleanup_strv_ char **env = stage_config_key_env(&b->config),
			    **shell = stage_config_shell(&b->config);
	char *first[] = { shell && shell[0] ? shell[0] : (char *)"/bin/sh", NULL };
	json_set_strv(c, "Env", env);
	json_set_strv(c, "Cmd", first);
	json_unset(c, "Entrypoint");
	json_unset(c, "Healthcheck");
	return doc;
}

static int put_image(struct build *b, const char *name, const struct adopted_layer *more, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = config_of(b), *m = json_new_object();
	struct json *layers = json_set(m, "layers", json_copy(b->layers));
	struct digest id, manifest;
	uint64_t size;
	if (more) {
		json_add((struct json *)json_at(doc, "rootfs.diff_ids"), json_new_string(more->diffid.text));
		json_add(layers, descriptor_new(MEDIA_OCI_LAYER, &more->diffid, more->blob_size));
	}
	json_unset(doc, "history");
	json_set_i64(m, "schemaVersion", 2);
	json_set_string(m, "mediaType", MEDIA_OCI_MANIFEST);
	int rc = blob_put_json(b->all->store, doc, &id, &size, err);
	if (rc < 0)
		return rc;
	json_set(m, "config", descriptor_new(MEDIA_OCI_CONFIG, &id, size));
	rc = blob_put_json(b->all->store, m, &manifest, NULL, err);
	return rc < 0 ? rc : image_publish(b->all->store, &manifest, m, doc, name, err);
}

void failed_state_keep(struct build *b, struct upper *u)
{
	struct mc_err ignored;
	struct adopted_layer made;
	_cleanup_strv_ char **lower = build_lower(b, NULL);
	struct layer_origin from = { .lower = lower };
	if (u)
		u->root = close_fd(u->root);
	failed_state_drop(b->all);
	if (put_image(b, FAILED_BEFORE, NULL, &ignored) < 0)
		return;
	if (!u)
		put_image(b, FAILED_AFTER, NULL, &ignored);
	else if (layer_adopt(b->all->store, b->all->temp, u->name, &from, &made, &ignored) >= 0)
		put_image(b, FAILED_AFTER, &made, &ignored);
	b->all->result->kept = true;
}
