/*
 * name.c - image names: "busybox" means docker.io/library/busybox:latest.
 *
 * An image name says where to ask (host), for what (path), and which state of it (tag or digest). People
 * leave most of it out; this file fills it in exactly as docker does, because a name that two tools read
 * differently is two images.
 *
 * Grammar (github.com/distribution/reference, reference.go):
 *     name   [ host / ] component { / component } [ : tag ] [ @ digest ]
 *     host   label { . label } [ : port ]  or [ipv6]      component  a-z0-9, inside also . _ __ -...
 * Whether the first part is a host cannot be told by the grammar: it is one if it has a dot, a colon or an
 * upper-case letter, or is "localhost". The deprecated index.docker.io is read as docker.io.
 */
#include "image/name.h"

#include <ctype.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789"
#define WORD LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"

static int bad_reference(const char *text, struct mc_err *err)
{
	err_set(err, EINVAL, "invalid reference format: \"%.200s\"", text);
	return err_hint(
		err, "a name looks like [HOST[:PORT]/]PATH[:TAG][@sha256:DIGEST], for example busybox:1.36");
}

/* One path component: words of a-z0-9 joined by one '.', one or two '_', or any number of '-'. */
static bool component_ok(const char *s, size_t len)
{
	for (size_t i = 0;;) {
		size_t word = strspn(s + i, LOWER);
		if (word == 0 || i + word > len)
			return false;
		i += word;
		if (i == len)
			return true;
		size_t dashes = strspn(s + i, "-");
		if (dashes)
			i += dashes;
		else if (s[i] == '.')
			i++;
		else if (s[i] == '_')
			i += s[i + 1] == '_' ? 2 : 1;
		else
			return false;
	}
}

static bool path_ok(const char *path)
{
	for (;; path++) {
		size_t len = strcspn(path, "/");
		if (!component_ok(path, len))
			return false;
		path += len;
		if (!*path)
			return true;
	}
}

static bool host_ok(const char *host)
{
	size_t len = strcspn(host, ":");
	if (*host == '[') {
		len = strcspn(host, "]") + 1;
		if (strspn(host + 1, "0123456789abcdefABCDEF:") != len - 2 || host[len - 1] != ']')
			return false;
	}
	for (size_t i = 0; *host != '[' && i < len; i++) {
		bool edge = i == 0 || i + 1 == len || host[i - 1] == '.' || host[i + 1] == '.';
		if (!isalnum((unsigned char)host[i]) && (edge || (host[i] != '-' && host[i] != '.')))
			return false;
	}
	const char *port = host + len;
	return len > 0 && (!*port || (port[1] && strspn(port + 1, "0123456789") == strlen(port + 1)));
}

static bool tag_ok(const char *tag)
{
	return strchr(WORD, *tag) && *tag && strspn(tag, WORD ".-") == strlen(tag) && strlen(tag) <= 128;
}

/* True when the first part of a name (up to the slash, len bytes) is a host and not a user of docker.io. */
static bool is_host(const char *part, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (part[i] == '.' || part[i] == ':' || isupper((unsigned char)part[i]))
			return true;
	return len == 9 && strncmp(part, "localhost", 9) == 0;
}

/* The grammar, once the parts are known. */
static int name_check(const struct image_name *n, const char *text, struct mc_err *err)
{
	for (const char *p = n->path; *p; p++)
		if (isupper((unsigned char)*p))
			return err_set(err, EINVAL,
				"invalid reference format: repository name (%s) must be lowercase", n->path);
	if (!host_ok(n->host) || !path_ok(n->path))
		return bad_reference(text, err);
	if (strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64)
		return err_set(err, EINVAL,
			"invalid repository name (%s), cannot specify 64-byte hexadecimal strings", text);
	return 0;
}

/*
 * Takes a name apart and fills in what was left out; a name (host and path) of more than 255 letters is an
 * error. *ret is filled completely. After success ret->host is the registry to ask,
 * ret->path the repository there, and at least one of tag and digest is set. "host:5000/a" has a port,
 * "a:5000" a tag.
 * Lab 05.1: a name is an address; what is left out is docker.io, library and latest.
 */
int image_name_parse(const char *text, struct image_name *ret, struct mc_err *err)
{
	memset(ret, 0, sizeof(*ret));
	if (strlen(text) > 800)
		return bad_reference(text, err);
	_cleanup_free_ char *name = xstrdup(text);
	char *at = strchr(name, '@');
	if (at) {
		*at = '\0';
		if (digest_parse(at + 1, &ret->digest, err) < 0)
			return bad_reference(text, err);
	}
	/* A colon before the last slash belongs to a port; only one behind it starts a tag. */
	char *slash = strrchr(name, '/');
	char *colon = strchr(slash ? slash : name, ':');
	if (colon) {
		*colon = '\0';
		if (!tag_ok(colon + 1))
			return bad_reference(text, err);
	}
	if (colon || !at)
		snprintf(ret->tag, sizeof(ret->tag), "%s", colon ? colon + 1 : "latest");

	char *path = name;
	size_t first = strcspn(name, "/");
	if (name[first] == '/' && is_host(name, first)) {
		name[first] = '\0';
		path = name + first + 1;
	}
	const char *host = path == name || str_eq(name, "index.docker.io") ? "docker.io" : name;
	/* The Hub keeps its own, unprefixed images under library/. */
	bool library = str_eq(host, "docker.io") && !strchr(path, '/');
	if (strlen(host) + 1 + strlen(path) + (library ? 8 : 0) > 255)
		return err_set(err, EINVAL, "repository name must not be more than 255 characters");
	snprintf(ret->host, sizeof(ret->host), "%s", host);
	snprintf(ret->path, sizeof(ret->path), "%s%s", library ? "library/" : "", path);
	return name_check(ret, text, err);
}

char *image_name_full(const struct image_name *n)
{
	return xasprintf("%s/%s%s%s%s%s", n->host, n->path, n->tag[0] ? ":" : "", n->tag,
		n->digest.text[0] ? "@" : "", n->digest.text);
}

char *image_name_repository(const struct image_name *n)
{
	if (!str_eq(n->host, "docker.io"))
		return xasprintf("%s/%s", n->host, n->path);
	return xstrdup(str_starts(n->path, "library/") ? n->path + 8 : n->path);
}

char *image_name_short(const struct image_name *n)
{
	_cleanup_free_ char *repository = image_name_repository(n);
	return xasprintf("%s%s%s%s%s", repository, n->tag[0] ? ":" : "", n->tag, n->digest.text[0] ? "@" : "",
		n->digest.text);
}
