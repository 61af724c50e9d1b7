/*
 * ssh_gate.c - -H ssh://: connections that ssh(1) carries to a daemon on another machine.
 *
 * Kernel objects and man pages: unix(7), pipe(2), poll(2), ssh(1).
 * Order and why: a child of ours listens on a socket in a directory that only we may enter, and gives each
 * connection to an ssh of its own, whose standard input and output it becomes. libcurl then needs to know
 * nothing of ssh, for calls as for hijacked streams. The child ends, and takes socket and directory away,
 * when the pipe to us breaks: after a kill -9, too.
 * On the other machine minictr is asked for first, docker when there is none: both know `system dial-stdio`.
 * Left out: one ssh for all connections; ssh does that itself (ControlMaster, ssh_config(5)).
 */
#include "cli/remote/ssh_gate.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/spawn.h"
#include "base/sys.h"

static const char dial[] = "if command -v minictr >/dev/null 2>&1; then exec minictr system dial-stdio; "
			   "else exec docker system dial-stdio; fi";

static char **ssh_words(const struct endpoint *at)
{
	char **argv = NULL;
	strv_push(&argv, "ssh");
	strv_push(&argv, "-T");
	if (*at->user)
		strv_pushf(&argv, "-l%s", at->user);
	if (*at->port)
		strv_pushf(&argv, "-p%s", at->port);
	strv_push(&argv, "--");
	strv_push(&argv, at->host);
	if (*at->path)
		strv_pushf(&argv,
			"MINICTR_HOST='unix://%s'; DOCKER_HOST=$MINICTR_HOST; export MINICTR_HOST "
			"DOCKER_HOST; %s",
			at->path, dial);
	else
		strv_push(&argv, dial);
	return argv;
}

static void start_ssh(const struct endpoint *at, int connection)
{
	struct mc_err err = { 0 };
	_cleanup_strv_ char **argv = ssh_words(at);
	const struct spawn s = { .argv = argv, .in = connection, .out = connection, .err = SPAWN_INHERIT };
	if (spawn_start(&s, &err) < 0) {
		err_wrap(&err, "connect by ssh to %s", at->host);
		err_print(&err, "minictr");
	}
}

/* The child: until nothing holds the other end of life. */
static void keep_gate(const struct endpoint *at, const char *path, int listener, int life)
{
	struct pollfd set[] = { { listener, POLLIN, 0 }, { life, POLLIN, 0 } };
	signal(SIGINT, SIG_IGN); /* Ctrl-C is for the command; the gate ends with it */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_IGN); /* no zombies */
	while (!set[1].revents) {
		if (poll(set, ARRAY_LEN(set), -1) < 0)
			continue;
		int fd = set[0].revents ? accept4(listener, NULL, NULL, SOCK_CLOEXEC) : -1;
		if (fd >= 0)
			start_ssh(at, fd);
		close_fd(fd);
	}
	_cleanup_free_ char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	unlink(path);
	rmdir(dir);
}

static int listen_at(struct ssh_gate *g, struct mc_err *err)
{
	const char *run = getenv("XDG_RUNTIME_DIR");
	_cleanup_free_ char *dir = xasprintf("%s/minictr-ssh.XXXXXX", run && *run ? run : "/tmp");
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	if (strlen(dir) + 3 > sizeof(g->path))
		return err_set(err, ENAMETOOLONG, "XDG_RUNTIME_DIR is too long for a socket's path");
	if (!mkdtemp(dir)) /* 0700: the connection has our permissions on the other machine */
		return err_sys(err, "mkdtemp %s", dir);
	snprintf(g->path, sizeof(g->path), "%s/s", dir);
	memcpy(a.sun_path, g->path, sizeof(g->path));
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 16) < 0) {
		err_sys(err, "listen on %s", g->path);
		rmdir(dir);
		return -err->code;
	}
	return take_fd(&fd);
}

int ssh_gate_open(const struct endpoint *at, struct ssh_gate *ret, struct mc_err *err)
{
	int ends[2];
	*ret = (struct ssh_gate){ .life = -1 };
	if (strchr(at->path, '\''))
		return err_set(err, EINVAL, "ssh://...%s: a quote has no place in a path there", at->path);
	_cleanup_close_ int listener = listen_at(ret, err);
	int rc = listener < 0 ? listener : sys_pipe(ends, err);
	if (rc < 0)
		return rc;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		close(ends[1]);
		keep_gate(at, ret->path, listener, ends[0]);
		_exit(0);
	}
	close(ends[0]);
	ret->life = ends[1];
	return child < 0 ? err_sys(err, "fork") : 0;
}

void ssh_gate_close(struct ssh_gate *g) { g->life = close_fd(g->life); }
