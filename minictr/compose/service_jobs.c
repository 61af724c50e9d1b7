/*
 * service_jobs.c - services side by side where the graph allows it.
 *
 * Kernel objects and man pages: fork(2), waitpid(2), poll(2), signalfd(2), PR_SET_PDEATHSIG(2const).
 * One child process a service: starting containers takes file locks and system calls that must not be mixed
 * in one process, and a child that waits for a health check costs nothing. The parent only draws the table
 * and starts what has become free.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compose/graph.h"
#include "compose/up.h"
#include "base/sys.h"
#include "engine/container.h"

enum job_state { JOB_OUT, JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED };

struct job {
	enum job_state state;
	pid_t pid;
	int fd; /* pidfd_open(2): readable when the child has ended */
};

static bool schedule_is_free(const struct graph *g, const struct job *jobs, size_t i, bool reverse)
{
	for (size_t k = 0; k < g->n_edges; k++) {
		int before = reverse ? g->from[k] : g->to[k], after = reverse ? g->to[k] : g->from[k];
		/* On the way down a failed service does not hold up the others: all have to be removed. */
		bool past = jobs[before].state == JOB_DONE || jobs[before].state == JOB_OUT ||
			    (reverse && jobs[before].state == JOB_FAILED);
		if ((size_t)after == i && !past)
			return false;
	}
	return true;
}

/* --parallel 1: one service at a time. What runs waits for services that are done, so a place comes free. */
static bool schedule_has_room(const struct project *p, const struct job *jobs, size_t n)
{
	size_t running = 0;
	for (size_t i = 0; i < n; i++)
		running += jobs[i].state == JOB_RUNNING;
	return p->parallel <= 0 || running < (size_t)p->parallel;
}

static void schedule_child(
	struct engine *e, const struct project *p, const char *service, schedule_fn *fn, void *data)
{
	struct mc_err failed = { 0 };
	sigset_t none;
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* the same when the command was killed, or its pipe was closed */
	signal(SIGINT, SIG_IGN);  /* Ctrl-C reaches the whole group; the parent decides what follows */
	signal(SIGTERM, SIG_IGN); /* a step is finished; up_wait_for() lets the signal in */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (fn(e, p, service, data, &failed) < 0) {
		err_print(&failed, "minictr");
		fflush(NULL);
		_exit(failed.exit_status ? failed.exit_status : 1);
	}
	fflush(NULL);
	_exit(0);
}

static int schedule_start(struct engine *e, const struct project *p, const char *service, struct job *j,
	schedule_fn *fn, void *data, struct mc_err *err)
{
	fflush(NULL);
	j->pid = fork();
	if (j->pid < 0)
		return err_sys(err, "fork()");
	if (j->pid == 0)
		schedule_child(e, p, service, fn, data);
	j->state = JOB_RUNNING;
	j->fd = sys_pidfd_open(j->pid, err);
	return j->fd < 0 ? j->fd : 0;
}

static size_t schedule_reap(struct job *jobs, size_t n)
{
	size_t running = 0;
	for (size_t i = 0; i < n; i++) {
		int status;
		if (jobs[i].state == JOB_RUNNING && waitpid(jobs[i].pid, &status, WNOHANG) == jobs[i].pid) {
			jobs[i].state = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? JOB_DONE : JOB_FAILED;
			close(jobs[i].fd);
		}
		running += jobs[i].state == JOB_RUNNING;
	}
	return running;
}

/* Ctrl-C and kill(1) as a descriptor, readable from then on instead of deadly. */
static int schedule_signals(sigset_t *ret_before, struct mc_err *err)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, ret_before);
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_sys(err, "signalfd()") : fd;
}

/*
 * Was `up` interrupted? Then a child that waits for a dependency ends, or it would start its service after
 * the command is long gone; one that acts ignores the signal, finishes its step, and is told again.
 */
static bool schedule_interrupted(int signals, const struct job *jobs, size_t n, bool before)
{
	struct signalfd_siginfo info;
	bool yes = before || (signals >= 0 && read(signals, &info, sizeof(info)) == sizeof(info));
	for (size_t i = 0; yes && i < n; i++)
		if (jobs[i].state == JOB_RUNNING)
			kill(jobs[i].pid, SIGTERM);
	return yes;
}

/* Until a child ends or reports, or a signal; a table on a terminal is drawn anew five times a second. */
static bool schedule_sleep(
	const struct job *jobs, size_t n, int signals, bool interrupted, const struct board *b)
{
	_cleanup_free_ struct pollfd *fds = xcalloc(n + 2, sizeof(*fds));
	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){ jobs[i].state == JOB_RUNNING ? jobs[i].fd : -1, POLLIN, 0 };
	fds[n] = (struct pollfd){ b->in, POLLIN, 0 };
	fds[n + 1] = (struct pollfd){ signals, POLLIN, 0 };
	return poll(fds, n + 2, interrupted ? 50 : b->live ? 200 : -1) == 0;
}

/* On a terminal a row that waits shows what is waited for: the health as it is now. */
static void schedule_show_health(struct engine *e, struct board *b)
{
	for (size_t i = 0; b->live && i < b->n; i++) {
		_cleanup_container_ struct container c = { 0 };
		struct mc_err gone = { 0 };
		const char *name = b->rows[i].what + strlen("Container ");
		if ((!str_eq(b->rows[i].state, "Waiting") && !str_eq(b->rows[i].state, "starting")) ||
			container_find(e, name, &c, &gone) < 0 || !c.health)
			continue;
		board_set(b, b->rows[i].what, c.health);
	}
}

int schedule_services(struct engine *e, const struct project *p, char *const services[], bool reverse,
	struct board *b, schedule_fn *fn, void *data, struct mc_err *err)
{
	struct graph g;
	graph_of_project(p, &g);
	_cleanup_free_ struct job *jobs = xcalloc(g.n + 1, sizeof(*jobs));
	for (size_t i = 0; i < g.n; i++)
		jobs[i].state = !services || strv_has((char **)services, g.names[i]) ? JOB_WAITING : JOB_OUT;
	sigset_t before;
	bool failed = false, halt = false, interrupted = false;
	int signals = reverse ? -1 : schedule_signals(&before, err), rc = reverse ? 0 : signals;
	for (size_t running = 1; running;) {
		for (size_t i = 0; rc >= 0 && !halt && i < g.n; i++)
			if (jobs[i].state == JOB_WAITING && schedule_has_room(p, jobs, g.n) &&
				schedule_is_free(&g, jobs, i, reverse))
				rc = schedule_start(e, p, g.names[i], &jobs[i], fn, data, err);
		running = schedule_reap(jobs, g.n);
		for (size_t i = 0; i < g.n; i++)
			failed = failed || jobs[i].state == JOB_FAILED;
		interrupted = schedule_interrupted(signals, jobs, g.n, interrupted);
		halt = (failed && !reverse) || interrupted;
		if (running && schedule_sleep(jobs, g.n, signals, interrupted, b))
			schedule_show_health(e, b);
		board_drain(b);
		for (size_t i = 0; !running && rc >= 0 && !halt && i < g.n; i++)
			running += jobs[i].state == JOB_WAITING; /* one has just become free */
	}
	graph_release(&g);
	if (!reverse)
		sigprocmask(SIG_SETMASK, &before, NULL);
	close_fd(signals);
	if (rc < 0 || (!failed && !interrupted))
		return rc < 0 ? rc : 0;
	err_set(err, interrupted ? EINTR : ECANCELED, "%s", "");
	return err_exit(err, interrupted ? 130 : 1);
}
