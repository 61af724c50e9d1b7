/* mutant 02.4 M-ERR-MINUS: the system call's own -1 */
int namespace_set_hostname(const char *name, struct mc_err *err)
{
	return sethostname(name, strlen(name));
}
