/* mutant 10.5 M-DAE-MEMORY: what the daemon remembers is all there is */
int daemon_restore(struct daemon *d, int state_dir)
{
	struct mc_err err = { 0 };
	_cleanup_strv_ char **names = NULL;
	d->n_running = 0;
	int rc = dir_list(state_dir, ".", &names, &err);
	return rc < 0 ? rc : 0;
}
