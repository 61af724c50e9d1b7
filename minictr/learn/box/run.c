/*
 * box/run.c - programs in the crash box, and an exit status nobody inside can forge.
 *
 * Kernel objects: setns(2), pidfd_open(2), waitpid(2), pid_namespaces(7), setsid(2).
 * A helper outside the box's pid namespace joins the namespaces, forks and waits; the child, inside, sheds the
 * grader's descriptors and becomes the program. Student code cannot name the helper, so its wait status is the evidence.
 * The child starts a session of its own: kill(0, ...) reaches a process group across pid namespaces.
 * A run ends when the main program ends, never at the end of its output: a survivor may hold the pipe for ever.
 *
 * Left out: a terminal (TIOCSTI could type into the grader's).
 */
#include "learn/box/box.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "learn/checking.h"

/* What the helper reports, in this order: the started pid, then the wait status; or an error. */
struct report {
	enum { REPORT_PID, REPORT_STATUS, REPORT_ERROR } kind;
	int value;
	struct mc_err err;
};

struct entering {
	const struct box *box;
	const struct run *run;
	int report[2], output[2], input[2];
	int cgroups[BOX_TREES];
};

/* --- inside --- */

static int prepare_program(struct entering *e, struct mc_err *err)
{
	const struct run *r = e->run;
	int rc = sys_setsid(err);
	if (rc >= 0)
		rc = box_cgroup_enter(e->box, e->cgroups, err);
	if (rc == 0)
		rc = box_become_root(e->box->ids, err);
	int in = rc < 0 ? rc : r->input ? e->input[0] : sys_open(AT_FDCWD, "/dev/null", O_RDONLY, 0, err);
	if (in < 0)
		return in;
	dup2(in, 0);
	dup2(e->output[1], 1);
	dup2(e->output[1], 2);
	/* The report pipe stays until exec (O_CLOEXEC): it tells of a failed one. All else of ours goes now. */
	dup2(e->report[1], 3);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	rc = sys_close_range(4, ~0u, 0, err);
	if (rc == 0)
		rc = sys_chdir(r->dir ? r->dir : "/work", err);
	if (rc == 0)
		rc = box_confine(err);
	if (rc == 0 && r->uid != 0)
		rc = sys_setgid(r->uid, err);
	return rc == 0 && r->uid != 0 ? sys_setuid(r->uid, err) : rc;
}

static void program_main(struct entering *e)
{
	static const char *const env[] = { "PATH=/lab/mine:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/work",
		"TERM=dumb", "LC_ALL=C.UTF-8", NULL };
	struct report failed = { .kind = REPORT_ERROR };
	umask(022);
	if (prepare_program(e, &failed.err) >= 0) {
		signal(SIGPIPE, SIG_DFL);
		sys_execve(e->run->argv[0], (char *const *)e->run->argv,
			(char *const *)(e->run->env ? e->run->env : env), &failed.err);
	}
	if (write(3, &failed, sizeof(failed)) < 0)
		_exit(126);
	_exit(125);
}

/* --- the helper: joined, but outside the pid namespace --- */

static int start_program(struct entering *e, struct mc_err *err)
{
	int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
		    CLONE_NEWCGROUP;
	int rc = box_first_to_die(err);
	if (rc == 0)
		rc = box_cgroup_open(e->box, true, e->cgroups, err);
	if (rc == 0)
		rc = box_join(e->box, flags, err);
	if (rc < 0)
		return rc;
	pid_t pid = fork();
	if (pid == 0)
		program_main(e);
	return pid < 0 ? err_sys(err, "fork into the box") : pid;
}

static void helper_main(struct entering *e)
{
	struct report r = { .kind = REPORT_ERROR };
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pid_t pid = start_program(e, &r.err);
	if (pid < 0) {
		_exit(write(e->report[1], &r, sizeof(r)) < 0);
	}
	close(e->output[1]);
	struct report started = { .kind = REPORT_PID, .value = pid }, ended = { .kind = REPORT_STATUS };
	if (write(e->report[1], &started, sizeof(started)) < 0)
		_exit(1);
	/* The pipe must have no writer but this helper and, until its exec, the program. */
	while (waitpid(pid, &ended.value, 0) < 0 && errno == EINTR)
		;
	_exit(write(e->report[1], &ended, sizeof(ended)) < 0);
}

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
			r->pipe = close_fd(r->pipe); /* nobody holds the other end; the program may live on */
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
	fcntl(e->input[1], F_SETPIPE_SZ, BOX_OUTPUT_MAX); /* so that the whole input fits without a writer */
	if (file_write_all(e->input[1], input, strlen(input), &err) < 0)
		check_trouble(c, "%s", err.what);
	close(e->input[1]);
}

struct run *box_start(struct box *b, struct run *r)
{
	struct check *c = b->check;
	struct entering e = { .box = b, .run = r, .input = { -1, -1 } };
	struct report hello = { .kind = REPORT_ERROR };
	r->box = b;
	check_ran_default(c, r->argv);
	open_pipes(&e, c);
	r->helper_pid = fork();
	if (r->helper_pid == 0)
		helper_main(&e);
	close(e.report[1]);
	close(e.output[1]);
	close_fd(e.input[0]);
	r->helper = e.report[0];
	r->pipe = e.output[0];
	r->pidfd = -1;
	r->out = xstrdup("");
	if (!next_report(r, 5000, &hello) || hello.kind == REPORT_ERROR)
		check_trouble(c, "starting %s in the box: %s", r->argv[0],
			hello.err.what[0] ? hello.err.what : "its helper gave no answer");
	r->pid = hello.value;
	struct mc_err err;
	r->pidfd =
		sys_pidfd_open(r->pid, &err); /* the helper has not waited yet, or the pid is dead: then -1 */
	return r;
}

bool box_wait(struct run *r, unsigned ms)
{
	struct report last;
	if (r->done)
		return true;
	if (!next_report(r, ms, &last))
		return false;
	if (last.kind == REPORT_ERROR)
		check_trouble(r->box->check, "starting %s in the box: %s", r->argv[0], last.err.what);
	while (waitpid(r->helper_pid, NULL, 0) < 0 && errno == EINTR)
		;
	ended(r, last.value, false);
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
		if (*p < ' ' && *p >= 0)
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
		return check_text(c, "it returned a positive number: a failure is -errno, success is 0");
	const char *name = errno_name(r->code), *line = last_line(c, r->out);
	if (strstr(line, name))
		return check_text(c, "it failed: %s", line);
	if (r->code == 1 && !*line)
		return check_text(
			c, "it failed: -1 (-EPERM, or a system call's own -1: err_sys() makes -errno of it)");
	return check_text(c, "it failed: error %d (%s)%s%s", r->code, name, *line ? ": " : "", line);
}
