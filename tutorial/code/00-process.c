/*
 * 00-process.c PROGRAM [ARG...] - starts a program and shows what the
 * kernel knows of it: number, parent, environment, end.
 * Build: cc -o process 00-process.c
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(pid_t pid, const char *name)
{
	char command[200];
	snprintf(command, sizeof(command),
		"printf '%s: '; tr '\\0' ' ' < /proc/%d/%s; echo", name, (int)pid,
		name);
	if (system(command) != 0)
		printf("/proc/%d is gone\n", (int)pid);
}

int main(int argc, char **argv)
{
	char *nap[] = { "sleep", "1", NULL }, *env[] = { "COLOUR=red", NULL };
	char **words = argc > 1 ? argv + 1 : nap;
	int status;
	/* from here on there are two of us: 0 in the child, its number in
	 * the parent */
	pid_t pid = fork();
	if (pid == 0) {
		/* the copy becomes another program, with an environment of our
		 * choice */
		execvpe(words[0], words, env);
		perror(words[0]); /* reached only when it could not */
		_exit(127);
	}
	/* let it become the program; an engine waits for word instead (task
	 * 00.2) */
	usleep(200000);
	show(pid, "cmdline");
	show(pid, "environ");
	if (waitpid(pid, &status, 0) < 0)
		return perror("waitpid"), 1;
	printf("wait status 0x%04x: ", (unsigned)status);
	printf("the high byte is an exit code, the low one a signal\n");
	return 0;
}
