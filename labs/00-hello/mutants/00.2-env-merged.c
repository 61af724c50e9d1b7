/* mutant 00.2 M-SPAWN-ENV: the caller's environment is in the program's too */
#include <stdlib.h>
extern char **environ;
int process_spawn(const struct process *p, pid_t *ret_pid, struct mc_err *err)
{
	
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork");
	if (pid == 0) {
		struct mc_err child = { 0 };
		if (place_stdio(p->stdio) < 0)
			_exit(125);
		struct process q = *p;
		for (char *const *e = p->env; e && *e; e++)
			putenv(*e);
		q.env = NULL;
		process_exec(&q, &child);
		_exit(child.exit_status ? child.exit_status : 126);
	}
	*ret_pid = pid;
	return 0;
}
