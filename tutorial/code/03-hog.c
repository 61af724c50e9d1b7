/*
 * 03-hog.c - a control group with 32 MiB, a child in it that wants more,
 * and what the kernel counted. As root.
 * Build: cc -o hog 03-hog.c
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char group[64];

static int put(const char *file, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", group, file);
	int fd = open(path, O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

int main(void)
{
	int v1 = access("/sys/fs/cgroup/memory", F_OK) == 0, status;
	snprintf(group, sizeof(group), "/sys/fs/cgroup%s/hog-%d",
		v1 ? "/memory" : "", (int)getpid());
	if (mkdir(group, 0755) < 0 ||
		put(v1 ? "memory.limit_in_bytes" : "memory.max", "33554432") < 0)
		return perror(group), 1;
	/* or it swaps instead */
	put(v1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max",
		v1 ? "33554432" : "0");
	if (fork() == 0) {
		/* myself, before the first byte is wanted */
		put(v1 ? "tasks" : "cgroup.procs", "0");
		for (int mib = 1; mib <= 256; mib++)
			/* memory counts when it is touched */
			memset(malloc(1 << 20), 1, 1 << 20);
		_exit(0);
	}
	wait(&status);
	int killed = WIFSIGNALED(status) && WTERMSIG(status) == 9;
	printf("the child %s\n",
		killed ? "was killed (signal 9)" : "had enough memory");
	fflush(stdout);
	char command[200];
	snprintf(command, sizeof(command), "grep 'oom_kill ' %s/%s; rmdir %s",
		group, v1 ? "memory.oom_control" : "memory.events", group);
	/* 137 alone could have been anybody's signal: this counter is the
	 * kernel's */
	return system(command) != 0;
}
