/* mutant 13.2 -: a release that does not fit is cut */
int kernel_identity(const struct probe *p, struct kernel_id *ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf said = { 0 }, host = { 0 };
	int out = -1;
	pid_t pid = probe_start(p, "kernel", &out, err);
	if (pid < 0)
		return pid;
	int rc = file_read_fd(out, p->name, 4096, &said, err);
	int ended = probe_end(p, pid, &out, err);
	if (rc == 0 && ended == 0)
		rc = file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &host, err);
	if (rc < 0 || ended < 0)
		return rc < 0 ? rc : ended;
	char *save = NULL, *release = strtok_r(said.data, "\n", &save), *boot = strtok_r(NULL, "\n", &save);
	if (!release || !boot || strlen(boot) >= sizeof(ret->boot_id))
		return err_set(err, EPROTO, "%s: the probe's answer is no release and boot id", p->name);
	*ret = (struct kernel_id){ 0 };
	snprintf(ret->release, sizeof(ret->release), "%s", release);
	strcpy(ret->boot_id, boot);
	ret->is_host = !strncmp(boot, host.data, strcspn(host.data, "\n")) &&
		       strlen(boot) == strcspn(host.data, "\n");
	return 0;
}
