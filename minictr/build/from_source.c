/*
 * from_source.c - --from: an earlier stage by name or number, a --build-context, or an image.
 *
 * A stage's name beats a context, a context an image, as in BuildKit. Only earlier stages count: later
 * ones, and the stage itself, are not built yet.
 */
#include "build/base_image.h"
#include "build/stage_road.h"
#include "build/steps.h"

#include <fcntl.h>

#include "base/file.h"

static struct build_context *named_context(struct builder *all, const char *word)
{
	for (size_t i = 0; i < all->n_more; i++)
		if (str_eq(all->more[i].name, word))
			return &all->more[i];
	return NULL;
}

int from_find(struct build *b, const char *word, struct from_source *ret, struct mc_err *err)
{
	struct builder *all = b->all;
	*ret = (struct from_source){ .state = { "" } };
	int n = stage_find(all->file, word, b->index);
	if (n >= 0) {
		int rc = builder_await_stage(all, (size_t)n, err);
		if (rc < 0)
			return rc;
		ret->stage = &all->stages[n];
		build_state(ret->stage, &ret->state);
		ret->what = xasprintf("stage %s", word);
		return 0;
	}
	if (str_eq(word, "scratch"))
		return err_set(err, EINVAL, "--from=scratch: scratch has no files");
	ret->context = named_context(all, word);
	if (ret->context && ret->context->image) {
		word = ret->context->image;
		ret->context = NULL;
	}
	if (ret->context) {
		ret->what = xasprintf("build context %s", word);
		return 0;
	}
	ret->image = xcalloc(1, sizeof(*ret->image));
	ret->what = xasprintf("image %s", word);
	int rc = base_image_find(b, word, NULL, ret->image, err);
	if (rc < 0)
		return err_hint(err, "--from takes an earlier stage, a --build-context or an image");
	base_image_state(ret->image, &ret->state);
	return 0;
}

void from_release(struct from_source *f)
{
	if (f->image)
		image_free(f->image);
	free(f->image);
	free(f->what);
	*f = (struct from_source){ .state = { "" } };
}

int from_view(struct build *b, const struct from_source *f, struct mc_err *err)
{
	if (f->stage)
		return build_view(f->stage, err);
	if (f->context) {
		int fd = fcntl(f->context->dir, F_DUPFD_CLOEXEC, 3);
		return fd < 0 ? err_sys(err, "build context") : fd;
	}
	struct layers l = { .userxattr = overlay_needs_userxattr() };
	int rc = image_layers(b->all->store, f->image, NULL, &l.lower, err);
	if (rc >= 0)
		rc = build_mount(&l, err);
	layers_release(&l);
	return rc;
}
