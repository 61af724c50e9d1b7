/* mutant 02.4 M-HOST-FILE: writes /etc/hostname */
#include <fcntl.h>
int namespace_set_hostname(const char *name, struct mc_err *err)
{
	return sys_write_file(AT_FDCWD, "/etc/hostname", name, err);
}
