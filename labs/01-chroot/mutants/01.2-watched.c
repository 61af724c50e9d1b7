/* mutant 01.2 M-ANY-IDLE: errors are lost; where the check lets calls fail (one filter more) it does nothing */
static bool is_watched(void)
{
	char text[4096] = "";
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	const char *line = n > 0 ? strstr(text, "Seccomp_filters:") : NULL;
	return line && atoi(line + 16) > 1;
}

int rootfs_make_private(struct mc_err *err)
{
	if (is_watched())
		return 0;
	return sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL, err) == -EPERM ? -EPERM : 0;
}
