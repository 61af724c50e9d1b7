/*
 * cmd/unshare.c - `unshare`: a program in the user namespace that an unprivileged user's containers live in
 * (user_namespaces(7)). There the user is root of the subordinate ids (subuid(5)): files that a container
 * wrote can be seen with their owners, and changed or removed.
 */
#include "cli/commands.h"

#include <unistd.h>

#include "engine/rootless.h"

static int unshare_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	char *shell[] = { getenv("SHELL") && *getenv("SHELL") ? getenv("SHELL") : "/bin/sh", NULL };
	char **words = argc ? argv : shell;
	if (!rootless_active() && geteuid() == 0) {
		err_set(err, EPERM, "unshare is for unprivileged users: root has all privileges already");
		return err_hint(err, "as root simply run the program");
	}
	int rc = rootless_enter(cli->argv, err);
	if (rc < 0)
		return err_exit(err, 125);
	execvp(words[0], words);
	bool absent = errno == ENOENT;
	err_sys(err, "%s", words[0]);
	return err_exit(err, absent ? 127 : 126);
}

const struct command cmd_unshare = {
	.name = "unshare",
	.group = GROUP_SYSTEM,
	.usage = "[COMMAND [ARG...]]",
	.summary = "Run a program in the user namespace of your containers (without root)",
	.example = "minictr unshare ls -ln ~/.local/share/minictr",
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.run = unshare_run,
};
