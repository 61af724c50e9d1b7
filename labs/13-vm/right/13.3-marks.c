/* right 13.3: every process asks its parents, up to the root */
#include <dirent.h>
static bool descends(pid_t pid, pid_t root)
{
	for (int i = 0; i < 64 && pid > 0; i++, pid = process_parent(pid))
		if (pid == root)
			return true;
	return false;
}

int host_processes(const struct probe *p, struct pids *ret, struct mc_err *err)
{
	memset(ret, 0, sizeof(*ret));
	if (process_parent(p->root) < 0)
		return err_set(err, ESRCH, "gone");
	DIR *proc = opendir("/proc");
	if (!proc)
		return err_sys(err, "/proc");
	ret->pid[ret->n++] = p->root;
	ret->sees_program = process_has_word(p->root, p->mark);
	for (struct dirent *d; (d = readdir(proc)) && ret->n < PIDS_MAX;) {
		pid_t pid = atoi(d->d_name);
		if (pid <= 0 || pid == p->root || !descends(pid, p->root))
			continue;
		ret->pid[ret->n++] = pid;
		ret->sees_program |= process_has_word(pid, p->mark);
	}
	closedir(proc);
	return 0;
}
