/*
 * monitor/serve.c - published ports and DNS, hung on one epoll(7).
 *
 * Order and why: the sockets of the ports were bound by the engine before anything ran, and came as
 * descriptors 5 and up; holding them is what reserves the ports. They end with this process, so a port is
 * free the moment the container is gone. What reaches them had no rule (splice.c says when that is).
 */
#include "engine/monitor/serve.h"

#include <fcntl.h>
#include <unistd.h>
#include "engine/monitor/dns.h"
#include "engine/monitor/splice.h"
#include "engine/monitor/watch.h"
#include "network/usernet.h"

struct serving {
	struct net_file file;
	char *path;
	struct dns *dns;
};

/* "tcp/80,tcp/80,udp/53": one word for each descriptor, in their order. */
static int serve_ports(struct monitor *m, struct mc_err *err)
{
	_cleanup_free_ char *words = xstrdup(m->options.ports ? m->options.ports : "");
	char *save = NULL;
	int fd = MONITOR_PORTS, rc = 0;
	for (char *w = strtok_r(words, ",", &save); w && rc >= 0; w = strtok_r(NULL, ",", &save), fd++) {
		uint64_t port = 0;
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		if (str_starts(w, "tcp/") && parse_u64(w + strlen("tcp/"), &port) == 0)
			rc = splice_serve(m->serving, fd, (uint16_t)port, &m->networks->file);
		else if (str_starts(w, "udp/") && parse_u64(w + strlen("udp/"), &port) == 0)
			rc = splice_serve_udp(m->serving, fd, (uint16_t)port, &m->networks->file);
	}
	return rc < 0 ? err_code(err, rc, "serve the published ports") : 0;
}

static int serve_count(const struct monitor_options *o)
{
	int n = o->ports && *o->ports ? 1 : 0;
	for (const char *p = o->ports; p && (p = strchr(p, ',')); p++)
		n++;
	return n;
}

/* A program that we run (the OCI runtime) must not inherit the sockets. */
void serve_hide_ports(const struct monitor_options *o)
{
	for (int i = 0; i < serve_count(o); i++)
		fcntl(MONITOR_PORTS + i, F_SETFD, FD_CLOEXEC);
}

int serve_start(struct monitor *m, struct mc_err *err)
{
	m->serving = -1;
	if (!m->options.dns)
		return 0;
	struct serving *s = m->networks = xcalloc(1, sizeof(*s));
	s->path = xasprintf("%s/net", m->options.dir);
	s->file.path = s->path;
	m->serving = watch_new();
	if (m->serving < 0)
		return err_sys(err, "epoll_create1()");
	int rc = serve_ports(m, err);
	return rc < 0 ? rc : dns_start(m->serving, m->init, m->options.dns_moved, &s->file, &s->dns, err);
}

void serve_ready(struct monitor *m) { watch_run(m->serving); }

void serve_reaped(struct monitor *m, pid_t pid)
{
	if (m->networks)
		dns_reaped(m->networks->dns, pid);
}

void serve_stop(struct monitor *m)
{
	struct serving *s = m->networks;
	/* An unprivileged user's network. Before the exit status is told: a reader of it may start the
	 * container again, and the network program of that start is found by the same files. */
	if (m->options.network && *m->options.network)
		usernet_detach(m->options.run);
	if (!s)
		return;
	dns_stop(s->dns);
	/* before the end is reported: the next container may want the same port */
	for (int i = 0; i < serve_count(&m->options); i++)
		close(MONITOR_PORTS + i);
	m->serving = close_fd(m->serving);
	net_file_release(&s->file);
	free(s->path);
	free(s);
	m->networks = NULL;
}
