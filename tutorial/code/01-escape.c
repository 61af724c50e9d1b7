/*
 * 01-escape.c - chroot(2) into an empty directory, and out of it again with
 * three calls. As root.
 * Build: cc -o escape 01-escape.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void where(const char *when)
{
	struct stat root, here;
	if (stat("/", &root) < 0 || stat(".", &here) < 0)
		exit((perror("stat"), 1));
	printf("%-22s root is inode %lu, here is inode %lu\n", when,
		(unsigned long)root.st_ino, (unsigned long)here.st_ino);
}

int main(void)
{
	char jail[] = "/tmp/jail.XXXXXX";
	where("before");
	if (!mkdtemp(jail) || chroot(jail) < 0 || chdir("/") < 0)
		return perror("chroot"), 1;
	where("in the jail");
	/* A second root below us. Our directory stays where it is: outside
	 * that root. */
	if (mkdir("x", 0755) < 0 || chroot("x") < 0)
		return perror("second chroot"), 1;
	for (int i = 0; i < 64; i++)
		/* ".." stops at the root only, and we are not below it */
		if (chdir("..") < 0)
			return perror(".."), 1;
	if (chroot(".") < 0)
		return perror("third chroot"), 1;
	where("out again");
	rmdir(jail), chdir(jail), rmdir("x"), chdir("/"), rmdir(jail);
	return 0;
}
