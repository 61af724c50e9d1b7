/* mutant 04.1 M-OV-COPIED: the layers are copied together */
#include <stdlib.h>

int overlay_mount(const struct layers *l, const char *target, struct mc_err *err)
{
	for (size_t i = strv_len(l->lower); i-- > 0;) {
		char *command = xasprintf("cp -a %s/. %s", l->lower[i], target);
		int rc = system(command);
		free(command);
		if (rc != 0)
			return err_set(err, EIO, "cp failed");
	}
	return 0;
}
