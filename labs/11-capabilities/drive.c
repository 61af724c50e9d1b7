/*
 * drive.c - calls one function of lab 11. `show` stays itself under a name (prctl PR_SET_NAME): exec would compute
 * capabilities anew.
 *
 * drive limit KEEP WORD              caps_limit(KEEP), show;    limit-suid KEEP FILE WORD: then as user 1000 exec set-uid FILE
 * drive become UID GID GROUPS WORD   user_become(), hold (GROUPS - is none);  become-denied WORD: where setgroups is denied
 * drive caps EFF PRM INH AMB WORD    caps_set(), show;               caps-plain: nothing was inheritable before; caps-ambient: no show
 * drive seccomp NNP WORD [PAD]       seccomp_apply(): getpriority(2) fails with EDOM, on any other ABI every call; hold
 * drive seccomp-try | -try32         the same, then tries the call; exit status is the errno
 * drive seccomp-none NNP WORD        the same without a filter; seccomp-bad: a program that the kernel refuses; -nocaps: without
 *                                    any right; -listener: exit status 90 when the listener's descriptor came back
 * drive userns WORD (IN UOUT GOUT N)...   a child in a new user namespace; userns_map(); it makes /work/own-WORD, holds
 * drive userns-own WORD UID          the same as an unprivileged user, who may map only itself
 * drive KIND-nocaps ...              the same without any right
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/drive.h"
#include "runtime/caps.h"
#include "runtime/seccomp.h"
#include "runtime/userns.h"

enum { LISTENER = 90 };
static struct mc_err err;

static void must(long rc, const char *what)
{
	if (rc < 0)
		drive_trouble("%s: %s", what, strerror(errno));
}

static int hold(const char *word)
{
	execl("/lab/probe", "probe", "hold", word, NULL);
	return DRIVE_NO_PROBE;
}

static int show(const char *word)
{
	prctl(PR_SET_NAME, word);
	for (;;)
		pause();
	return 0;
}

static void set_caps(uint64_t e, uint64_t p, uint64_t i)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { (uint32_t)e, (uint32_t)p, (uint32_t)i },
		{ (uint32_t)(e >> 32), (uint32_t)(p >> 32), (uint32_t)(i >> 32) } };
	must(syscall(SYS_capset, &head, data), "capset");
}

static uint64_t hex(const char *text) { return strtoull(text, NULL, 16); }

static void ordinary(uid_t uid)
{
	must(syscall(SYS_setgroups, 0, NULL), "setgroups");
	must(syscall(SYS_setresgid, uid, uid, uid), "setresgid");
	must(syscall(SYS_setresuid, uid, uid, uid), "setresuid");
	prctl(PR_SET_DUMPABLE, 1); /* else /proc/PID belongs to root and no map can be written */
}

static int drive_limit(char **argv, const char *how)
{
	if (str_eq(how, "-nocaps"))
		set_caps(0, 0, 0);
	else /* one is gone already, as in any container: that is not the end of the list */
		must(prctl(PR_CAPBSET_DROP, CAP_FOWNER), "PR_CAPBSET_DROP");
	if (!*how) { /* sets that are none of its business */
		set_caps(caps_own(), caps_own(), 1u << CAP_KILL);
		must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0), "PR_CAP_AMBIENT_RAISE");
	}
	int rc = OWNED(caps_limit(hex(argv[0]), &err));
	if (rc || str_eq(how, "-nocaps"))
		return drive_result(rc, &err);
	if (!str_eq(how, "-suid"))
		return show(argv[1]);
	ordinary(1000);
	execl(argv[1], "probe", "hold", argv[2], NULL);
	return DRIVE_NO_PROBE;
}

static int drive_become(char **argv, bool no_rights)
{
	gid_t groups[16], before[] = { 7, 8, 9 };
	struct user u = { .uid = (uid_t)atoi(argv[0]), .gid = (gid_t)atoi(argv[1]), .groups = groups };

	for (char *word = strtok(argv[2], ",-"); word && u.n_groups < 16; word = strtok(NULL, ","))
		groups[u.n_groups++] = (gid_t)atoi(word);
	must(syscall(SYS_setgroups, 3, before), "setgroups");
	if (no_rights)
		set_caps(0, 0, 0);
	int rc = OWNED(user_become(&u, &err));
	return rc || no_rights ? drive_result(rc, &err)
			       : show(argv[3]); /* exec would copy the effective id to the saved one */
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	must(fd, path);
	must(write(fd, text, strlen(text)), path);
	close(fd);
}

/* An unprivileged user's own user namespace: the kernel lets nobody change groups there. */
static int drive_become_denied(const char *word)
{
	struct user u = { 0 };

	ordinary(1000);
	must(unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
	write_text("/proc/self/setgroups", "deny");
	write_text("/proc/self/gid_map", "0 1000 1");
	write_text("/proc/self/uid_map", "0 1000 1");
	int rc = OWNED(user_become(&u, &err));
	return rc ? drive_result(rc, &err) : hold(word);
}

static int drive_caps(char **argv, const char *how)
{
	bool no_rights = str_eq(how, "-nocaps"), fails = no_rights || str_eq(how, "-ambient");
	struct cap_sets s = { .bounding = ~0ull,
		.effective = hex(argv[0]),
		.permitted = hex(argv[1]),
		.inheritable = hex(argv[2]),
		.ambient = hex(argv[3]) };
	uint64_t all = caps_own();

	if (str_eq(how, "-plain")) /* as a careful parent leaves it: nothing inheritable */
		set_caps(all, all, 0);
	else { /* as a careless parent leaves it: everything inheritable, something ambient */
		set_caps(all, all, all);
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_TIME, 0, 0);
	}
	if (no_rights)
		set_caps(0, 0, 0);
	int rc = OWNED(caps_set(&s, &err));
	return rc || fails ? drive_result(rc, &err) : show(argv[4]);
}

/* --- seccomp: one call of the native ABI, and every call of every other --- */

#if defined(__x86_64__)
enum { NATIVE = AUDIT_ARCH_X86_64, X32_BIT = 0x40000000 };
#elif defined(__aarch64__)
enum { NATIVE = AUDIT_ARCH_AARCH64, X32_BIT = 0x7fffffff };
#endif

static const struct sock_filter filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4), /* struct seccomp_data: arch */
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 0, 4),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), /* nr */
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 2, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EDOM),
};

/* The filter behind so many instructions that do nothing: its length is not known beforehand. */
static const struct sock_filter *padded(size_t pad)
{
	struct sock_filter *all = xcalloc(ARRAY_LEN(filter) + pad, sizeof(*all));
	for (size_t i = 0; i < pad; i++)
		all[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
	memcpy(all + pad, filter, sizeof(filter));
	return all;
}

static int drive_seccomp(const char *how, bool nnp, const char *word, size_t pad)
{
	static const struct sock_filter bad[] = { BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, 4) }; /* no return: refused */
	struct seccomp_plan plan = {
		.filter = padded(pad), .n = (unsigned short)(ARRAY_LEN(filter) + pad), .no_new_privs = nnp
	};

	if (str_eq(how, "-none"))
		plan = (struct seccomp_plan){ .no_new_privs = nnp };
	if (str_eq(how, "-bad"))
		plan = (struct seccomp_plan){ .filter = bad, .n = 1, .no_new_privs = nnp };
	if (str_eq(how, "-listener"))
		plan.flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (str_eq(how, "-nocaps")) /* without CAP_SYS_ADMIN the kernel wants the promise first */
		set_caps(0, 0, 0);
	int rc = OWNED_FDS(str_eq(how, "-listener"), seccomp_apply(&plan, &err));
	if (rc >= 0 && str_eq(how, "-listener")) {
		char path[64], to[64] = "";
		snprintf(path, sizeof(path), "/proc/self/fd/%d", rc);
		return readlink(path, to, sizeof(to) - 1) > 0 && str_eq(to, "anon_inode:seccomp notify")
			       ? LISTENER
			       : 0;
	}
	if (rc || str_eq(how, "-bad"))
		return drive_result(rc, &err);
	if (str_eq(how, "-try"))
		execl("/lab/probe", "probe", "syscall", xasprintf("%d", SYS_getpriority), "0", "0", NULL);
	if (str_eq(how, "-try32"))
		execl("/lab/probe", "probe", "call32", "96", NULL);
	return hold(word);
}

/* --- user namespaces --- */

static int child(int go, const char *word)
{
	char byte;

	must(unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
	must(write(go, "u", 1), "write");
	if (read(go, &byte, 1) != 1)
		return 1;
	/* Becomes user 0 of the new namespace; where the map has none, the grader sees the map. */
	long rc = syscall(SYS_setresgid, 0, 0, 0);
	rc = syscall(SYS_setresuid, 0, 0, 0) | rc;
	if (rc)
		return hold(word);
	char *file = xasprintf("/work/common/own-%s", word);
	close(open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	return hold(word);
}

static int drive_userns(const char *word, struct id_map *uids, struct id_map *gids)
{
	int sv[2], status = 0;
	char byte;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), "socketpair");
	pid_t pid = fork();
	must(pid, "fork");
	if (pid == 0) {
		close(sv[0]);
		fcntl(sv[1], F_SETFD, FD_CLOEXEC);
		_exit(child(sv[1], word));
	}
	close(sv[1]);
	if (read(sv[0], &byte, 1) != 1)
		drive_trouble("userns: arguments");
	int rc = OWNED(userns_map(pid, uids, gids, &err));
	if (rc) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return drive_result(rc, &err);
	}
	must(write(sv[0], "g", 1), "write");
	waitpid(pid, &status, 0);
	return 0;
}

static int userns_of(int argc, char **argv)
{
	struct id_range uid[4], gid[4];
	struct id_map uids = { 0, uid }, gids = { 0, gid };

	for (int i = 3; i + 3 < argc && uids.n < 4; i += 4, uids.n++, gids.n++) {
		uid[uids.n] = (struct id_range){ (uint32_t)atoi(argv[i]), (uint32_t)atoi(argv[i + 1]),
			(uint32_t)atoi(argv[i + 3]) };
		gid[gids.n] = uid[uids.n];
		gid[gids.n].outside = (uint32_t)atoi(argv[i + 2]);
	}
	return drive_userns(argv[2], &uids, &gids);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	bool no_rights = str_ends(verb, "-nocaps");

	if (str_starts(verb, "limit") && argc > 3)
		return drive_limit(argv + 2, verb + 5);
	if (str_eq(verb, "become-denied") && argc > 2)
		return drive_become_denied(argv[2]);
	if (str_starts(verb, "become") && argc > 5)
		return drive_become(argv + 2, no_rights);
	if (str_starts(verb, "caps") && argc > 6)
		return drive_caps(argv + 2, verb + 4);
	if (str_starts(verb, "seccomp"))
		return drive_seccomp(verb + 7, argc > 2 && str_eq(argv[2], "1"), argc > 3 ? argv[3] : "-",
			argc > 4 ? (size_t)atoi(argv[4]) : 0);
	if (str_eq(verb, "userns-own") && argc > 3) {
		uid_t uid = (uid_t)atoi(argv[3]);
		struct id_map own = { .n = 1, .range = &(struct id_range){ 0, uid, 1 } };
		ordinary(uid);
		return drive_userns(argv[2], &own, &own);
	}
	if (str_eq(verb, "userns-gone")) {
		struct id_map one = { .n = 1, .range = &(struct id_range){ 0, 1000, 1 } };
		return drive_result(OWNED(userns_map(4000000, &one, &one, &err)), &err);
	}
	if (str_eq(verb, "userns"))
		return userns_of(argc, argv);
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
