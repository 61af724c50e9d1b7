/*
 * 02-number.c - a new pid namespace: not for the caller, for its children;
 * and it ends with its process 1. As root.
 * Build: cc -o number 02-number.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void birth(const char *name)
{
	pid_t pid = fork();
	if (pid < 0)
		printf("%s: fork fails: %s\n", name, strerror(errno));
	if (pid == 0) {
		printf("%s: I am process %d, and my parent is process %d\n", name,
			(int)getpid(), (int)getppid());
		fflush(stdout);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

int main(void)
{
	setbuf(stdout, NULL);
	pid_t before = getpid();
	if (unshare(CLONE_NEWPID) < 0)
		return perror("unshare"), 1;
	printf("caller: my number is %s\n",
		getpid() == before ? "what it was" : "another");
	/* process 1 of the new namespace; its end is the namespace's end */
	birth("first child");
	birth("second child");
	return 0;
}
