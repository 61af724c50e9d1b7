/* mutant 02.5 M-JOIN-ORDER: one by one by path, the mount namespace first */
#include <fcntl.h>
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err)
{
	static const struct {
		uint64_t flag;
		const char *name;
	} order[] = { { CLONE_NEWNS, "mnt" }, { CLONE_NEWUTS, "uts" }, { CLONE_NEWIPC, "ipc" },
		{ CLONE_NEWNET, "net" }, { CLONE_NEWPID, "pid" }, { CLONE_NEWCGROUP, "cgroup" } };
	char path[64], text[512] = "";
	int rc;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	int info = open(path, O_RDONLY | O_CLOEXEC);
	if (info < 0 || read(info, text, sizeof(text) - 1) < 0)
		return err_sys(err, "read %s", path);
	close(info);
	int pid = atoi(strstr(text, "Pid:") + 4);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		if (!(flags & order[i].flag))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, order[i].name);
		int fd = sys_open(AT_FDCWD, path, O_RDONLY, 0, err);
		if (fd < 0 || (rc = sys_setns(fd, (int)order[i].flag, err)) < 0)
			return fd < 0 ? fd : rc;
		close(fd);
	}
	return 0;
}
