/* mutant 04.1 M-OV-ONE: target NULL (a detached mount is wanted) is an error, and so is an image of one layer without upper */
#include <sys/mount.h>
int overlay_mount(const struct layers *l, const char *target, struct mc_err *err)
{
	char data[4096] = "lowerdir=";
	if (!target)
		return err_set(err, EINVAL, "no target");
	for (char **d = l->lower; *d; d++)
		snprintf(data + strlen(data), sizeof(data) - strlen(data), "%s%s", d == l->lower ? "" : ":", *d);
	if (l->upper)
		snprintf(data + strlen(data), sizeof(data) - strlen(data), ",upperdir=%s,workdir=%s%s", l->upper, l->work, l->userxattr ? ",userxattr" : "");
	return sys_mount("overlay", target, "overlay", 0, data, err);
}
