/*
 * create.h - makes a container that waits for `start`.
 */
#ifndef MC_RUNTIME_CREATE_H
#define MC_RUNTIME_CREATE_H

#include <sys/types.h>
#include "base/err.h"

struct create {
	const char *root; /* --root: where states live */
	const char *id;
	const char *bundle;         /* --bundle; "." when not told */
	const char *pid_file;       /* --pid-file or NULL */
	const char *console_socket; /* --console-socket or NULL */
	const char
		*pidfd_socket; /* --pidfd-socket or NULL: a unix socket that gets the first process's pidfd */
	bool hold_terminal;    /* `run`: without a console socket the terminal comes to us (.terminal) */
	int rootfs_fd;         /* --rootfs-fd: detached mount to attach as root; -1: root.path. Borrowed */
	int preserve;          /* --preserve-fds */
	bool no_pivot;         /* --no-pivot */
	bool no_cgroup;        /* --cgroup-manager disabled: stay where the caller is */
	bool notify;         /* the caller has a NOTIFY_SOCKET: the program gets one (tail/state_mounts.c) */
	bool systemd_cgroup; /* --systemd-cgroup: cgroupsPath is slice:prefix:name */
	pid_t pid;           /* out: the container's first process */
	int terminal; /* out: socket that the terminal's master arrives at (sys_recv_fd), caller closes; -1 */
};

/*
 * Makes the container and leaves it waiting for start_container() (runtime.md, "Lifecycle" 2 to 6). The
 * caller is the parent of o->pid and has one thread. On failure nothing is left, but for o->terminal, which
 * the caller closes in any case.
 */
int create_container(struct create *o, struct mc_err *err);

#endif
