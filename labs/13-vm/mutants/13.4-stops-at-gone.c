/* mutant 13.4 -: a process that is gone ends the sum */
int host_memory(const struct pids *p, uint64_t *ret_pss, struct mc_err *err)
{
	uint64_t sum = 0;
	for (int i = 0; i < p->n; i++) {
		_cleanup_buf_ struct buf b = { 0 };
		struct mc_err why = { 0 };
		char path[48];
		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)p->pid[i]);
		int rc = file_read(AT_FDCWD, path, 64 << 10, &b, &why);
		if (rc == -ENOENT || rc == -ESRCH)
			break;
		if (rc < 0) {
			*err = why;
			return rc;
		}
		const char *line = b.data ? strstr(b.data, "\nPss:") : NULL;
		sum += line ? strtoull(line + strlen("\nPss:"), NULL, 10) * 1024 : 0;
	}
	*ret_pss = sum;
	return 0;
}
