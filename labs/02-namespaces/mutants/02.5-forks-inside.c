/* mutant 02.5 M-JOIN-FORK: forks in the function "to be inside" and the parent waits: two processes come back in effect */
#include <sys/wait.h>
#include <stdlib.h>
int namespace_join(int pidfd, uint64_t flags, struct mc_err *err)
{
	int rc = sys_setns(pidfd, (int)flags, err), status;
	if (rc < 0)
		return rc;
	pid_t pid = fork();
	if (pid > 0) {
		waitpid(pid, &status, 0);
		_exit(WEXITSTATUS(status));
	}
	return 0;
}
