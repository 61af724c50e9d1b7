/*
 * exec_pump.c - the client's end of one exec, see exec_pump.h.
 *
 * Kernel objects and man pages: pipe(7), pty(7), poll(2), pidfd_open(2), signalfd(2).
 * Why a pump at all: a process of the container that got our own descriptors could read, overwrite and
 * chmod(2) the file behind `exec C cmd >>log` through /proc/self/fd/1, and could go on reading our terminal
 * after exec has returned. So it gets pipes, and nothing of the host's crosses.
 * Order and why: the runtime's end is the process's end; what is in the pipes by then is passed on, and no
 * more is waited for, because a process left in the background may keep them open for ever.
 */
#include "engine/exec_pump.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "engine/client_terminal.h"
#include "runtime/process.h"

/* --- pipes --- */

struct pipes {
	int in, out, err; /* our ends; -1: closed, or never there */
	int give[3];      /* the process's ends */
	int null;
	bool reads_stdin;
	char text[16384]; /* input that the process has not taken yet */
	size_t begin, end;
};

static int pipes_open(struct pipes *p, const struct exec_options *o, struct mc_err *err)
{
	int pair[2];
	p->null = sys_open(AT_FDCWD, "/dev/null", O_RDWR, 0, err);
	if (p->null < 0)
		return p->null;
	for (int i = 0; i < 3; i++)
		p->give[i] = p->null;
	if (o->detach)
		return 0;
	int rc = 0;
	if (o->interactive && (rc = sys_pipe(pair, err)) >= 0) {
		p->give[0] = pair[0];
		p->in = pair[1];
		p->reads_stdin = true;
		fcntl(p->in, F_SETFL, O_NONBLOCK);
		p->end = o->n_early < sizeof(p->text) ? o->n_early : sizeof(p->text);
		if (p->end)
			memcpy(p->text, o->early, p->end);
	}
	for (int i = 1; i < 3 && rc >= 0 && (rc = sys_pipe(pair, err)) >= 0; i++) {
		p->give[i] = pair[1];
		*(i == 1 ? &p->out : &p->err) = pair[0];
		fcntl(pair[0], F_SETFL, O_NONBLOCK);
	}
	return rc < 0 ? rc : 0;
}

/* The process's ends: while we hold one open, its pipe has no end. */
static void pipes_given(struct pipes *p)
{
	for (int i = 0; i < 3; i++)
		if (p->give[i] != p->null)
			close_fd(p->give[i]);
	p->null = close_fd(p->null);
}

static int put_output(const struct exec_options *o, int stream, const void *data, size_t len)
{
	struct mc_err ignored = { 0 };
	return o->output ? o->output(stream, data, len) : file_write_all(stream, data, len, &ignored);
}

/* One read. Returns false when there is nothing more for now. */
static bool pipes_carry(const struct exec_options *o, int *from, int to)
{
	char text[65536];
	ssize_t n = *from < 0 ? 0 : read(*from, text, sizeof(text));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	/* Our reader is gone: closing the pipe tells the process, as if it had written there itself. */
	if (n <= 0 || put_output(o, to, text, (size_t)n) < 0)
		*from = close_fd(*from);
	return n > 0 && *from >= 0;
}

static void pipes_read_stdin(struct pipes *p)
{
	ssize_t n = read(0, p->text, sizeof(p->text));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	p->begin = 0;
	p->end = n > 0 ? (size_t)n : 0;
	if (n <= 0) {
		p->reads_stdin = false;
		p->in = close_fd(p->in);
	}
}

static void pipes_write_stdin(struct pipes *p)
{
	ssize_t n = write(p->in, p->text + p->begin, p->end - p->begin);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		p->reads_stdin = false;
		p->in = close_fd(p->in);
		n = (ssize_t)(p->end - p->begin);
	}
	p->begin += (size_t)n;
}

static void pipes_pump(struct pipes *p, const struct exec_options *o, int runtime)
{
	for (;;) {
		bool queued = p->begin < p->end;
		struct pollfd set[] = { { runtime, POLLIN, 0 }, { p->out, POLLIN, 0 }, { p->err, POLLIN, 0 },
			{ p->reads_stdin && !queued ? 0 : -1, POLLIN, 0 },
			/* without POLLOUT it still tells that the reader is gone (poll(2), POLLERR) */
			{ p->in, (short)(queued ? POLLOUT : 0), 0 } };
		if (poll(set, ARRAY_LEN(set), -1) < 0)
			continue;
		if (set[1].revents)
			pipes_carry(o, &p->out, 1);
		if (set[2].revents)
			pipes_carry(o, &p->err, 2);
		if (set[4].revents & (POLLERR | POLLHUP)) {
			p->reads_stdin = false;
			p->in = close_fd(p->in);
			p->begin = p->end = 0;
		} else if (set[4].revents) {
			pipes_write_stdin(p);
		}
		if (set[3].revents && p->in >= 0)
			pipes_read_stdin(p);
		if (set[0].revents)
			break;
	}
	/* At most what a pipe holds: a process in the background may write faster than we read. */
	for (int i = 0; i < 16 && pipes_carry(o, &p->out, 1); i++)
		;
	for (int i = 0; i < 16 && pipes_carry(o, &p->err, 2); i++)
		;
}

int exec_pump_pipes(const struct oci *oci, char *const argv[], const struct exec_options *o, int *ret_exit,
	struct mc_err *err)
{
	struct pipes p = { .in = -1, .out = -1, .err = -1, .null = -1 };
	int status = 0;
	pid_t pid = -1;
	int rc = pipes_open(&p, o, err);
	if (rc >= 0)
		rc = oci_spawn(oci, argv, p.give, &pid, err);
	pipes_given(&p);
	_cleanup_close_ int runtime = rc < 0 ? rc : sys_pidfd_open(pid, err);
	if (runtime >= 0) {
		/* A write that fails says so; our death would lose the exit code. */
		void (*old)(int) = signal(SIGPIPE, SIG_IGN);
		pipes_pump(&p, o, runtime);
		signal(SIGPIPE, old);
		rc = sys_wait(pid, &status, err);
	}
	close_fd(p.in);
	close_fd(p.out);
	close_fd(p.err);
	*ret_exit = process_exit_code(status);
	return runtime < 0 ? runtime : rc < 0 ? rc : 0;
}

/* --- with a terminal --- */

struct screen {
	int master, signals, window;
	pid_t runtime;
	bool reads_stdin, detached, ended;
	int status;
	struct terminal terminal;
	struct detach_keys keys;
};

static void screen_size(int master)
{
	struct winsize size;
	if (ioctl(0, TIOCGWINSZ, &size) == 0)
		ioctl(master, TIOCSWINSZ, &size);
}

static void screen_reap(struct screen *p)
{
	if (p->runtime > 0 && !p->ended && waitpid(p->runtime, &p->status, WNOHANG) == p->runtime)
		p->ended = true;
}

static void screen_signals(struct screen *p)
{
	struct signalfd_siginfo info;
	while (read(p->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGWINCH)
			screen_size(p->master);
	screen_reap(p);
}

static void screen_input(struct screen *p)
{
	char in[4096], out[4096 + DETACH_KEYS_MAX];
	struct mc_err ignored = { 0 };
	size_t len = 0;
	ssize_t n = read(0, in, sizeof(in));
	if (n <= 0) {
		p->reads_stdin = false;
		return;
	}
	p->detached = detach_feed(&p->keys, in, (size_t)n, out, &len);
	file_write_all(p->master, out, len, &ignored);
}

/* False at the end of the terminal. */
static bool screen_output(struct screen *p, const struct exec_options *o)
{
	char text[16384];
	ssize_t n = read(p->master, text, sizeof(text));
	if (n > 0)
		put_output(o, 1, text, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

/* The size comes from another machine's terminal. */
static void screen_window(struct screen *p, const struct exec_options *o)
{
	struct winsize size;
	if (o->read_window(p->window, &size))
		ioctl(p->master, TIOCSWINSZ, &size);
	else
		p->window = -1;
}

static void screen_pump(struct screen *p, const struct exec_options *o)
{
	bool open = true;
	p->window = o->window > 0 ? o->window : -1;
	while (!p->detached && (open || !p->ended)) {
		struct pollfd set[] = { { open ? p->master : -1, POLLIN, 0 }, { p->signals, POLLIN, 0 },
			{ p->reads_stdin && open ? 0 : -1, POLLIN, 0 }, { p->window, POLLIN, 0 } };
		/*
		 * a process left in the background may keep the terminal open: what is there is read, then
		 * it is over
		 */
		int n = poll(set, ARRAY_LEN(set), p->ended ? 0 : -1);
		if (n == 0 && p->ended)
			return;
		if (set[0].revents)
			open = screen_output(p, o);
		if (set[1].revents)
			screen_signals(p);
		if (set[2].revents)
			screen_input(p);
		if (set[3].revents)
			screen_window(p, o);
	}
}

/* The runtime connects when the terminal exists; if it fails before, its end is what we hear. */
static int screen_wait(int listener, struct screen *p, struct mc_err *err)
{
	char text[64];
	for (;;) {
		struct pollfd set[] = { { listener, POLLIN, 0 }, { p->signals, POLLIN, 0 } };
		poll(set, 2, -1);
		if (set[0].revents) {
			_cleanup_close_ int sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
			int rc = sock < 0 ? err_sys(err, "accept the console")
					  : sys_recv_fd(sock, text, sizeof(text), &p->master, err);
			return rc < 0 ? rc : 0;
		}
		screen_signals(p);
		if (p->ended)
			return 0; /* it has said why on our stderr */
	}
}

static void screen_open_signals(struct screen *p, sigset_t *ret_old)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, ret_old);
	p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Keeps the master side of a detached exec's terminal, or the process in it would be hung up (SIGHUP). */
static int screen_keep(int master, struct mc_err *err)
{
	char text[4096];
	pid_t pid = fork();
	if (pid != 0)
		return pid < 0 ? err_sys(err, "fork()") : 0;
	setsid();
	explain_seal();
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), kept = dup2(master, 3);
	for (int i = 0; i < 3; i++)
		dup2(null, i);
	close_range(4, ~0U, 0);
	while (kept >= 0 && read(3, text, sizeof(text)) > 0)
		;
	_exit(0);
}

static void screen_show(struct screen *p, const struct exec_options *o)
{
	if (o->interactive)
		terminal_raw(&p->terminal, 0);
	screen_size(p->master);
	if (o->interactive && o->n_early)
		file_write_all(p->master, o->early, o->n_early, &(struct mc_err){ 0 });
	screen_pump(p, o);
	terminal_restore(&p->terminal);
}

int exec_pump_terminal(const struct oci *oci, char *const argv[], int listener, const struct exec_options *o,
	int *ret_exit, struct mc_err *err)
{
	struct screen p = { .master = -1, .terminal = { .fd = -1 }, .reads_stdin = o->interactive };
	sigset_t old;
	int said[2], rc = detach_parse(&p.keys, o->detach_keys, err);
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (rc >= 0)
		rc = sys_pipe(said, err);
	if (rc < 0)
		return rc;
	fcntl(said[0], F_SETFL, O_NONBLOCK);
	rc = oci_spawn(oci, argv, (int[3]){ null, null, said[1] }, &p.runtime, err);
	close(said[1]);
	/*
	 * After the spawn, because a blocked signal stays blocked in what is executed; it may have ended
	 * already.
	 */
	screen_open_signals(&p, &old);
	screen_reap(&p);
	if (rc >= 0)
		rc = screen_wait(listener, &p, err);
	if (rc >= 0 && p.master >= 0 && o->detach)
		rc = screen_keep(p.master, err);
	else if (rc >= 0 && p.master >= 0)
		screen_show(&p, o);
	if (p.runtime > 0 && !p.ended && !p.detached)
		sys_wait(p.runtime, &p.status, &(struct mc_err){ 0 });
	/* Why the runtime could not do it. */
	while (pipes_carry(o, &said[0], 2))
		;
	close_fd(said[0]);
	close_fd(p.master);
	close_fd(p.signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	*ret_exit = p.detached ? 0 : process_exit_code(p.status);
	return rc;
}
