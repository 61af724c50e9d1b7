/*
 * server/server_main.c - minictr-registry: `minictr registry serve`. A classroom without Internet has a
 * mirror by one command.
 *
 * getopt_long(3), signalfd(2). Left out: users and passwords (put a web server with TLS and login in front
 * of it, or keep it on loopback): docker-registry is the full-grown one.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "registry/server/server.h"
#include "registry/settings.h"
#include "registry/url.h"

static const char help[] =
	"Usage:  minictr registry serve [OPTIONS]\n"
	"\n"
	"Serve the images of this engine to other machines, and take pushes\n"
	"\n"
	"Options:\n"
	"      --addr HOST:PORT     Where to listen (default 127.0.0.1:5000; port 0: any free one)\n"
	"      --allow-delete       Clients may delete what was pushed here\n"
	"      --host NAME          What pushed images are called here (default localhost:PORT)\n"
	"      --proxy URL          Fetch what is missing from this registry, and keep it\n"
	"  -q, --quiet              No line per request\n"
	"      --read-only          Refuse pushes\n"
	"      --tls-cert FILE      Speak HTTPS with this certificate ...\n"
	"      --tls-key FILE       ... and key (PEM)\n"
	"      --tls-verify=false   The registry behind --proxy may have any certificate, or none\n"
	"\n"
	"Example:\n"
	"  minictr registry serve --addr 0.0.0.0:5000 --read-only\n"
	"  then on other machines, in /etc/docker/daemon.json or /etc/minictr/config.json:\n"
	"  {\"registry-mirrors\": [\"http://TEACHER:5000\"]}\n";

struct arguments {
	char *address; /* owned */
	uint16_t port;
	const char *host, *proxy, *cert, *key, *root;
	bool allow_delete, read_only, quiet, tls_skip;
};

static int parse_listen(const char *text, struct arguments *a, struct mc_err *err)
{
	const char *colon = strrchr(text, ':');
	uint64_t port;
	if (!colon || parse_u64(colon + 1, &port) < 0 || port > 65535)
		return err_set(err, EINVAL, "--addr \"%s\": wanted HOST:PORT, like 127.0.0.1:5000", text);
	free(a->address);
	if (*text == '[' && colon > text + 2 && colon[-1] == ']')
		a->address = xstrndup(text + 1, (size_t)(colon - text - 2));
	else
		a->address = colon == text ? xstrdup("0.0.0.0") : xstrndup(text, (size_t)(colon - text));
	if (str_eq(a->address, "localhost")) {
		free(a->address);
		a->address = xstrdup("127.0.0.1");
	}
	a->port = (uint16_t)port;
	return 0;
}

static int parse(int argc, char **argv, struct arguments *a, struct mc_err *err)
{
	static const struct option options[] = { { "addr", 1, 0, 'a' }, { "allow-delete", 0, 0, 'd' },
		{ "host", 1, 0, 'n' }, { "proxy", 1, 0, 'p' }, { "quiet", 0, 0, 'q' },
		{ "read-only", 0, 0, 'r' }, { "tls-cert", 1, 0, 'c' }, { "tls-key", 1, 0, 'k' },
		{ "tls-verify", 2, 0, 'v' }, { "root", 1, 0, 'R' }, { "help", 0, 0, 'h' }, { 0 } };
	int opt, rc = 0;
	while (rc >= 0 && (opt = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
		switch (opt) {
		case 'a': rc = parse_listen(optarg, a, err); break;
		case 'd': a->allow_delete = true; break;
		case 'n': a->host = optarg; break;
		case 'p': a->proxy = optarg; break;
		case 'q': a->quiet = true; break;
		case 'r': a->read_only = true; break;
		case 'c': a->cert = optarg; break;
		case 'k': a->key = optarg; break;
		case 'v': a->tls_skip = str_eq(optarg, "false"); break;
		case 'R': a->root = optarg; break;
		case 'h': fputs(help, stdout); return 1;
		default: return err_set(err, EINVAL, "see 'minictr registry serve --help'");
		}
	}
	if (rc >= 0 && !a->cert != !a->key)
		return err_set(err, EINVAL, "--tls-cert and --tls-key belong together");
	return rc;
}

static char *default_root(void)
{
	const char *env = getenv("MINICTR_ROOT"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	if (env && *env)
		return xstrdup(env);
	if (geteuid() == 0)
		return xstrdup("/var/lib/minictr");
	return data && *data ? xasprintf("%s/minictr", data)
			     : xasprintf("%s/.local/share/minictr", home ? home : "/tmp");
}

static void say_ready(uint16_t port)
{
	printf("listening on port %u\n", port);
	fflush(stdout);
}

/* SIGTERM and Ctrl-C end the server between requests; blocked before a thread is made, so that all inherit
 * it. */
static int stop_signals(struct mc_err *err)
{
	sigset_t set;
	int fd;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	return fd < 0 ? err_sys(err, "signalfd") : fd;
}

static void print_log(const char *line) { fprintf(stderr, "%s\n", line); }

static int serve(struct arguments *a, struct mc_err *err)
{
	_cleanup_free_ char *root = a->root ? xstrdup(a->root) : default_root(), *host = NULL;
	_cleanup_buf_ struct buf cert = { 0 }, key = { 0 };
	_cleanup_close_ int store = -1, stop = -1;
	struct server s = { .proxy = a->proxy,
		.read_only = a->read_only,
		.may_delete = a->allow_delete,
		.log = a->quiet ? NULL : print_log };
	struct server_options o = { .address = a->address ? a->address : "127.0.0.1", .port = a->port };
	int rc = registry_settings_load(err);
	registry_settings()->tls_skip = a->tls_skip;
	if (rc >= 0 && a->cert)
		rc = file_read(AT_FDCWD, a->cert, 1 << 20, &cert, err);
	if (rc >= 0 && a->key)
		rc = file_read(AT_FDCWD, a->key, 1 << 20, &key, err);
	if (rc >= 0)
		rc = s.store = store = store_open(root, err);
	if (rc >= 0)
		rc = stop = stop_signals(err);
	if (rc < 0)
		return rc;
	s.max_blob = registry_settings()->max_blob;
	o.cert = a->cert ? cert.data : NULL;
	o.key = a->key ? key.data : NULL;
	host = a->host ? xstrdup(a->host) : xasprintf("localhost:%u", a->port ? a->port : 5000);
	s.host = host;
	fprintf(stderr, "Serving the images of %s on %s://%s:%u%s%s%s\n", root, a->cert ? "https" : "http",
		o.address, o.port, a->read_only ? ", read-only" : "", a->proxy ? ", in front of " : "",
		a->proxy ? a->proxy : "");
	if (!a->read_only && !host_is_loopback(o.address) && !str_eq(o.address, "::1"))
		fprintf(stderr,
			"Everyone who reaches this address can push images here; --read-only forbids it.\n");
	return server_run(&s, &o, stop, say_ready, err);
}

int main(int argc, char **argv)
{
	struct arguments a = { .port = 5000 };
	struct mc_err err = { 0 };
	int rc;
	explain_init("registry");
	if (argc > 1 && str_eq(argv[1], "registry"))
		argc--, argv++;
	if (argc < 2 || !str_eq(argv[1], "serve")) {
		fputs(help, argc > 1 && str_eq(argv[1], "--help") ? stdout : stderr);
		return argc > 1 && str_eq(argv[1], "--help") ? 0 : 1;
	}
	rc = parse(argc - 1, argv + 1, &a, &err);
	if (rc == 0)
		rc = serve(&a, &err);
	free(a.address);
	if (rc >= 0)
		return 0;
	err_print(&err, "minictr registry");
	return 1;
}
