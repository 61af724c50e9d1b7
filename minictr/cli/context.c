/*
 * context.c - -H, MINICTR_HOST, DOCKER_HOST, contexts: one answer to "which engine?", before anything else
 * is done.
 *
 * The order is docker's: what a person types beats what the environment has kept for longer. A command that
 * went to another engine than the one that was typed would remove the wrong machine's containers.
 * Left out: fd:// and npipe://, which only a daemon or Windows has.
 */
#include "cli/context.h"

#include <ctype.h>

bool context_name_ok(const char *name)
{
	if (!isalnum((unsigned char)name[0]) || strlen(name) >= sizeof(((struct endpoint *)0)->context))
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_.+-", *p))
			return false;
	return true;
}

/*
 * Lab 10.4: what is typed beats what the environment holds; without both there is no daemon.
 */
int client_endpoint(const char *flag, char *const env[], struct endpoint *ret, struct mc_err *err)
{
	static const char *const variables[] = { "MINICTR_HOST", "DOCKER_HOST" };
	const char *host = flag;
	*ret = (struct endpoint){ .kind = ENDPOINT_LOCAL };
	for (size_t i = 0; !host && i < ARRAY_LEN(variables); i++) {
		host = strv_env(env, variables[i]);
		if (host && !*host)
			host = NULL;
	}
	if (host)
		return *host ? endpoint_parse(host, ret, err) : 0;
	const char *context = strv_env(env, "MINICTR_CONTEXT");
	if (!context || !*context || str_eq(context, "default"))
		return 0;
	if (!context_name_ok(context))
		return err_set(err, EINVAL, "MINICTR_CONTEXT: \"%s\" is no name of a context", context);
	ret->kind = ENDPOINT_CONTEXT;
	snprintf(ret->context, sizeof(ret->context), "%s", context);
	return 0;
}

static int wrong(const char *text, const char *why, struct mc_err *err)
{
	err_set(err, EINVAL, "unable to parse docker host \"%s\": %s", text, why);
	err_hint(err, "unix:///run/minictr.sock, tcp://HOST:PORT or ssh://USER@HOST");
	return err_exit(err, 125);
}

/* Copies len bytes of from, which have to fit with their NUL. */
static bool put(char *to, size_t room, const char *from, size_t len)
{
	if (len >= room)
		return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

static bool port_ok(const char *port)
{
	uint64_t n;
	return parse_u64(port, &n) == 0 && n > 0 && n < 65536;
}

/* "HOST", "HOST:PORT", "[ADDRESS]:PORT"; port is left alone when there is none. */
static const char *parse_host(const char *text, size_t len, struct endpoint *ret)
{
	const char *end = text + len, *close = *text == '[' ? memchr(text, ']', len) : NULL;
	const char *colon =
		close ? (close + 1 < end && close[1] == ':' ? close + 1 : NULL) : memchr(text, ':', len);
	const char *from = close ? text + 1 : text, *until = close ? close : colon ? colon : end;
	if (close && !colon && close + 1 != end)
		return "behind an address in brackets stands a colon and a port";
	/* endpoint_text() writes brackets around an address with colons only: "[@]" would not be read back. */
	if (close ? !memchr(from, ':', (size_t)(until - from))
		  : strcspn(from, "[]@") < (size_t)(until - from))
		return "a host is a name or an address; [ and ] stand around an IPv6 address only";
	if (*text == '-') /* ssh(1) would take it for a flag */
		return "a host's name does not begin with -";
	if (!put(ret->host, sizeof(ret->host), from, (size_t)(until - from)))
		return "the host's name is too long";
	if (colon && (!put(ret->port, sizeof(ret->port), colon + 1, (size_t)(end - colon - 1)) ||
			     !port_ok(ret->port)))
		return "the port is a number from 1 to 65535";
	return NULL;
}

static const char *parse_tcp(const char *rest, struct endpoint *ret)
{
	size_t len = strcspn(rest, "/");
	ret->kind = ENDPOINT_TCP;
	if (rest[len] && rest[len + 1])
		return "a path behind the port is not understood";
	const char *why = parse_host(rest, len, ret);
	if (!why && !*ret->host)
		strcpy(ret->host, "127.0.0.1");
	return why;
}

static const char *parse_ssh(const char *rest, struct endpoint *ret)
{
	size_t len = strcspn(rest, "/");
	const char *at = memchr(rest, '@', len);
	ret->kind = ENDPOINT_SSH;
	if (at && (memchr(rest, ':', (size_t)(at - rest)) || *rest == '-'))
		return "a password has no place there: ssh asks for it, or takes a key";
	if (at && !put(ret->user, sizeof(ret->user), rest, (size_t)(at - rest)))
		return "the user's name is too long";
	if (!put(ret->path, sizeof(ret->path), rest + len, str_eq(rest + len, "/") ? 0 : strlen(rest + len)))
		return "the path of the socket there is too long (unix(7))";
	const char *host = at ? at + 1 : rest;
	const char *why = parse_host(host, len - (size_t)(host - rest), ret);
	return why ? why : *ret->host ? NULL : "it names no host";
}

static const char *parse_unix(const char *rest, struct endpoint *ret)
{
	ret->kind = ENDPOINT_UNIX;
	if (*rest && *rest != '/')
		return "the socket's path begins with / (three slashes in all)";
	if (!put(ret->path, sizeof(ret->path), *rest ? rest : "/var/run/docker.sock",
		    *rest ? strlen(rest) : strlen("/var/run/docker.sock")))
		return "the path of the socket is too long (unix(7))";
	return NULL;
}

int endpoint_parse(const char *text, struct endpoint *ret, struct mc_err *err)
{
	static const struct {
		const char *scheme;
		const char *(*parse)(const char *rest, struct endpoint *ret);
	} schemes[] = { { "unix://", parse_unix }, { "tcp://", parse_tcp }, { "http://", parse_tcp },
		{ "https://", parse_tcp }, { "ssh://", parse_ssh } };
	*ret = (struct endpoint){ 0 };
	const char *why = strstr(text, "://") ? "this kind of address is not known" : parse_tcp(text, ret);
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_starts(text, schemes[i].scheme))
			why = schemes[i].parse(text + strlen(schemes[i].scheme), ret);
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 127)
			why = "blanks and control characters have no place in it";
	return why ? wrong(text, why, err) : 0;
}

char *endpoint_text(const struct endpoint *e)
{
	const char *open = strchr(e->host, ':') ? "[" : "", *close = *open ? "]" : "";
	const char *colon = *e->port ? ":" : "", *at = *e->user ? "@" : "";
	if (e->kind == ENDPOINT_UNIX)
		return xasprintf("unix://%s", e->path);
	if (e->kind == ENDPOINT_TCP)
		return xasprintf("tcp://%s%s%s%s%s", open, e->host, close, colon, e->port);
	if (e->kind == ENDPOINT_SSH)
		return xasprintf(
			"ssh://%s%s%s%s%s%s%s%s", e->user, at, open, e->host, close, colon, e->port, e->path);
	return xstrdup(e->kind == ENDPOINT_CONTEXT ? e->context : "this machine");
}
