/*
 * tls_front.c - minictrd-tls: TLS with client certificates before the daemon; run by minictrd only.
 *
 * A process of its own: it reads what strangers send before they are known, and has neither the engine's
 * files nor its jobs. It accepts, checks certificates, and passes the daemon one end of a pair of sockets for
 * each client that has one (carry.c). Standard input is the socket to the daemon: its end is ours.
 *
 * Man pages: SSL_CTX_set_verify(3), accept4(2), getnameinfo(3), tcp(7) TCP_KEEPIDLE, unix(7) SCM_RIGHTS.
 */
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/carry.h"
#include "daemon/tls_listen.h"

enum { CLIENTS = 1024 };

static int tls_failure(struct mc_err *err, const char *what, const char *file)
{
	unsigned long code = ERR_peek_last_error();
	const char *why = ERR_reason_error_string(code);
	return err_set(err, EINVAL, "%s %s: %s", what, file, why ? why : "it cannot be used");
}

static int make_tls(struct front *f, char **files, struct mc_err *err)
{
	SSL_CTX *t = f->tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_min_proto_version(t, TLS1_2_VERSION);
	SSL_CTX_set_verify(t, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_mode(t, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* A ticket would let a client in again after its certificate has ended. */
	SSL_CTX_set_options(t, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	/* A client whose TCP side ends without close_notify still gets the answer to what it has sent. */
	SSL_CTX_set_options(t, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_num_tickets(t, 0);
	SSL_CTX_set_session_cache_mode(t, SSL_SESS_CACHE_OFF);
	if (SSL_CTX_load_verify_locations(t, files[0], NULL) != 1)
		return tls_failure(err, "--tlscacert", files[0]);
	/* The names that clients are shown as wanted authorities: some choose their certificate by it. */
	SSL_CTX_set_client_CA_list(t, SSL_load_client_CA_file(files[0]));
	if (SSL_CTX_use_certificate_chain_file(t, files[1]) != 1)
		return tls_failure(err, "--tlscert", files[1]);
	if (SSL_CTX_use_PrivateKey_file(t, files[2], SSL_FILETYPE_PEM) != 1)
		return tls_failure(err, "--tlskey", files[2]);
	return 0;
}

static void on_listen(struct source *s, uint32_t events)
{
	struct front *f = s->owner;
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	char host[48] = "?", port[8] = "", peer[64];
	int idle = 30, every = 10, tries = 3, on = 1;
	int fd = accept4(s->fd, (struct sockaddr *)&a, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (f->count >= CLIENTS) {
		close_fd(fd);
		return;
	}
	/* A client whose machine has gone never says so. */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(peer, sizeof(peer), "%s:%s", host, port);
	carry_begin(f, fd, peer);
}

static void on_control(struct source *s, uint32_t events)
{
	struct front *f = s->owner;
	f->stopping = true;
}

/* The daemon waits for the first message: nothing, or why TLS cannot be spoken. */
static int begin(struct front *f, char **files, struct mc_err *err)
{
	int rc = loop_open(&f->loop, err);
	if (rc >= 0)
		rc = make_tls(f, files, err);
	const char *why = rc < 0 ? err->what : "";
	if (send(f->control, why, strlen(why) + 1, MSG_NOSIGNAL) < 0)
		return -EPIPE;
	return rc;
}

int main(int argc, char **argv)
{
	struct front f = { .control = 0 };
	struct mc_err err = { 0 };
	struct source control = { .ready = on_control, .owner = &f },
		      listening = { .ready = on_listen, .owner = &f };
	if (argc != 4) {
		fputs("minictrd-tls is run by minictrd only\n", stderr);
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	int rc = begin(&f, argv + 1, &err);
	if (rc >= 0)
		rc = loop_watch(&f.loop, &control, f.control, EPOLLIN, &err);
	if (rc >= 0)
		rc = loop_watch(&f.loop, &listening, TLS_LISTENS, EPOLLIN, &err);
	while (rc >= 0 && !f.stopping) {
		loop_turn(&f.loop, f.count ? 500 : -1);
		carry_sweep(&f);
	}
	return rc < 0;
}
