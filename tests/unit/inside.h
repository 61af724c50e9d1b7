/*
 * inside.h - for tests that need a root's calls and no root: the test's process enters a user namespace of its own.
 */
#ifndef TEST_INSIDE_H
#define TEST_INSIDE_H

#include <check.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/rootfs.h"

static struct mc_err err;

#define OK(call)                                                                                             \
	do {                                                                                                 \
		int rc_ = (call);                                                                            \
		ck_assert_msg(rc_ >= 0, "%s = %d: %s", #call, rc_, err.what);                                \
	} while (0)

/* New namespaces, and a tmpfs on /tmp that no other process sees. false: not allowed here, the test is passed over. */
static bool inside(void)
{
	_cleanup_free_ char *uids = xasprintf("0 %u 1", geteuid()), *gids = xasprintf("0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET) < 0 ||
		sys_write_file(AT_FDCWD, "/proc/self/setgroups", "deny", &err) < 0 ||
		sys_write_file(AT_FDCWD, "/proc/self/gid_map", gids, &err) < 0 ||
		sys_write_file(AT_FDCWD, "/proc/self/uid_map", uids, &err) < 0)
		return false;
	OK(rootfs_make_private(&err));
	return mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0;
}

#endif
