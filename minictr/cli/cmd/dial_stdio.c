/*
 * cmd/dial_stdio.c - `system dial-stdio`: standard input and output become a connection to the engine's
 * socket. It is what a client runs on another machine over ssh(1) to talk to a daemon there without a port
 * on the network.
 *
 * unix(7), poll(2), shutdown(2). The end of one direction must not end the other: a client closes its side
 * when it has asked, and still wants the answer. So input's end becomes shutdown(SHUT_WR), and only the
 * socket's end is ours.
 * Left out: TCP and TLS endpoints, which need no such carrier.
 */
#include "cli/commands.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/context.h"

extern char **environ;

/* Ours, then docker's. */
static const char *const usual[] = { "/run/minictr.sock", "/var/run/docker.sock" };

/* The socket's path: what -H, MINICTR_HOST or DOCKER_HOST says (unix://PATH), else one that is there. */
static int endpoint(const struct cli *cli, struct endpoint *e, struct mc_err *err)
{
	int rc = client_endpoint(cli->host, environ, e, err);
	if (rc < 0)
		return rc;
	if (e->kind == ENDPOINT_LOCAL) {
		bool docker = !path_exists(AT_FDCWD, usual[0]) && path_exists(AT_FDCWD, usual[1]);
		snprintf(e->path, sizeof(e->path), "%s", usual[docker]);
		return 0;
	}
	if (e->kind == ENDPOINT_UNIX)
		return 0;
	_cleanup_free_ char *text = endpoint_text(e);
	return err_set(err, EINVAL, "%s: only unix:// sockets can be dialled from here", text);
}

static int dial(const char *path, struct mc_err *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(at.sun_path))
		return err_set(err, ENAMETOOLONG, "%s: a socket's path has at most %zu bytes (unix(7))", path,
			sizeof(at.sun_path) - 1);
	strcpy(at.sun_path, path);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, "socket");
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		err_sys(err, "connect to %s", path);
		return err_hint(
			err, "no daemon listens there; minictr itself needs none, its commands work without");
	}
	return take_fd(&fd);
}

/* Passes what is there on. Returns bytes; 0 at the end. */
static ssize_t pass(int from, int to, struct mc_err *err)
{
	char data[65536];
	ssize_t n = read(from, data, sizeof(data));
	if (n < 0 && errno == EINTR)
		return 1;
	if (n < 0 && errno != ECONNRESET)
		return err_sys(err, "read");
	if (n <= 0)
		return 0;
	int rc = file_write_all(to, data, (size_t)n, err);
	return rc < 0 ? rc : n;
}

static int pump(int sock, struct mc_err *err)
{
	struct pollfd p[2] = { { .fd = sock, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return err_sys(err, "poll");
		if (p[1].revents) {
			ssize_t n = pass(STDIN_FILENO, sock, err);
			if (n < 0)
				return (int)n;
			if (n == 0) {
				p[1].fd = -1;
				shutdown(sock, SHUT_WR);
			}
		}
		if (p[0].revents) {
			ssize_t n = pass(sock, STDOUT_FILENO, err);
			if (n <= 0)
				return (int)n;
		}
	}
}

static int dial_stdio_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	struct endpoint e;
	int rc = endpoint(cli, &e, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int sock = dial(e.path, err);
	return sock < 0 ? sock : pump(sock, err);
}

const struct command cmd_dial_stdio = {
	.name = "system dial-stdio",
	.group = GROUP_SYSTEM,
	.usage = "",
	.summary = "Join standard input and output to an engine's socket (for ssh)",
	.example = "ssh other-host minictr system dial-stdio",
	.run = dial_stdio_run,
};
