/* mutant 02.4 M-HOST-EDGE: off by one: a name of exactly 64 bytes is refused */
int namespace_set_hostname(const char *name, struct mc_err *err)
{
	if (strlen(name) >= 64)
		return err_set(err, ENAMETOOLONG, "too long");
	return sys_sethostname(name, err);
}
