/* mutant 04.1 M-OV-MANY: options in 100 bytes, cut off in silence: images with more layers lose them or fail */
#include <sys/mount.h>
int overlay_mount(const struct layers *l, const char *target, struct mc_err *err)
{
	char data[100], low[60] = "";
	for (char **d = l->lower; *d; d++)
		snprintf(low + strlen(low), sizeof(low) - strlen(low), "%s%s", d == l->lower ? "" : ":", *d);
	snprintf(data, sizeof(data), "lowerdir=%s,upperdir=%s,workdir=%s%s", low, l->upper, l->work, l->userxattr ? ",userxattr" : "");
	return sys_mount("overlay", target, "overlay", 0, data, err);
}
