/* mutant 02.4 -: only the part before the first dot becomes the name */
int namespace_set_hostname(const char *name, struct mc_err *err)
{
	char text[65];
	if (strlen(name) > 64)
		return err_set(err, ENAMETOOLONG, "too long");
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(name, "."), name);
	return sys_sethostname(text, err);
}
