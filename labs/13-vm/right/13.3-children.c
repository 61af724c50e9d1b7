/* right 13.3: the kernel's own list of children, /proc/PID/task/TID/children, depth first */
#include <dirent.h>
#include <stdio.h>
static int walk(pid_t pid, const struct probe *p, struct pids *ret)
{
	char path[300];
	if (ret->n == PIDS_MAX)
		return -E2BIG;
	ret->pid[ret->n++] = pid;
	ret->sees_program |= process_has_word(pid, p->mark);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *tasks = opendir(path);
	int rc = 0, child;
	for (struct dirent *d; tasks && rc == 0 && (d = readdir(tasks));) {
		snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, d->d_name);
		FILE *f = fopen(path, "re");
		while (f && rc == 0 && fscanf(f, "%d", &child) == 1)
			rc = walk(child, p, ret);
		if (f)
			fclose(f);
	}
	if (tasks)
		closedir(tasks);
	return rc;
}

int host_processes(const struct probe *p, struct pids *ret, struct mc_err *err)
{
	*ret = (struct pids){ 0 };
	if (process_parent(p->root) < 0)
		return err_set(err, ESRCH, "%d is gone", (int)p->root);
	int rc = walk(p->root, p, ret);
	return rc < 0 ? err_set(err, -rc, "too many") : 0;
}
