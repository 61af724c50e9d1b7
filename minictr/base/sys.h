/*
 * sys.h - the system calls that matter, one thin wrapper each.
 *
 * A wrapper does three things and no more: it makes the call, it tells the explain sink (the only producer
 * of trace lines), and on failure it fills *err with the call in strace's grammar. Returns what the call
 * returns (0, a descriptor, a count, a pid) or -errno. No policy, and no retry except EINTR where noted.
 * All may be called in a child between clone and exec: no malloc, no stdio, no locks.
 * The comment after each prototype names its man page.
 */
#ifndef MC_BASE_SYS_H
#define MC_BASE_SYS_H

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>
#include "base/err.h"

/* Kernel interfaces that glibc 2.35 or Debian 12's headers may lack. */
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

struct mount_attr;
struct clone_args;
struct open_how;
struct sock_fprog;

/* --- sys_mount.c --- */
int sys_mount(const char *source, const char *target, const char *fstype, unsigned long flags,
	const char *data, struct mc_err *err);                                     /* mount(2) */
int sys_umount(const char *target, int flags, struct mc_err *err);                 /* umount2(2) */
int sys_pivot_root(const char *new_root, const char *put_old, struct mc_err *err); /* pivot_root(2) */
int sys_chroot(const char *dir, struct mc_err *err);                               /* chroot(2) */
int sys_open_tree(int dir, const char *path, unsigned flags, struct mc_err *err);  /* open_tree(2) */
int sys_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags,
	struct mc_err *err); /* move_mount(2) */
int sys_mount_setattr(int dir, const char *path, unsigned flags, const struct mount_attr *attr,
	struct mc_err *err);                            /* mount_setattr(2) */
int sys_fsopen(const char *fstype, struct mc_err *err); /* fsopen(2) */
int sys_fsconfig_string(
	int fs, const char *key, const char *value, struct mc_err *err); /* fsconfig(2); value <= 255 bytes */
int sys_fsconfig_flag(int fs, const char *key, struct mc_err *err);
int sys_fsconfig_create(int fs, struct mc_err *err);
int sys_fsmount(int fs, unsigned attrs, struct mc_err *err); /* fsmount(2) */

/* --- sys_process.c --- */
pid_t sys_clone3(struct clone_args *args, struct mc_err *err);        /* clone3(2); 0 in the child */
int sys_unshare(int flags, struct mc_err *err);                       /* unshare(2) */
int sys_setns(int fd, int flags, struct mc_err *err);                 /* setns(2) */
int sys_pidfd_open(pid_t pid, struct mc_err *err);                    /* pidfd_open(2) */
int sys_pidfd_send_signal(int pidfd, int signal, struct mc_err *err); /* pidfd_send_signal(2) */
int sys_execve(const char *path, char *const argv[], char *const envp[],
	struct mc_err *err); /* execve(2); returns only on failure */
int sys_execveat(
	int fd, char *const argv[], char *const envp[], struct mc_err *err); /* execveat(2), AT_EMPTY_PATH */
int sys_wait(pid_t pid, int *ret_status, struct mc_err *err);                /* waitpid(2), EINTR retried */
int sys_close_range(unsigned first, unsigned last, unsigned flags, struct mc_err *err); /* close_range(2) */
int sys_prctl(int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d,
	struct mc_err *err);                                                     /* prctl(2) */
int sys_sethostname(const char *name, struct mc_err *err);                       /* sethostname(2) */
int sys_setdomainname(const char *name, struct mc_err *err);                     /* setdomainname(2) */
int sys_setrlimit(int resource, const struct rlimit *limit, struct mc_err *err); /* setrlimit(2) */
int sys_seccomp(unsigned op, unsigned flags, void *args, struct mc_err *err);    /* seccomp(2) */
int sys_setsid(struct mc_err *err);                                              /* setsid(2) */
/* Raw calls: glibc's wrappers signal all threads and deadlock after a raw clone3. */
int sys_setuid(uid_t uid, struct mc_err *err);                      /* setresuid(2), all three ids */
int sys_setgid(gid_t gid, struct mc_err *err);                      /* setresgid(2), all three ids */
int sys_setgroups(size_t n, const gid_t *gids, struct mc_err *err); /* setgroups(2) */
int sys_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable,
	struct mc_err *err); /* capset(2), self */

/* --- sys_file.c --- */
int sys_open(int dir, const char *path, int flags, mode_t mode,
	struct mc_err *err); /* openat(2), O_CLOEXEC added */
int sys_openat2(int dir, const char *path, const struct open_how *how, struct mc_err *err); /* openat2(2) */
int sys_mkdir(int dir, const char *path, mode_t mode, struct mc_err *err);                  /* mkdirat(2) */
int sys_unlink(int dir, const char *path, struct mc_err *err);
int sys_symlink(const char *target, int dir, const char *path, struct mc_err *err);   /* symlinkat(2) */
int sys_mknod(int dir, const char *path, mode_t mode, dev_t dev, struct mc_err *err); /* mknodat(2) */
int sys_chown(
	int dir, const char *path, uid_t uid, gid_t gid, int flags, struct mc_err *err); /* fchownat(2) */
int sys_chmod(int dir, const char *path, mode_t mode, struct mc_err *err);               /* fchmodat(2) */
int sys_chdir(const char *path, struct mc_err *err);                                     /* chdir(2) */
int sys_fchdir(int fd, struct mc_err *err);                                              /* fchdir(2) */
int sys_rename(
	int from_dir, const char *from, int to_dir, const char *to, struct mc_err *err); /* renameat(2) */
/*
 * open, one write(2), close: the way to set values in cgroupfs, procfs and sysfs. Explain shows one call:
 * write("pids.max", "100")
 */
int sys_write_file(int dir, const char *path, const char *text, struct mc_err *err);
/* write(2) of one text to an open file, for several lines into one file; shown like sys_write_file(). */
int sys_write_text(int fd, const char *shown, const char *text, struct mc_err *err);
int sys_pipe(int ret[2], struct mc_err *err);                 /* pipe2(2), O_CLOEXEC */
int sys_socketpair(int type, int ret[2], struct mc_err *err); /* socketpair(2), AF_UNIX, SOCK_CLOEXEC */

/* --- sys_net.c --- */
int sys_netlink(int protocol, struct mc_err *err); /* netlink(7): socket, bound */
/* Sets a link of this network namespace up. */
int sys_link_up(const char *name, struct mc_err *err); /* netdevice(7) */
/* Sends one request with NLM_F_ACK and waits for the answer. Traces show `what`: "RTM_NEWLINK lo up". */
int sys_netlink_talk(int nl, void *request, const char *what, struct mc_err *err); /* rtnetlink(7) */
/* Sends or receives one descriptor with a message over a unix socket (SCM_RIGHTS, unix(7)). */
int sys_send_fd(int sock, const void *data, size_t len, int fd, struct mc_err *err);
int sys_recv_fd(int sock, void *data, size_t len, int *ret_fd,
	struct mc_err *err); /* returns bytes; *ret_fd -1 when none came */

#endif
