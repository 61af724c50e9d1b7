/*
 * cmd/debug.c - `debug CONTAINER`: a shell with the tools of another image, inside the namespaces of a
 * container that has none.
 *
 * A helper container joins the other's pid and network namespaces (setns(2)) and keeps a root of its own:
 * so it has tools, and sees the other's processes and links. The other's files are at /proc/1/root
 * (proc(5): the root of its process 1).
 */
#include "cli/commands.h"
#include "cli/run_flags.h"

#include <unistd.h>

struct debug_values {
	const char *image;
};

static const struct debug_values defaults = { .image = "busybox" };

static const struct option_def options[] = {
	{ 0, "image", OPT_STRING, offsetof(struct debug_values, image), "string", "Whose tools (busybox)" },
	{ 0 },
};

static int debug_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct debug_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_container_ struct container c = { 0 };
	static char *shell[] = { "sh", NULL };
	static char *rights[] = { "SYS_PTRACE", NULL }; /* /proc/1/root of another user's process wants it */
	char id[CONTAINER_ID_LEN + 1];
	int exit_code = 0, rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_find(&e, argv[0], &c, err);
	if (rc < 0)
		return rc;
	if (!container_is_active(&c)) {
		err_set(err, ESRCH, "container %s is not running", argv[0]);
		return err_hint(
			err, "its files and words are still there: diff %s, logs %s, cp", argv[0], argv[0]);
	}
	_cleanup_free_ char *share = xasprintf("container:%s", c.id);
	struct run_options o = run_defaults.o;
	o.image = (char *)v->image;
	o.command = argc > 1 ? argv + 1 : shell;
	o.pid = o.network = share; /* not ipc: its /dev/shm is a mount of another mount namespace */
	o.cap_add = rights;
	o.rm = o.interactive = true;
	o.tty = isatty(STDIN_FILENO);
	fprintf(stderr, "tools of image %s; processes and links of %s; its files are in /proc/1/root\n",
		v->image, c.name);
	rc = container_run(&e, &o, id, &exit_code, err);
	return rc < 0 ? rc : exit_code;
}

const struct command cmd_debug = {
	.name = "debug",
	.group = GROUP_RUN,
	.usage = "[OPTIONS] CONTAINER [COMMAND [ARG...]]",
	.summary = "Open a shell with another image's tools beside a running container",
	.example = "minictr debug web",
	.takes = TAKES_RUNNING,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.error_status = 125,
	.options = options,
	.values_size = sizeof(struct debug_values),
	.defaults = &defaults,
	.run = debug_run,
};
