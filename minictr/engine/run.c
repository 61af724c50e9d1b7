/*
 * run.c - verbs made of others: `run` is create, start, wait; `restart` is stop, start.
 *
 * Order and why: a run that fails leaves nothing behind when --rm was given, and a created container with
 * its error when not, as docker does.
 */
#include "engine/run.h"

#include <signal.h>
#include <unistd.h>
#include "engine/create.h"
#include "engine/events.h"
#include "engine/start.h"
#include "engine/stop.h"

/* docker's check: a terminal inside needs one outside when it is to be typed into. */
static int check_terminal(const struct run_options *o, struct mc_err *err)
{
	if (!o->tty || !o->interactive || o->detach || isatty(0))
		return 0;
	err_set(err, ENOTTY, "the input device is not a TTY");
	err_hint(err, "leave out -t: -i alone is right for a pipe");
	err_exit(err, 1);
	return -ENOTTY;
}

/*
 * A Ctrl-C between create and start would leave a container that was not wanted. Such signals wait:
 * attach_carry() hands them to the program, as if they had come a moment later.
 */
static void hold_signals(sigset_t *ret_old)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, ret_old);
}

static bool has_word(char *const words[], const char *word)
{
	for (size_t i = 0; words[i]; i++)
		if (!strcasecmp(words[i], word))
			return true;
	return false;
}

static int create_and_start(struct engine *e, const struct run_options *o, char ret_id[CONTAINER_ID_LEN + 1],
	int *ret_exit, struct mc_err *err)
{
	struct start_options start = { .attach = !o->detach,
		.interactive = o->interactive,
		.sig_proxy = o->sig_proxy,
		.detach_keys = o->detach_keys };
	struct mc_err ignored = { 0 };
	if (o->attach && !o->detach) {
		start.no_stdout = !has_word(o->attach, "stdout");
		start.no_stderr = !has_word(o->attach, "stderr");
		start.interactive = o->interactive && has_word(o->attach, "stdin");
	}
	int rc = container_create(e, o, ret_id, err);
	if (rc < 0)
		return rc;
	rc = container_start(e, ret_id, &start, ret_exit, err);
	if (rc < 0 && o->rm)
		container_remove(e, ret_id, REMOVE_FORCE, &ignored);
	return rc;
}

int container_run(struct engine *e, const struct run_options *o, char ret_id[CONTAINER_ID_LEN + 1],
	int *ret_exit, struct mc_err *err)
{
	sigset_t old;
	int rc = check_terminal(o, err);
	if (rc < 0)
		return rc;
	hold_signals(&old);
	rc = create_and_start(e, o, ret_id, ret_exit, err);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return rc < 0 && !err->exit_status ? err_exit(err, 125) : rc;
}

int container_restart(struct engine *e, const char *name, const char *signal, int seconds, struct mc_err *err)
{
	struct start_options o = { 0 };
	int code;
	int rc = container_stop(e, name, signal, seconds, err);
	if (rc >= 0)
		rc = container_start(e, name, &o, &code, err);
	if (rc >= 0)
		event_named(e, name, "restart");
	return rc;
}
