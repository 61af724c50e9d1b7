/*
 * image_common.c - what the verbs on images share: the store, who uses what, lines on stdout.
 */
#include "cli/image_common.h"

#include <fcntl.h>
#include <unistd.h>

#include "engine/container.h"
#include "engine/engine.h"
#include "engine/events.h"
#include "engine/image_uses.h"
#include "engine/spec/options.h"
#include "image/image.h"
#include "image/unfinished.h"

int image_cli_store(struct mc_err *err)
{
	_cleanup_free_ char *root = engine_default_root(NULL);
	return store_open(root, err);
}

int image_cli_uses(struct image_uses *ret, struct mc_err *err)
{
	struct engine e = { 0 };
	*ret = (struct image_uses){ 0 };
	int rc = engine_open(&e, NULL, err);
	if (rc == 0)
		rc = engine_image_uses(&e, ret, err);
	engine_close(&e);
	return rc;
}

int image_cli_platform(int store, const char *platform, char *const names[], struct mc_err *err)
{
	struct run_options o = RUN_OPTIONS_DEFAULT;
	o.platform = (char *)platform; /* only read */
	int rc = platform ? options_check(&o, err) : 0;
	for (size_t i = 0; platform && rc >= 0 && names[i]; i++) {
		_cleanup_image_ struct image img = { 0 };
		o.image = names[i];
		rc = image_lookup(store, names[i], &img, err);
		if (rc >= 0 && (rc = options_check_platform(&o, img.config, err)) < 0)
			err_exit(err, 125);
	}
	return rc < 0 ? rc : 0;
}

void image_cli_event(const char *action, const char *name)
{
	struct engine e = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *attribute = xasprintf("name=%s", name);
	char *const attributes[] = { attribute, NULL };
	if (engine_open(&e, NULL, &ignored) == 0)
		event_log(&e, "image", action, name, attributes);
	engine_close(&e);
}

void image_cli_prune_event(uint64_t freed)
{
	struct engine e = { 0 };
	struct mc_err ignored = { 0 };
	if (engine_open(&e, NULL, &ignored) == 0)
		event_prune(&e, "image", freed);
	engine_close(&e);
}

void image_cli_line_event(const char *line)
{
	static const char *const known[][2] = { { "Untagged: ", "untag" }, { "Deleted: ", "delete" },
		{ "Loaded image: ", "load" } };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_starts(line, known[i][0]))
			image_cli_event(known[i][1], line + strlen(known[i][0]));
}

int image_cli_failed(int store, int rc, bool resumable)
{
	struct image_uses uses = { 0 };
	struct mc_err ignored = { 0 };
	uint64_t freed;
	if (rc >= 0 || (resumable && rc != -ENOSPC))
		return rc;
	if (rc == -ENOSPC)
		unfinished_clear(store, 0, false);
	if (image_cli_uses(&uses, &ignored) == 0)
		store_collect(store, &uses, &freed, &ignored);
	free((void *)uses.use);
	return rc;
}

static void print_line(void *arg, const char *line)
{
	image_cli_line_event(line);
	puts(line);
	fflush(stdout);
}

const struct image_report image_cli_report = { .line = print_line };

int image_cli_input(const char *path, struct mc_err *err)
{
	if (!path || str_eq(path, "-")) {
		if (isatty(0))
			return err_set(err, EINVAL,
				"requested to read an archive from stdin, but stdin is a terminal");
		int fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
		return fd < 0 ? err_sys(err, "stdin") : fd;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? err_sys(err, "open %s", path) : fd;
}
