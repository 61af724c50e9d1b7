/* right 00.2: execvpe with the PATH of the given environment put into environ in the child */
#include <sys/wait.h>
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		if (p->cwd && chdir(p->cwd) < 0)
			_exit(127);
		if (place_stdio(p->stdio) < 0)
			_exit(125);
		if (p->env)
			environ = (char **)p->env;
		execvp(p->argv[0], p->argv);
		_exit(errno == ENOENT || errno == ENOTDIR ? 127 : 126);
	}
	*ret_pid = pid;
	return 0;
}
