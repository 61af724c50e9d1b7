/*
 * cmd/exists.c - `container exists`, `image exists`: an exit status for scripts, nothing is printed. 0
 * there, 1 not there.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "image/image.h"

/* -ENOENT is the answer "no"; any other failure is an error, with docker's status for trouble of the
 * engine. */
static int exists_answer(int rc, struct mc_err *err)
{
	if (rc == -ENOENT)
		return 1;
	return rc < 0 ? err_exit(err, 125) : 0;
}

static int exists_container(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_container_ struct container c = { 0 };
	int rc = use_engine(cli, &e, err);
	if (rc < 0)
		return err_exit(err, 125);
	return exists_answer(container_find(&e, argv[0], &c, err), err);
}

static int exists_image(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_image_ struct image img = { 0 };
	int rc = use_engine(cli, &e, err);
	_cleanup_close_ int store = rc < 0 ? -1 : store_open(e.root, err);
	if (store < 0)
		return err_exit(err, 125);
	return exists_answer(image_lookup(store, argv[0], &img, err), err);
}

const struct command cmd_container_exists = {
	.name = "container exists",
	.group = GROUP_LOOK,
	.usage = "CONTAINER",
	.summary = "Exit status 0 when there is such a container, 1 when not",
	.example = "minictr container exists web || minictr create --name web busybox",
	.takes = TAKES_CONTAINERS,
	.min_args = 1,
	.max_args = 1,
	.run = exists_container,
};

const struct command cmd_image_exists = {
	.name = "image exists",
	.group = GROUP_IMAGES,
	.usage = "IMAGE",
	.summary = "Exit status 0 when there is such an image, 1 when not",
	.example = "minictr image exists busybox || minictr pull busybox",
	.takes = TAKES_IMAGES,
	.min_args = 1,
	.max_args = 1,
	.run = exists_image,
};
