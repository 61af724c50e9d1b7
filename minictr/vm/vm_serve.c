/*
 * vm_serve.c - frames on their way: from the guest to log and clients, from clients to the guest.
 *
 * A client speaks the guest's own language (channel.h); only the number of its session is ours to give, so
 * that a client never touches another one's program. Order and why: the log gets a byte before any client.
 */
#include "vm/vm_monitor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"

/* The last 600 bytes of a file of the machine's directory, for a message. Caller frees. */
static char *tail_of(const struct vm *vm, const char *name)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *path = xasprintf("%s/%s", vm->dir, name);
	file_read(AT_FDCWD, path, 16 << 20, &b, &ignored);
	const char *p = b.len > 600 ? b.data + b.len - 600 : b.data ? b.data : "";
	return xstrdup(p);
}

void vm_monitor_fail(struct vm_monitor *m, const char *what)
{
	if (m->failed)
		return;
	_cleanup_free_ char *qemu = tail_of(m->vm, "qemu.log"), *console = tail_of(m->vm, "console");
	m->failed = xasprintf("%s%s%s%s%s%s", what, *qemu ? "\nqemu says: " : "", qemu,
		*console ? "\nthe guest's console says: " : "", console,
		m->vm->accelerator == ACCELERATOR_KVM && !m->ready ? "\n--accel tcg does without KVM" : "");
	m->code = 125;
	m->ended = true;
	kill(m->qemu, SIGKILL);
}

static void start_program(struct vm_monitor *m)
{
	if (!m->ready || m->started || m->started_by_client)
		return;
	m->started = true;
	frame_add(&m->out, FRAME_START, 0, m->vm->start.data, m->vm->start.len);
	buf_add(&m->out, m->early.data, m->early.len);
	buf_release(&m->early);
}

/* Where a frame for session n goes. What comes before the image's program runs must wait for its start. */
static struct buf *way_to(struct vm_monitor *m, int n) { return n <= 0 && !m->started ? &m->early : &m->out; }

/* --- from the guest --- */

static void guest_is_ready(struct vm_monitor *m)
{
	m->ready = true;
	m->deadline = 0;
	start_program(m);
}

static void to_session(struct vm_monitor *m, const struct frame_head *head, const char *data)
{
	for (size_t i = 0; i < ARRAY_LEN(m->clients); i++)
		if (m->clients[i].fd >= 0 && m->clients[i].session == head->session)
			frame_add(&m->clients[i].out, head->type, 0, data, head->len);
}

static void session_ended(struct vm_monitor *m, const struct frame_head *head, const char *data)
{
	if (head->session) {
		to_session(m, head, data);
		return;
	}
	/* Clients of the program itself hear of it when the machine is off: finish() in vm_monitor.c. */
	m->code = head->len ? (unsigned char)data[0] : 125;
	m->goodbye = true;
	frame_add(&m->out, FRAME_BYE, 0, "", 0);
}

static void from_guest(struct vm_monitor *m, const struct frame_head *head, const char *data)
{
	switch (head->type) {
	case FRAME_READY: guest_is_ready(m); break;
	case FRAME_OUT:
	case FRAME_ERR:
		if (head->session == 0)
			log_add(&m->log, head->type == FRAME_OUT ? 1 : 2, data, head->len);
		to_session(m, head, data);
		break;
	case FRAME_EXIT: session_ended(m, head, data); break;
	case FRAME_FAILED:
		if (head->session) {
			to_session(m, head, data);
		} else {
			_cleanup_free_ char *why = xstrndup(data, head->len);
			_cleanup_free_ char *text = xasprintf("the guest: %s", why);
			vm_monitor_fail(m, text);
		}
		break;
	default: break;
	}
}

void vm_channel_serve(struct vm_monitor *m)
{
	struct frame_head head;
	const char *data;
	int rc = 0;
	if (m->channel < 0)
		return;
	while (!vm_clients_slow(m) && channel_read(m->channel, &m->in) > 0)
		while ((rc = frame_next(&m->in, &head, &data)) > 0) {
			from_guest(m, &head, data);
			frame_done(&m->in, &head);
		}
	if (rc < 0)
		vm_monitor_fail(m, "the guest sent what is no frame");
	channel_write(m->channel, &m->out);
}

/* --- from clients --- */

bool vm_clients_slow(const struct vm_monitor *m)
{
	for (size_t i = 0; i < ARRAY_LEN(m->clients); i++)
		if (m->clients[i].fd >= 0 && m->clients[i].out.len > CHANNEL_HIGH)
			return true;
	return false;
}

static void close_client(struct vm_monitor *m, struct vm_client *c)
{
	/* A program of its own (exec) gets the end of its input; the image's program stays as it is. */
	if (c->session > 0)
		frame_add(&m->out, FRAME_INPUT, (unsigned)c->session, "", 0);
	buf_release(&c->in);
	buf_release(&c->out);
	close(c->fd);
	*c = (struct vm_client){ .fd = -1, .session = -1 };
}

static int free_session(const struct vm_monitor *m)
{
	for (int n = 1; n < SESSION_MAX; n++) {
		bool used = false;
		for (size_t i = 0; i < ARRAY_LEN(m->clients); i++)
			used |= m->clients[i].fd >= 0 && m->clients[i].session == n;
		if (!used)
			return n;
	}
	return -1;
}

static void from_client(
	struct vm_monitor *m, struct vm_client *c, const struct frame_head *head, const char *data)
{
	switch (head->type) {
	case FRAME_ATTACH:
		c->session = 0;
		m->started_by_client = false;
		start_program(m);
		break;
	case FRAME_START:
		if (c->session < 0)
			c->session = free_session(m);
		if (c->session > 0)
			frame_add(&m->out, FRAME_START, (unsigned)c->session, data, head->len);
		break;
	case FRAME_SIGNAL:
		/* `vm stop` has no session: it means the program of the image. */
		m->stopped |= c->session < 0 && head->len == 1 && data[0] != SIGUSR1;
		frame_add(way_to(m, c->session), FRAME_SIGNAL, c->session < 0 ? 0 : (unsigned)c->session,
			data, head->len);
		break;
	case FRAME_INPUT:
	case FRAME_SIZE:
		if (c->session >= 0)
			frame_add(way_to(m, c->session), head->type, (unsigned)c->session, data, head->len);
		break;
	default: break;
	}
}

static void serve_client(struct vm_monitor *m, struct vm_client *c)
{
	struct frame_head head;
	const char *data;
	int rc = 0;
	errno = EAGAIN;
	ssize_t n = m->out.len + m->early.len < CHANNEL_HIGH ? channel_read(c->fd, &c->in) : -1;
	bool gone = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
	while ((rc = frame_next(&c->in, &head, &data)) > 0) {
		from_client(m, c, &head, data);
		frame_done(&c->in, &head);
	}
	if (gone || rc < 0 || channel_write(c->fd, &c->out) < 0)
		close_client(m, c);
}

static void accept_clients(struct vm_monitor *m)
{
	int fd;
	while ((fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		size_t i = 0;
		while (i < ARRAY_LEN(m->clients) && m->clients[i].fd >= 0)
			i++;
		if (i == ARRAY_LEN(m->clients))
			close(fd);
		else
			m->clients[i] = (struct vm_client){ .fd = fd, .session = -1 };
	}
}

void vm_clients_serve(struct vm_monitor *m)
{
	accept_clients(m);
	for (size_t i = 0; i < ARRAY_LEN(m->clients); i++)
		if (m->clients[i].fd >= 0)
			serve_client(m, &m->clients[i]);
	channel_write(m->channel, &m->out);
}
