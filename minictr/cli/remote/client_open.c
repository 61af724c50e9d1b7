/*
 * client_open.c - the way to a daemon: a socket of this machine, TCP, TLS, ssh(1); and the version that both
 * sides speak.
 *
 * With ssh no port is open on the network, and ssh decides who may log in there (ssh_gate.c).
 * Man pages: unix(7), CURLOPT_UNIX_SOCKET_PATH(3).
 * Order and why: ping first, because every other path carries the version that was agreed on.
 */
#include "cli/remote/client.h"

#include <curl/curl.h>
extern char **environ;

enum { API_OLDEST = 24, API_NEWEST = 47 };

/* --- opening --- */

/* "1.41" -> 41; 0 when it is no such version. */
static unsigned api_minor(const char *text)
{
	uint64_t n = 0;
	if (!text || !str_starts(text, "1.") || parse_u64(text + 2, &n) < 0 || n > 999)
		return 0;
	return (unsigned)n;
}

static int agree(struct client *c, struct mc_err *err)
{
	_cleanup_free_ char *version = NULL;
	const char *asked = getenv("DOCKER_API_VERSION");
	int rc = client_call(c,
		&(struct client_call){
			.method = "HEAD", .path = "/_ping", .wanted = "Api-Version", .ret_wanted = &version },
		NULL, err);
	if (rc < 0)
		return rc;
	unsigned theirs = version ? api_minor(version) : API_OLDEST;
	unsigned wish = asked && *asked ? api_minor(asked) : API_NEWEST;
	if (!wish)
		return err_set(err, EINVAL, "DOCKER_API_VERSION=%s is no version like 1.41", asked);
	if (theirs < API_OLDEST) {
		err_set(err, EPROTO, "the daemon speaks API %s; this client needs 1.%d or later",
			version ? version : "?", API_OLDEST);
		return err_exit(err, 1);
	}
	c->minor = theirs < wish ? theirs : wish;
	return 0;
}

static int choose(const struct cli *cli, struct client *c, struct mc_err *err)
{
	int rc = client_endpoint(cli->host, environ, &c->at, err);
	if (rc < 0)
		return rc;
	if (c->at.kind == ENDPOINT_CONTEXT)
		rc = context_resolve(&c->at, &c->tls, err);
	else if (c->at.kind == ENDPOINT_TCP)
		client_tls_from_env(&c->tls);
	if (rc < 0)
		return rc;
	if (c->at.kind == ENDPOINT_LOCAL) {
		err_set(err, EDESTADDRREQ, "minictr-remote was given no daemon to talk to");
		return err_hint(err, "minictr -H unix:///run/minictr.sock ps");
	}
	if (c->at.kind == ENDPOINT_TCP && !*c->at.port)
		strcpy(c->at.port, c->tls.on ? "2376" : "2375");
	return 0;
}

int client_open(const struct cli *cli, struct client *ret, struct mc_err *err)
{
	*ret = (struct client){ .ssh.life = -1 };
	int rc = choose(cli, ret, err);
	if (rc < 0)
		return rc;
	const char *open = strchr(ret->at.host, ':') ? "[" : "", *close = *open ? "]" : "";
	ret->base = ret->at.kind == ENDPOINT_TCP ? xasprintf("%s://%s%s%s:%s", ret->tls.on ? "https" : "http",
							   open, ret->at.host, close, ret->at.port)
						 : xstrdup("http://localhost");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	ret->curl = curl_easy_init();
	if (ret->at.kind == ENDPOINT_SSH) {
		rc = ssh_gate_open(&ret->at, &ret->ssh, err);
		if (rc < 0)
			return rc;
	}
	return agree(ret, err);
}

void client_close(struct client *c)
{
	if (c->curl)
		curl_easy_cleanup(c->curl);
	if (c->base)
		ssh_gate_close(&c->ssh);
	free(c->base);
	client_tls_release(&c->tls);
	*c = (struct client){ .ssh.life = -1 };
}
