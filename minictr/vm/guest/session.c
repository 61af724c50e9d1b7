/*
 * guest/session.c - programs in the guest: started on a frame from the host, their bytes carried back.
 *
 * Kernel objects and man pages: pty(7), pipe(7), poll(2), waitpid(2), credentials(7). One loop serves all.
 * Order and why: a session has ended when its process is gone AND its output is read to the end, so that
 * the last line never arrives after the exit code. As process 1 we reap every orphan (init_reap(), lab
 * 02.6, does the same in a container).
 */
#include "vm/guest/guest.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "vm/channel.h"

struct session {
	bool used, ended, terminal;
	pid_t pid;
	int in, out, err; /* our ends; with a terminal in and out are the same descriptor */
	int code;
	struct buf input; /* for in, not written yet */
	bool input_end;
	int linger; /* turns of the loop since the end: what a child of it keeps open must not hold us up */
};

static struct session sessions[SESSION_MAX];
static struct buf to_host, from_host;
static bool goodbye;

/* What FRAME_START asks for. */
struct start_words {
	char **argv, **env;
	const char *dir;
	uid_t uid;
	gid_t gid;
	gid_t groups[64];
	size_t n_groups;
	bool terminal, input;
	bool own; /* the image's own program: its -w is made. That of `vm exec` must be there, as with docker */
};

static void parse_words(struct start_words *w, const char *data, size_t len)
{
	*w = (struct start_words){ .dir = "/" };
	for (const char *p = data, *end = data + len; p < end && memchr(p, 0, (size_t)(end - p));
		p += strlen(p) + 1) {
		const char *text = p + (*p ? 1 : 0);
		switch (*p) {
		case 'a': strv_push(&w->argv, text); break;
		case 'e': strv_push(&w->env, text); break;
		case 'd': w->dir = text; break;
		case 'u': w->uid = (uid_t)strtoul(text, NULL, 10); break;
		case 'g': w->gid = (gid_t)strtoul(text, NULL, 10); break;
		case 't': w->terminal = *text == '1'; break;
		case 'i': w->input = *text == '1'; break;
		case 'G':
			if (w->n_groups < ARRAY_LEN(w->groups))
				w->groups[w->n_groups++] = (gid_t)strtoul(text, NULL, 10);
			break;
		}
	}
}

/* In the child. Exit codes as a shell's and docker's: 127 not found, 126 found and not to be run. */
static void run_program(const struct start_words *w)
{
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (w->own)
		dir_make(AT_FDCWD, w->dir, 0755, &(struct mc_err){ 0 });
	if (chdir(w->dir) < 0 || setgroups(w->n_groups, w->groups) < 0 || setgid(w->gid) < 0 ||
		setuid(w->uid) < 0) {
		dprintf(2, "minictr-guest: %s: %s\n", w->dir, strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	const char *path = strv_env(w->env, "PATH");
	if (path)
		setenv("PATH", path, 1);
	if (w->argv)
		execvpe(w->argv[0], w->argv, w->env ? w->env : (char *[]){ NULL });
	dprintf(2, "minictr-guest: exec: \"%s\": %s\n", w->argv ? w->argv[0] : "", strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static pid_t start_on_terminal(struct session *s, const struct start_words *w)
{
	int master = -1;
	pid_t pid = forkpty(&master, NULL, NULL, NULL);
	if (pid == 0)
		run_program(w);
	if (pid > 0) {
		fcntl(master, F_SETFD, FD_CLOEXEC);
		s->in = s->out = master;
	}
	return pid;
}

static pid_t start_on_pipes(struct session *s, const struct start_words *w)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 };
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		int null = w->input ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
		dup2(null >= 0 ? null : in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		run_program(w);
	}
	close_fd(in[0]);
	close_fd(out[1]);
	close_fd(err[1]);
	s->in = in[1];
	s->out = out[0];
	s->err = err[0];
	return pid;
}

static void tell_failed(unsigned n, const char *why)
{
	frame_add(&to_host, FRAME_FAILED, n, why, strlen(why));
}

static void start_session(unsigned n, const char *data, size_t len)
{
	struct session *s = &sessions[n];
	struct start_words w;
	if (s->used)
		return;
	parse_words(&w, data, len);
	w.own = n == 0;
	*s = (struct session){ .in = -1, .out = -1, .err = -1, .terminal = w.terminal };
	s->pid = w.terminal ? start_on_terminal(s, &w) : start_on_pipes(s, &w);
	s->used = s->pid > 0;
	if (!s->used)
		tell_failed(n, strerror(errno));
	/* A program that does not read its input must not stop the loop for all others. */
	if (s->in >= 0)
		fcntl(s->in, F_SETFL, fcntl(s->in, F_GETFL) | O_NONBLOCK);
	strv_free(w.argv);
	strv_free(w.env);
}

static void set_size(struct session *s, const char *data, size_t len)
{
	uint16_t rc[2];
	if (!s->terminal || len != sizeof(rc))
		return;
	memcpy(rc, data, sizeof(rc));
	ioctl(s->out, TIOCSWINSZ, &(struct winsize){ .ws_row = rc[0], .ws_col = rc[1] });
}

static void obey(const struct frame_head *head, const char *data)
{
	struct session *s = &sessions[head->session];
	switch (head->type) {
	case FRAME_START: start_session(head->session, data, head->len); break;
	case FRAME_INPUT:
		if (s->used && head->len && s->in >= 0)
			buf_add(&s->input, data, head->len);
		s->input_end |= !head->len;
		break;
	case FRAME_SIZE: set_size(s, data, head->len); break;
	case FRAME_SIGNAL:
		if (s->used && !s->ended && head->len == 1)
			kill(s->pid, (unsigned char)data[0]);
		break;
	case FRAME_BYE: goodbye = true; break;
	default: break;
	}
}

/* Reads what there is of one output; closes it at its end (EIO: a terminal whose last user is gone). */
static void read_output(unsigned n, int *fd, enum frame_type type)
{
	char chunk[16384];
	ssize_t got = read(*fd, chunk, sizeof(chunk));
	if (got > 0) {
		frame_add(&to_host, type, n, chunk, (size_t)got);
		sessions[n].linger = 0;
	} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
		if (sessions[n].in == *fd)
			sessions[n].in = -1;
		*fd = close_fd(*fd);
	}
}

static void write_input(struct session *s)
{
	/* End of input on a terminal is a character; on a pipe it is the close. */
	if (s->terminal && s->input_end) {
		buf_addc(&s->input, 4);
		s->input_end = false;
	}
	if (s->in >= 0 && s->input.len && channel_write(s->in, &s->input) < 0)
		buf_clear(&s->input);
	if (s->in >= 0 && !s->terminal && s->input_end && !s->input.len)
		s->in = close_fd(s->in);
}

static void reap(void)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned n = 0; n < SESSION_MAX; n++)
			if (sessions[n].used && !sessions[n].ended && sessions[n].pid == pid) {
				sessions[n].ended = true;
				sessions[n].code =
					WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			}
}

/* Ended, and its output read; or 20 turns (a second) of silence from what it left in the background. */
static void finish(unsigned n)
{
	struct session *s = &sessions[n];
	bool open = s->out >= 0 || s->err >= 0;
	if (!s->used || !s->ended || (open && ++s->linger < 20))
		return;
	char code = (char)s->code;
	if (s->in != s->out)
		close_fd(s->in);
	close_fd(s->out);
	close_fd(s->err);
	buf_release(&s->input);
	*s = (struct session){ .in = -1, .out = -1, .err = -1 };
	frame_add(&to_host, FRAME_EXIT, n, &code, 1);
}

static void add_poll(struct pollfd *fds, int *n, int fd, short events)
{
	if (fd >= 0)
		fds[(*n)++] = (struct pollfd){ .fd = fd, .events = events };
}

static bool is_ready(const struct pollfd *fds, int n, int fd, short events)
{
	for (int i = 0; fd >= 0 && i < n; i++)
		if (fds[i].fd == fd && (fds[i].revents & (events | POLLHUP | POLLERR)))
			return true;
	return false;
}

static void serve_sessions(const struct pollfd *fds, int n)
{
	for (unsigned i = 0; i < SESSION_MAX; i++) {
		struct session *s = &sessions[i];
		if (!s->used)
			continue;
		write_input(s);
		if (is_ready(fds, n, s->out, POLLIN))
			read_output(i, &s->out, FRAME_OUT);
		if (is_ready(fds, n, s->err, POLLIN))
			read_output(i, &s->err, FRAME_ERR);
		finish(i);
	}
}

static void say_ready(void)
{
	struct utsname u;
	_cleanup_buf_ struct buf id = { 0 };
	struct mc_err ignored = { 0 };
	uname(&u);
	file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &id, &ignored);
	_cleanup_free_ char *text = xasprintf("%s\n%.36s", u.release, id.data ? id.data : "");
	frame_add(&to_host, FRAME_READY, 0, text, strlen(text));
}

static bool serve_host(int port, bool readable)
{
	struct frame_head head;
	const char *data;
	ssize_t n = readable ? channel_read(port, &from_host) : -1;
	if (n == 0) { /* no reader at the host's end yet */
		usleep(10000);
		return true;
	}
	while (frame_next(&from_host, &head, &data) > 0) {
		obey(&head, data);
		frame_done(&from_host, &head);
	}
	return channel_write(port, &to_host) == 0;
}

static void on_child(int signal) { (void)signal; /* only to end poll(2) */ }

void sessions_serve(int port)
{
	struct pollfd fds[3 * SESSION_MAX + 1];
	sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = on_child }, NULL);
	signal(SIGPIPE, SIG_IGN);
	say_ready();
	while (!goodbye) {
		int n = 0;
		add_poll(fds, &n, port, (short)(POLLIN | (to_host.len ? POLLOUT : 0)));
		for (unsigned i = 0; i < SESSION_MAX; i++) {
			struct session *s = &sessions[i];
			if (!s->used)
				continue;
			/* A host that does not read: the programs wait, as they would for a slow terminal. */
			if (to_host.len < CHANNEL_HIGH) {
				add_poll(fds, &n, s->out, POLLIN);
				add_poll(fds, &n, s->err, POLLIN);
			}
			if (s->input.len && s->in != s->out)
				add_poll(fds, &n, s->in, POLLOUT);
		}
		int got = poll(fds, (nfds_t)n, 50);
		if (got < 0)
			n = 0;
		reap();
		if (!serve_host(port, is_ready(fds, n, port, POLLIN)))
			return;
		serve_sessions(fds, n);
	}
	channel_write(port, &to_host);
}
