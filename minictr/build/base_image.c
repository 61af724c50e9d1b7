/*
 * base_image.c - the image behind FROM and --from: found, fetched or unpacked as for a container
 * (ensure_image.c).
 *
 * Order and why: one image at a time, so that two stages that want the same one fetch it once. The pin is
 * let go at once: the build holds store_busy() all the time, and no layer is collected meanwhile.
 */
#include "build/base_image.h"

#include "engine/ensure_image.h"
#include "image/platform.h"

int base_image_find(
	struct build *b, const char *name, const char *platform, struct image *ret, struct mc_err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct image_wish wish = { .name = name,
		.platform = platform,
		.pull = b->all->o->pull ? PULL_ALWAYS : PULL_MISSING,
		.quiet = true,
		.cancel = build_cancel_fd() };
	struct platform known;
	int pin = -1;
	if (platform && platform_parse(platform, &known, err) < 0)
		return err_wrap(err, "FROM --platform=%s", platform);
	pthread_mutex_lock(&lock);
	int rc = ensure_image(b->all->engine, &wish, ret, &pin, err);
	close_fd(pin);
	pthread_mutex_unlock(&lock);
	if (rc < 0 && build_canceled())
		return err_set(err, ECANCELED, "canceled");
	if (rc < 0 && !err->what[0])
		err_set(err, err->code, "it cannot be fetched");
	return rc < 0 ? err_wrap(err, "image %s", name) : 0;
}

void base_image_state(const struct image *img, struct digest *ret)
{
	struct hash *h = hash_new();
	const struct json *ids = json_at(img->config, "rootfs.diff_ids");
	for (size_t i = 0; i < json_len(ids); i++)
		hash_add(h, json_text_of(json_item(ids, i)), strlen(json_text_of(json_item(ids, i))));
	hash_end(h, ret);
}
