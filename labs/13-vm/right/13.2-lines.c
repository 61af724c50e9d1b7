/* right 13.2: stdio reads the two lines; the rest is read away */
#include <stdio.h>
int kernel_identity(const struct probe *p, struct kernel_id *ret, struct mc_err *err)
{
	char line[2][128] = { "", "" }, host[64] = "", rest[256];
	int out = -1, rc;
	pid_t pid = probe_start(p, "kernel", &out, err);
	if (pid < 0)
		return pid;
	FILE *f = fdopen(dup(out), "r");
	for (int i = 0; f && i < 2; i++)
		if (fgets(line[i], sizeof(line[i]), f))
			line[i][strcspn(line[i], "\r\n")] = '\0';
	while (f && fgets(rest, sizeof(rest), f))
		;
	if (f)
		fclose(f);
	rc = probe_end(p, pid, &out, err);
	if (rc < 0)
		return rc;
	FILE *own = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (!own || !fgets(host, sizeof(host), own))
		rc = err_set(err, errno ? errno : EIO, "the host's boot id");
	if (own)
		fclose(own);
	if (rc < 0)
		return rc;
	host[strcspn(host, "\n")] = '\0';
	if (!*line[0] || !*line[1] || strlen(line[0]) > 64 || strlen(line[1]) > 39)
		return err_set(err, EPROTO, "no answer");
	snprintf(ret->release, sizeof(ret->release), "%s", line[0]);
	snprintf(ret->boot_id, sizeof(ret->boot_id), "%s", line[1]);
	ret->is_host = !strcmp(host, line[1]);
	return 0;
}
