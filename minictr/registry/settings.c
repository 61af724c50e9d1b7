/*
 * settings.c - the registry part of the engine's config file, and which hosts need no TLS.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "registry/settings.h"
#include "registry/url.h"

static struct registry_settings settings = {
	.downloads = 3,
	.uploads = 3,
	.attempts = 5,
	.stall_seconds = 30,
	.max_blob = 64ULL << 30,
};

struct registry_settings *registry_settings(void)
{
	if (!settings.platform.os[0])
		platform_host(&settings.platform);
	return &settings;
}

static char *config_path(void)
{
	const char *path = getenv("MINICTR_CONFIG"), *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (path)
		return xstrdup(path);
	if (geteuid() == 0)
		return xstrdup("/etc/minictr/config.json");
	if (xdg)
		return xasprintf("%s/minictr/config.json", xdg);
	return xasprintf("%s/.config/minictr/config.json", home ? home : "");
}

static int read_number(
	const struct json *doc, const char *key, uint64_t max, uint64_t *ret, struct mc_err *err)
{
	uint64_t value;
	int rc = json_get_u64(doc, &value, err, "%s", key);
	if (rc <= 0)
		return rc;
	if (value < 1 || value > max)
		return err_set(err, EINVAL, "config file: %s: %llu is not between 1 and %llu", key,
			(unsigned long long)value, (unsigned long long)max);
	*ret = value;
	return 0;
}

static int read_list(const struct json *doc, const char *key, char ***ret, struct mc_err *err)
{
	char **list = NULL;
	int rc = json_get_strv(doc, &list, err, "%s", key);
	if (rc <= 0)
		return rc;
	strv_free(*ret);
	*ret = list;
	return 0;
}

int registry_settings_load(struct mc_err *err)
{
	_cleanup_free_ char *path = config_path();
	_cleanup_json_ struct json *doc = NULL;
	struct registry_settings *s = registry_settings();
	const char *size = NULL, *chunk = NULL, *index = NULL;
	int rc;
	if (!path_exists(AT_FDCWD, path))
		return 0;
	rc = json_parse_file(AT_FDCWD, path, 1 << 20, &doc, err);
	if (rc < 0 || (rc = read_list(doc, "registry-mirrors", &s->mirrors, err)) < 0 ||
		(rc = read_list(doc, "insecure-registries", &s->insecure, err)) < 0 ||
		(rc = read_number(doc, "max-concurrent-downloads", 32, &s->downloads, err)) < 0 ||
		(rc = read_number(doc, "max-concurrent-uploads", 32, &s->uploads, err)) < 0 ||
		(rc = read_number(doc, "max-download-attempts", 100, &s->attempts, err)) < 0 ||
		(rc = read_number(doc, "registry-timeout", 86400, &s->stall_seconds, err)) < 0 ||
		(rc = json_get_string(doc, &size, err, "max-blob-size")) < 0 ||
		(rc = json_get_string(doc, &chunk, err, "upload-chunk-size")) < 0 ||
		(rc = json_get_string(doc, &index, err, "search-index")) < 0)
		return err_wrap(err, "%s", path);
	if (size && parse_bytes(size, &s->max_blob) < 0)
		return err_set(err, EINVAL, "%s: max-blob-size: \"%s\" is no size", path, size);
	if (chunk && parse_bytes(chunk, &s->chunk) < 0)
		return err_set(err, EINVAL, "%s: upload-chunk-size: \"%s\" is no size", path, chunk);
	s->index = xstrdup(index);
	return 0;
}

/* host is an address within "10.1.0.0/16"? */
static bool in_network(const char *host, const char *network)
{
	_cleanup_free_ char *address = xstrndup(host, strcspn(host, ":")), *base = NULL;
	const char *slash = strchr(network, '/');
	struct in_addr a, b;
	uint64_t bits;
	if (!slash || parse_u64(slash + 1, &bits) < 0 || bits > 32)
		return false;
	base = xstrndup(network, (size_t)(slash - network));
	if (inet_pton(AF_INET, address, &a) != 1 || inet_pton(AF_INET, base, &b) != 1)
		return false;
	return bits == 0 || ((ntohl(a.s_addr) ^ ntohl(b.s_addr)) >> (32 - bits)) == 0;
}

bool registry_is_insecure(const char *host)
{
	const struct registry_settings *s = registry_settings();
	size_t i, len = strcspn(host, ":");
	if (s->tls_skip)
		return true;
	for (i = 0; s->insecure && s->insecure[i]; i++) {
		const char *entry = s->insecure[i];
		if (str_eq(entry, host) || (strlen(entry) == len && !strncmp(entry, host, len)) ||
			in_network(host, entry))
			return true;
	}
	return host_is_loopback(host);
}
