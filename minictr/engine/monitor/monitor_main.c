/*
 * monitor/monitor_main.c - minictr-monitor: one small process beside each container, from before its start
 * until after its end.
 *
 * Purpose: a container must outlive the command that made it, so another process has to be there when it
 * writes and when it ends. This process holds its output, its terminal, its exit status and its mount
 * namespace.
 * Kernel objects and man pages: PR_SET_CHILD_SUBREAPER (the OCI runtime's `create` exits, its child falls
 * to us: prctl(2)), signalfd(2), unix(7), pipe(7), namespaces(7) (an open /proc/PID/ns/mnt keeps it).
 * Order and why:
 *   1 leave the caller's session, so that neither its Ctrl-C nor its end reaches us
 *   2 be the subreaper before anything is spawned, listen before a client may connect
 *   3 `create`; an unprivileged user's container gets its network; tell the engine the pid; wait for its word
 *     (it records, and joins networks, meanwhile)
 *   4 `start`; from here on no other process of ours is needed
 *   5 pump until the end; the exit status is on disk before we let go of the mount namespace, because taking
 *     that down syncs the whole file system below the overlay (100 ms where others have written much)
 *   6 `minictr internal cleanup` does what needs more code (JSON, restart policy); it leaves a file that says
 *     whether to start again, and after which pause. We sleep through the pause: we are smaller.
 * What can fail: everything up to 4 is reported to the engine as struct mc_err; later no process listens.
 * Left out: a second life after kill -9 (restore.c repairs the record).
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/explain.h"
#include "base/file.h"
#include "base/sys.h"
#include "engine/monitor/pump.h"
#include "engine/monitor/oci_runtime.h"
#include "engine/monitor/serve.h"
#include "network/usernet.h"

/* --- 0: arguments --- */

static void monitor_read_word(struct monitor_options *o, const char *word)
{
	const struct {
		const char *name;
		const char **text;
		uint64_t *number;
		bool *flag;
	} table[] = {
		{ "id=", &o->id, NULL, NULL },
		{ "dir=", &o->dir, NULL, NULL },
		{ "run=", &o->run, NULL, NULL },
		{ "root=", &o->root, NULL, NULL },
		{ "runtime=", &o->runtime, NULL, NULL },
		{ "oci-root=", &o->oci_root, NULL, NULL },
		{ "minictr=", &o->minictr, NULL, NULL },
		{ "network=", &o->network, NULL, NULL },
		{ "ports=", &o->ports, NULL, NULL },
		{ "forward=", &o->forward, NULL, NULL },
		{ "oom-file=", &o->oom_file, NULL, NULL },
		{ "log-max-size=", NULL, &o->log_max_size, NULL },
		{ "log-max-files=", NULL, &o->log_max_files, NULL },
		{ "timeout=", NULL, &o->timeout, NULL },
		{ "health-interval=", NULL, &o->health_interval, NULL },
		{ "health-start-period=", NULL, &o->health_start_period, NULL },
		{ "health-start-interval=", NULL, &o->health_start_interval, NULL },
		{ "foreign=", NULL, NULL, &o->foreign },
		{ "dns=", NULL, NULL, &o->dns },
		{ "dns-moved=", NULL, NULL, &o->dns_moved },
		{ "hide-unified=", NULL, NULL, &o->hide_unified },
		{ "systemd=", NULL, NULL, &o->systemd },
		{ "tty=", NULL, NULL, &o->tty },
		{ "open-stdin=", NULL, NULL, &o->open_stdin },
		{ "stdin-once=", NULL, NULL, &o->stdin_once },
		{ "no-log=", NULL, NULL, &o->no_log },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (!str_starts(word, table[i].name))
			continue;
		const char *value = word + strlen(table[i].name);
		if (table[i].text)
			*table[i].text = value;
		else if (table[i].number)
			parse_u64(value, table[i].number);
		else
			*table[i].flag = *value == '1';
		return;
	}
}

/* --- 1 and 2: a process of its own --- */

static int become_daemon(struct mc_err *err)
{
	pid_t child = fork();
	if (child < 0)
		return err_sys(err, "fork()");
	if (child > 0)
		_exit(0);
	if (setsid() < 0)
		return err_sys(err, "setsid()");
	return chdir("/") < 0 ? err_sys(err, "chdir(\"/\")") : 0;
}

static int monitor_catch_signals(struct monitor *m, struct mc_err *err)
{
	sigset_t set;
	static const int deaf_to[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU };
	for (size_t i = 0; i < ARRAY_LEN(deaf_to); i++)
		signal(deaf_to[i], SIG_IGN); /* runtime_reset_signals() undoes this in our children */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	m->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->signals < 0 ? err_sys(err, "signalfd()") : 0;
}

/*
 * Blocks for the exit status are taken now: at the end the disk may be full, and overwriting needs no new
 * ones.
 */
static int reserve_exit(struct monitor *m, struct mc_err *err)
{
	static const char blank[64] = "";
	_cleanup_free_ char *room = xasprintf("%s/exit.room", m->options.dir);
	_cleanup_close_ int fd = sys_open(AT_FDCWD, room, O_WRONLY | O_CREAT, 0600, err);
	return fd < 0 ? fd : file_write_all(fd, blank, sizeof(blank), err);
}

static int monitor_set_up(struct monitor *m, struct mc_err *err)
{
	const struct monitor_options *o = &m->options;
	int rc = sys_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0, err);
	if (rc >= 0)
		rc = monitor_catch_signals(m, err);
	if (rc >= 0)
		rc = m->listen = runtime_listen(o->run, "attach", SOCK_SEQPACKET, err);
	if (rc >= 0)
		rc = log_open(&m->log, o->no_log ? NULL : o->dir, o->log_max_size,
			o->log_max_files ? (unsigned)o->log_max_files : 1, err);
	if (rc >= 0)
		rc = reserve_exit(m, err);
	if (rc >= 0 && o->foreign)
		rc = runtime_private_root(m, err);
	return rc;
}

/* --- 3 and 4: what the engine hears --- */

static void monitor_tell(struct monitor *m, pid_t pid, const struct mc_err *err, const struct mc_err *network)
{
	struct monitor_report r = { .pid = pid };
	if (err)
		r.err = *err;
	if (network)
		r.network = *network;
	send(m->report, &r, sizeof(r), MSG_NOSIGNAL);
}

/* The helper must be our child: no other process lives as long as the container. */
static void monitor_join_network(struct monitor *m, struct mc_err *err)
{
	const struct monitor_options *o = &m->options;
	if (o->network && *o->network)
		usernet_attach(o->network, o->forward, m->init, o->run, err);
}

/* True: start. False: the engine has died or changed its mind. */
static bool wait_for_word(struct monitor *m)
{
	char c = 0;
	ssize_t n;
	do
		n = recv(m->report, &c, 1, 0);
	while (n < 0 && errno == EINTR);
	return n == 1 && c == 'S';
}

/* A pipe of the caller's has no end of file while we hold it open. */
static void let_go_of_caller(struct monitor *m)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), sink = explain_seal();
	for (int i = 0; i < 3 && null >= 0; i++)
		dup2(null, i);
	if (sink > 2 && null >= 0)
		dup2(null, sink);
	close_fd(null);
	m->report = close_fd(m->report);
}

/* --- 6: afterwards --- */

/*
 * The pause that `internal cleanup` has left for us, in ms (engine/cleanup.c); 0: the container does not
 * come back.
 */
static uint64_t take_pause(const struct monitor *m)
{
	_cleanup_free_ char *path = xasprintf("%s/pause", m->options.dir);
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	if (file_read(AT_FDCWD, path, 32, &b, &ignored) < 0 || !b.data)
		return 0;
	unlink(path);
	return strtoull(b.data, NULL, 10);
}

/* Returns only without a restart. */
static void afterwards(struct monitor *m)
{
	int status;
	/* Removed already, by `run --rm` or `rm -f`. */
	if (access(m->options.dir, F_OK) < 0)
		return;
	pid_t pid = monitor_internal(m, "cleanup");
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	uint64_t ms = take_pause(m);
	if (pid <= 0 || !ms)
		return;
	struct timespec pause = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
	/* `stop` ends the pause with SIGTERM. */
	runtime_reset_signals();
	while (nanosleep(&pause, &pause) < 0 && errno == EINTR)
		;
	/* In our place, not beside us: the record names this process as the one that will start it again. */
	char *argv[] = { (char *)m->options.minictr, "--root", (char *)m->options.root, "internal", "restart",
		(char *)m->options.id, NULL };
	execv(argv[0], argv);
}

/* Most of our code has run for the last time. Its pages are mapped again when they are needed; until then
 * they use no memory (madvise(2): for a file's mapping nothing is lost). */
static void be_small(void)
{
	extern char __executable_start, __etext;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = ((uintptr_t)&__executable_start + page - 1) & ~(page - 1),
		  to = (uintptr_t)&__etext & ~(page - 1);
	if (to > from)
		madvise((void *)from, to - from, MADV_DONTNEED);
}

static int monitor_run(struct monitor *m, struct mc_err *err)
{
	struct mc_err network = { 0 };
	int rc = monitor_set_up(m, err);
	if (rc >= 0)
		rc = runtime_create(m, err);
	if (rc < 0)
		return rc;
	m->memory = m->options.systemd ? open(m->options.oom_file, O_RDONLY | O_CLOEXEC) : -1;
	monitor_look_at_memory(m);
	rc = serve_start(m, err);
	if (rc < 0) {
		serve_stop(m);
		runtime_delete(m);
		return rc;
	}
	monitor_join_network(m, &network);
	monitor_tell(m, m->init, NULL, &network);
	if (!wait_for_word(m))
		err_set(err, ECANCELED, "the engine went away before the start");
	else
		rc = runtime_start(m, err);
	if (err->code) {
		serve_stop(m);
		runtime_delete(m);
		return -err->code;
	}
	monitor_tell(m, m->init, NULL, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	struct monitor m = { .report = MONITOR_REPORT,
		.listen = -1,
		.signals = -1,
		.out = -1,
		.err = -1,
		.in = -1,
		.memory = -1,
		.serving = -1,
		.mount_ns = -1 };
	struct mc_err err = { 0 };
	explain_init("monitor");
	for (int i = 1; i < argc; i++)
		monitor_read_word(&m.options, argv[i]);
	if (!m.options.id || !m.options.dir || !m.options.run || !m.options.runtime || !m.options.oci_root)
		die(125, "minictr-monitor is started by minictr, not by hand");
	fcntl(m.report, F_SETFD, FD_CLOEXEC);
	serve_hide_ports(&m.options);
	if (become_daemon(&err) < 0 || monitor_run(&m, &err) < 0) {
		monitor_tell(&m, 0, &err, NULL);
		return 125;
	}
	let_go_of_caller(&m);
	be_small();
	monitor_pump(&m);
	close_fd(m.listen);
	afterwards(&m);
	return 0;
}
