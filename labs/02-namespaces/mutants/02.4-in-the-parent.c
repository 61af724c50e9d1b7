/* mutant 02.4 M-HOST-PARENT: set in the namespace of process 1 */
#include <fcntl.h>
#include <unistd.h>
int namespace_set_hostname(const char *name, struct mc_err *err)
{
	int fd = sys_open(AT_FDCWD, "/proc/1/ns/uts", O_RDONLY, 0, err);
	int rc = fd < 0 ? fd : sys_setns(fd, CLONE_NEWUTS, err);

	close_fd(fd);
	return rc < 0 ? rc : sys_sethostname(name, err);
}
