/*
 * 11-sets.c - lowering the effective set is no wall: the permitted set
 * refills it. As root.
 * Build: cc -o sets 11-sets.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3,
	0 };
/* capabilities 0 to 31, and the rest */
static struct __user_cap_data_struct sets[2];

static void try_chown(const char *when)
{
	int rc = chown("/tmp/owned", 12345, 12345);
	printf("%-34s chown: %s\n", when, rc < 0 ? strerror(errno) : "done");
}

static void set(int effective, int permitted)
{
	unsigned bit = 1u << CAP_CHOWN;
	sets[0].effective =
		effective ? sets[0].effective | bit : sets[0].effective & ~bit;
	sets[0].permitted =
		permitted ? sets[0].permitted | bit : sets[0].permitted & ~bit;
	if (syscall(SYS_capset, &head, sets) < 0)
		printf("%-34s capset: %s\n", "", strerror(errno));
}

int main(void)
{
	FILE *f = fopen("/tmp/owned", "w");
	if (!f || fclose(f) || syscall(SYS_capget, &head, sets) < 0)
		return perror("capget"), 1;
	try_chown("root with all capabilities");
	set(0, 1);
	try_chown("CAP_CHOWN not effective");
	/* one line of code: what is permitted can be made effective again */
	set(1, 1);
	try_chown("made effective again");
	set(0, 0);
	set(1, 1); /* now the kernel refuses: the permitted set cannot grow */
	try_chown("not even permitted");
	return unlink("/tmp/owned");
}
