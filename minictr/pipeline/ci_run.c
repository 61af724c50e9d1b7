/*
 * ci_run.c - the loop of a run: start what can start, hear what ended, write it down.
 *
 * Kernel objects and man pages: waitpid(2), poll(2), sigaction(2).
 * Order and why: the record is written after each change, so a crash loses at most the jobs that were
 * running; `run --resume` does those again. Ctrl-C kills the containers, not the processes that look after
 * the jobs: these clean up and report.
 */
#include "pipeline/ci_run.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "engine/stop.h"

enum { RUN_PAUSE_MS = 50 };

static volatile sig_atomic_t interrupted;

static void on_signal(int number) { interrupted = number; }

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

/* --- which jobs run --- */

static bool is_chosen(const struct ci_run *r, const struct job *j)
{
	return strv_has(r->chosen, j->name) || strv_has(r->chosen, j->base);
}

/* The chosen jobs and all that they wait for; want[] has room for all. */
static void choose(const struct ci_run *r, bool want[])
{
	const struct pipeline *p = &r->m.p;
	for (size_t i = 0; i < p->n_jobs; i++)
		want[i] = !r->chosen || is_chosen(r, &p->jobs[i]);
	for (bool more = r->chosen && !r->no_needs; more;) {
		more = false;
		for (size_t i = 0; i < p->n_jobs; i++)
			for (size_t k = 0; want[i] && k < p->n_jobs; k++)
				if (k != i && !want[k] && job_waits_for(p, &p->jobs[i], &p->jobs[k]))
					want[k] = more = true;
	}
}

/* Where each job stands before the first one starts. Those that succeeded in the run that is resumed stay. */
static void set_out(struct ci_run *r)
{
	struct pipeline *p = &r->m.p;
	_cleanup_free_ bool *want = xcalloc(p->n_jobs + 1, sizeof(*want));
	choose(r, want);
	for (size_t i = 0; i < p->n_jobs; i++) {
		struct job *j = &p->jobs[i];
		if (j->status == JOB_SUCCESS || j->status == JOB_WARNING)
			continue;
		j->status = JOB_WAITING;
		if (!want[i] || j->unsupported)
			j->status = JOB_SKIPPED;
		else if (j->when == WHEN_MANUAL && !is_chosen(r, j))
			j->status = JOB_MANUAL;
		if (j->unsupported)
			j->reason = xstrdup("a trigger");
		/* a need that was left out by --no-needs holds nothing up */
		if (want[i] && r->no_needs)
			j->by_needs = false;
	}
}

/* --- what ended --- */

static void read_result(struct ci_run *r, struct job *j, int wait_status)
{
	_cleanup_free_ char *path = xasprintf("%s/result.json", j->dir);
	_cleanup_json_ struct json *doc = NULL;
	struct mc_err ignored = { 0 };
	j->finished = (int64_t)now_ns(CLOCK_REALTIME);
	free(j->reason);
	j->reason = NULL;
	if (json_parse_record(r->dir, path, 1 << 20, &doc, &ignored) < 0) {
		j->status = JOB_FAILED;
		j->reason = xasprintf("the process that looks after it ended with status %d", wait_status);
		return;
	}
	const char *digest = json_text_of(json_member(doc, "Digest")),
		   *image = json_text_of(json_member(doc, "Image"));
	j->status = (enum job_status)json_int_of(json_member(doc, "Status"));
	j->exit_code = (int)json_int_of(json_member(doc, "ExitCode"));
	j->reason = xstrdup(json_text_of(json_member(doc, "Reason")));
	free(j->image);
	j->image = xstrdup(image);
	snprintf(j->pinned, sizeof(j->pinned), "%s", digest ? digest : "");
}

static void tell(const struct ci_run *r, const struct job *j)
{
	char state[64];
	if (!r->board)
		return;
	switch (j->status) {
	case JOB_SUCCESS: snprintf(state, sizeof(state), "Passed"); break;
	case JOB_FAILED: snprintf(state, sizeof(state), "Failed"); break;
	case JOB_WARNING: snprintf(state, sizeof(state), "Allowed"); break;
	case JOB_MANUAL: snprintf(state, sizeof(state), "Manual"); break;
	case JOB_SKIPPED: snprintf(state, sizeof(state), "Skipped"); break;
	case JOB_CANCELED: snprintf(state, sizeof(state), "Canceled"); break;
	default: snprintf(state, sizeof(state), "Running ..."); break;
	}
	board_set(r->board, j->name, state);
}

/* On a terminal: how long each job has been running. */
static void tell_times(const struct ci_run *r)
{
	int64_t now = (int64_t)now_ns(CLOCK_REALTIME);
	for (size_t i = 0; r->board && r->board->live && i < r->m.p.n_jobs; i++) {
		const struct job *j = &r->m.p.jobs[i];
		long long seconds = (now - j->started) / 1000000000;
		char state[32];
		if (j->status != JOB_RUNNING || !seconds)
			continue;
		snprintf(state, sizeof(state), seconds < 1000 ? "Running %llds" : "Running %lldm",
			seconds < 1000 ? seconds : seconds / 60);
		board_set(r->board, j->name, state);
	}
}

/* Number of jobs that have ended just now. */
static int reap(struct ci_run *r)
{
	int ended = 0, status;
	for (size_t i = 0; i < r->m.p.n_jobs; i++) {
		struct job *j = &r->m.p.jobs[i];
		if (j->status != JOB_RUNNING || waitpid(j->pid, &status, WNOHANG) != j->pid)
			continue;
		read_result(r, j, status);
		if (interrupted && j->status == JOB_FAILED) {
			j->status = JOB_CANCELED;
			free(j->reason); /* the 137 of a command that we killed explains nothing */
			j->reason = xstrdup("the run was ended by a signal");
		}
		tell(r, j);
		ended++;
	}
	return ended;
}

static size_t count(const struct ci_run *r, enum job_status s)
{
	size_t n = 0;
	for (size_t i = 0; i < r->m.p.n_jobs; i++)
		n += r->m.p.jobs[i].status == s;
	return n;
}

/* --- the end --- */

static void kill_running(struct ci_run *r)
{
	static const char *const parts[] = { "", "-after" };
	struct mc_err ignored = { 0 };
	for (size_t i = 0; i < r->m.p.n_jobs; i++)
		for (size_t k = 0; r->m.p.jobs[i].status == JOB_RUNNING && k < ARRAY_LEN(parts); k++) {
			_cleanup_free_ char *name = job_container_name(r, &r->m.p.jobs[i], parts[k]);
			container_kill(r->engine, name, "KILL", &ignored);
		}
}

static const char *status_of(const struct ci_run *r)
{
	if (interrupted)
		return "canceled";
	if (count(r, JOB_FAILED))
		return "failed";
	return count(r, JOB_WAITING) ? "blocked" : "success";
}

static int write_junit(struct ci_run *r, struct mc_err *err)
{
	_cleanup_free_ char *text = ci_junit(r);
	return file_write_atomic(r->dir, "junit.xml", text, strlen(text), 0644, 0, err);
}

/* One turn: what can start starts, what ended is written down. *more becomes false when nothing is left. */
static int turn(struct ci_run *r, struct job *ready[], bool *more, struct mc_err *err)
{
	_cleanup_free_ bool *was = xcalloc(r->m.p.n_jobs + 1, sizeof(*was));
	for (size_t i = 0; i < r->m.p.n_jobs; i++)
		was[i] = r->m.p.jobs[i].status == JOB_SKIPPED;
	int n = interrupted ? 0 : jobs_start(&r->m.p, ready, err);
	for (int i = 0; i < n; i++) {
		ready[i]->started = (int64_t)now_ns(CLOCK_REALTIME);
		tell(r, ready[i]);
	}
	for (size_t i = 0; i < r->m.p.n_jobs; i++)
		if (r->m.p.jobs[i].status == JOB_SKIPPED && !was[i])
			tell(r, &r->m.p.jobs[i]);
	if (interrupted)
		kill_running(r);
	int ended = reap(r);
	*more = count(r, JOB_RUNNING) > 0 || ended > 0;
	if (n < 0)
		return n;
	return n || ended ? ci_run_save(r, *more ? "running" : status_of(r), err) : 0;
}

int ci_run_all(struct ci_run *r, const char **ret_status, struct mc_err *err)
{
	struct pipeline *p = &r->m.p;
	_cleanup_free_ struct job **ready = xcalloc(p->n_jobs + 1, sizeof(*ready));
	struct mc_err first = { 0 };
	p->dir = r->dir;
	p->work = job_work;
	p->find_image = job_find_image;
	p->data = r;
	set_out(r);
	catch_signals();
	for (size_t i = 0; i < p->n_jobs; i++)
		if (p->jobs[i].status == JOB_MANUAL)
			tell(r, &p->jobs[i]);
	int rc = ci_run_save(r, "running", err);
	for (bool more = true; rc >= 0 && more;) {
		struct pollfd report = { r->board ? r->board->in : -1, POLLIN, 0 };
		rc = turn(r, ready, &more, &first);
		if (more)
			poll(&report, 1, RUN_PAUSE_MS);
		if (r->board)
			board_drain(r->board);
		tell_times(r);
		if (r->turned)
			r->turned(r);
	}
	if (rc < 0 && first.code)
		*err = first;
	r->finished = (int64_t)now_ns(CLOCK_REALTIME);
	*ret_status = status_of(r);
	if (rc >= 0)
		rc = write_junit(r, err);
	return rc < 0 ? rc : ci_run_save(r, *ret_status, err);
}
