/* mutant 05.1 M-NAME-LIMIT: the longest name is refused */
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
	if (strlen(host) + 1 + strlen(path) + (library ? 8 : 0) >= 255)
		return err_set(err, EINVAL, "repository name must not be more than 255 characters");
	snprintf(ret->host, sizeof(ret->host), "%s", host);
	snprintf(ret->path, sizeof(ret->path), "%s%s", library ? "library/" : "", path);
	return name_check(ret, text, err);
}
