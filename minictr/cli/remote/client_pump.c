/*
 * client_pump.c - carries bytes between our stdio and a program that a daemon runs.
 *
 * Kernel objects and man pages: poll(2), signalfd(2); the terminal: client_terminal.c.
 * Order and why: never block in one direction while the other has something to say. Output is written with
 * blocking calls (so a slow reader holds the program), input waits here until the connection takes it. TLS
 * may hold bytes that poll(2) does not see: what arrives is read until there is no more.
 * The window's size is sent after the start as well: before it, the daemon has no terminal to give it to.
 */
#include "cli/remote/client_pump.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/remote/client_stream.h"
#include "engine/client_terminal.h"

enum { PIECE = 16384 };

struct pumping {
	struct client_pump *o;
	struct frames frames;
	struct terminal terminal;
	struct detach_keys keys;
	int signals;
	char pending[PIECE + DETACH_KEYS_MAX];
	size_t n_pending, sent;
	bool eof, ended, detached;
};

int client_check_tty(bool tty, bool input, struct mc_err *err)
{
	if (!tty || !input || isatty(STDIN_FILENO))
		return 0;
	err_set(err, ENOTTY, "the input device is not a TTY");
	err_hint(err, "leave -t out in scripts and pipes");
	return err_exit(err, 1);
}

/* --- signals and the window --- */

static void send_size(const struct pumping *p)
{
	struct winsize size;
	struct mc_err ignored = { 0 };
	if (!p->o->tty || !terminal_size(&size))
		return;
	_cleanup_free_ char *path =
		xasprintf("/%s/resize?h=%u&w=%u", p->o->what, (unsigned)size.ws_row, (unsigned)size.ws_col);
	client_post(p->o->client, path, NULL, &ignored);
}

static void on_signal(struct pumping *p)
{
	struct signalfd_siginfo info;
	while (read(p->signals, &info, sizeof(info)) == sizeof(info)) {
		struct mc_err ignored = { 0 };
		int sig = (int)info.ssi_signo;
		if (sig == SIGWINCH) {
			send_size(p);
		} else if (p->terminal.fd >= 0) {
			terminal_die(&p->terminal, sig);
		} else {
			_cleanup_free_ char *path =
				xasprintf("/%s/kill?signal=%s", p->o->what, sigabbrev_np(sig));
			client_post(p->o->client, path, NULL, &ignored);
		}
	}
}

/* --- bytes --- */

static int write_out(void *ctx, int stream, const void *data, size_t len, struct mc_err *err)
{
	const struct client_pump *o = ctx;
	if ((stream == 1 && o->no_stdout) || (stream == 2 && o->no_stderr))
		return 0;
	return file_write_all(stream, data, len, err);
}

static int on_output(struct pumping *p, struct mc_err *err)
{
	static char piece[PIECE];
	for (;;) {
		ssize_t n = hijack_read(p->o->stream, piece, sizeof(piece));
		if (n == -EAGAIN)
			return 0;
		if (n <= 0) {
			p->ended = true;
			return 0;
		}
		int rc = p->o->output ? frames_cut(&p->frames, piece, (size_t)n, write_out, p->o, err) : 0;
		if (rc < 0)
			return rc;
	}
}

static void on_input(struct pumping *p)
{
	static char text[PIECE];
	ssize_t n = read(0, text, sizeof(text));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		p->eof = true;
		hijack_end_input(p->o->stream);
		return;
	}
	p->n_pending = (size_t)n;
	p->sent = 0;
	if (p->o->tty)
		p->detached = detach_feed(&p->keys, text, (size_t)n, p->pending, &p->n_pending);
	else
		memcpy(p->pending, text, (size_t)n);
}

static void send_pending(struct pumping *p)
{
	while (p->n_pending) {
		ssize_t n = hijack_write(p->o->stream, p->pending + p->sent, p->n_pending);
		if (n == -EAGAIN)
			return;
		if (n < 0) { /* the program has closed its input: its output still comes */
			p->n_pending = 0;
			p->eof = true;
			return;
		}
		p->sent += (size_t)n;
		p->n_pending -= (size_t)n;
	}
}

static int turn(struct pumping *p, struct mc_err *err)
{
	bool reads = p->o->input && !p->eof && !p->n_pending;
	struct pollfd set[] = {
		{ hijack_fd(p->o->stream), (short)(POLLIN | (p->n_pending ? POLLOUT : 0)), 0 },
		{ p->signals, POLLIN, 0 },
		{ reads ? 0 : -1, POLLIN, 0 },
	};
	if (poll(set, ARRAY_LEN(set), -1) < 0)
		return errno == EINTR ? 0 : err_sys(err, "poll");
	int rc = set[0].revents & (POLLIN | POLLHUP | POLLERR) ? on_output(p, err) : 0;
	if (set[1].revents)
		on_signal(p);
	if (set[2].revents && !p->ended)
		on_input(p);
	if (p->n_pending && !p->ended)
		send_pending(p);
	return rc;
}

int client_pump(struct client_pump *o, struct mc_err *err)
{
	struct pumping p = { .o = o, .frames = { .raw = o->tty }, .terminal = { .fd = -1 }, .signals = -1 };
	sigset_t old;
	int rc = detach_parse(&p.keys, o->detach_keys, err);
	if (rc == 0 && o->tty && o->input)
		terminal_raw(&p.terminal, 0);
	if (rc == 0) {
		p.signals = terminal_signals(&p.terminal, o->sig_proxy, &old);
		rc = o->ready ? o->ready(o->ctx, err) : 0;
		if (rc == 0)
			send_size(&p);
		if (rc == 0) /* bytes that came with the answer's head, before any poll(2) */
			rc = on_output(&p, err);
		while (rc == 0 && !p.ended && !p.detached)
			rc = turn(&p, err);
		terminal_restore(&p.terminal);
		close_fd(p.signals);
		sigprocmask(SIG_SETMASK, &old, NULL);
	}
	hijack_close(o->stream);
	o->stream = NULL;
	if (rc == 0 && p.detached)
		(void)!write(2, "\n", 1);
	return rc < 0 ? rc : p.detached;
}
