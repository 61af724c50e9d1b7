/* right 04.1: one mount(2) with all in one text, then a detached copy when no target is given */
#include <stdio.h>
#include <sys/mount.h>

int overlay_mount(const struct layers *l, const char *target, struct mc_err *err)
{
	char data[4096] = "lowerdir=";

	if (!target || (!l->upper && !l->lower[1]))
		return TODO(04.1, overlay_mount, l, target, err);
	for (char **d = l->lower; *d; d++)
		snprintf(data + strlen(data), sizeof(data) - strlen(data), "%s%s", d == l->lower ? "" : ":",
			*d);
	if (l->upper)
		snprintf(data + strlen(data), sizeof(data) - strlen(data), ",upperdir=%s,workdir=%s",
			l->upper, l->work);
	if (l->userxattr)
		snprintf(data + strlen(data), sizeof(data) - strlen(data), ",userxattr");
	return sys_mount("overlay", target, "overlay", 0, data, err);
}
