/*
 * container.h - the verbs of the runtime on one container: create, start, exec, kill, delete.
 *
 * Each verb is a file of its own; oci_cmd_*.c turn command lines into these structs.
 */
#ifndef MC_RUNTIME_CONTAINER_H
#define MC_RUNTIME_CONTAINER_H

#include <sys/types.h>
#include "base/err.h"

struct state;

struct create {
	const char *root; /* --root: where states live */
	const char *id;
	const char *bundle;         /* --bundle; "." when not told */
	const char *pid_file;       /* --pid-file or NULL */
	const char *console_socket; /* --console-socket or NULL */
	int console;                /* foreground terminal: our end's partner, instead of a path; -1 */
	int rootfs_fd;              /* --rootfs-fd: detached mount to attach as root; -1: root.path */
	int preserve;               /* --preserve-fds */
	bool no_pivot;              /* --no-pivot */
	bool no_cgroup;             /* --cgroup-manager disabled: stay where the caller is */
	bool systemd_cgroup;        /* --systemd-cgroup: cgroupsPath is slice:prefix:name */
	pid_t pid;                  /* out: the container's first process */
};
/* Makes the container and leaves it waiting for start_container(). On failure nothing is left. */
int create_container(struct create *o, struct mc_err *err);

/* Lets the program of a created container run; returns when exec has succeeded, or its error. */
int start_container(const char *root, const char *id, struct mc_err *err);

struct exec {
	const char *root;
	const char *id;
	const char *process_file; /* --process or NULL */
	char **args;              /* the command when there is no process file */
	char **env;               /* --env: added */
	char **caps;              /* --cap: added */
	char **gids;              /* --additional-gids: numbers, added */
	char **cgroups;           /* --cgroup: "[CONTROLLER,...:]PATH" below the container's */
	const char *apparmor;     /* --apparmor or NULL */
	const char *label;        /* --process-label (SELinux) or NULL */
	const char *cwd;          /* --cwd or NULL */
	const char *user;         /* --user UID[:GID] or NULL */
	bool tty;                 /* --tty */
	bool detach;              /* --detach: do not wait */
	bool no_new_privs;
	const char *pid_file;
	const char *console_socket;
	int preserve;
};
/* Runs one more program in a running container. Returns its exit code, 0 with detach. */
int exec_container(const struct exec *o, struct mc_err *err);

/* A signal to the first process; all: to every process. -ESRCH: "container not running". */
int kill_container(const char *root, const char *id, int signal, bool all, struct mc_err *err);
/* Removes a stopped (or only created) container; force: kills it first, and a missing one is fine. */
int delete_container(const char *root, const char *id, bool force, struct mc_err *err);
/* Freezes or thaws all processes. */
int pause_container(const char *root, const char *id, bool freeze, struct mc_err *err);

/* Waits, ten seconds at most, until the first process has ended: it takes a mount namespace down first, which takes time. */
void await_end(const struct state *s);
/* From now on TERM, INT, HUP and the like go to pid: ours are the container's, as long as we wait for it. */
void forward_signals(pid_t pid);
/* Writes pid, without a newline, to path: temporary file and rename. NULL path: nothing. */
int write_pid_file(const char *path, pid_t pid, struct mc_err *err);

#endif
