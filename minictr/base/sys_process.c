/*
 * sys_process.c - clone3(2), setns(2), pidfds, exec, identity and limits.
 *
 * set*id go through syscall(2): glibc's wrappers signal all threads of the process that they know of and
 * deadlock in a child of a raw clone3 (NPTL's setxid lock is held for threads that the child does not have).
 */
#include "base/sys.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys_done.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* Names of the set bits without CLONE_, as in "NEWNS|NEWPID": short enough to read in one line. */
static const char *clone_flags(uint64_t flags, char *out, size_t size)
{
	static const struct {
		uint64_t bit;
		const char *name;
	} names[] = {
		{ CLONE_NEWUSER, "NEWUSER" },
		{ CLONE_NEWNS, "NEWNS" },
		{ CLONE_NEWPID, "NEWPID" },
		{ CLONE_NEWUTS, "NEWUTS" },
		{ CLONE_NEWIPC, "NEWIPC" },
		{ CLONE_NEWNET, "NEWNET" },
		{ CLONE_NEWCGROUP, "NEWCGROUP" },
		{ CLONE_NEWTIME, "NEWTIME" },
		{ CLONE_INTO_CGROUP, "INTO_CGROUP" },
		{ CLONE_PARENT, "PARENT" },
	};
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if ((flags & names[i].bit) && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "|" : "", names[i].name);
	if (!n)
		snprintf(out, size, "0");
	return out;
}

/* ENOSPC is no full disk here: a limit of user.max_*_namespaces is reached, and 0 means "none at all". */
static int namespaces_done(int rc, uint64_t flags, struct mc_err *err)
{
	const char *kind = flags & CLONE_NEWUSER ? "user" : flags & CLONE_NEWNET ? "net" : "mnt";
	if (rc == -ENOSPC)
		err_hint(err,
			"no more %s namespaces are allowed here: sudo sysctl user.max_%s_namespaces=15000",
			kind, kind);
	return rc;
}

pid_t sys_clone3(struct clone_args *args, struct mc_err *err)
{
	char names[160];
	uint64_t flags = args->flags;
	long rc = syscall(SYS_clone3, args, sizeof(*args));
	if (rc == 0)
		return 0; /* the parent reports the call, once for both */
	int keep = errno;
	clone_flags(flags, names, sizeof(names));
	errno = keep;
	return namespaces_done(SYS_DONE(rc, err, "clone3(%s)", names), flags, err);
}

int sys_unshare(int flags, struct mc_err *err)
{
	char names[160];
	int rc = unshare(flags), keep = errno;
	clone_flags((uint64_t)flags, names, sizeof(names));
	errno = keep;
	return namespaces_done(SYS_DONE(rc, err, "unshare(%s)", names), (uint64_t)flags, err);
}

int sys_setns(int fd, int flags, struct mc_err *err)
{
	char names[160];
	int rc = setns(fd, flags), keep = errno;
	clone_flags((uint64_t)flags, names, sizeof(names));
	errno = keep;
	return SYS_DONE(rc, err, "setns(%d, %s)", fd, names);
}

int sys_pidfd_open(pid_t pid, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_pidfd_open, pid, 0), err, "pidfd_open(%d, 0)", pid);
}

int sys_pidfd_send_signal(int pidfd, int signal, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0), err,
		"pidfd_send_signal(%d, %d)", pidfd, signal);
}

int sys_execve(const char *path, char *const argv[], char *const envp[], struct mc_err *err)
{
	explain_call(0, "execve(\"%s\", [\"%s\"%s])", path, argv[0] ? argv[0] : "",
		argv[0] && argv[1] ? ", ..." : "");
	execve(path, argv, envp);
	return SYS_DONE(-1, err, "execve(\"%s\")", path);
}

int sys_execveat(int fd, char *const argv[], char *const envp[], struct mc_err *err)
{
	explain_call(0, "execveat(%d, \"\", [\"%s\"], AT_EMPTY_PATH)", fd, argv[0]);
	syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
	return SYS_DONE(-1, err, "execveat(%d, \"\", AT_EMPTY_PATH)", fd);
}

int sys_wait(pid_t pid, int *ret_status, struct mc_err *err)
{
	pid_t rc;
	do
		rc = waitpid(pid, ret_status, 0);
	while (rc < 0 && errno == EINTR);
	return SYS_DONE(rc, err, "waitpid(%d)", pid);
}

int sys_close_range(unsigned first, unsigned last, unsigned flags, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_close_range, first, last, flags), err, "close_range(%u, %u, %u)", first,
		last, flags);
}

static const char *prctl_name(int op)
{
	switch (op) {
	case PR_SET_DUMPABLE: return "PR_SET_DUMPABLE";
	case PR_SET_KEEPCAPS: return "PR_SET_KEEPCAPS";
	case PR_CAPBSET_DROP: return "PR_CAPBSET_DROP";
	case PR_CAP_AMBIENT: return "PR_CAP_AMBIENT";
	case PR_SET_NO_NEW_PRIVS: return "PR_SET_NO_NEW_PRIVS";
	case PR_SET_CHILD_SUBREAPER: return "PR_SET_CHILD_SUBREAPER";
	case PR_SET_PDEATHSIG: return "PR_SET_PDEATHSIG";
	case PR_SET_NAME: return "PR_SET_NAME";
	default: return NULL;
	}
}

int sys_prctl(int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d, struct mc_err *err)
{
	char number[16];
	const char *name = prctl_name(op);
	snprintf(number, sizeof(number), "%d", op);
	return SYS_DONE(prctl(op, a, b, c, d), err, "prctl(%s, %lu)", name ? name : number, a);
}

int sys_sethostname(const char *name, struct mc_err *err)
{
	return SYS_DONE(sethostname(name, strlen(name)), err, "sethostname(\"%s\")", name);
}

int sys_setdomainname(const char *name, struct mc_err *err)
{
	return SYS_DONE(setdomainname(name, strlen(name)), err, "setdomainname(\"%s\")", name);
}

int sys_setrlimit(int resource, const struct rlimit *limit, struct mc_err *err)
{
	return SYS_DONE(setrlimit((__rlimit_resource_t)resource, limit), err,
		"setrlimit(%d, {soft=%llu, hard=%llu})", resource, (unsigned long long)limit->rlim_cur,
		(unsigned long long)limit->rlim_max);
}

int sys_seccomp(unsigned op, unsigned flags, void *args, struct mc_err *err)
{
	const char *name = op == SECCOMP_SET_MODE_FILTER ? "SECCOMP_SET_MODE_FILTER" : "...";
	/* Reported before the call, because afterwards the filter may forbid write(2). */
	explain_call(0, "seccomp(%s, %#x)", name, flags);
	long rc = syscall(SYS_seccomp, op, flags, args);
	return rc >= 0 ? (int)rc : SYS_DONE(rc, err, "seccomp(%s, %#x)", name, flags);
}

int sys_setsid(struct mc_err *err) { return SYS_DONE(setsid(), err, "setsid()"); }

int sys_setuid(uid_t uid, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_setresuid, uid, uid, uid), err, "setresuid(%u, %u, %u)", uid, uid, uid);
}

int sys_setgid(gid_t gid, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_setresgid, gid, gid, gid), err, "setresgid(%u, %u, %u)", gid, gid, gid);
}

int sys_setgroups(size_t n, const gid_t *gids, struct mc_err *err)
{
	return SYS_DONE(syscall(SYS_setgroups, n, gids), err, "setgroups(%zu)", n);
}

int sys_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable, struct mc_err *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32) },
	};
	return SYS_DONE(syscall(SYS_capset, &header, data), err,
		"capset({effective=%#llx, permitted=%#llx, inheritable=%#llx})",
		(unsigned long long)effective, (unsigned long long)permitted,
		(unsigned long long)inheritable);
}
