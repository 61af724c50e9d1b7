/*
 * 12-gate.c COMMAND...: a pipeline of one stage in thirty lines. Each
 * command runs in a shell and a directory of its own, all at the same time;
 * then each end is waited for. The gate opens (status 0) only when all have
 * succeeded.
 * Build: gcc -o gate 12-gate.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	pid_t jobs[64];
	int failed = 0, n = argc - 1 < 64 ? argc - 1 : 64;
	for (int i = 0; i < n; i++) {
		/* a clean place: no job finds what another one left */
		char dir[] = "/tmp/gate.XXXXXX";
		if (!mkdtemp(dir))
			return perror("mkdtemp"), 1;
		fflush(NULL);
		jobs[i] = fork();
		if (jobs[i] == 0) {
			if (chdir(dir) == 0)
				/* -e: the first failure ends it */
				execl("/bin/sh", "sh", "-ec", argv[1 + i], NULL);
			_exit(126);
		}
	}
	/* all have been started before the first one is waited for */
	for (int i = 0; i < n; i++) {
		int status = 0;
		waitpid(jobs[i], &status, 0);
		printf("job %d: %s (%d)\n", i + 1, status ? "failed" : "passed",
			WIFEXITED(status) ? WEXITSTATUS(status)
							  : 128 + WTERMSIG(status));
		failed |= status;
	}
	return failed != 0;
}
