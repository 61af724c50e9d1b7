/*
 * daemon_main.c - minictrd: the Docker Engine API on a socket.
 *
 * Man pages: getopt_long(3), signalfd(2), epoll(7).
 * Order and why: the engine first (without it there is nothing to serve), then what is left of earlier
 * daemons, then the sockets: a client that can connect gets an answer.
 */
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/program.h"
#include "daemon/daemon.h"
#include "daemon/dashboard.h"
#include "daemon/follow.h"
#include "daemon/api_jobs.h"
#include "daemon/listen.h"
#include "daemon/survivors.h"
#include "daemon/waits.h"

static const char help[] =
	"Usage:  minictrd [OPTIONS]\n"
	"\n"
	"Serve the Docker Engine API (1.24 to 1.47) for the containers of this engine.\n"
	"Containers go on when it ends. Who may connect to its socket can become root.\n"
	"\n"
	"Options:\n"
	"  -D, --debug             Log each request and each step of its work (SIGUSR1 switches it)\n"
	"      --dashboard PORT    Pages to look at, read-only, on 127.0.0.1 only; their address is in\n"
	"                          the log. Without it there are none\n"
	"      --group NAME        Group of the socket (default minictr, when there is one)\n"
	"  -H, --host ADDRESS      Where to listen, may be given several times: unix:///PATH,\n"
	"                          tcp://HOST:PORT (with the three --tls options), fd:// (from systemd).\n"
	"                          Default unix:///run/minictr.sock\n"
	"      --log-format WORD   text (default) or json\n"
	"      --root DIR          Root directory of the engine\n"
	"      --tlscacert FILE    Clients must show a certificate that this CA has signed\n"
	"      --tlscert FILE      The daemon's own certificate ...\n"
	"      --tlskey FILE       ... and its key (PEM)\n"
	"  -v, --version           Print the version\n"
	"      --walk FILE         A start to show there: minictr explain --record FILE run ...\n"
	"\n"
	"Tools that know no other socket than docker's get it on request only: one more -H\n"
	"unix:///var/run/docker.sock, or ListenStream=/run/docker.sock by systemctl edit minictr.socket.\n"
	"\n"
	"Example:\n"
	"  minictrd -H unix:///run/minictr.sock &\n"
	"  DOCKER_HOST=unix:///run/minictr.sock docker run --rm busybox echo hello\n";

struct arguments {
	char **hosts; /* owned */
	const char *root, *dashboard, *walk;
	struct listen_options listen;
	bool debug, log_json;
};

static int parse(int argc, char **argv, struct arguments *a, struct mc_err *err)
{
	static const struct option options[] = { { "debug", 0, 0, 'D' }, { "dashboard", 1, 0, 'd' },
		{ "walk", 1, 0, 'w' }, { "group", 1, 0, 'g' }, { "host", 1, 0, 'H' },
		{ "log-format", 1, 0, 'l' }, { "root", 1, 0, 'R' }, { "tlscacert", 1, 0, 'a' },
		{ "tlscert", 1, 0, 'c' }, { "tlskey", 1, 0, 'k' }, { "version", 0, 0, 'v' },
		{ "help", 0, 0, 'h' }, { 0 } };
	int opt;
	while ((opt = getopt_long(argc, argv, "DH:vh", options, NULL)) != -1) {
		switch (opt) {
		case 'D': a->debug = true; break;
		case 'g': a->listen.group = optarg; break;
		case 'H': strv_push(&a->hosts, optarg); break;
		case 'l': a->log_json = str_eq(optarg, "json"); break;
		case 'R': a->root = optarg; break;
		case 'd': a->dashboard = optarg; break;
		case 'w': a->walk = optarg; break;
		case 'a': a->listen.ca = optarg; break;
		case 'c': a->listen.certificate = optarg; break;
		case 'k': a->listen.key = optarg; break;
		case 'v': puts("minictrd " MINICTR_VERSION); return 1;
		case 'h': fputs(help, stdout); return 1;
		default: return err_set(err, EINVAL, "see 'minictrd --help'");
		}
	}
	if (optind < argc)
		return err_set(err, EINVAL, "unexpected word \"%s\"; see 'minictrd --help'", argv[optind]);
	if (!a->hosts)
		strv_push(&a->hosts, "unix:///run/minictr.sock");
	return 0;
}

/* --- signals --- */

/* The explain stream goes where the log goes. Jobs that start from now on have it, too. */
static void set_debug(struct daemon *d, bool on)
{
	d->debug = on;
	if (on)
		explain_start(dup(2), EXPLAIN_CALLS, d->log_json ? EXPLAIN_JSON : EXPLAIN_TEXT);
	else
		explain_end();
}

static void on_signals(struct source *s, uint32_t events)
{
	struct daemon *d = s->owner;
	struct signalfd_siginfo info;
	while (read(s->fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD: jobs_reap(d); break;
		case SIGUSR1:
			set_debug(d, !d->debug);
			daemon_log(d, "debug mode is %s", d->debug ? "on" : "off");
			break;
		case SIGTERM:
		case SIGINT: d->stopping = true; break;
		default: break;
		}
	}
}

static int watch_signals(struct daemon *d, struct mc_err *err)
{
	static const int wanted[] = { SIGCHLD, SIGUSR1, SIGTERM, SIGINT, SIGHUP };
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		sigaddset(&set, wanted[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return err_sys(err, "signalfd()");
	d->signals = (struct source){ .ready = on_signals, .owner = d };
	return loop_watch(&d->loop, &d->signals, fd, EPOLLIN, err);
}

/* --- the loop --- */

/* Until the HTTP library's next timeout, and at most until waits are looked after again. */
static int next_timeout(const struct daemon *d)
{
	int least = d->waits ? 1000 : -1;
	for (size_t i = 0; i < d->n_listeners; i++) {
		MHD_UNSIGNED_LONG_LONG ms;
		if (MHD_get_timeout(d->listeners[i].http, &ms) == MHD_YES &&
			(least < 0 || ms < (unsigned)least))
			least = ms > INT_MAX ? INT_MAX : (int)ms;
	}
	return least;
}

static void run_http(struct daemon *d)
{
	d->resumed = false;
	for (size_t i = 0; i < d->n_listeners; i++)
		MHD_run(d->listeners[i].http);
}

static void serve(struct daemon *d)
{
	uint64_t looked = now_ns(CLOCK_MONOTONIC);
	while (!d->stopping) {
		if (!loop_turn(&d->loop, d->resumed ? 0 : next_timeout(d)) || d->resumed)
			run_http(d);
		uint64_t now = now_ns(CLOCK_MONOTONIC);
		if (now - looked < 1000000000ULL)
			continue;
		looked = now;
		waits_check(d);
	}
	/* Answers that are there go out; all that waits is let go. */
	calls_end(d);
	run_http(d);
}

/* --- the start --- */

static int find_containers(struct daemon *d, struct mc_err *err)
{
	_cleanup_close_ int dir = dir_make_open(d->engine.dir, "containers", 0710, err);
	int n = dir < 0 ? dir : daemon_restore(d, dir);
	if (n == 0 || n == -ENOENT)
		return 0;
	if (n < 0)
		return err_code(err, n, "containers of %s", d->engine.root);
	daemon_log(d, "%d containers found, %zu run", n, d->n_running);
	return 0;
}

static int open_pages(struct daemon *d, const struct arguments *a, struct mc_err *err)
{
	_cleanup_free_ char *address = NULL;
	int rc = dashboard_prepare(d, a->dashboard, a->walk, &address, err);
	if (rc >= 0)
		rc = listen_pages(d, address, err);
	if (rc >= 0)
		daemon_log(d, "dashboard on http://%s/%s/", address, d->dashboard_key);
	return rc;
}

static int open_daemon(struct daemon *d, const struct arguments *a, struct mc_err *err)
{
	int rc = engine_open(&d->engine, a->root, err);
	if (rc >= 0)
		rc = program_path("minictrd-job", &d->job_programs[0], err);
	if (rc >= 0)
		rc = program_path("minictrd-job-image", &d->job_programs[1], err);
	if (rc >= 0)
		rc = program_path("minictr", &d->engine_program, err);
	if (rc >= 0)
		rc = loop_open(&d->loop, err);
	if (rc >= 0)
		rc = watch_signals(d, err);
	if (rc >= 0)
		rc = follow_open(d, err);
	if (rc >= 0)
		rc = find_containers(d, err);
	for (size_t i = 0; rc >= 0 && a->hosts[i]; i++) {
		rc = listen_open(d, a->hosts[i], &a->listen, err);
		if (rc >= 0)
			daemon_log(d, "API on %s, engine in %s", a->hosts[i], d->engine.root);
	}
	return rc >= 0 && a->dashboard ? open_pages(d, a, err) : rc;
}

int main(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct daemon d = { .events_fd = -1 };
	struct mc_err err = { 0 };
	struct rlimit files;
	explain_init("minictrd");
	int rc = parse(argc, argv, &a, &err);
	if (rc > 0)
		return 0;
	/* Each connection has a descriptor, and each job two. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		_cleanup_free_ char *text = xasprintf("%llu", (unsigned long long)files.rlim_cur);
		setenv("MINICTR_NOFILE", text, 1);
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	d.log_json = a.log_json;
	if (rc >= 0)
		rc = open_daemon(&d, &a, &err);
	if (rc >= 0) {
		if (a.debug)
			set_debug(&d, true);
		daemon_log(&d, "ready");
		serve(&d);
		daemon_log(&d, "ends; containers go on");
		listen_close(&d);
	}
	engine_close(&d.engine);
	strv_free(a.hosts);
	if (rc >= 0)
		return 0;
	err_print(&err, "minictrd");
	return 1;
}
