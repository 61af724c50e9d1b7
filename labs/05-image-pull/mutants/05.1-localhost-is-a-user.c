/* mutant 05.1 M-NAME-LOCALHOST: localhost without a port is taken for a user of docker.io, and index.docker.io is a host of its own */
int image_name_parse(const char *text, struct image_name *ret, struct mc_err *err)
{
	memset(ret, 0, sizeof(*ret));
	char *name = xstrdup(text), *slash = strrchr(name, '/'), *colon = strchr(slash ? slash : name, ':'), *path = name;
	snprintf(ret->tag, sizeof(ret->tag), "%s", colon ? colon + 1 : "latest");
	if (colon)
		*colon = '\0';
	size_t first = strcspn(name, "/");
	for (size_t i = 0; i < strlen(name); i++)
		if (isupper((unsigned char)name[i]))
			return err_set(err, EINVAL, "upper case");
	snprintf(ret->host, sizeof(ret->host), "docker.io");
	if (name[first] && strcspn(name, ".:") < first) {
		name[first] = '\0';
		path = name + first + 1;
		snprintf(ret->host, sizeof(ret->host), "%s", name);
	}
	snprintf(ret->path, sizeof(ret->path), "%s%s", path == name && !strchr(path, '/') ? "library/" : "", path);
	free(name);
	return 0;
}
