/* mutant 01.2 M-PRIVATE-REC: mount by mount, and one that fails is skipped over: the name has a blank */
#include <stdio.h>
int rootfs_make_private(struct mc_err *err)
{
	char line[4096], point[4096];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	if (!f)
		return err_sys(err, "mountinfo");
	int rc = 0;
	while (rc == 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*d %*d %*s %*s %4095s", point) == 1)
			if (mount(NULL, point, NULL, MS_PRIVATE, NULL) < 0 && errno != EINVAL && errno != ENOENT)
				rc = err_sys(err, "mount");
	fclose(f);
	return rc;
}
