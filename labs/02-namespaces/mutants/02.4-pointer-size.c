/* mutant 02.4 M-HOST-LENGTH: the size of the pointer */
int namespace_set_hostname(const char *name, struct mc_err *err)
{
	return sethostname(name, sizeof(name)) < 0 ? err_sys(err, "sethostname") : 0;
}
