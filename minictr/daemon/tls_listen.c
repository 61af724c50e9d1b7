/*
 * tls_listen.c - see tls_listen.h.
 *
 * Order and why: the daemon waits for the front's first message, so that a wrong key file is an error of its
 * start. A front that dies takes its connections with it and is started again: the socket stays with us.
 */
#include "daemon/tls_listen.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "daemon/job_message.h"

static int start_front(struct listener *l, struct mc_err *err);

/* A client that the front has let in; fd is taken over. */
static void take_client(struct listener *l, int fd)
{
	struct sockaddr_un nameless = { .sun_family = AF_UNIX };
	if (fd >= 0)
		MHD_add_connection(l->http, fd, (struct sockaddr *)&nameless, sizeof(sa_family_t));
	l->daemon->resumed = true;
}

static void on_front(struct source *s, uint32_t events)
{
	struct listener *l = s->owner;
	struct job_message m;
	struct mc_err err = { 0 };
	int client = -1;
	if (job_message_receive(l->control, &m, &client, &err) >= 0) {
		take_client(l, client);
		return;
	}
	loop_drop(&l->daemon->loop, s);
	l->control = close_fd(l->control);
	daemon_log(l->daemon, "the TLS front ended; it is started again");
	if (start_front(l, &err) < 0)
		daemon_log(l->daemon, "no TLS from now on: %s", err.what);
}

/* "": TLS is spoken. */
static int hear_of_start(int control, struct mc_err *err)
{
	char why[sizeof(err->what)] = "";
	ssize_t n = recv(control, why, sizeof(why) - 1, 0);
	if (n <= 0)
		return err_set(err, EIO, "minictrd-tls does not start");
	return *why ? err_set(err, EINVAL, "%s", why) : 0;
}

static int start_front(struct listener *l, struct mc_err *err)
{
	const struct listen_options *o = l->options;
	_cleanup_free_ char *program = NULL;
	int pair[2];
	int rc = program_path("minictrd-tls", &program, err);
	if (rc >= 0)
		rc = sys_socketpair(SOCK_SEQPACKET, pair, err);
	if (rc < 0)
		return rc;
	char *argv[] = { program, (char *)o->ca, (char *)o->certificate, (char *)o->key, NULL };
	struct spawn s = { .argv = argv,
		.in = pair[1],
		.out = SPAWN_NULL,
		.pass_from = l->tcp,
		.pass_to = TLS_LISTENS,
		.new_session = true };
	pid_t pid = spawn_start(&s, err);
	close_fd(pair[1]);
	rc = pid < 0 ? pid : hear_of_start(pair[0], err);
	if (rc < 0) {
		close_fd(pair[0]);
		return rc;
	}
	l->control = pair[0];
	l->front = (struct source){ .ready = on_front, .owner = l };
	return loop_watch(&l->daemon->loop, &l->front, l->control, EPOLLIN, err);
}

int tls_listen(struct listener *l, int tcp, const struct listen_options *o, struct mc_err *err)
{
	l->tcp = tcp;
	l->options = o;
	return start_front(l, err);
}
