/*
 * ns_links.c - the kernel's own evidence of who shares what: two processes are in one namespace exactly
 * when the links /proc/PID/ns/KIND name the same inode.
 */
#include "cli/ns_links.h"

#include <fcntl.h>
#include <sys/stat.h>

const char *const ns_kinds[NS_KINDS] = { "mnt", "pid", "net", "uts", "ipc", "cgroup", "user", "time" };
const char *const ns_meaning[NS_KINDS] = { "mounts", "process numbers", "links and ports", "host name",
	"shared memory, queues", "root of the cgroup tree", "user ids and capabilities", "clocks" };

int ns_read(pid_t pid, uint64_t ret[NS_KINDS], struct mc_err *err)
{
	for (size_t i = 0; i < NS_KINDS; i++) {
		struct stat st;
		char path[64];
		if (pid)
			snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, ns_kinds[i]);
		else
			snprintf(path, sizeof(path), "/proc/self/ns/%s", ns_kinds[i]);
		ret[i] = 0;
		if (stat(path, &st) == 0)
			ret[i] = st.st_ino;
		else if (errno != ENOENT || i == 0)
			return err_sys(err, "stat %s", path);
	}
	return 0;
}
