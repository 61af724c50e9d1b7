/*
 * tail/config_keys.h - the parsed parts of config.json that the core leaves out. Private to tail/.
 */
#ifndef MC_RUNTIME_CONFIG_TAIL_H
#define MC_RUNTIME_CONFIG_TAIL_H

#include <sys/types.h>
#include "runtime/config.h"
#include "runtime/tail.h"

enum { HOOK_POINTS = HOOK_POSTSTOP + 1, RLIMITS = 16 };

struct hook {
	const char *path; /* absolute, outside of the container but for startContainer */
	char **args;      /* argv; empty: path alone */
	char **env;       /* the whole environment of the hook */
	int64_t timeout;  /* seconds; 0 = none */
};

struct hooks {
	struct hook *hook;
	size_t n;
};

/* One entry of linux.devices. */
struct device {
	char *path;  /* owned; without slashes at its end */
	mode_t type; /* S_IFCHR, S_IFBLK, S_IFIFO */
	int64_t major, minor;
	mode_t mode; /* permission bits */
	uint32_t uid, gid;
};

struct config_tail {
	struct hooks hooks[HOOK_POINTS];
	struct device *devices;
	size_t n_devices;
	const struct json *sysctl; /* NULL when absent */
	bool has_personality;
	unsigned long personality;
	const struct json *time_offsets; /* NULL when absent */
	const struct json *intel_rdt;    /* NULL when absent */
	const char *listener_path;       /* linux.seccomp.listenerPath */
	const char *listener_metadata;
	const char *mount_label;
};

struct process_tail {
	struct {
		int resource; /* RLIMIT_* */
		const char *name;
		uint64_t soft, hard;
	} rlimits[RLIMITS];
	size_t n_rlimits;
	bool has_oom_score_adj;
	int64_t oom_score_adj;
	const struct json *scheduler; /* NULL when absent */
	bool has_io_priority;
	int io_priority; /* as ioprio_set(2) wants it */
	const char *apparmor, *selinux;
	const char *cpu_initial, *cpu_final; /* execCPUAffinity; lists as in cpuset */
};

/*
 * A waiting process pid of ours, from outside: oom_score_adj and limits that it could not raise itself.
 * tail/process_extra.c
 */
int tail_adjust(const struct config_process *p, pid_t pid, struct mc_err *err);
/*
 * In the parent: pipes that are the program's standard input and output become its user's.
 * tail/process_extra.c
 */
void stdio_give(const struct config *c, const struct config_process *p);
/*
 * Exec only, in the parent: the processors on which the child starts, before it is in the container's
 * cgroup. tail/process_extra.c
 */
int affinity_initial(const struct config_process *p, struct mc_err *err);
/* linux.mountLabel: ignored without SELinux, else -EOPNOTSUPP. tail/process_extra.c */
int labels_of_mounts(const char *label, struct mc_err *err);
/* Opens file ("attr/exec") of this process in the real /proc, even if another mount covers it. */
int proc_self_open(const char *file, int flags, struct mc_err *err);
/* Refuses a sysctl of a namespace that was joined by path but is the host's. tail/config_check.c */
int sysctls_look(const struct config *c, struct mc_err *err);
/* "net/ipv4/ip_forward" as "net.ipv4.ip_forward". tail/config_check.c */
void sysctl_dotted(const char *key, char *out, size_t size);
/*
 * tail/seccomp_listener.c: while paths are the host's; *ret_fd (may be NULL) is kept open by it. state is
 * for the message to the agent.
 */
int listener_connect(const struct config *c, int *ret_fd, struct mc_err *err);
void listener_remember(const char *state);
/*
 * The same in the container's first process, before the pivot; state is from before the clone.
 * tail/seccomp_listener.c
 */
int listener_ready(const struct config *c, const char *state, struct mc_err *err);
/*
 * An OCI state with another pid, and another status unless NULL; owned by the caller. NULL when it is no
 * JSON. tail/hooks.c
 */
char *state_with(const char *state, pid_t pid, const char *status);
/* Copies what is in the directory from into the empty directory to. tail/copy.c */
int copy_up_tree(int from, int to, struct mc_err *err);
/* Writes one rule list. tail/cgroup_devices.c (v1) and tail/cgroup_bpf.c (v2) */
int cgroup_devices(const struct cgroup *cg, const struct json *rules, struct mc_err *err);

/* Gives the cgroup to the container's user where the spec says so. tail/cgroup_delegate.c */
int cgroup_delegate(const struct config *c, const struct cgroup *cg, struct mc_err *err);

/* One rule of linux.resources.devices; major, minor -1 mean any. */
struct device_rule {
	bool allow;
	char type; /* 'a', 'c', 'b' */
	int64_t major, minor;
	unsigned access; /* BPF_DEVCG_ACC_*: 1 mknod, 2 read, 4 write */
};
int cgroup_devices_bpf(int cgroup, const struct device_rule *rules, size_t n, struct mc_err *err);

#endif
