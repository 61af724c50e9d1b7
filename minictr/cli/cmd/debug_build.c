/*
 * cmd/debug_build.c - `debug build`: a shell where the last failed build step stood.
 *
 * A failed RUN leaves two images (build/failed_state.c); this is `minictr run -it --rm` of one of them. Any
 * other command works on them too: cp, export, history. Any failed step leaves the list of files that the
 * build saw (build/failed_context.c).
 */
#include "cli/build_debug.h"

#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "build/publish.h"
#include "cli/engine_use.h"
#include "cli/image_common.h"

struct debug_values {
	bool before, context;
};

static const struct option_def options[] = {
	{ 0, "before", OPT_FLAG, offsetof(struct debug_values, before), NULL,
		"The files before the step (default: what it left)" },
	{ 0, "context", OPT_FLAG, offsetof(struct debug_values, context), NULL,
		"List the files of the context that the failed build could see" },
	{ 0 },
};

int build_debug_shell(struct cli *cli, bool before, char *const words[], struct mc_err *err)
{
	const char *name = before ? FAILED_BEFORE : FAILED_AFTER;
	_cleanup_image_ struct image img = { 0 };
	_cleanup_strv_ char **argv = NULL;
	_cleanup_close_ int store = image_cli_store(err);
	if (store < 0)
		return store;
	if (image_lookup(store, name, &img, err) < 0) {
		err_set(err, ENOENT, "there is no failed build step to look into");
		return err_hint(err, "the state of the last step that failed is kept until a build succeeds");
	}
	strv_push(&argv, "minictr");
	strv_push(&argv, "run");
	strv_push(&argv, "--rm");
	strv_push(&argv, isatty(0) ? "-it" : "-i");
	strv_push(&argv, name);
	for (size_t i = 0; words && words[i]; i++)
		strv_push(&argv, words[i]);
	return program_exec("minictr", argv, err);
}

static int show_context(struct cli *cli, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_buf_ struct buf text = { 0 };
	int rc = use_engine(cli, &e, err);
	if (rc >= 0)
		rc = file_read(e.dir, "build/" FAILED_CONTEXT, 64 << 20, &text, err);
	if (rc == -ENOENT) {
		err_set(err, ENOENT, "there is no failed build whose context could be listed");
		return err_hint(err, "the list of the last build that failed is kept until one succeeds");
	}
	if (rc >= 0)
		fwrite(text.data, 1, text.len, stdout);
	return rc < 0 ? rc : 0;
}

static int debug_build_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct debug_values *v = values;
	return v->context ? show_context(cli, err) : build_debug_shell(cli, v->before, argv, err);
}

const struct command cmd_debug_build = {
	.name = "debug build",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] [COMMAND] [ARG...]",
	.summary = "Open a shell where the last failed build step stood",
	.example = "minictr debug build\nminictr debug build --before ls -l /src\n"
		   "minictr debug build --context",
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.options = options,
	.values_size = sizeof(struct debug_values),
	.run = debug_build_run,
};
