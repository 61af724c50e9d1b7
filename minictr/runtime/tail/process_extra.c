/*
 * tail/process_extra.c - rlimits, scheduling, personality and labels: attributes that a process keeps over
 * exec.
 *
 * Kernel objects: prlimit(2), sched_setattr(2), ioprio_set(2), personality(2), /proc/PID/oom_score_adj
 * (proc(5)), /proc/PID/attr/exec (AppArmor, SELinux).
 *
 * A limit that is not allowed is set as high as possible, and the parent warns: engines ask for limits by
 * habit, and a refused start would not help the user. All else fails.
 */
#include "runtime/tail/config_keys.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/caps.h"
#include "base/warn.h"

/* The kernel's, which glibc has only lately. */
struct sched_attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/* In the child: sets the requested limits, or the nearest that this process may set. */
static int set_rlimits(const struct process_tail *t, struct mc_err *err)
{
	for (size_t i = 0; i < t->n_rlimits; i++) {
		struct rlimit want = { t->rlimits[i].soft, t->rlimits[i].hard }, now;
		if (sys_setrlimit(t->rlimits[i].resource, &want, err) == 0)
			continue;
		if (err->code != EPERM || getrlimit(t->rlimits[i].resource, &now) < 0)
			return err_wrap(err, "process.rlimits: %s", t->rlimits[i].name);
		want.rlim_max = now.rlim_max;
		want.rlim_cur = want.rlim_cur < now.rlim_max ? want.rlim_cur : now.rlim_max;
		if (sys_setrlimit(t->rlimits[i].resource, &want, err) < 0)
			return err_wrap(err, "process.rlimits: %s", t->rlimits[i].name);
	}
	return 0;
}

/* From outside: only the ceilings that the child could not raise itself. The rest must wait until it has
 * set up the container: a small RLIMIT_NOFILE or RLIMIT_FSIZE would hit that too. */
static void raise_ceilings(const struct process_tail *t, pid_t pid)
{
	for (size_t i = 0; i < t->n_rlimits; i++) {
		struct rlimit now;
		if (prlimit(pid, t->rlimits[i].resource, NULL, &now) < 0 ||
			t->rlimits[i].hard <= now.rlim_max)
			continue;
		struct rlimit more = { now.rlim_cur, t->rlimits[i].hard };
		if (prlimit(pid, t->rlimits[i].resource, &more, NULL) < 0)
			warn_user("%s: %llu is more than we may give (no CAP_SYS_RESOURCE, or above "
				  "fs.nr_open): it stays at %llu",
				t->rlimits[i].name, (unsigned long long)t->rlimits[i].hard,
				(unsigned long long)now.rlim_max);
	}
}

static int scheduler_policy(const char *name)
{
	static const char *const names[] = { "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH",
		"SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(name, names[i]))
			return (int)i;
	return -1;
}

static int scheduler_flags(const struct json *list, uint64_t *ret, struct mc_err *err)
{
	static const char *const names[] = { "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM",
		"SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS",
		"SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX" };
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_text_of(json_item(list, i));
		size_t k = 0;
		while (k < ARRAY_LEN(names) && !str_eq(name, names[k]))
			k++;
		if (k == ARRAY_LEN(names))
			return err_set(
				err, EINVAL, "process.scheduler.flags: unknown %s", name ? name : "value");
		*ret |= 1ULL << k;
	}
	return 0;
}

static int set_scheduler(const struct json *s, struct mc_err *err)
{
	struct sched_attributes a = { .size = sizeof(a) };
	const char *policy = "";
	int64_t nice = 0, priority = 0;
	if (json_get_string(s, &policy, err, "policy") < 0 || json_get_i64(s, &nice, err, "nice") < 0 ||
		json_get_i64(s, &priority, err, "priority") < 0 ||
		json_get_u64(s, &a.runtime, err, "runtime") < 0 ||
		json_get_u64(s, &a.deadline, err, "deadline") < 0 ||
		json_get_u64(s, &a.period, err, "period") < 0 ||
		scheduler_flags(json_member(s, "flags"), &a.flags, err) < 0)
		return err_wrap(err, "process.scheduler");
	int number = scheduler_policy(policy);
	if (number < 0)
		return err_set(err, EINVAL, "process.scheduler.policy: no policy is called '%s'", policy);
	a.policy = (uint32_t)number;
	a.nice = (int32_t)nice;
	a.priority = (uint32_t)priority;
	if (syscall(SYS_sched_setattr, 0, &a, 0) < 0) {
		err_sys(err, "sched_setattr(%s, nice %d, priority %u)", policy, a.nice, a.priority);
		return err_hint(err, "real-time policies need CAP_SYS_NICE, and in cgroup v1 a share of real "
				     "time (cpu.rt_runtime_us)");
	}
	return 0;
}

/*
 * "In a proc file system" is not enough: with a tmpfs on /proc and links in it, or a bind inside it, a name
 * can lead to another proc file. The label then goes into /proc/self/comm, for example, and the program runs
 * without it (CVE-2019-16884). So /proc must be the root of a proc, and the path below it must cross no other
 * mount and no magic link.
 */
int proc_self_open(const char *file, int flags, struct mc_err *err)
{
	struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS };
	struct statfs fs;
	struct stat st;
	enum { PROC_ROOT_INODE = 1 };
	_cleanup_free_ char *path = xasprintf("self/%s", file);
	_cleanup_close_ int proc = sys_open(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY, 0, err);
	if (proc < 0)
		return proc;
	if (fstatfs(proc, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC || fstat(proc, &st) < 0 ||
		st.st_ino != PROC_ROOT_INODE)
		return err_set(err, EPERM, "/proc of the container is not a proc file system");
	return sys_openat2(proc, path, &how, err);
}

/* The label for the coming exec. */
static int set_label(const char *apparmor, const char *selinux, struct mc_err *err)
{
	char text[600];
	struct mc_err ignored = { 0 };
	_cleanup_close_ int fd = apparmor ? proc_self_open("attr/apparmor/exec", O_WRONLY, &ignored) : -1;
	if (fd < 0)
		fd = proc_self_open("attr/exec", O_WRONLY, &ignored);
	if (fd < 0)
		return err_set(err, EOPNOTSUPP,
			"the label %s cannot be set: no /proc in the container, something mounted inside it, "
			"or no such security module",
			apparmor ? apparmor : selinux);
	snprintf(text, sizeof(text), apparmor ? "exec %s" : "%s", apparmor ? apparmor : selinux);
	if (write(fd, text, strlen(text)) < 0)
		return err_sys(err, "setting the label %s", apparmor ? apparmor : selinux);
	return 0;
}

/* Read outside: inside, /sys may be hidden. Kept, because the answer cannot change while we run. */
static bool has_apparmor, has_selinux;

/* Which label systems this machine has; asked in the parent, where /sys can be seen. tail/process_extra.c */
static void labels_probe(void)
{
	_cleanup_close_ int fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
	char yes = 'N'; /* the module is there on many hosts, and switched off on some */
	has_apparmor = fd >= 0 && read(fd, &yes, 1) == 1 && yes == 'Y';
	has_selinux = access("/sys/fs/selinux/enforce", F_OK) == 0;
}

int tail_labels(const char *apparmor, const char *selinux, struct mc_err *err)
{
	if ((apparmor && *apparmor) || (selinux && *selinux))
		labels_probe();
	if (apparmor && *apparmor && !has_apparmor && !str_eq(apparmor, "unconfined"))
		return err_set(err, EOPNOTSUPP, "AppArmor profile %s: this host has no AppArmor", apparmor);
	/* podman sets SELinux labels even on hosts without SELinux: ignore them there. */
	return 0;
}

int labels_of_mounts(const char *label, struct mc_err *err)
{
	if (!label || !*label)
		return 0;
	labels_probe();
	if (!has_selinux)
		return 0;
	return err_set(err, EOPNOTSUPP, "linux.mountLabel: this runtime does not label mounts for SELinux");
}

static int set_affinity(const char *list, struct mc_err *err)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	for (const char *p = list; *p;) {
		char *end;
		unsigned long first = strtoul(p, &end, 10), last = first;
		if (end == p || (*end == '-' && (last = strtoul(end + 1, &end, 10)) < first) ||
			last >= CPU_SETSIZE)
			return err_set(err, EINVAL,
				"process.execCPUAffinity: \"%s\" is no list of processors", list);
		for (; first <= last; first++)
			CPU_SET(first, &set);
		p = end + (*end == ',');
		if (*end && *end != ',')
			return err_set(err, EINVAL,
				"process.execCPUAffinity: \"%s\" is no list of processors", list);
	}
	return sched_setaffinity(0, sizeof(set), &set) < 0 ? err_sys(err, "sched_setaffinity(%s)", list) : 0;
}

/* The spec gives these processors to programs of `exec` alone, never to the container's first process. */
static bool is_exec;

int affinity_initial(const struct config_process *p, struct mc_err *err)
{
	const char *list = p->tail->cpu_initial;
	is_exec = true;
	return list && *list ? set_affinity(list, err) : 0;
}

/* "name:x:UID:gid:comment:HOME:shell" of the container's /etc/passwd, which may be anything, even no file. */
static char *home_of(uid_t uid)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	struct stat st;
	_cleanup_close_ int fd = open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
		file_read_fd(fd, "/etc/passwd", 1 << 20, &text, &ignored) < 0)
		return NULL;
	for (char *rest = text.data, *line; rest && (line = strsep(&rest, "\n"));) {
		char *field[6] = { 0 };
		uint64_t number;
		for (int i = 0; i < 6 && line; i++)
			field[i] = strsep(&line, ":");
		if (field[5] && parse_u64(field[2], &number) == 0 && number == uid)
			return *field[5] ? xstrdup(field[5]) : NULL;
	}
	return NULL;
}

/* Docker and containerd leave HOME to the runtime. */
static char **environment;

static void find_home(const struct config_process *p)
{
	const char *given = strv_env(p->env, "HOME");
	if (given && *given)
		return;
	_cleanup_free_ char *home = home_of(p->user.uid);
	_cleanup_free_ char *entry = xasprintf("HOME=%s", home ? home : "/");
	environment = strv_copy(p->env);
	strv_env_set(&environment, entry);
}

char **tail_env(const struct config_process *p) { return environment ? environment : p->env; }

int tail_before_exec(const struct config *c, const struct config_process *p, struct mc_err *err)
{
	const struct process_tail *t = p->tail;
	int rc = 0;
	find_home(p);
	if (c->tail->has_personality && personality(c->tail->personality) < 0)
		return err_sys(err, "personality(0x%lx)", c->tail->personality);
	if (t->scheduler && (rc = set_scheduler(t->scheduler, err)) < 0)
		return rc;
	if (is_exec && t->cpu_final && *t->cpu_final && (rc = set_affinity(t->cpu_final, err)) < 0)
		return rc;
	if (t->has_io_priority && syscall(SYS_ioprio_set, 1, 0, t->io_priority) < 0)
		return err_sys(err, "ioprio_set(0x%x)", t->io_priority);
	if ((rc = set_rlimits(t, err)) < 0)
		return rc;
	bool apparmor = has_apparmor && t->apparmor && *t->apparmor;
	bool selinux = has_selinux && t->selinux && *t->selinux;
	return apparmor || selinux ? set_label(apparmor ? t->apparmor : NULL, t->selinux, err) : 0;
}

static int set_oom_score_adj(const struct process_tail *t, pid_t pid, struct mc_err *err)
{
	char file[64], text[32];
	struct mc_err denied = { 0 };
	snprintf(file, sizeof(file), "/proc/%d/oom_score_adj", pid);
	snprintf(text, sizeof(text), "%lld", (long long)t->oom_score_adj);
	int rc = sys_write_file(AT_FDCWD, file, text, &denied);
	if (rc == -EACCES || rc == -EPERM) {
		warn_user("process.oomScoreAdj %s: lowering it needs CAP_SYS_RESOURCE, it stays as it is",
			text);
		return 0;
	}
	if (rc < 0)
		*err = denied;
	return rc;
}

/*
 * A program that opens /dev/stdout or /dev/stderr again (web servers do, for their logs) must own the pipe,
 * which has mode 0600. Only pipes: other users may own a file or terminal that the caller lends. Here in the
 * parent, because root of a user namespace may not change the owner of a file whose owner is not mapped.
 */
void stdio_give(const struct config *c, const struct config_process *p)
{
	struct stat st;
	int64_t owner = p->user.uid;
	if (c->namespaces.ns[NS_USER].wanted)
		owner = id_map_outside(&c->uids, p->user.uid);
	for (int fd = 0; fd < 3 && owner >= 0 && !p->terminal; fd++)
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && st.st_uid != (uid_t)owner)
			(void)!fchown(fd, (uid_t)owner,
				(gid_t)-1); /* not permitted: it still has its descriptors */
}

int tail_adjust(const struct config_process *p, pid_t pid, struct mc_err *err)
{
	const struct process_tail *t = p->tail;
	int rc = t->has_oom_score_adj ? set_oom_score_adj(t, pid, err) : 0;
	if (rc >= 0)
		raise_ceilings(
			t, pid); /* a root of a user namespace may raise none, whatever its capabilities */
	return rc;
}
