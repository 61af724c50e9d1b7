/* right 02.4: the system call itself */
int namespace_set_hostname(const char *name, struct mc_err *err)
{
	return sethostname(name, strlen(name)) < 0 ? err_sys(err, "sethostname") : 0;
}
