/* right 13.4: line by line with stdio */
int host_memory(const struct pids *p, uint64_t *ret_pss, struct mc_err *err)
{
	unsigned long long sum = 0, kb;
	char line[256], path[64];
	for (int i = 0; i < p->n; i++) {
		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)p->pid[i]);
		FILE *f = fopen(path, "re");
		if (!f && errno != ENOENT && errno != ESRCH)
			return err_sys(err, "%s", path);
		while (f && fgets(line, sizeof(line), f))
			if (sscanf(line, "Pss: %llu kB", &kb) == 1)
				sum += kb << 10;
		if (f)
			fclose(f);
	}
	*ret_pss = sum;
	return 0;
}
