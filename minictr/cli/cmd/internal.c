/*
 * cmd/internal.c - `internal VERB`: what our own processes and the tests ask for. Not for people; may change.
 *   complete WORD...        candidates for the last word (complete.c)
 *   starter [-f] [NAME..]   the images made here (starter_images.c)
 *   rootless-stop           lets go of an unprivileged user's namespaces
 *   cleanup|restart|health|restore ...   the monitor's and the boot's questions (engine/restore.h)
 */
#include "cli/commands.h"
#include "cli/prompt/complete.h"
#include "cli/engine_use.h"
#include "cli/starter_images.h"
#include "engine/restore.h"
#include "engine/rootless.h"

static int internal_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	if (argc < 1)
		return err_set(err, EINVAL, "internal: a verb is missing");
	if (str_eq(argv[0], "complete"))
		return complete_words(cli, argc - 1, argv + 1);
	if (str_eq(argv[0],
		    "rootless-stop")) /* before the engine is opened: that would enter the namespace */
		return rootless_stop(err);
	int rc = use_engine(cli, &e, err);
	if (rc < 0)
		return rc;
	if (str_eq(argv[0], "starter"))
		return starter_main(cli, argc - 1, argv + 1);
	return engine_internal(&e, argc, argv);
}

const struct command cmd_internal = {
	.name = "internal",
	.group = GROUP_HIDDEN,
	.usage = "VERB [ARG...]",
	.summary = "For our own processes",
	.example = "minictr internal complete ru",
	.max_args = ANY_ARGS,
	.raw = true,
	.run = internal_run,
};
