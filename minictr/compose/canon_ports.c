/*
 * canon_ports.c - ports, expose and volumes of a service: "8080:80" and "./data:/data:ro" in their long form.
 *
 * https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ports and #volumes
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "compose/canon.h"

/* --- ports --- */

static int port_range(const char *text, long *from, long *to)
{
	char *end;
	*from = *to = strtol(text, &end, 10);
	if (end != text && *end == '-') {
		const char *second = end + 1;
		*to = strtol(second, &end, 10);
		if (end == second)
			return -EINVAL;
	}
	return end == text || *end || *from < 0 || *to < *from || *to > 65535 ? -EINVAL : 0;
}

static void port_add(struct yaml *list, const struct yaml *at, const char *ip, const char *published,
	long target, const char *protocol)
{
	char number[24];
	struct yaml *p = ynode_add(list, ynode_new(YAML_MAP, at));
	snprintf(number, sizeof(number), "%ld", target);
	canon_put_text(p, "mode", "ingress", at);
	if (ip && *ip)
		canon_put_text(p, "host_ip", ip, at);
	canon_put_plain(p, "target", number, at);
	if (published && *published)
		canon_put_text(p, "published", published, at);
	canon_put_text(p, "protocol", protocol, at);
}

/* "[IP:][HOST:]CONTAINER[/PROTOCOL]"; ranges of the same length become one entry a port. */
static int port_short(
	const char *text, const struct yaml *at, struct yaml *list, const char *what, struct mc_err *err)
{
	_cleanup_free_ char *copy = xstrdup(text);
	char *protocol = strchr(copy, '/'), *target = NULL, *published = NULL, *ip = NULL, number[24];
	long from, to, host_from = 0, host_to = 0;
	if (protocol)
		*protocol++ = '\0';
	protocol = protocol && *protocol ? protocol : "tcp";
	if (!str_eq(protocol, "tcp") && !str_eq(protocol, "udp") && !str_eq(protocol, "sctp"))
		return ynode_error(at, err,
			"%s: invalid protocol \"%s\" in \"%s\": tcp, udp and sctp are known", what, protocol,
			text);
	target = strrchr(copy, ':');
	if (target) {
		*target++ = '\0';
		published = *copy == '[' ? strchr(copy, ']') : strrchr(copy, ':');
		if (*copy == '[' && published) {
			ip = copy + 1;
			*published++ = '\0';
			published = *published == ':' ? published + 1 : published;
		} else if (published) {
			*published++ = '\0';
			ip = copy;
		} else {
			published = copy;
		}
	} else {
		target = copy;
	}
	if (port_range(target, &from, &to) < 0 || from < 1)
		return ynode_error(at, err, "%s: invalid containerPort: %s in \"%s\"", what, target, text);
	if (published && *published && port_range(published, &host_from, &host_to) < 0)
		return ynode_error(at, err, "%s: invalid hostPort: %s in \"%s\"", what, published, text);
	/* A range before one container port is a choice; before a range each needs its own. */
	if (published && *published && to > from && host_to - host_from != to - from)
		return ynode_error(at, err,
			"%s: invalid ranges specified for container and host Ports: %s and %s", what, target,
			published);
	for (long n = from; n <= to; n++) {
		const char *host = published;
		if (published && *published && (to > from || host_to == host_from)) {
			snprintf(number, sizeof(number), "%ld", host_from + (n - from));
			host = number;
		}
		port_add(list, at, ip, host, n, protocol);
	}
	return 0;
}

static const struct canon_key port_keys[] = {
	{ "app_protocol", canon_text, CANON_REPLACE, NULL },
	{ "host_ip", canon_text, CANON_REPLACE, NULL },
	{ "mode", canon_text, CANON_REPLACE, NULL },
	{ "name", canon_text, CANON_REPLACE, NULL },
	{ "protocol", canon_text, CANON_REPLACE, NULL },
	{ "published", canon_text, CANON_REPLACE, NULL },
	{ "target", canon_int, CANON_REPLACE, NULL },
	{ 0 },
};

static int port_long(
	const struct canon *c, struct yaml *item, struct yaml *list, const char *what, struct mc_err *err)
{
	long from, to;
	int rc = canon_map(c, item, port_keys, what, err);
	const char *target = ynode_text(ynode_get(item, "target")),
		   *published = ynode_text(ynode_get(item, "published"));
	if (rc < 0)
		return rc;
	if (!target || port_range(target, &from, &to) < 0 || from < 1)
		return ynode_error(item, err, "%s: target must be a port number", what);
	if (published && *published && port_range(published, &from, &to) < 0)
		return ynode_error(item, err, "%s: invalid published port \"%s\"", what, published);
	struct yaml *copy = ynode_add(list, ynode_copy(item));
	canon_put_default(copy, "mode", "ingress");
	canon_put_default(copy, "protocol", "tcp");
	return 0;
}

static int check_host_ip(const struct yaml *ip, const char *what, struct mc_err *err)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	const char *text = ynode_text(ip);
	if (!text || !*text || strchr(text, '$') || inet_pton(AF_INET, text, bytes) == 1 ||
		inet_pton(AF_INET6, text, bytes) == 1)
		return 0;
	return ynode_error(ip, err, "%s: invalid ip address: %s", what, text);
}

int canon_ports(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_list(c, value, what, err);
	struct yaml *list = ynode_new(YAML_LIST, *value);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		struct yaml *item = (*value)->items[i];
		if (c->raw && ynode_text(item) && strchr(item->text, '$'))
			ynode_add(list, ynode_copy(item));
		else
			rc = ynode_text(item) ? port_short(ynode_text(item), item, list, what, err)
					      : port_long(c, item, list, what, err);
	}
	for (size_t i = 0; rc >= 0 && i < list->n; i++)
		rc = check_host_ip(ynode_get(list->items[i], "host_ip"), what, err);
	ynode_free(*value);
	*value = ynode_new(YAML_LIST, list);
	canon_put_by_target(*value, list); /* the same port twice is one */
	ynode_free(list);
	return rc;
}

int canon_expose(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_texts(c, value, what, err);
	long from, to;
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		const struct yaml *item = (*value)->items[i];
		_cleanup_free_ char *port = xstrndup(item->text, strcspn(item->text, "/"));
		if (port_range(port, &from, &to) < 0 || from < 1)
			rc = ynode_error(item, err, "%s: invalid port \"%s\"", what, item->text);
	}
	return rc;
}

/* --- volumes --- */

static const struct canon_key volume_bind_keys[] = {
	{ "create_host_path", canon_bool, CANON_REPLACE, NULL },
	{ "propagation", canon_text, CANON_REPLACE, NULL },
	{ "recursive", canon_text, CANON_REPLACE, NULL },
	{ "selinux", canon_text, CANON_REPLACE, NULL },
	{ 0 },
};
static const struct canon_key volume_volume_keys[] = {
	{ "labels", canon_pairs, CANON_MERGE, NULL },
	{ "nocopy", canon_bool, CANON_REPLACE, NULL },
	{ "subpath", canon_text, CANON_REPLACE, NULL },
	{ 0 },
};
static const struct canon_key volume_image_keys[] = { { "subpath", canon_text, CANON_REPLACE, NULL }, { 0 } };
static const struct canon_key volume_tmpfs_keys[] = {
	{ "mode", canon_mode, CANON_REPLACE, NULL },
	{ "size", canon_bytes, CANON_REPLACE, NULL },
	{ 0 },
};

static int volume_part_bind(const struct canon *c, struct yaml **v, const char *what, struct mc_err *err)
{
	return canon_map(c, *v, volume_bind_keys, what, err);
}
static int volume_part_volume(const struct canon *c, struct yaml **v, const char *what, struct mc_err *err)
{
	return canon_map(c, *v, volume_volume_keys, what, err);
}
static int volume_part_tmpfs(const struct canon *c, struct yaml **v, const char *what, struct mc_err *err)
{
	return canon_map(c, *v, volume_tmpfs_keys, what, err);
}

static int volume_part_image(const struct canon *c, struct yaml **v, const char *what, struct mc_err *err)
{
	return canon_map(c, *v, volume_image_keys, what, err);
}

static const struct canon_key volume_long_keys[] = {
	{ "bind", volume_part_bind, CANON_MERGE, NULL },
	{ "consistency", canon_text, CANON_REPLACE, NULL },
	{ "image", volume_part_image, CANON_MERGE,
		"volumes of an image are not mounted: COPY --from=IMAGE in a build copies its files" },
	{ "read_only", canon_bool, CANON_REPLACE, NULL },
	{ "source", canon_text, CANON_REPLACE, NULL },
	{ "target", canon_text, CANON_REPLACE, NULL },
	{ "tmpfs", volume_part_tmpfs, CANON_MERGE, NULL },
	{ "type", canon_text, CANON_REPLACE, NULL },
	{ "volume", volume_part_volume, CANON_MERGE, NULL },
	{ 0 },
};

/* "/data/" and "/data" are one place. Caller frees. */
static char *volume_clean(const char *path)
{
	size_t n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	return xstrndup(path, n);
}

static bool volume_is_path(const char *source) { return source && strchr("./~", *source) && *source; }

static int volume_words(
	struct yaml *m, char *words, const struct yaml *at, const char *what, struct mc_err *err)
{
	char *save = NULL;
	for (char *w = strtok_r(words, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		struct yaml *bind = ynode_get(m, "bind"), *volume = ynode_get(m, "volume");
		if (str_eq(w, "ro"))
			canon_put_plain(m, "read_only", "true", at);
		else if (str_eq(w, "rw") || str_eq(w, "cached") || str_eq(w, "delegated") ||
			 str_eq(w, "consistent"))
			continue;
		else if (str_eq(w, "nocopy") && volume)
			canon_put_plain(volume, "nocopy", "true", at);
		else if ((str_eq(w, "z") || str_eq(w, "Z")) && bind)
			canon_put_text(bind, "selinux", w, at);
		else if (str_eq(w, "z") ||
			 str_eq(w, "Z")) /* a named volume: shown as docker compose shows it */
			canon_put_text(ynode_set(m, "bind", ynode_new(YAML_MAP, at)), "selinux", w, at);
		else if (bind && (str_ends(w, "private") || str_ends(w, "shared") || str_ends(w, "slave")))
			canon_put_text(bind, "propagation", w, at);
		else
			return ynode_error(at, err, "%s: unknown word \"%s\" in \"%s\"", what, w, at->text);
	}
	return 0;
}

/* "[SOURCE:]TARGET[:words]" */
static int volume_short(
	const struct canon *c, const struct yaml *at, struct yaml *list, const char *what, struct mc_err *err)
{
	_cleanup_free_ char *source = xstrdup(at->text);
	char *target = strchr(source, ':'), *words = target ? strchr(target + 1, ':') : NULL;
	struct yaml *m = ynode_new(YAML_MAP, at);
	ynode_add(list, m);
	if (target)
		*target++ = '\0';
	if (words)
		*words++ = '\0';
	if (!*source || (target && *target != '/') || (!target && *source != '/'))
		return ynode_error(
			at, err, "%s: invalid volume \"%s\": [SOURCE:]/TARGET[:words]", what, at->text);
	bool bind = target && volume_is_path(source);
	canon_put_text(m, "type", bind ? "bind" : "volume", at);
	if (bind) {
		_cleanup_free_ char *path = c->keep_paths ? xstrdup(source) : canon_absolute(c, source);
		canon_put_text(m, "source", path, at);
	} else if (target) {
		canon_put_text(m, "source", source, at);
	}
	_cleanup_free_ char *place = volume_clean(target ? target : source);
	canon_put_text(m, "target", place, at);
	struct yaml *part = ynode_set(m, bind ? "bind" : "volume", ynode_new(YAML_MAP, at));
	if (bind)
		canon_put_plain(part, "create_host_path", "true", at);
	return words ? volume_words(m, words, at, what, err) : 0;
}

static int volume_long(
	const struct canon *c, struct yaml *item, struct yaml *list, const char *what, struct mc_err *err)
{
	int rc = canon_map(c, item, volume_long_keys, what, err);
	const char *type = ynode_text(ynode_get(item, "type")),
		   *source = ynode_text(ynode_get(item, "source"));
	if (rc < 0)
		return rc;
	if (!type || (!str_eq(type, "bind") && !str_eq(type, "volume") && !str_eq(type, "tmpfs")))
		return ynode_error(item, err, "%s.type must be bind, volume or tmpfs%s", what,
			type && (str_eq(type, "npipe") || str_eq(type, "cluster") || str_eq(type, "image"))
				? " here"
				: "");
	const char *target = ynode_text(ynode_get(item, "target"));
	if (!target)
		return ynode_error(item, err, "%s: target is missing", what);
	struct yaml *copy = ynode_add(list, ynode_copy(item));
	if (str_eq(type, "bind") && !source)
		return ynode_error(item, err, "%s: a bind needs a source that is a path", what);
	if (str_eq(type, "bind") && !c->keep_paths) {
		_cleanup_free_ char *path = canon_absolute(c, source);
		canon_put_text(copy, "source", path, item);
	}
	_cleanup_free_ char *place = volume_clean(target);
	canon_put_text(copy, "target", place, item);
	return 0;
}

int canon_volumes(const struct canon *c, struct yaml **value, const char *what, struct mc_err *err)
{
	int rc = canon_list(c, value, what, err);
	struct yaml *list = ynode_new(YAML_LIST, *value);
	for (size_t i = 0; rc >= 0 && i < (*value)->n; i++) {
		struct yaml *item = (*value)->items[i];
		if (c->raw && ynode_text(item) && strchr(item->text, '$'))
			ynode_add(list, ynode_copy(item));
		else
			rc = ynode_text(item) ? volume_short(c, item, list, what, err)
					      : volume_long(c, item, list, what, err);
	}
	ynode_free(rc < 0 ? list : *value);
	if (rc >= 0)
		*value = list;
	return rc;
}
