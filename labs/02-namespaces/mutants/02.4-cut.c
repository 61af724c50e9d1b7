/* mutant 02.4 M-HOST-CUT: too long a name is cut off in silence */
int namespace_set_hostname(const char *name, struct mc_err *err)
{
	size_t n = strlen(name);

	return sethostname(name, n > 64 ? 64 : n) < 0 ? err_sys(err, "sethostname") : 0;
}
