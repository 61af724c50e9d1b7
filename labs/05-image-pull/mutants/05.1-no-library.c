/* mutant 05.1 M-NAME-LIBRARY: library/ missing */
int image_name_parse(const char *text, struct image_name *ret, struct mc_err *err)
{
	int rc = TODO(05.1, image_name_parse, text, ret, err);

	if (rc == 0 && str_starts(ret->path, "library/"))
		memmove(ret->path, ret->path + 8, strlen(ret->path + 8) + 1);
	return rc;
}
