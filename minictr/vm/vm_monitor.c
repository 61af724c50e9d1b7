/*
 * vm_monitor.c - the process beside a virtual machine: parent of qemu, and the host's end of the wire.
 *
 * The same office as engine/monitor/ has for a container: it outlives the command that started it, keeps
 * the log, passes bytes between clients and the program, records the exit code. But a container's program
 * is the monitor's own child, with pipes and a wait status; of the guest's programs no process exists on
 * this side, and all that is known of them came as a frame.
 * Kernel objects and man pages: unix(7), poll(2), pidfd_open(2), setsid(2).
 */
#include "vm/vm_monitor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "base/warn.h"

enum { TICK_MS = 500, WORDS_MAX = 1 << 20, GOODBYE_SECONDS = 8, VIRTIOFSD_STEPS = 300, VIRTIOFSD_US = 10000 };

static uint64_t seconds_from_now(unsigned s) { return now_ns(CLOCK_MONOTONIC) + s * 1000000000ULL; }

/* --- the parts: file servers, qemu, the socket for clients --- */

/* C's virtiofsd has no read-only mode: what it serves is bound read-only, in a mount namespace of ours. */
static int make_read_only(const struct vm *vm, struct mc_err *err)
{
	bool any = false;
	for (size_t i = 0; i < vm->n_shares; i++)
		any |= vm->shares[i].readonly;
	int rc = any ? sys_unshare(CLONE_NEWNS, err) : 0;
	if (any && rc >= 0)
		rc = sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL, err);
	for (size_t i = 0; rc >= 0 && i < vm->n_shares; i++) {
		const char *s = vm->shares[i].source;
		if (!vm->shares[i].readonly)
			continue;
		rc = sys_mount(s, s, NULL, MS_BIND, NULL, err);
		if (rc >= 0)
			rc = sys_mount(NULL, s, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL, err);
	}
	return rc < 0 ? rc : 0;
}

static int start_file_server(struct vm_monitor *m, size_t i, struct mc_err *err)
{
	static const char *const places[] = { "/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd",
		"/usr/libexec/qemu/virtiofsd" };
	_cleanup_free_ char *socket = qemu_virtiofs_socket(m->vm, i);
	_cleanup_free_ char *path = xasprintf("--socket-path=%s", socket);
	_cleanup_free_ char *source = xasprintf("source=%s", m->vm->shares[i].source);
	char *argv[] = { NULL, path, "-o", source, "-o", "sandbox=chroot", "-o", "cache=auto", NULL };
	for (size_t k = 0; k < ARRAY_LEN(places) && !argv[0]; k++)
		if (access(places[k], X_OK) == 0)
			argv[0] = (char *)places[k];
	struct spawn s = { .argv = argv, .in = SPAWN_NULL, .out = m->qemu_log, .err = m->qemu_log };
	pid_t pid = spawn_start(&s, err);
	if (pid < 0)
		return pid;
	m->file_servers[m->n_file_servers++] = pid;
	for (int k = 0; k < VIRTIOFSD_STEPS; k++) {
		if (path_exists(AT_FDCWD, socket))
			return 0;
		usleep(VIRTIOFSD_US);
	}
	return err_set(err, ETIMEDOUT, "virtiofsd does not serve %s", m->vm->shares[i].source);
}

static int start_file_servers(struct vm_monitor *m, struct mc_err *err)
{
	int rc = m->vm->virtiofs ? make_read_only(m->vm, err) : 0;
	for (size_t i = 0; rc >= 0 && m->vm->virtiofs && i < m->vm->n_shares; i++)
		rc = m->n_file_servers < ARRAY_LEN(m->file_servers)
			     ? start_file_server(m, i, err)
			     : err_set(err, E2BIG, "at most %zu directories can be shared",
				       ARRAY_LEN(m->file_servers));
	return rc;
}

static int start_qemu(struct vm_monitor *m, struct mc_err *err)
{
	int wire[2], rc = sys_socketpair(SOCK_STREAM, wire, err);
	if (rc < 0)
		return rc;
	struct spawn s = { .argv = m->vm->qemu,
		.in = SPAWN_NULL,
		.out = m->qemu_log,
		.err = m->qemu_log,
		.pass_from = wire[1],
		.pass_to = QEMU_CHANNEL_FD };
	m->channel = wire[0];
	m->qemu = spawn_start(&s, err);
	close_fd(wire[1]);
	if (m->qemu < 0)
		return m->qemu;
	fcntl(m->channel, F_SETFL, O_NONBLOCK);
	m->pidfd = sys_pidfd_open(m->qemu, err);
	return m->pidfd < 0 ? m->pidfd : 0;
}

static int listen_for_clients(struct vm_monitor *m, struct mc_err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	_cleanup_free_ char *path = vm_socket(m->vm->host, m->vm->c.id);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	m->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (m->listener < 0 || bind(m->listener, (struct sockaddr *)&a, sizeof(a)) < 0 ||
		listen(m->listener, 16) < 0)
		return err_sys(err, "listen on %s", path);
	return 0;
}

static int record_running(struct vm_monitor *m, struct mc_err *err)
{
	struct container *c = &m->vm->c;
	_cleanup_close_ int lock = container_lock(&m->vm->host->machines, c->id, err);
	c->status = CONTAINER_RUNNING;
	c->started = (int64_t)now_ns(CLOCK_REALTIME);
	c->init.pid = m->qemu;
	c->monitor.pid = getpid();
	process_id_fill(&c->init);
	process_id_fill(&c->monitor);
	snprintf(c->boot_id, sizeof(c->boot_id), "%s", container_boot_id());
	return lock < 0 ? lock : container_save_state(&m->vm->host->machines, c, err);
}

/* --- the end --- */

static void write_exit(struct vm_monitor *m)
{
	char text[64];
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *path = xasprintf("%s/exit", m->vm->dir);
	int n = snprintf(text, sizeof(text), "%d 0 %lld\n", m->code, (long long)now_ns(CLOCK_REALTIME));
	file_write_atomic(AT_FDCWD, path, text, (size_t)n, 0600, 0, &ignored);
}

static void record_failure(struct vm_monitor *m)
{
	struct mc_err ignored = { 0 };
	struct container *c = &m->vm->c;
	if (!m->failed)
		return;
	_cleanup_close_ int lock = container_lock(&m->vm->host->machines, c->id, &ignored);
	free(c->error);
	c->error = xstrdup(m->failed);
	container_save_state(&m->vm->host->machines, c, &ignored);
}

/* qemu is gone. Records first, then tells: a client that asks after the answer must find the record. */
static void finish(struct vm_monitor *m)
{
	char code = (char)m->code;
	for (size_t i = 0; i < m->n_file_servers; i++) {
		kill(m->file_servers[i], SIGTERM);
		waitpid(m->file_servers[i], NULL, 0);
	}
	log_close(&m->log);
	record_failure(m);
	write_exit(m);
	bool remove = container_flag(m->vm->c.host, "AutoRemove");
	if (remove)
		vm_forget(m->vm->host, &m->vm->c);
	for (size_t i = 0; i < ARRAY_LEN(m->clients); i++) {
		struct vm_client *c = &m->clients[i];
		if (c->fd < 0)
			continue;
		if (m->failed)
			frame_add(&c->out, FRAME_FAILED, 0, m->failed, strlen(m->failed));
		if (c->session >= 0)
			frame_add(&c->out, FRAME_EXIT, 0, &code, 1);
		fcntl(c->fd, F_SETFL, 0);
		channel_write(c->fd, &c->out);
		close(c->fd);
	}
}

/* --- the loop --- */

static void check_time(struct vm_monitor *m)
{
	if (!m->deadline || now_ns(CLOCK_MONOTONIC) < m->deadline)
		return;
	m->deadline = 0;
	if (!m->ready)
		vm_monitor_fail(m, "the guest did not boot in time");
	else /* it was told to power off and does not */
		kill(m->qemu, SIGKILL);
}

/* The guest's serial line and qemu's words are for messages about failures: the end of them is enough. */
static void bound_words(const struct vm *vm)
{
	static const char *const names[] = { "console", "qemu.log" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct stat st;
		_cleanup_free_ char *path = xasprintf("%s/%s", vm->dir, names[i]);
		if (stat(path, &st) == 0 && st.st_size > WORDS_MAX && truncate(path, 0) < 0)
			return;
	}
}

static int prepare_poll(struct vm_monitor *m, struct pollfd *fds)
{
	int n = 0;
	bool slow = vm_clients_slow(m);
	fds[n++] = (struct pollfd){ .fd = m->pidfd, .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = m->listener, .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = m->channel,
		.events = (short)((slow ? 0 : POLLIN) | (m->out.len ? POLLOUT : 0)) };
	for (size_t i = 0; i < ARRAY_LEN(m->clients); i++)
		fds[n++] = (struct pollfd){ .fd = m->clients[i].fd,
			.events = (short)((m->out.len + m->early.len < CHANNEL_HIGH ? POLLIN : 0) |
					  (m->clients[i].out.len ? POLLOUT : 0)) };
	return n;
}

static void loop(struct vm_monitor *m)
{
	struct pollfd fds[3 + VM_CLIENTS];
	int status = 0;
	m->deadline = seconds_from_now(VM_BOOT_SECONDS);
	for (;;) {
		int n = prepare_poll(m, fds);
		if (poll(fds, (nfds_t)n, TICK_MS) < 0 && errno != EINTR)
			break;
		vm_channel_serve(m);
		vm_clients_serve(m);
		if (m->goodbye && !m->ended) {
			m->ended = true;
			m->deadline = seconds_from_now(GOODBYE_SECONDS);
		}
		check_time(m);
		bound_words(m->vm);
		if (waitpid(m->qemu, &status, WNOHANG) == m->qemu)
			break;
	}
	/* What the guest said last may still be in the socket. */
	vm_channel_serve(m);
	if (!m->ended && !m->stopped)
		vm_monitor_fail(m, m->ready ? "the machine went off before its program ended"
					    : "qemu ended before the guest had booted");
	else if (!m->ended)
		m->code = 137;
	finish(m);
}

/*
 * We are a fork of `minictr vm run ...` and would be listed with its words: variables (-e) among them, and
 * the guest's program, which is no process here. proc_pid_stat(5) has where the kernel reads our arguments.
 */
static void take_own_title(const struct vm_monitor *m)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	unsigned long start = 0, end = 0;
	if (file_read(AT_FDCWD, "/proc/self/stat", 8192, &b, &ignored) < 0 || !b.data)
		return;
	const char *p = strrchr(b.data, ')');
	/* Fields 48 and 49; the name, field 2, may hold blanks. */
	for (int field = 2; p && field < 48; field++)
		p = strchr(p + 1, ' ');
	if (!p || sscanf(p, " %lu %lu", &start, &end) != 2 || !start || end <= start)
		return;
	memset((void *)start, 0, end - start);
	snprintf((char *)start, end - start, "minictr-vm monitor of %s", m->vm->c.name);
}

static void become_monitor(struct vm_monitor *m)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	setsid();
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	warn_to(warn_drop);
	take_own_title(m);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	for (size_t i = 0; i < ARRAY_LEN(m->clients); i++)
		m->clients[i] = (struct vm_client){ .fd = -1, .session = -1 };
	if (chdir("/") < 0)
		m->code = 125;
}

static int start_parts(struct vm_monitor *m, struct mc_err *err)
{
	const struct engine *e = &m->vm->host->machines;
	_cleanup_free_ char *log = xasprintf("%s/qemu.log", m->vm->dir);
	m->qemu_log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int rc = m->qemu_log < 0 ? err_sys(err, "%s", log)
				 : log_open(&m->log, m->vm->dir, e->config.log_max_size,
					   e->config.log_max_files, err);
	if (rc >= 0)
		rc = listen_for_clients(m, err);
	if (rc >= 0)
		rc = start_file_servers(m, err);
	if (rc >= 0)
		rc = start_qemu(m, err);
	return rc < 0 ? rc : record_running(m, err);
}

/* The child: its first word to the parent is the struct of an error, or a zeroed one. */
static void monitor_life(struct vm *vm, int report)
{
	struct vm_monitor m = { .vm = vm,
		.channel = -1,
		.listener = -1,
		.pidfd = -1,
		.qemu = -1,
		.started_by_client = !vm->options->run.detach };
	struct mc_err err = { 0 };
	become_monitor(&m);
	int rc = start_parts(&m, &err);
	if (rc < 0 && m.qemu > 0)
		kill(m.qemu, SIGKILL);
	if (file_write_all(report, &err, sizeof(err), &(struct mc_err){ 0 }) < 0 || rc < 0)
		_exit(1);
	close(report);
	loop(&m);
	_exit(0);
}

int vm_monitor_start(struct vm *vm, struct mc_err *err)
{
	int report[2], rc = sys_pipe(report, err);
	struct mc_err told = { 0 };
	if (rc < 0)
		return rc;
	fflush(NULL);
	/* Twice: the monitor must be no child of ours, or it would stay a zombie until we end. */
	pid_t pid = fork();
	if (pid == 0) {
		close(report[0]);
		if (fork() == 0)
			monitor_life(vm, report[1]);
		_exit(0);
	}
	close(report[1]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	ssize_t n = pid < 0 ? -1 : read(report[0], &told, sizeof(told));
	close(report[0]);
	if (n != (ssize_t)sizeof(told))
		return err_set(err, EIO, "the machine's monitor ended before qemu ran");
	if (told.code)
		*err = told;
	return told.code ? -told.code : 0;
}
