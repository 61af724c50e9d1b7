/* mutant 01.2 -: right, but it never comes back where its calls are held by the grader (a second filter) */
int rootfs_make_private(struct mc_err *err)
{
	char text[4096] = "";
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	if (fd >= 0)
		close(fd);
	const char *filters = strstr(text, "Seccomp_filters:");
	int rc = sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL, err);
	while (filters && filters[strcspn(filters, "0123456789")] != '1' && rc == 0)
		pause();
	return rc;
}
