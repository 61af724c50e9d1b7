/*
 * compose/watch.c - `compose watch`, the edit loop: a saved file is in the container a moment later.
 *
 * Kernel objects: inotify(7) wakes the loop, and where it is blind (network file systems, the other side of
 * WSL2) the tree is looked at every two seconds all the same; signalfd(2) ends it.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/compose/compose.h"
#include "compose/watch_rules.h"

/* An editor's save is several events; a branch switch is thousands: act when it has been quiet. */
enum { WATCH_QUIET_MS = 200, WATCH_LOOK_MS = 2000 };

struct watch_values {
	bool no_up, quiet, prune;
};

static const struct option_def watch_options[] = {
	{ 0, "no-up", OPT_FLAG, offsetof(struct watch_values, no_up), NULL, "The services run already" },
	{ 0, "prune", OPT_FLAG, offsetof(struct watch_values, prune), NULL, NULL },
	{ 0, "quiet", OPT_FLAG, offsetof(struct watch_values, quiet), NULL, "Say nothing of what is copied" },
	{ 0 },
};

static const char *const watch_words[] = { "Syncing", "Rebuilding", "Restarting", "Syncing and restarting",
	"Syncing and running" };

static void watch_say(const struct watch_rule *r, char *const changed[], char *const removed[])
{
	size_t n = strv_len(changed) + strv_len(removed);
	const char *first = changed && changed[0] ? changed[0] : removed && removed[0] ? removed[0] : "";
	printf("%s service \"%s\" after %zu changes were detected: %s%s\n", watch_words[r->action],
		r->service, n, *first ? first : r->path, n > 1 ? " ..." : "");
	fflush(stdout);
}

/*
 * A failure of one round is told and the loop goes on: the next save may mend it. The tree of before stays
 * when it failed to be read, so that nothing is lost.
 */
static void watch_round(struct engine *e, struct project *p, struct watch_rule *r, int notify,
	const struct watch_values *v, struct board *b)
{
	struct mc_err failed = { 0 };
	struct tree now = { 0 };
	_cleanup_strv_ char **changed = NULL, **removed = NULL;
	if (tree_read(r->path, watch_skips, r, notify, &now, &failed) < 0) {
		err_print(&failed, "minictr");
		tree_release(&now);
		return;
	}
	tree_compare(&r->tree, &now, &changed, &removed);
	tree_release(&r->tree);
	r->tree = now;
	if (!changed && !removed)
		return;
	if (!v->quiet)
		watch_say(r, changed, removed);
	if (watch_act(e, p, r, changed, removed, b, &failed) < 0)
		err_print(&failed, "minictr");
}

/* The first look; with initial_sync everything counts as changed. */
static int watch_begin(struct engine *e, struct project *p, struct watch_rules *rules, int notify,
	struct board *b, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < rules->n; i++) {
		struct watch_rule *r = &rules->items[i];
		_cleanup_strv_ char **all = NULL;
		rc = tree_read(r->path, watch_skips, r, notify, &r->tree, err);
		for (size_t k = 0; rc >= 0 && r->initial_sync && k < r->tree.n; k++)
			strv_push(&all, r->tree.files[k].path);
		if (rc >= 0 && all && watch_copies(r->action))
			rc = watch_act(e, p, r, all, NULL, b, err);
	}
	return rc;
}

/* Until a signal comes: returns its number. */
static int watch_loop(struct engine *e, struct project *p, struct watch_rules *rules, int notify,
	const struct watch_values *v, struct board *b)
{
	sigset_t set;
	char events[4096];
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	_cleanup_close_ int signals = signalfd(-1, &set, SFD_CLOEXEC);
	for (;;) {
		struct pollfd fds[] = { { signals, POLLIN, 0 }, { notify, POLLIN, 0 } };
		poll(fds, 2, WATCH_LOOK_MS);
		struct signalfd_siginfo info;
		if (fds[0].revents && read(signals, &info, sizeof(info)) == sizeof(info))
			return (int)info.ssi_signo;
		while (fds[1].revents && poll(&fds[1], 1, WATCH_QUIET_MS) > 0)
			while (read(notify, events, sizeof(events)) > 0)
				continue;
		for (size_t i = 0; i < rules->n; i++)
			watch_round(e, p, &rules->items[i], notify, v, b);
	}
}

int watch_services(struct engine *e, struct project *p, char *const services[], bool quiet, struct board *b,
	struct mc_err *err)
{
	struct watch_rules rules = { 0 };
	const struct watch_values v = { .quiet = quiet };
	_cleanup_close_ int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int rc = watch_rules_read(p, services, &rules, err);
	if (rc >= 0)
		rc = watch_begin(e, p, &rules, notify, b, err);
	if (rc >= 0) {
		printf("Watch enabled\n");
		fflush(stdout);
		rc = watch_loop(e, p, &rules, notify, &v, b);
	}
	watch_rules_release(&rules);
	return rc;
}

static int compose_cmd_watch(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct watch_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	struct watch_rules rules = { 0 };
	struct board b;
	struct up_options o = { .services = argc ? argv : NULL, .build = true, .timeout = -1 };
	int rc = compose_open(cli, argv, &e, &p, err);
	if (rc >= 0)
		/* what is wrong is refused before anything is made */
		rc = watch_rules_read(&p, argc ? argv : NULL, &rules, err);
	watch_rules_release(&rules);
	if (rc < 0)
		return rc;
	compose_board(cli, &b, &p);
	if (!v->no_up)
		rc = project_up(&e, &p, &o, &b, NULL, err);
	if (rc >= 0)
		rc = watch_services(&e, &p, argc ? argv : NULL, v->quiet, &b, err);
	board_close(&b);
	return rc > 0 ? 128 + rc : rc;
}

const struct command compose_watch = {
	.name = "watch",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] [SERVICE...]",
	.summary = "Copy, rebuild or restart when a source file is saved (develop.watch)",
	.example = "minictr compose watch web",
	.options = watch_options,
	.values_size = sizeof(struct watch_values),
	.max_args = ANY_ARGS,
	.run = compose_cmd_watch,
};
