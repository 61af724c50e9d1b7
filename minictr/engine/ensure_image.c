/*
 * ensure_image.c - an image is there before a container is made of it, see ensure_image.h.
 *
 * Kernel objects and man pages: posix_spawn(3), flock(2) for the pin (image/store.h).
 * Order and why: the download needs libraries (TLS, archives) that would make every start slow, so another
 * executable of ours does it (DESIGN, "Heavy libraries"). We do not hold the pin meanwhile: `rmi` would
 * wait for the whole download. Found and pinned once more after it; an image that is removed again at once
 * is an error, not a loop.
 */
#include "engine/ensure_image.h"

#include <unistd.h>
#include "base/program.h"
#include "base/spawn.h"

static char **ensure_words(const char *program, const char *verb, const struct image_wish *w)
{
	char **argv = NULL;
	bool pull = str_eq(verb, "pull");
	strv_push(&argv, program);
	if (!pull)
		strv_push(&argv, "image");
	strv_push(&argv, verb);
	if (pull && w->quiet)
		strv_push(&argv, "-q");
	if (pull && w->platform)
		strv_pushf(&argv, "--platform=%s", w->platform);
	if (!pull && w->userns)
		strv_pushf(&argv, "--userns=%s", w->userns);
	strv_push(&argv, "--");
	strv_push(&argv, w->name);
	return argv;
}

/*
 * Runs `minictr-image pull|image unpack NAME` with its output on stderr: stdout belongs to the container.
 * The signals that `run` holds back reach it (base/spawn.h): a download must end with Ctrl-C.
 */
static int ensure_by_helper(const char *verb, const struct image_wish *w, struct mc_err *err)
{
	_cleanup_free_ char *program = NULL;
	int rc = program_path("minictr-image", &program, err);
	if (rc < 0)
		return rc;
	_cleanup_strv_ char **argv = ensure_words(program, verb, w);
	/* Even a quiet pull prints the image's name, which would stand in the middle of a build's table. */
	struct spawn s = { .argv = argv, .out = w->quiet ? SPAWN_NULL : STDERR_FILENO, .cancel = w->cancel };
	rc = spawn_run(&s, err);
	if (rc <= 0)
		return rc;
	/* The helper has said why. */
	*err = (struct mc_err){ .code = EIO };
	return -EIO;
}

static int ensure_find(
	struct engine *e, const struct image_wish *w, struct image *ret, int *ret_pin, struct mc_err *err)
{
	int store = engine_store(e, err);
	if (store < 0)
		return store;
	_cleanup_close_ int pin = store_pin(store, err);
	int rc = pin < 0 ? pin : image_find(store, w->name, ret, err);
	if (rc >= 0)
		*ret_pin = take_fd(&pin);
	return rc < 0 ? rc : 0;
}

int ensure_image(
	struct engine *e, const struct image_wish *w, struct image *ret, int *ret_pin, struct mc_err *err)
{
	struct mc_err lack = { 0 };
	int rc = w->pull == PULL_ALWAYS ? ensure_by_helper("pull", w, err) : 0;
	if (rc < 0)
		return rc;
	rc = ensure_find(e, w, ret, ret_pin, &lack);
	if (rc == -ENOENT && w->pull != PULL_NEVER) {
		if (w->absent)
			w->absent(w->name);
		rc = ensure_by_helper("pull", w, err);
	} else if (rc == -ESTALE) {
		rc = ensure_by_helper("unpack", w, err);
	} else {
		if (rc < 0)
			*err = lack;
		return rc;
	}
	return rc < 0 ? rc : ensure_find(e, w, ret, ret_pin, err);
}

int ensure_layers(struct engine *e, const struct image_wish *w, const struct image *image,
	const struct id_maps *ids, char ***ret, struct mc_err *err)
{
	struct mc_err lack = { 0 };
	int rc = image_layers(e->store, image, ids, ret, &lack);
	if (rc >= 0)
		return 0;
	if (rc != -ESTALE) {
		*err = lack;
		return rc;
	}
	rc = ensure_by_helper("unpack", w, err);
	return rc < 0 ? rc : image_layers(e->store, image, ids, ret, err);
}
