/*
 * cmd/explain.c - `explain COMMAND ...`: does it, and tells every step the kernel took for it.
 *
 * The command runs in a child whose explain sink is a pipe to us (JSON lines, base/explain.h); sys_*
 * wrappers in every one of our processes write there. Steps are held back until the program in the
 * container says its first word or all is over: only then their number is known. The program's output goes
 * through us for the same reason; with -t it keeps the terminal, and steps are shown as they come.
 */
#include "cli/commands.h"
#include "cli/explain_lines.h"
#include "cli/run_flags.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/program.h"
#include "base/wrap.h"
#include "cli/walk/walk.h"
#include "engine/draft.h"

enum { SINK_FD = 100 };

struct explain_values {
	bool verbose, dry_run, step, all;
	const char *record, *replay, *html, *svg;
};

static const struct option_def options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct explain_values, all), NULL,
		"Every step of `run`, not only the eight main ones" },
	{ 0, "dry-run", OPT_FLAG, offsetof(struct explain_values, dry_run), NULL,
		"Only the plan: what would be done, nothing is" },
	{ 0, "html", OPT_STRING, offsetof(struct explain_values, html), "file",
		"Write the walk as one page: a step, and the kernel's state beside it" },
	{ 0, "record", OPT_STRING, offsetof(struct explain_values, record), "file",
		"Keep every step with the kernel's state before and after it" },
	{ 0, "replay", OPT_STRING, offsetof(struct explain_values, replay), "file",
		"Go through a recorded walk, forwards and backwards; needs no root" },
	{ 0, "step", OPT_FLAG, offsetof(struct explain_values, step), NULL,
		"Stop at every step and show what has changed in the kernel" },
	{ 0, "svg", OPT_STRING, offsetof(struct explain_values, svg), "file",
		"Draw the walk as one picture" },
	{ 'v', "verbose", OPT_FLAG, offsetof(struct explain_values, verbose), NULL, "Every kernel call" },
	{ 0 },
};

/* --- the plan --- */

static int dry_run(struct cli *cli, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	struct run_values v = run_defaults;
	bool help;
	if (!str_eq(argv[0], "run") && !str_eq(argv[0], "create")) {
		err_set(err, EINVAL, "--dry-run knows the plan of run and create only");
		return err_hint(err, "minictr explain --dry-run run busybox");
	}
	int n = options_parse(&cmd_run, argc - 1, argv + 1, &v, &help, err);
	if (n == 0)
		return err_set(err, EINVAL, "an image is missing: explain --dry-run run IMAGE");
	int rc = n < 0 ? n : run_options_fill(&v, n, argv + 1, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	_cleanup_free_ char *plan = NULL;
	if (rc == 0)
		rc = container_plan(&e, &v.o, &plan, err);
	if (rc == 0)
		printf("%s\n", plan);
	options_release(run_flags, &v);
	return rc;
}

/* --- the real thing, told --- */

struct watch {
	struct walk walk;
	bool stepwise;          /* every step stops, and is kept */
	int sink, out, err_out; /* read ends: explain lines, the child's stdout and stderr; -1 at the end */
	bool terminal;          /* the child has the terminal itself */
};

/* Does `run` ask for a terminal? Then its output must not pass through us. */
static bool wants_terminal(int argc, char **argv)
{
	bool help;
	struct mc_err err = { 0 };
	if (str_eq(argv[0], "run")) {
		struct run_values v = run_defaults;
		_cleanup_free_ char **copy =
			xcalloc((size_t)argc + 1, sizeof(*copy)); /* parsing moves words about */
		memcpy(copy, argv, (size_t)argc * sizeof(*copy));
		bool tty = options_parse(&cmd_run, argc - 1, copy + 1, &v, &help, &err) >= 0 && v.o.tty;
		options_release(run_flags, &v);
		return tty;
	}
	for (int i = 1; i < argc && str_eq(argv[0], "exec") && argv[i][0] == '-'; i++)
		if (argv[i][1] != '-' && strchr(argv[i], 't'))
			return true;
	return str_eq(argv[0], "attach");
}

static pid_t spawn(struct cli *cli, struct watch *w, int argc, char **argv, struct mc_err *err)
{
	int sink[2], out[2], err_out[2], words, on = 1;
	if ((w->stepwise ? socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sink) : pipe(sink)) != 0 ||
		pipe2(out, O_CLOEXEC) != 0 || pipe2(err_out, O_CLOEXEC) != 0)
		return err_sys(err, "pipe");
	if (w->stepwise && setsockopt(sink[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return err_sys(err, "setsockopt(SO_PASSCRED)");
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		close(sink[0]);
		if (!w->terminal) {
			dup2(out[1], STDOUT_FILENO);
			dup2(err_out[1], STDERR_FILENO);
		}
		/* A high number: our executables hand each other descriptors at 3, 4 ... and would write over it. */
		int high = fcntl(sink[1], F_DUPFD, SINK_FD);
		close(sink[1]);
		if (w->stepwise)
			explain_start_stepwise(high);
		else
			explain_start(high, EXPLAIN_CALLS, EXPLAIN_JSON);
		const struct command *cmd = command_find(light_table(), argc, argv, &words);
		if (!cmd->run)
			_exit(program_exec(cmd->program, cli_words(argv), err) < 0 ? 125 : 0);
		/* An unprivileged user's command starts over in a user namespace: the command, not explain. */
		cli->argv = cli_words(argv);
		exit(command_run(cli, cmd, argv[0], argc - words, argv + words));
	}
	close(sink[1]);
	close(out[1]);
	close(err_out[1]);
	w->sink = sink[0];
	w->out = out[0];
	w->err_out = err_out[0];
	return pid;
}

/* Passes bytes on; false at the end. The program speaks: all steps before are known, so say them first. */
static bool pass_on(struct watch *w, int from, int to)
{
	char room[16384];
	struct mc_err err = { 0 };
	ssize_t n = read(from, room, sizeof(room));
	if (n <= 0)
		return false;
	explain_drain(&w->walk.lines, w->sink);
	explain_flush(&w->walk.lines);
	return file_write_all(to, room, (size_t)n, &err) == 0;
}

/* Until the child's outputs are closed. The sink may stay open longer: the monitor of a detached container
 * holds it. */
static void pump(struct watch *w)
{
	struct pollfd p[3];
	while (w->out >= 0 || w->err_out >= 0) {
		p[0] = (struct pollfd){ .fd = w->out, .events = POLLIN };
		p[1] = (struct pollfd){ .fd = w->err_out, .events = POLLIN };
		p[2] = (struct pollfd){ .fd = w->sink, .events = POLLIN };
		if (poll(p, 3, -1) < 0)
			continue;
		if (p[2].revents && !explain_read(&w->walk.lines, w->sink))
			w->sink = close_fd(w->sink);
		if (p[2].revents & POLLIN)
			continue; /* all of it first */
		if (p[0].revents && !pass_on(w, w->out, STDOUT_FILENO))
			w->out = close_fd(w->out);
		if (p[1].revents && !pass_on(w, w->err_out, STDERR_FILENO))
			w->err_out = close_fd(w->err_out);
	}
}

static int watch_child(struct watch *w, pid_t pid)
{
	int wstatus = 0;
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigaction(SIGINT, &ignore, &before); /* Ctrl-C is the command's */
	if (w->terminal)
		w->walk.lines.live = true;
	pump(w);
	if (w->stepwise && w->sink >= 0)
		shutdown(w->sink, SHUT_WR); /* what stops from here on goes on by itself */
	while (waitpid(pid, &wstatus, 0) < 0 && errno == EINTR)
		;
	if (w->sink >= 0)
		explain_drain(&w->walk.lines, w->sink);
	explain_flush(&w->walk.lines);
	explain_summary(&w->walk.lines);
	sigaction(SIGINT, &before, NULL);
	return WIFSIGNALED(wstatus) ? 128 + WTERMSIG(wstatus) : WEXITSTATUS(wstatus);
}

/* What a walk was recorded for. */
static int write_walk(const struct walk *w, const struct explain_values *v, struct mc_err *err)
{
	int rc = v->record ? walk_save(w, v->record, err) : 0;
	if (rc == 0 && v->html)
		rc = walk_write_page(w, v->html, err);
	return rc == 0 && v->svg ? walk_write_picture(w, v->svg, err) : rc;
}

static int replay(const struct explain_values *v, struct mc_err *err)
{
	struct walk w = { .width = wrap_width(STDOUT_FILENO) };
	int rc = walk_load(&w, v->replay, err);
	if (rc == 0)
		rc = write_walk(&w, v, err);
	if (rc == 0 && !v->html && !v->svg && !v->record)
		walk_replay(&w);
	walk_release(&w);
	return rc;
}

static int spawn_and_watch(struct cli *cli, struct watch *w, const struct explain_values *v, int argc,
	char **argv, struct mc_err *err)
{
	struct utsname host = { 0 };
	uname(&host);
	w->walk.kernel = xstrdup(host.release);
	for (int i = 0; i < argc; i++)
		strv_push(&w->walk.command, argv[i]);
	w->terminal = wants_terminal(argc, argv);
	if (w->stepwise)
		walk_record(&w->walk, v->step);
	pid_t pid = spawn(cli, w, argc, argv, err);
	int rc = pid < 0 ? (int)pid : watch_child(w, pid);
	if (rc >= 0 && write_walk(&w->walk, v, err) < 0)
		rc = -EIO;
	walk_release(&w->walk);
	return rc;
}

static int tell(struct cli *cli, const struct explain_values *v, int argc, char **argv, struct mc_err *err)
{
	int words;
	const struct command *cmd = command_find(light_table(), argc, argv, &words);
	struct watch w = { .sink = -1, .out = -1, .err_out = -1 };
	w.walk.width = wrap_width(STDOUT_FILENO);
	w.walk.lines = (struct explain_lines){ .out = stdout,
		.verbose = v->verbose,
		.brief = str_eq(argv[0], "run") && !v->all,
		.width = w.walk.width };
	w.stepwise = v->step || v->record || v->html || v->svg;
	if (!cmd) {
		const char *near = command_nearest(light_table(), argv[0]);
		err_set(err, ENOENT, "'%s' is not a minictr command", argv[0]);
		return near ? err_hint(err, "did you mean '%s'?", near) : -ENOENT;
	}
	if (!cmd->run && !w.stepwise) {
		explain_start(STDERR_FILENO, v->verbose ? EXPLAIN_CALLS : EXPLAIN_STEPS, EXPLAIN_TEXT);
		return program_exec(cmd->program, cli_words(argv), err);
	}
	return spawn_and_watch(cli, &w, v, argc, argv, err);
}

static int explain_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct explain_values *v = values;
	if (file_can_write(v->record, err) < 0 || file_can_write(v->html, err) < 0 ||
		file_can_write(v->svg, err) < 0)
		return -err->code;
	if (v->replay && argc > 0)
		return err_set(err, EINVAL, "--replay goes through a file and runs nothing: %s is too much",
			argv[0]);
	if (v->replay)
		return replay(v, err);
	if (argc < 1) {
		err_set(err, EINVAL, "explain: a command is missing");
		return err_hint(err, "minictr explain run --rm hello");
	}
	return v->dry_run ? dry_run(cli, argc, argv, err) : tell(cli, v, argc, argv, err);
}

const struct command cmd_explain = {
	.name = "explain",
	.group = GROUP_LEARN,
	.usage = "[OPTIONS] COMMAND [ARG...]",
	.summary = "Run a command and tell every step of it, and why",
	.example = "minictr explain run --rm hello\nminictr explain -v stop web\nminictr explain --dry-run "
		   "run busybox\nminictr explain --step run --rm hello\nminictr explain --record start.walk "
		   "run --rm "
		   "hello\nminictr explain --replay start.walk",
	.takes = TAKES_COMMANDS,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.error_status = 125,
	.options = options,
	.values_size = sizeof(struct explain_values),
	.run = explain_run,
};
