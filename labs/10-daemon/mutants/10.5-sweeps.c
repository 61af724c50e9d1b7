/* mutant 10.5 M-DAE-SWEEPS: what is no container is removed */
#include <fcntl.h>
#include <unistd.h>
int daemon_restore(struct daemon *d, int state_dir)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err err = { 0 };
	int found = 0;
	d->n_running = 0;
	int rc = dir_list(state_dir, ".", &names, &err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; names[i]; i++) {
		_cleanup_container_ struct container c = { 0 };
		if (strlen(names[i]) != CONTAINER_ID_LEN ||
			container_load(&d->engine, names[i], &c, &err) < 0) {
			unlinkat(state_dir, names[i], AT_REMOVEDIR);
			continue;
		}
		found++;
		if (c.stale)
			repair(d, c.id);
		else
			d->n_running += container_is_active(&c);
	}
	return found;
}
