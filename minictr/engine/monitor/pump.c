/*
 * monitor/pump.c - the monitor's loop.
 *
 * Kernel objects and man pages: poll(2), signalfd(2), unix(7) SOCK_SEQPACKET (one message is one recv(2)),
 * pipe(7), pty(7).
 * Order and why: new clients are taken before output is read, so that one who connected before `start` misses
 * nothing. Output goes to the log first, then to the clients. A client that does not read must not hold up
 * the program: a client that lags is let go after a megabyte; only the command that started the container
 * (`primary`) holds it up, as the reader of a pipe would.
 * When the program has ended the status is written before anything else; then what is left in the pipes is
 * handed on, then every client is told.
 */
#include "engine/monitor/pump.h"
#include "engine/monitor/serve.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	/* Bytes a client may lag behind. */
	QUEUE_MAX = 1 << 20,
	/* Bytes of input the program may lag behind. */
	INPUT_MAX = 1 << 16,
	/* How long a client may hold up the end. */
	LAST_WORDS_MS = 10000,
	/* With --pid host others may go on writing into the pipe. */
	LAST_READS = 100,
	/* Pollfd entries before the clients. */
	FIXED = 7,
};

static char message[ATTACH_MESSAGE]; /* one buffer for all: the loop handles one message at a time */

static uint64_t now_ms(void) { return now_ns(CLOCK_MONOTONIC) / 1000000; }

/* --- clients --- */

static void client_drop(struct monitor *m, struct client *c)
{
	bool was_input = c->hello.primary && m->options.stdin_once;
	c->fd = close_fd(c->fd);
	buf_release(&c->queue);
	if (was_input && m->in >= 0 && !m->options.tty)
		/* No client will type again: the program shall see the end. */
		m->in = close_fd(m->in);
}

static void client_queue(struct monitor *m, struct client *c, const void *data, size_t len)
{
	uint32_t n = (uint32_t)len;
	if (c->queue.len > QUEUE_MAX && !c->hello.primary) {
		client_drop(m, c);
		return;
	}
	buf_add(&c->queue, &n, sizeof(n));
	buf_add(&c->queue, data, len);
}

static void client_send(struct monitor *m, struct client *c, const void *data, size_t len)
{
	if (c->fd < 0)
		return;
	if (c->queue.len) {
		client_queue(m, c, data, len);
		return;
	}
	if (send(c->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return;
	if (errno == EAGAIN || errno == ENOBUFS)
		client_queue(m, c, data, len);
	else
		client_drop(m, c);
}

static void client_flush(struct monitor *m, struct client *c)
{
	size_t done = 0;
	while (done < c->queue.len) {
		uint32_t n;
		memcpy(&n, c->queue.data + done, sizeof(n));
		if (send(c->fd, c->queue.data + done + sizeof(n), n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
			if (errno != EAGAIN && errno != ENOBUFS) {
				client_drop(m, c);
				return;
			}
			break;
		}
		done += sizeof(n) + n;
	}
	buf_trim_front(&c->queue, done);
}

static bool client_wants(const struct client *c, char kind)
{
	return !c->hello.no_output && !(kind == ATTACH_STDERR ? c->hello.no_stderr : c->hello.no_stdout);
}

/* A message of output: its first byte says of which stream. */
static void clients_send(struct monitor *m, const char *data, size_t len)
{
	for (size_t i = 0; i < m->n_clients; i++)
		if (client_wants(&m->clients[i], data[0]))
			client_send(m, &m->clients[i], data, len);
}

static void input_flush(struct monitor *m)
{
	while (m->input.len && m->in >= 0) {
		ssize_t n = write(m->in, m->input.data, m->input.len);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			if (!m->options.tty) /* the program has closed its stdin: not an end, only deaf */
				m->in = close_fd(m->in);
			buf_clear(&m->input);
		}
		if (n <= 0)
			return;
		buf_trim_front(&m->input, (size_t)n);
	}
}

static void client_said(struct monitor *m, struct client *c, size_t len)
{
	struct attach_window w;
	switch (message[0]) {
	case ATTACH_HELLO:
		if (len == 1 + sizeof(c->hello))
			memcpy(&c->hello, message + 1, sizeof(c->hello));
		break;
	case ATTACH_STDIN:
		if (m->in >= 0 && c->hello.wants_stdin)
			buf_add(&m->input, message + 1, len - 1);
		input_flush(m);
		break;
	case ATTACH_EOF:
		if (!c->hello.wants_stdin)
			break;
		if (m->options.stdin_once && !m->options.tty && m->in >= 0 && !m->input.len)
			m->in = close_fd(m->in);
		else if (m->options.stdin_once)
			c->hello.wants_stdin = 'q'; /* close when what is queued has been taken */
		break;
	case ATTACH_WINDOW:
		if (len == 1 + sizeof(w) && m->options.tty && m->out >= 0) {
			memcpy(&w, message + 1, sizeof(w));
			struct winsize size = { .ws_row = w.rows, .ws_col = w.cols };
			ioctl(m->out, TIOCSWINSZ, &size);
		}
		break;
	}
}

static void client_read(struct monitor *m, struct client *c)
{
	ssize_t n = recv(c->fd, message, sizeof(message), MSG_DONTWAIT);
	if (n > 0)
		client_said(m, c, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		client_drop(m, c);
}

static void clients_accept(struct monitor *m)
{
	int fd;
	while ((fd = accept4(m->listen, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		m->clients = xrealloc(m->clients, (m->n_clients + 1) * sizeof(struct client));
		m->clients[m->n_clients++] = (struct client){ .fd = fd };
		client_read(m, &m->clients[m->n_clients - 1]); /* hello is usually there already */
	}
}

static void clients_sweep(struct monitor *m)
{
	size_t kept = 0;
	for (size_t i = 0; i < m->n_clients; i++)
		if (m->clients[i].fd >= 0)
			m->clients[kept++] = m->clients[i];
	m->n_clients = kept;
}

/* --- the program --- */

/* Until the next health check: shorter in the start period, so that "healthy" is not late. */
static uint64_t health_pause(const struct monitor *m)
{
	const struct monitor_options *o = &m->options;
	bool young = now_ms() < m->started + o->health_start_period;
	return young && o->health_start_interval < o->health_interval ? o->health_start_interval
								      : o->health_interval;
}

/* One read of what it wrote. False at the end. */
static bool output_read(struct monitor *m, int fd, enum attach_kind kind)
{
	ssize_t n = read(fd, message + 1, sizeof(message) - 1);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return !m->exited; /* all that it left behind has been read */
	if (n <= 0)
		return false; /* EIO: the last one who had the terminal open is gone (pty(7)) */
	message[0] = m->options.tty ? ATTACH_TERMINAL : (char)kind;
	log_add(&m->log, kind == ATTACH_STDERR ? 2 : 1, message + 1, (size_t)n);
	clients_send(m, message, (size_t)n + 1);
	return true;
}

static void output_end(struct monitor *m, int *fd)
{
	if (fd == &m->out && m->options.tty)
		m->in = -1;
	*fd = close_fd(*fd);
}

/* SIGCHLD: the program, a health check, or an orphan that fell to us as the subreaper. */
static void children_reap(struct monitor *m)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;
	while (read(m->signals, &info, sizeof(info)) == sizeof(info))
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		serve_reaped(m, pid);
		if (pid == m->health) {
			m->health = 0;
			m->health_due = now_ms() + health_pause(m);
		}
		if (pid == m->init) {
			m->exited = true;
			m->status = status;
		}
	}
}

/* What it left in the pipes goes into the log before any client hears that it has ended: `wait` and then
 * `logs` must show every line. At most a pipe's content, so no client is asked whether it keeps up. */
static void last_output(struct monitor *m)
{
	for (int i = 0; i < LAST_READS && m->out >= 0; i++)
		if (!output_read(m, m->out, ATTACH_STDOUT))
			output_end(m, &m->out);
	for (int i = 0; i < LAST_READS && m->err >= 0; i++)
		if (!output_read(m, m->err, ATTACH_STDERR))
			output_end(m, &m->err);
	log_close(&m->log);
}

static void health_start(struct monitor *m)
{
	uint64_t now = now_ms();
	if (!m->health_due || m->health || m->exited || now < m->health_due)
		return;
	m->health = monitor_internal(m, "health");
	if (m->health < 0)
		m->health = 0;
	m->health_due = now + health_pause(m);
}

/* --- the loop --- */

static bool clients_lag(const struct monitor *m, size_t limit)
{
	for (size_t i = 0; i < m->n_clients; i++)
		if (m->clients[i].queue.len > limit)
			return true;
	return false;
}

static bool primary_lags(const struct monitor *m)
{
	for (size_t i = 0; i < m->n_clients; i++)
		if (m->clients[i].hello.primary && m->clients[i].queue.len > QUEUE_MAX)
			return true;
	return false;
}

static bool primary_is_there(const struct monitor *m)
{
	for (size_t i = 0; i < m->n_clients; i++)
		if (m->clients[i].hello.primary)
			return true;
	return false;
}

static struct pollfd *poll_set(struct monitor *m)
{
	static struct pollfd *set;
	bool held = primary_lags(m);
	set = xrealloc(set, (FIXED + m->n_clients) * sizeof(*set));
	set[0] = (struct pollfd){ m->listen, POLLIN, 0 };
	set[1] = (struct pollfd){ m->signals, POLLIN, 0 };
	set[2] = (struct pollfd){ held ? -1 : m->out, POLLIN, 0 };
	set[3] = (struct pollfd){ held ? -1 : m->err, POLLIN, 0 };
	set[4] = (struct pollfd){ m->input.len ? m->in : -1, POLLOUT, 0 };
	set[5] = (struct pollfd){ m->memory, POLLPRI, 0 };
	set[6] = (struct pollfd){ m->serving, POLLIN, 0 };
	for (size_t i = 0; i < m->n_clients; i++) {
		const struct client *c = &m->clients[i];
		short events =
			(short)((m->input.len < INPUT_MAX ? POLLIN : 0) | (c->queue.len ? POLLOUT : 0));
		set[FIXED + i] = (struct pollfd){ c->fd, events, 0 };
	}
	return set;
}

static void turn(struct monitor *m, int timeout)
{
	size_t known = m->n_clients; /* those accepted below are not in the set */
	struct pollfd *set = poll_set(m);
	if (poll(set, FIXED + known, timeout) < 0)
		return;
	if (set[0].revents)
		clients_accept(m);
	for (size_t i = 0; i < known; i++) {
		struct client *c = &m->clients[i];
		if (set[FIXED + i].revents & POLLOUT)
			client_flush(m, c);
		if (c->fd >= 0 && set[FIXED + i].revents & (POLLIN | POLLHUP | POLLERR))
			client_read(m, c);
	}
	if (set[4].revents)
		input_flush(m);
	if (set[2].revents && !output_read(m, m->out, ATTACH_STDOUT))
		output_end(m, &m->out);
	if (set[3].revents && !output_read(m, m->err, ATTACH_STDERR))
		output_end(m, &m->err);
	if (set[5].revents)
		monitor_look_at_memory(m);
	if (set[6].revents)
		serve_ready(m);
	if (set[1].revents)
		children_reap(m);
	for (size_t i = 0; i < m->n_clients; i++)
		if (m->clients[i].hello.wants_stdin == 'q' && !m->input.len && m->in >= 0 && !m->options.tty)
			m->in = close_fd(m->in);
	clients_sweep(m);
}

/* Until the next thing that has a time: the next health check, the end of `run --timeout`. */
static int timeout_of(const struct monitor *m)
{
	uint64_t now = now_ms(), due = m->health ? 0 : m->health_due;
	if (m->killed_at && (!due || m->killed_at < due))
		due = m->killed_at;
	if (!due)
		return -1;
	return now >= due ? 0 : due - now > INT_MAX ? INT_MAX : (int)(due - now);
}

/* `run --timeout`: process 1 is our child and not yet waited for, so the number is still its own. */
static void kill_when_due(struct monitor *m)
{
	if (!m->killed_at || now_ms() < m->killed_at)
		return;
	m->killed_at = 0;
	kill(m->init, SIGKILL);
}

static void tell_exit(struct monitor *m, int code)
{
	struct attach_exit x = { .code = code, .oom_killed = m->oom_killed };
	char text[1 + sizeof(x)] = { ATTACH_EXIT };
	memcpy(text + 1, &x, sizeof(x));
	for (size_t i = 0; i < m->n_clients; i++)
		client_send(m, &m->clients[i], text, sizeof(text));
}

void monitor_pump(struct monitor *m)
{
	m->started = now_ms();
	m->health_due = m->options.health_interval ? m->started + health_pause(m) : 0;
	m->killed_at = m->options.timeout ? m->started + m->options.timeout * 1000 : 0;
	while (!m->exited) {
		kill_when_due(m);
		health_start(m);
		turn(m, timeout_of(m));
	}
	serve_stop(m); /* its network ends with it */
	last_output(m);
	monitor_record_exit(m);
	uint64_t deadline = now_ms() + LAST_WORDS_MS;
	clients_accept(m);
	tell_exit(m, WIFEXITED(m->status) ? WEXITSTATUS(m->status) : 128 + WTERMSIG(m->status));
	/* the command that started it may be read by a pager: it gets all there is, as from a pipe */
	while (clients_lag(m, 0) && (now_ms() < deadline || primary_is_there(m)))
		turn(m, 100);
	/* `run --rm` hangs up when it has removed the container: then there is nothing left for us to do */
	for (deadline = now_ms() + LAST_WORDS_MS; primary_is_there(m) && now_ms() < deadline;)
		turn(m, 100);
	for (size_t i = 0; i < m->n_clients; i++)
		client_drop(m, &m->clients[i]);
}
