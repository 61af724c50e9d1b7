/*
 * cmd/healthcheck.c - `healthcheck run`: the health check of a container now, not at its next interval.
 * Podman's exit statuses: 0 well, 1 not well, 125 when the check itself could not be run.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "engine/restore.h"

static int healthcheck_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_container_ struct container c = { 0 };
	int code = 0, rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_find(&e, argv[0], &c, err);
	if (rc == 0 && c.status != CONTAINER_RUNNING)
		rc = err_set(err, EINVAL, "container %s is not running", argv[0]);
	if (rc == 0)
		rc = container_health(&e, c.id, &code, err);
	if (rc < 0)
		return err_exit(err, 125);
	if (code != 0)
		printf("unhealthy\n");
	return code != 0;
}

const struct command cmd_healthcheck_run = {
	.name = "healthcheck run",
	.group = GROUP_LOOK,
	.usage = "CONTAINER",
	.summary = "Run a container's health check now",
	.example = "minictr healthcheck run web && echo well",
	.takes = TAKES_RUNNING,
	.min_args = 1,
	.max_args = 1,
	.run = healthcheck_run,
};
