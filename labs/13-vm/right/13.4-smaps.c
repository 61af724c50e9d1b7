/* right 13.4: every mapping of smaps instead of their sum */
#include <stdio.h>
int host_memory(const struct pids *p, uint64_t *ret_pss, struct mc_err *err)
{
	unsigned long long sum = 0, kb;
	char path[64], line[1024];
	for (const pid_t *pid = p->pid; pid < p->pid + p->n; pid++) {
		snprintf(path, sizeof(path), "/proc/%d/smaps", (int)*pid);
		FILE *f = fopen(path, "re");
		if (!f && errno != ENOENT && errno != ESRCH)
			return err_sys(err, path);
		while (f && fgets(line, sizeof(line), f))
			if (sscanf(line, "Pss: %llu kB", &kb) == 1)
				sum += kb << 10;
		if (f)
			fclose(f);
	}
	*ret_pss = sum;
	return 0;
}
