/* mutant 05.1 M-NAME-MIXED: the first part is always taken for the registry */
int image_name_parse(const char *text, struct image_name *ret, struct mc_err *err)
{
	int rc = TODO(05.1, image_name_parse, text, ret, err);
	char *slash = strchr(ret->path, '/');

	if (rc == 0 && str_eq(ret->host, "docker.io") && slash && !str_starts(ret->path, "library/")) {
		*slash = '\0';
		snprintf(ret->host, sizeof(ret->host), "%s", ret->path);
		memmove(ret->path, slash + 1, strlen(slash + 1) + 1);
	}
	return rc;
}
