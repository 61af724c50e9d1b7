/*
 * cmd/mount.c - `mount` and `unmount`: a container's files under a path of the host.
 */
#include <unistd.h>
#include "base/warn.h"
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "engine/host_mount.h"

static int mount_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	_cleanup_free_ char *path = NULL;
	(void)values;
	int rc = host_mount(e, name, &path, err);
	if (rc >= 0)
		printf("%s\n", path);
	return rc < 0 ? rc : 0;
}

/* Without a name: what is mounted, as podman lists it. */
static int list_mounts(struct engine *e, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list all = { 0 };
	int rc = container_list(e, &all, err);
	for (size_t i = 0; rc >= 0 && i < all.count; i++) {
		_cleanup_free_ char *path = container_path(e, all.items[i].id, "merged");
		if (host_mount_is_there(e, all.items[i].id))
			printf("%.12s  %s\n", all.items[i].id, path);
	}
	return rc < 0 ? rc : 0;
}

static int run_mount(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	/* An unprivileged user's mounts are made in a mount namespace of that user's own (mount_namespaces(7)). */
	if (argc && geteuid() != 0)
		warn_user(
			"the files are to be seen inside of `minictr unshare` only: minictr unshare ls PATH");
	int rc = use_engine(cli, &e, err);
	if (rc == 0 && argc == 0)
		return list_mounts(&e, err);
	for (int i = 0; rc == 0 && i < argc; i++)
		rc = mount_one(&e, argv[i], values, err);
	return rc;
}

static int unmount_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	(void)values;
	return host_unmount(e, name, err);
}

static int run_unmount(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	return each_name(cli, argc, argv, unmount_one, values, err);
}

const struct command cmd_mount = {
	.name = "mount",
	.aliases = "container mount",
	.group = GROUP_LOOK,
	.usage = "[CONTAINER...]",
	.summary = "Mount a container's files on the host and print where",
	.example = "ls $(minictr mount web)/etc\nminictr unmount web",
	.takes = TAKES_CONTAINERS,
	.min_args = 0,
	.max_args = ANY_ARGS,
	.run = run_mount,
};

const struct command cmd_unmount = {
	.name = "unmount",
	.aliases = "umount, container unmount, container umount",
	.group = GROUP_LOOK,
	.usage = "CONTAINER [CONTAINER...]",
	.summary = "Take away what `mount` has mounted",
	.example = "minictr unmount web",
	.takes = TAKES_CONTAINERS,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.run = run_unmount,
};
