/*
 * client_config.c - reads docker's config.json of the user. Its logins are read by
 * registry/login.c.
 */
#include "cli/client_config.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/json.h"
#include "base/warn.h"

enum { CONFIG_MOST = 1 << 20 };

char *client_config(const char *key)
{
	const char *dir = getenv("DOCKER_CONFIG"), *home = getenv("HOME");
	_cleanup_json_ struct json *doc = NULL;
	struct mc_err err = { 0 };
	if ((!dir || !*dir) && (!home || !*home))
		return NULL;
	_cleanup_free_ char *path =
		dir && *dir ? xasprintf("%s/config.json", dir) : xasprintf("%s/.docker/config.json", home);
	if (!path_exists(AT_FDCWD, path))
		return NULL;
	if (json_parse_file(AT_FDCWD, path, CONFIG_MOST, &doc, &err) < 0) {
		warn_user("docker's configuration is not used: %s", err.what);
		return NULL;
	}
	const char *text = json_text_of(json_member(doc, key));
	return text && *text ? xstrdup(text) : NULL;
}
