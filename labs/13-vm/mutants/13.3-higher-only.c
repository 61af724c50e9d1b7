/* mutant 13.3 M-PROC-DEEP: only numbers above the parent's; they begin anew at the last one */
int host_processes(const struct probe *p, struct pids *ret, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	*ret = (struct pids){ 0 };
	int rc = process_parent(p->root) >= 0
			 ? dir_list(AT_FDCWD, "/proc", &names, err)
			 : err_set(err, ESRCH, "%s: process %d is gone", p->name, (int)p->root);
	if (rc < 0)
		return rc;
	ret->pid[ret->n++] = p->root;
	/* pid[k] is asked for its children in its turn, so children of children come too. */
	for (int k = 0; k < ret->n; k++)
		for (size_t i = 0; names[i]; i++) {
			pid_t pid = (pid_t)strtol(names[i], NULL, 10);
			if (pid <= ret->pid[k] || process_parent(pid) != ret->pid[k])
				continue;
			if (ret->n == PIDS_MAX)
				return err_set(err, E2BIG, "%s: more than %d processes", p->name, PIDS_MAX);
			ret->pid[ret->n++] = pid;
		}
	for (int k = 0; k < ret->n; k++)
		ret->sees_program |= process_has_word(ret->pid[k], p->mark);
	return 0;
}
