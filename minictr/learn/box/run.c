/*
 * box/run.c - programs in the crash box as the grader sees them: start, output, time, the end.
 *
 * Kernel objects: pipe(7), poll(2), pidfd_send_signal(2), waitpid(2).
 * The program itself, and the helper whose wait status is the evidence: box/enter.c.
 * A run ends when the main program ends, never at the end of its output: a survivor may hold the pipe for
 * ever.
 *
 * Left out: a terminal (TIOCSTI could type into the grader's).
 */
#include "learn/box/enter.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "learn/checking.h"
#include "learn/crash.h"

/* --- the grader --- */

static int shell_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void ended(struct run *r, int status, bool timed_out)
{
	r->done = true;
	r->timed_out = timed_out;
	r->status = status;
	r->code = shell_code(status);
	run_drain(r);
	r->out_len = crash_take(r->box->check->record, r->argv[0], r->out, r->out_len);
	check_evidence(r->box->check, "-> %s %d%s%s%s", WIFSIGNALED(status) ? "signal" : "exit status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		timed_out ? " (killed: time is up)" : "", r->out_len ? "\n" : "", r->out_len ? r->out : "");
}

void run_drain(struct run *r)
{
	char bytes[65536];
	ssize_t n;
	while (r->pipe >= 0 && (n = read(r->pipe, bytes, sizeof(bytes))) > 0) {
		size_t room = r->out_len < BOX_OUTPUT ? BOX_OUTPUT - r->out_len : 0;
		size_t keep = (size_t)n < room ? (size_t)n : room;
		r->out = xrealloc(r->out, r->out_len + keep + 1);
		memcpy(r->out + r->out_len, bytes, keep);
		r->out_len += keep;
		r->out[r->out_len] = '\0';
		r->printed += (size_t)n;
		if (r->printed > BOX_OUTPUT_MAX)
			box_kill(r, SIGKILL);
		if (r->done && r->printed > BOX_OUTPUT_MAX)
			return; /* a survivor may print for ever */
	}
}

/* One report, or nothing within ms. False at the end of the pipe. */
static bool next_report(struct run *r, unsigned ms, struct report *ret)
{
	uint64_t end = now_ns(CLOCK_MONOTONIC) + ms * 1000000ULL;
	for (;;) {
		struct pollfd p[2] = { { .fd = r->helper, .events = POLLIN },
			{ .fd = r->pipe, .events = POLLIN } };
		uint64_t now = now_ns(CLOCK_MONOTONIC);
		int left = now >= end ? 0 : (int)((end - now) / 1000000 + 1);
		int n = poll(p, 2, left);
		if (p[0].revents)
			return read(r->helper, ret, sizeof(*ret)) == (ssize_t)sizeof(*ret);
		if (p[1].revents & POLLIN)
			run_drain(r);
		else if (p[1].revents)
			r->pipe = close_fd(
				r->pipe); /* no process holds the other end; the program may live on */
		if (n <= 0 && left == 0)
			return false;
	}
}

static void open_pipes(struct entering *e, struct check *c)
{
	struct mc_err err = { 0 };
	const char *input = e->run->input;
	if (sys_pipe(e->report, &err) < 0 || sys_pipe(e->output, &err) < 0 ||
		(input && sys_pipe(e->input, &err) < 0))
		check_trouble(c, "%s", err.what);
	fcntl(e->output[0], F_SETFL, O_NONBLOCK);
	fcntl(e->output[1], F_SETPIPE_SZ, BOX_OUTPUT_MAX);
	if (!input)
		return;
	/* so that the whole input fits without a writer */
	fcntl(e->input[1], F_SETPIPE_SZ, BOX_OUTPUT_MAX);
	if (file_write_all(e->input[1], input, strlen(input), &err) < 0)
		check_trouble(c, "%s", err.what);
	close(e->input[1]);
}

/* Reports of the helper between the first, the pid, and the last, the status. True when it was one. */
static bool take_note(struct run *r, const struct report *what)
{
	if (what->kind == REPORT_FAILED_CALL)
		r->failed_call = what->value;
	else if (what->kind == REPORT_OTHER_CALL)
		r->other_call = true;
	else if (what->kind == REPORT_SETUP)
		r->setup_failed = true;
	else
		return false;
	return true;
}

struct run *box_start(struct box *b, struct run *r)
{
	struct check *c = b->check;
	struct entering e = { .box = b, .run = r, .input = { -1, -1 }, .words = -1, .program = -1 };
	struct report hello = { .kind = REPORT_ERROR };
	struct mc_err err = { 0 };
	r->box = b;
	r->failed_call = -1;
	r->first = !b->disturbed;
	check_ran_default(c, r->argv);
	if (program_open(&e, &err) < 0)
		check_trouble(c, "%s", err.what);
	open_pipes(&e, c);
	r->helper_pid = fork();
	if (r->helper_pid == 0)
		helper_main(&e);
	close(e.report[1]);
	close(e.output[1]);
	close_fd(e.input[0]);
	program_close(&e);
	r->helper = e.report[0];
	r->pipe = e.output[0];
	r->pidfd = -1;
	r->out = xstrdup("");
	if (!next_report(r, 5000, &hello) || hello.kind == REPORT_ERROR)
		check_trouble(c, "starting %s in the box: %s", r->argv[0],
			hello.err.what[0] ? hello.err.what : "its helper gave no answer");
	r->pid = hello.value;
	b->disturbed |= b->foreign;
	/* the helper has not waited yet, or the pid is dead: then -1 */
	r->pidfd = sys_pidfd_open(r->pid, &err);
	return r;
}

/* What a drive program tells by its exit status of every owned function, whatever the check is about
 * (learn/drive.h). */
static void judge_drive(struct run *r)
{
	struct check *c = r->box->check;
	const char *line = strstr(r->out, "drive: descriptors: ");
	if (r->setup_failed && r->first)
		r->box->disturbed = false; /* it came to no function of the learner's */
	if (r->setup_failed)
		check_trouble(c, "the drive program could not prepare the stage: %s", r->out);
	const char *broken = strstr(r->out, "drive: broken: ");
	if (r->code == RUN_BROKEN && broken)
		check_fail(c, "M-ANY-RESULT", "success means that the result is there", "%.*s",
			(int)strcspn(broken + 15, "\n"), broken + 15);
	if (r->code == RUN_POSITIVE && strstr(r->out, "drive: positive: "))
		check_fail(c, "M-ANY-POSITIVE", "the function returns 0, or -errno", "%s", run_failure(r));
	if (r->code != RUN_FDS && r->code != RUN_FDS_EXEC)
		return;
	if (line)
		check_fail(c,
			strstr(line, " of the caller's ") ? "M-ANY-CLOSED"
			: c->fds_misread                  ? c->fds_misread
			: r->code == RUN_FDS              ? "M-ANY-FDS"
							  : "M-ANY-CLOEXEC",
			"the function leaves the descriptors as its contract says", "%.*s",
			(int)strcspn(line + 20, "\n"), line + 20);
}

bool box_wait(struct run *r, unsigned ms)
{
	struct report last;
	if (r->done)
		return true;
	do
		if (!next_report(r, ms, &last))
			return false;
	while (take_note(r, &last));
	if (last.kind == REPORT_ERROR)
		check_trouble(r->box->check, "starting %s in the box: %s", r->argv[0], last.err.what);
	while (waitpid(r->helper_pid, NULL, 0) < 0 && errno == EINTR)
		;
	ended(r, last.value, false);
	judge_drive(r);
	return true;
}

struct run *box_run(struct box *b, struct run *r)
{
	box_start(b, r);
	if (box_wait(r, r->ms ? r->ms : 5000))
		return r;
	box_kill(r, SIGKILL);
	if (!box_wait(r, 2000))
		ended(r, SIGKILL, true);
	r->timed_out = true;
	r->code = RUN_TIMED_OUT;
	return r;
}

void box_kill(struct run *r, int signal)
{
	struct mc_err err;
	if (r->pidfd >= 0 && !r->done)
		sys_pidfd_send_signal(r->pidfd, signal, &err);
}

/* The last line that is not empty, short and printable. */
static char *last_line(struct check *c, const char *out)
{
	size_t end = out ? strlen(out) : 0;
	while (end && (out[end - 1] == '\n' || out[end - 1] == ' '))
		end--;
	size_t begin = end;
	while (begin && out[begin - 1] != '\n')
		begin--;
	char *line =
		check_text(c, "%.*s", end - begin > 300 ? 300 : (int)(end - begin), out ? out + begin : "");
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ') /* a plain char is unsigned on arm64 */
			*p = '?';
	return line;
}

char *run_failure(const struct run *r)
{
	struct check *c = r->box->check;
	if (r->timed_out || !r->done)
		return check_text(c, "it did not come back");
	if (WIFSIGNALED(r->status))
		return check_text(c, "the program was killed by signal %d (%s)", WTERMSIG(r->status),
			strsignal(WTERMSIG(r->status)));
	if (r->code == 0)
		return check_text(c, "it said success (0)");
	if (r->code == RUN_POSITIVE)
		return check_text(c, "it returned a positive number");
	if (r->code == RUN_NO_PROBE)
		return check_text(
			c, "/probe, the program that runs next, is not found or cannot be executed");
	const char *name = errno_name(r->code), *line = last_line(c, r->out);
	if (r->code == 1 && str_eq(line, "the function returned -1 (-EPERM)"))
		return check_text(
			c, "it failed: -1 (-EPERM, or a system call's own -1: err_sys() makes -errno of it)");
	if (strstr(line, name) || strstr(line, "the function returned -"))
		return check_text(c, "it failed: %s", line);
	/* drive_result() names every error that is returned: this status is the program's own, and no errno. */
	return check_text(c, "the program ended itself with exit status %d%s%s", r->code,
		*line ? "; it printed: " : "", line);
}
