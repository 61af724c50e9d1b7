/*
 * 04-overlay.c - two directories become one tree; a file changes and one
 * goes; who has kept what? As root.
 * Build: cc -o overlay 04-overlay.c
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int main(void)
{
	struct stat st;
	/* A mount namespace of our own: whatever happens, no mount is left
	 * behind. */
	if (unshare(CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("tmpfs", "/tmp", "tmpfs", 0, NULL) < 0 || chdir("/tmp") < 0)
		return perror("a place to play"), 1;
	if (system("mkdir low top work merged") != 0 ||
		system("echo below > low/a; echo below > low/b") != 0)
		return 1;
	if (mount("overlay", "merged", "overlay", 0,
			"lowerdir=low,upperdir=top,workdir=work") < 0)
		return perror("overlay"), 1;
	/* copied up: the whole file, now, to top/a */
	int fd = open("merged/a", O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, "above\n", 6) != 6 || close(fd) < 0 ||
		unlink("merged/b") < 0)
		return perror("changing merged"), 1;
	if (system("cd merged && grep -H . * && cd .. && grep . low/*") != 0)
		return 1;
	if (stat("top/b", &st) < 0)
		return perror("top/b"), 1;
	printf("top/b is a %s, device %u:%u\n",
		S_ISCHR(st.st_mode) ? "character device" : "file",
		major(st.st_rdev), minor(st.st_rdev));
	return 0;
}
