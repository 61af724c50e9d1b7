/*
 * listen.c - see listen.h.
 *
 * Kernel objects and man pages: unix(7), chown(2), tcp(7), sd_listen_fds(3).
 * Order and why: a unix socket is bound under a temporary mask of 0077 and opened to its group afterwards,
 * so that there is no moment in which others could connect: access to it is as good as root. A socket file
 * that answers belongs to a running daemon and is left alone; one that does not is of a dead one.
 */
#include "daemon/listen.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/tls_listen.h"

enum {
	CONNECTIONS = 1024,
	/* Strangers of this machine may connect to the dashboard: a few, and not for long. */
	PAGES_CONNECTIONS = 32,
	PAGES_SECONDS = 30,
	/* Bytes of one request's head, and of what is read ahead of its body. */
	HEAD_BYTES = 128 << 10,
	BACKLOG = 512,
	/* Descriptors that systemd passes begin here (sd_listen_fds(3)). */
	SYSTEMD_FIRST = 3,
};

/* --- sockets --- */

static int give_to_group(const char *path, const char *name, struct mc_err *err)
{
	const struct group *g = getgrnam(name ? name : "minictr");
	if (!g && name)
		return err_set(err, ENOENT, "--group %s: there is no such group", name);
	if (g && chown(path, (uid_t)-1, g->gr_gid) < 0)
		return err_sys(err, "chown(\"%s\") to group %s", path, g->gr_name);
	return chmod(path, g ? 0660 : 0600) < 0 ? err_sys(err, "chmod(\"%s\")", path) : 0;
}

static bool is_answered(const struct sockaddr_un *a)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd >= 0 && connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0;
}

static int open_unix(const char *path, const char *group, struct mc_err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	if (strlen(path) >= sizeof(a.sun_path))
		return err_set(err, ENAMETOOLONG, "%s: a unix socket's name has at most %zu bytes (unix(7))",
			path, sizeof(a.sun_path) - 1);
	strcpy(a.sun_path, path);
	if (is_answered(&a))
		return err_set(err, EADDRINUSE, "%s: another daemon answers there", path);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t old = umask(0077);
	int rc = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&a, sizeof(a));
	int code = errno;
	umask(old);
	errno = code;
	if (rc < 0)
		return err_sys(err, "bind(\"%s\")", path);
	rc = give_to_group(path, group, err);
	if (rc < 0)
		return rc;
	return listen(fd, BACKLOG) < 0 ? err_sys(err, "listen(\"%s\")", path) : take_fd(&fd);
}

static int open_tcp(const char *text, struct mc_err *err)
{
	_cleanup_free_ char *host = xstrdup(text);
	char *colon = strrchr(host, ':');
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found = NULL;
	int on = 1;
	if (!colon)
		return err_set(err, EINVAL, "tcp://%s: wanted tcp://HOST:PORT", text);
	*colon++ = '\0';
	char *name = host;
	if (*name == '[' && colon > host + 2 && colon[-2] == ']') {
		colon[-2] = '\0';
		name++;
	}
	int code = getaddrinfo(*name ? name : NULL, colon, &hints, &found);
	if (code)
		return err_set(err, EINVAL, "tcp://%s: %s", text, gai_strerror(code));
	_cleanup_close_ int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	int rc = fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0
			 ? err_sys(err, "listen on tcp://%s", text)
			 : 0;
	freeaddrinfo(found);
	return rc < 0 ? rc : take_fd(&fd);
}

/* --- the HTTP library on it --- */

static void on_http(struct source *s, uint32_t events)
{
	struct listener *l = s->owner;
	MHD_run(l->http);
}

/* fd is taken over; -1: clients come through the TLS front. */
static int serve(struct daemon *d, int fd, bool pages, struct mc_err *err)
{
	if (d->n_listeners == ARRAY_LEN(d->listeners))
		return close_fd(fd), err_set(err, E2BIG, "more than %zu addresses", ARRAY_LEN(d->listeners));
	struct listener *l = &d->listeners[d->n_listeners];
	*l = (struct listener){ .daemon = d, .pages = pages, .tcp = -1, .control = -1 };
	l->source = (struct source){ .ready = on_http, .owner = l };
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE;
	struct MHD_OptionItem listening[] = { { MHD_OPTION_LISTEN_SOCKET, fd, NULL },
		{ MHD_OPTION_END, 0, NULL } };
	l->http = MHD_start_daemon(flags | (fd < 0 ? MHD_USE_NO_LISTEN_SOCKET : 0), 0, NULL, NULL,
		http_handle, l, MHD_OPTION_NOTIFY_COMPLETED, http_ended, l, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)(pages ? PAGES_CONNECTIONS : CONNECTIONS), MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)(pages ? PAGES_SECONDS : 0), MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES,
		MHD_OPTION_ARRAY, fd < 0 ? listening + 1 : listening, MHD_OPTION_END);
	const union MHD_DaemonInfo *info =
		l->http ? MHD_get_daemon_info(l->http, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info)
		return close_fd(fd), err_set(err, EIO, "the HTTP server does not start");
	d->n_listeners++;
	return loop_watch(&d->loop, &l->source, info->epoll_fd, EPOLLIN, err);
}

static int serve_tls(
	struct daemon *d, const char *address, const struct listen_options *o, struct mc_err *err)
{
	if (!o->ca || !o->certificate || !o->key) {
		err_set(err, EINVAL, "tcp://%s: a TCP address needs --tlscacert, --tlscert and --tlskey",
			address);
		return err_hint(err, "who reaches the API is root on this machine: without client "
				     "certificates that would be anyone");
	}
	int fd = open_tcp(address, err);
	int rc = fd < 0 ? fd : serve(d, -1, false, err);
	return rc < 0 ? rc : tls_listen(&d->listeners[d->n_listeners - 1], fd, o, err);
}

/* Sockets that systemd has opened; who may connect to them was its decision. */
static int serve_systemd(struct daemon *d, struct mc_err *err)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int n = pid && count && atoi(pid) == getpid() ? atoi(count) : 0, rc = 0;
	if (n < 1)
		return err_set(
			err, EINVAL, "fd://: systemd has passed no socket (is this run by minictr.socket?)");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	for (int i = 0; i < n && rc >= 0; i++) {
		fcntl(SYSTEMD_FIRST + i, F_SETFD, FD_CLOEXEC);
		rc = serve(d, SYSTEMD_FIRST + i, false, err);
	}
	return rc;
}

int listen_open(struct daemon *d, const char *address, const struct listen_options *o, struct mc_err *err)
{
	if (str_starts(address, "fd://"))
		return serve_systemd(d, err);
	if (str_starts(address, "tcp://"))
		return serve_tls(d, address + strlen("tcp://"), o, err);
	if (!str_starts(address, "unix://") || address[7] != '/')
		return err_set(err, EINVAL,
			"-H \"%s\": wanted unix:///PATH, tcp://HOST:PORT or fd:// (systemd)", address);
	int fd = open_unix(address + strlen("unix://"), o->group, err);
	return fd < 0 ? fd : serve(d, fd, false, err);
}

int listen_pages(struct daemon *d, const char *address, struct mc_err *err)
{
	int fd = open_tcp(address, err);
	return fd < 0 ? fd : serve(d, fd, true, err);
}

void listen_close(struct daemon *d)
{
	for (size_t i = 0; i < d->n_listeners; i++) {
		loop_drop(&d->loop, &d->listeners[i].source);
		MHD_stop_daemon(d->listeners[i].http);
		loop_drop(&d->loop, &d->listeners[i].front);
		close_fd(d->listeners[i].control);
	}
	d->n_listeners = 0;
}
