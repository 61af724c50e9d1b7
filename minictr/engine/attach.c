/*
 * attach.c - the client's end of a container's stdio.
 *
 * Kernel objects and man pages: unix(7) SOCK_SEQPACKET, poll(2), signalfd(2). Raw mode: client_terminal.c.
 * Order and why: never block in one direction while the other has something to say: with `cat big | run -i
 * cat` both would wait for ever. Output is written with blocking calls (that is how a slow reader holds the
 * program), input is sent without blocking and waits here.
 * Signals come over a descriptor in the same loop: no handler runs in the middle of anything.
 */
#include "engine/attach.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "base/warn.h"
#include "engine/events.h"
#include "engine/monitor/monitor.h"
#include "engine/client_terminal.h"

static int send_message(int sock, char kind, const void *data, size_t len)
{
	char text[64] = { kind };
	memcpy(text + 1, data, len);
	return send(sock, text, len + 1, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int connect_monitor(struct engine *e, const char *id, struct mc_err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	_cleanup_free_ char *run = engine_run_path(e, id);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/attach", run);
	_cleanup_close_ int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sock < 0 || connect(sock, (struct sockaddr *)&a, sizeof(a)) < 0) {
		err_sys(err, "connect to the monitor of container %.12s", id);
		return err_hint(err,
			"no process holds its output any more: `minictr restart` gives it a new monitor");
	}
	return take_fd(&sock);
}

int attach_connect(struct engine *e, const char *id, const struct attach_options *o, struct mc_err *err)
{
	struct attach_hello hello = { .no_output = o->no_stdout && o->no_stderr,
		.no_stdout = o->no_stdout,
		.no_stderr = o->no_stderr,
		.primary = o->primary,
		.wants_stdin = !o->no_stdin };
	_cleanup_close_ int sock = connect_monitor(e, id, err);
	if (sock < 0)
		return sock;
	if (send_message(sock, ATTACH_HELLO, &hello, sizeof(hello)) < 0)
		return err_sys(err, "say hello to the monitor");
	return take_fd(&sock);
}

int container_resize(struct engine *e, const char *name, unsigned rows, unsigned cols, struct mc_err *err)
{
	struct attach_hello hello = { .no_output = 1 };
	struct attach_window w = { .rows = (unsigned short)rows, .cols = (unsigned short)cols };
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int sock = connect_monitor(e, c.id, err);
	if (sock < 0)
		return sock;
	if (send_message(sock, ATTACH_HELLO, &hello, sizeof(hello)) < 0 ||
		send_message(sock, ATTACH_WINDOW, &w, sizeof(w)) < 0)
		return err_sys(err, "resize the terminal of %s", c.name);
	return 0;
}

/* --- the pump --- */

struct pump {
	const struct container *c;
	const struct attach_options *o;
	int sock, signals;
	bool tty, reads_stdin, eof;
	struct terminal terminal;
	struct engine *engine;
	struct detach_keys keys;
	char pending[ATTACH_MESSAGE]; /* input for the monitor, kind included */
	size_t n_pending;
	bool detached, ended;
	uint64_t passed; /* bytes of output so far */
	int urgent;      /* SIGINT and SIGTERM forwarded so far */
	struct attach_exit exit;
};

static void send_size(struct pump *p)
{
	struct winsize size;
	if (!p->tty || !terminal_size(&size))
		return;
	struct attach_window w = { .rows = size.ws_row, .cols = size.ws_col };
	send_message(p->sock, ATTACH_WINDOW, &w, sizeof(w));
}

/*
 * Has the process a handler for sig? Process 1 of a pid namespace gets no default action
 * (pid_namespaces(7)).
 */
static bool catches(pid_t pid, int sig)
{
	char path[40];
	struct mc_err ignored = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (file_read(AT_FDCWD, path, 65536, &b, &ignored) < 0 || !b.data || !strstr(b.data, "\nSigCgt:"))
		return true;
	return strtoull(strstr(b.data, "\nSigCgt:") + strlen("\nSigCgt:"), NULL, 16) >> (sig - 1) & 1;
}

/* Silence after Ctrl-C looks like a hang: say why at the first, and what goes on at the last. */
static void say_why(const struct pump *p, int sig)
{
	if (p->urgent == 1 && !catches(p->c->init.pid, sig))
		warn_user("the program is process 1 in there and handles no SIG%s, so the kernel drops it "
			  "(run --init helps).\nPress it twice more to leave it running and get this "
			  "terminal back; minictr stop %s ends it",
			sigabbrev_np(sig), p->c->name);
	if (p->urgent == 3)
		warn_user("detached from %s; it runs on.  minictr rm -f %s ends it", p->c->name, p->c->name);
}

/*
 * By a pidfd, opened first and looked at then: a bare pid may be another process's between the look and
 * kill(2).
 */
static void pass_on(const struct pump *p, int sig)
{
	struct mc_err ignored = { 0 };
	_cleanup_close_ int fd = sys_pidfd_open(p->c->init.pid, &ignored);
	if (fd < 0 || !process_id_alive(&p->c->init))
		return;
	event_kill(p->engine, p->c, sig);
	sys_pidfd_send_signal(fd, sig, &ignored);
}

static void on_signal(struct pump *p)
{
	struct signalfd_siginfo info;
	while (read(p->signals, &info, sizeof(info)) == sizeof(info)) {
		int sig = (int)info.ssi_signo;
		if (sig == SIGWINCH) {
			send_size(p);
			continue;
		}
		/*
		 * a process 1 without a handler ignores TERM and INT: the third one is meant for us
		 * (docker, too)
		 */
		if ((sig == SIGINT || sig == SIGTERM) && ++p->urgent && p->terminal.fd < 0)
			say_why(p, sig);
		if (p->terminal.fd >= 0 || p->urgent >= 3)
			terminal_die(&p->terminal, sig);
		else
			pass_on(p, sig);
	}
}

/* A program that never stops talking must not fill the disk where its output is kept (output_max). */
static void pass_output(struct pump *p, int fd, const char *data, size_t len)
{
	struct mc_err ignored = { 0 };
	uint64_t most = p->o->output_max, left = most > p->passed ? most - p->passed : 0;
	bool all = !most || len <= left;
	file_write_all(fd, data, all ? len : left, &ignored);
	if (!all && left)
		warn_user("there is too much output: the rest is not kept");
	p->passed += all ? len : left;
}

static void on_output(struct pump *p)
{
	static char message[ATTACH_MESSAGE];
	ssize_t n = recv(p->sock, message, sizeof(message), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		p->sock = close_fd(p->sock);
		return;
	}
	bool first = message[0] == ATTACH_STDOUT || message[0] == ATTACH_TERMINAL;
	if (first && !p->o->no_stdout)
		pass_output(p, 1, message + 1, (size_t)n - 1);
	else if (message[0] == ATTACH_STDERR && !p->o->no_stderr)
		pass_output(p, 2, message + 1, (size_t)n - 1);
	if (message[0] == ATTACH_EXIT && (size_t)n == 1 + sizeof(p->exit)) {
		memcpy(&p->exit, message + 1, sizeof(p->exit));
		p->ended = true;
	}
}

static void on_input(struct pump *p)
{
	static char text[ATTACH_MESSAGE - DETACH_KEYS_MAX - 1];
	ssize_t n = read(0, text, sizeof(text));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		p->eof = true;
		p->pending[0] = ATTACH_EOF;
		p->n_pending = 1;
		return;
	}
	size_t out = (size_t)n;
	p->pending[0] = ATTACH_STDIN;
	if (p->tty)
		p->detached = detach_feed(&p->keys, text, (size_t)n, p->pending + 1, &out);
	else
		memcpy(p->pending + 1, text, out);
	p->n_pending = out ? out + 1 : 0;
}

static void send_pending(struct pump *p)
{
	if (send(p->sock, p->pending, p->n_pending, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || errno != EAGAIN)
		p->n_pending = 0;
}

static void turn(struct pump *p)
{
	bool reads = p->reads_stdin && !p->eof && !p->n_pending;
	struct pollfd set[] = {
		{ p->sock, (short)(POLLIN | (p->n_pending ? POLLOUT : 0)), 0 },
		{ p->signals, POLLIN, 0 },
		{ reads ? 0 : -1, POLLIN, 0 },
	};
	if (poll(set, ARRAY_LEN(set), -1) < 0)
		return;
	if (set[0].revents & (POLLIN | POLLHUP | POLLERR))
		on_output(p);
	if (set[1].revents)
		on_signal(p);
	if (set[2].revents)
		on_input(p);
	if (p->n_pending && p->sock >= 0)
		send_pending(p);
}

/* The monitor is gone without a last word; perhaps it left it on disk. */
static int without_last_word(struct engine *e, const struct container *c, int *ret_exit, struct mc_err *err)
{
	_cleanup_container_ struct container now = { 0 };
	struct mc_err ignored = { 0 };
	if (container_load(e, c->id, &now, &ignored) == 0 && !container_is_active(&now)) {
		*ret_exit = now.exit_code;
		return 0;
	}
	err_set(err, EPIPE, "the monitor of container %s died; no process holds its output", c->name);
	return err_hint(err, "the container runs on: minictr stop %s ends it", c->name);
}

int attach_carry(struct engine *e, const struct container *c, int sock, const struct attach_options *o,
	int *ret_exit, struct mc_err *err)
{
	struct pump p = { .engine = e,
		.c = c,
		.o = o,
		.sock = sock,
		.terminal = { .fd = -1 },
		.tty = container_flag(c->config, "Tty"),
		.reads_stdin = !o->no_stdin && container_flag(c->config, "OpenStdin") };
	sigset_t old;
	int rc = detach_parse(&p.keys, o->detach_keys, err);
	if (rc < 0) {
		close_fd(sock);
		return rc;
	}
	if (p.tty && p.reads_stdin)
		terminal_raw(&p.terminal, 0);
	/* run -t without -i, too: no byte of the keyboard gets there, the signal of Ctrl-C does */
	p.signals = terminal_signals(&p.terminal, o->sig_proxy, &old);
	send_size(&p);
	while (p.sock >= 0 && !p.detached && !p.ended)
		turn(&p);
	terminal_restore(&p.terminal);
	p.signals = close_fd(p.signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	close_fd(p.sock);
	*ret_exit = p.ended ? p.exit.code : 0;
	if (p.detached) {
		event_container(e, c, "detach", NULL);
		(void)!write(2, "\n", 1);
		return 1;
	}
	return p.ended ? 0 : without_last_word(e, c, ret_exit, err);
}

int container_attach(
	struct engine *e, const char *name, const struct attach_options *o, int *ret_exit, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	if (c.status == CONTAINER_PAUSED)
		return err_set(err, EINVAL, "You cannot attach to a paused container, unpause it first");
	if (c.status != CONTAINER_RUNNING)
		return err_set(err, EINVAL, "You cannot attach to a stopped container, start it first");
	int sock = attach_connect(e, c.id, o, err);
	if (sock < 0)
		return sock;
	event_container(e, &c, "attach", NULL);
	rc = attach_carry(e, &c, sock, o, ret_exit, err);
	return rc < 0 ? rc : 0;
}
