/*
 * qemu.h - what a program of another machine lacks under qemu-user: openat2(2), fsopen(2) and seccomp(2) end in ENOSYS, posix_spawn(3)
 * does not hear of a failed exec (vfork(2) is fork(2) there), and /proc/self/stat is qemu's own, so that a child sees another
 * start time of its parent than the parent itself.
 */
#ifndef TEST_QEMU_H
#define TEST_QEMU_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Every kernel that we run on has openat2(2), so its lack is qemu's. For a whole program the line is its plan. */
static inline bool qemu_lacks(const char *what)
{
	if (syscall(SYS_openat2, -1, "", NULL, 0) >= 0 || errno != ENOSYS)
		return false;
	printf("1..0 # SKIP qemu-user has no %s\n", what);
	return true;
}

#endif
