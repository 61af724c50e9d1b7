/* mutant 05.1 M-NAME-PORT: a port read as the tag */
int image_name_parse(const char *text, struct image_name *ret, struct mc_err *err)
{
	int rc = TODO(05.1, image_name_parse, text, ret, err);
	char *colon = strchr(ret->host, ':');

	if (rc == 0 && colon) {
		snprintf(ret->tag, sizeof(ret->tag), "%.100s", colon + 1);
		*colon = '\0';
	}
	return rc;
}
