/*
 * vm_client.c - this terminal and a program in the guest: `vm run`, `vm exec`.
 *
 * Kernel objects and man pages: unix(7), poll(2), signalfd(2), termios(3). Signals of this process go to the
 * program as frames; a terminal in raw mode sends Ctrl-C as a byte, and the guest's own terminal makes the
 * signal of it.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/client_terminal.h"
#include "vm/channel.h"
#include "vm/vm.h"

struct client {
	int sock, signals;
	struct buf in, out;
	bool reads_stdin, tty, ended, detached;
	struct terminal terminal;
	struct detach_keys keys;
	int code;
	char *failed; /* owned */
};

static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };

static int connect_machine(struct vm_host *h, const char *id, struct mc_err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	_cleanup_free_ char *path = vm_socket(h, id);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	_cleanup_close_ int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || connect(sock, (struct sockaddr *)&a, sizeof(a)) < 0) {
		err_sys(err, "connect to the monitor of virtual machine %.12s", id);
		return err_hint(err, "it does not run: `minictr vm ps -a`");
	}
	return take_fd(&sock);
}

static void send_size(struct client *c)
{
	struct winsize size;
	if (!c->tty || !terminal_size(&size))
		return;
	uint16_t rc[2] = { size.ws_row, size.ws_col };
	frame_add(&c->out, FRAME_SIZE, 0, rc, sizeof(rc));
}

static void catch_signals(struct client *c, sigset_t *ret_old)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	for (size_t i = 0; i < ARRAY_LEN(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	sigprocmask(SIG_BLOCK, &set, ret_old);
	c->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void take_signal(struct client *c)
{
	struct signalfd_siginfo info;
	while (read(c->signals, &info, sizeof(info)) == sizeof(info)) {
		char number = (char)info.ssi_signo;
		if (info.ssi_signo == SIGWINCH)
			send_size(c);
		else
			frame_add(&c->out, FRAME_SIGNAL, 0, &number, 1);
	}
}

static void take_input(struct client *c)
{
	char in[16384], out[sizeof(in) + DETACH_KEYS_MAX];
	size_t n = 0;
	ssize_t got = read(0, in, sizeof(in));
	if (got > 0 && c->tty) {
		c->detached = detach_feed(&c->keys, in, (size_t)got, out, &n);
		if (n)
			frame_add(&c->out, FRAME_INPUT, 0, out, n);
	} else if (got > 0) {
		frame_add(&c->out, FRAME_INPUT, 0, in, (size_t)got);
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		c->reads_stdin = false;
		frame_add(&c->out, FRAME_INPUT, 0, "", 0);
	}
}

static void take_frame(struct client *c, const struct frame_head *head, const char *data)
{
	struct mc_err ignored = { 0 };
	if (head->type == FRAME_OUT || head->type == FRAME_ERR)
		file_write_all(head->type == FRAME_OUT ? 1 : 2, data, head->len, &ignored);
	if (head->type == FRAME_FAILED && !c->failed)
		c->failed = xstrndup(data, head->len);
	if (head->type == FRAME_EXIT || head->type == FRAME_FAILED) {
		c->code = head->type == FRAME_EXIT && head->len ? (unsigned char)data[0] : 125;
		c->ended = true;
	}
}

static void take_frames(struct client *c)
{
	struct frame_head head;
	const char *data;
	ssize_t n = channel_read(c->sock, &c->in);
	while (frame_next(&c->in, &head, &data) > 0) {
		take_frame(c, &head, data);
		frame_done(&c->in, &head);
	}
	if (n == 0 && !c->ended) {
		c->ended = true;
		c->code = 125;
		c->failed = c->failed ? c->failed : xstrdup("the machine's monitor has gone away");
	}
}

static void pump(struct client *c)
{
	while (!c->ended && !c->detached) {
		struct pollfd fds[] = { { c->sock, (short)(POLLIN | (c->out.len ? POLLOUT : 0)), 0 },
			{ c->signals, POLLIN, 0 },
			{ c->reads_stdin && c->out.len < CHANNEL_HIGH ? 0 : -1, POLLIN, 0 } };
		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents)
			take_signal(c);
		if (fds[2].revents)
			take_input(c);
		if (fds[0].revents & (POLLIN | POLLHUP))
			take_frames(c);
		channel_write(c->sock, &c->out);
	}
}

/* Pumps until the end; c->out holds the first frame already. */
static int carry(struct client *c, int *ret_exit, struct mc_err *err)
{
	sigset_t old;
	int rc = detach_parse(&c->keys, NULL, err);
	c->terminal.fd = -1;
	if (rc < 0)
		return rc;
	if (c->tty && c->reads_stdin)
		terminal_raw(&c->terminal, 0);
	catch_signals(c, &old);
	send_size(c);
	if (!c->reads_stdin)
		frame_add(&c->out, FRAME_INPUT, 0, "", 0);
	fcntl(c->sock, F_SETFL, O_NONBLOCK);
	pump(c);
	terminal_restore(&c->terminal);
	close_fd(c->signals);
	sigprocmask(SIG_SETMASK, &old, NULL);
	*ret_exit = c->detached ? 0 : c->code;
	rc = c->failed ? err_set(err, EIO, "%s", c->failed) : 0;
	if (rc < 0)
		err_exit(err, 125);
	free(c->failed);
	buf_release(&c->in);
	buf_release(&c->out);
	return rc;
}

int vm_attach(struct vm_host *h, const char *id, bool stdin_too, bool tty, int *ret_exit, struct mc_err *err)
{
	_cleanup_close_ int sock = connect_machine(h, id, err);
	struct client c = { .sock = sock, .reads_stdin = stdin_too, .tty = tty };
	if (sock < 0)
		return sock;
	frame_add(&c.out, FRAME_ATTACH, 0, "", 0);
	return carry(&c, ret_exit, err);
}

int vm_exec(struct vm_host *h, const char *name, const struct vm_exec_options *o, int *ret_exit,
	struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	_cleanup_buf_ struct buf words = { 0 };
	int rc = vm_find(h, name, &c, err);
	if (rc >= 0 && !container_is_active(&c))
		rc = err_set(err, EINVAL, "virtual machine %s does not run", name);
	if (rc >= 0)
		rc = vm_exec_words(h, &c, o, &words, err);
	_cleanup_close_ int sock = rc < 0 ? rc : connect_machine(h, c.id, err);
	struct client client = { .sock = sock, .reads_stdin = o->interactive, .tty = o->tty };
	if (sock < 0)
		return sock;
	frame_add(&client.out, FRAME_START, 0, words.data, words.len);
	return carry(&client, ret_exit, err);
}
