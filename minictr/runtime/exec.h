/*
 * exec.h - one more program in a running container.
 */
#ifndef MC_RUNTIME_EXEC_H
#define MC_RUNTIME_EXEC_H

#include "base/err.h"

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
	const char *pidfd_socket; /* --pidfd-socket or NULL: a unix socket that gets the program's pidfd */
	int preserve;
};

/*
 * Runs one more program in a running container. Returns its exit code (128 + n after signal n), 0 with
 * detach as soon as it runs; -ESRCH when the container does not run. The caller has one thread and ends
 * soon: its namespaces are changed.
 */
int exec_container(const struct exec *o, struct mc_err *err);

#endif
