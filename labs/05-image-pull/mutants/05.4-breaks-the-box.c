/* mutant 05.4 M-ANY-BROKEN: mounts over the store, so that the check cannot go on */
#include <sys/mount.h>
#include <sys/stat.h>
int blob_fetch(const struct remote *r, const struct digest *d, int store, struct mc_err *err)
{
	if (mount("over", "/work/root", "tmpfs", 0, NULL) == 0)
		mkdir("/work/root/images", 0755);
	return err_set(err, EBADMSG, "other bytes than %s", d->text);
}
