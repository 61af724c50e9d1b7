/*
 * start_watch.c - the command stays with the program it has started, until that ends.
 *
 * Man pages: unix(7). Left out: the monitor's side (monitor/pump.c), attach later (attach.c).
 */
#include "engine/start_watch.h"

#include <fcntl.h>
#include "base/warn.h"
#include "engine/attach.h"
#include "engine/cleanup.h"
#include "engine/events.h"

static void say_oom(const struct container *c)
{
	int64_t limit = json_int_of(json_member(c->host, "Memory"));
	if (limit)
		warn_user("the kernel's OOM killer ended container %s: it needed more than its --memory of "
			  "%lld MiB",
			c->name, (long long)(limit >> 20));
	else
		warn_user(
			"the kernel's OOM killer ended container %s: the machine ran out of memory", c->name);
}

bool start_connects(const struct start_options *o) { return o->attach || o->connect; }

int start_connect(struct engine *e, const struct container *c, const struct start_options *options,
	int *ret_attach, struct mc_err *err)
{
	struct attach_options o = { .no_stdin = !options->interactive, .primary = true };
	if (options->connect)
		options->connect(options->connect_arg, e, c->id);
	if (!options->attach)
		return 0;
	int sock = attach_connect(e, c->id, &o, err);
	if (sock < 0)
		return sock;
	event_container(e, c, "attach", NULL);
	*ret_attach = sock;
	return 0;
}

/* Until the end; then what docker does on the way out: --rm is gone when the command returns. */
int start_watch(struct engine *e, const struct container *c, const struct start_options *options, int *attach,
	int *ret_exit, struct mc_err *err)
{
	struct attach_options o = { .no_stdin = !options->interactive,
		.sig_proxy = options->sig_proxy,
		.no_stdout = options->no_stdout,
		.no_stderr = options->no_stderr,
		.detach_keys = options->detach_keys,
		.output_max = options->output_max };
	/* A second copy: the monitor takes the last close as the sign that all is done here. */
	_cleanup_close_ int line = fcntl(*attach, F_DUPFD_CLOEXEC, 3);
	(void)line;
	int rc = attach_carry(e, c, take_fd(attach), &o, ret_exit, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	_cleanup_container_ struct container after = { 0 };
	struct mc_err ignored = { 0 };
	if (container_load(e, c->id, &after, &ignored) == 0 && after.oom_killed)
		say_oom(&after);
	if (container_flag(c->host, "AutoRemove"))
		container_cleanup(e, c->id, &ignored);
	return 0;
}
