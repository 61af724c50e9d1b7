/*
 * features.c - what a machine must have for a task, each with the words that fix it. `lab doctor` and
 * verdict `env` use it. Kernel objects: user_namespaces(7) (max_user_namespaces, AppArmor's restriction),
 * cgroups(7), /proc/filesystems. Answers are kept: each question is asked once a run.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "learn/grade.h"
#include "vm/guest_kernel.h"

static bool can_unshare(int flags)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0)
		_exit(unshare(flags) < 0);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status == 0;
}

static bool file_says(const char *path, const char *word)
{
	struct mc_err err;
	_cleanup_buf_ struct buf text = { 0 };
	return file_read(AT_FDCWD, path, 1 << 20, &text, &err) == 0 && text.data && strstr(text.data, word);
}

static const char *no_root(void) { return geteuid() == 0 ? NULL : "needs root: run it with sudo"; }

static const char *no_userns(void)
{
	if (can_unshare(CLONE_NEWUSER))
		return NULL;
	if (file_says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
		return "user namespaces are refused by AppArmor: sudo sysctl "
		       "kernel.apparmor_restrict_unprivileged_userns=0, or use sudo";
	if (file_says("/proc/sys/user/max_user_namespaces", "0\n") &&
		!file_says("/proc/sys/user/max_user_namespaces", "1"))
		return "user namespaces are off: sudo sysctl user.max_user_namespaces=15000";
	return "user namespaces are refused here (a container or a hardened kernel): use the host or a "
	       "virtual machine";
}

static const char *no_ids(void)
{
	if (geteuid() == 0 || box_ids_granted())
		return NULL;
	return "needs more than one user id in the box: run it with sudo, or: apt install uidmap and grant "
	       "ids in /etc/subuid";
}

static bool has_cgroup2_controllers(void) { return file_says("/sys/fs/cgroup/cgroup.controllers", "memory"); }

static const char *no_cgroup(void)
{
	if (geteuid() != 0)
		return "needs a cgroup to lend to the box: run it with sudo";
	if (has_cgroup2_controllers() || file_says("/proc/self/mountinfo", " - cgroup "))
		return NULL;
	return "no cgroup tree is mounted: mount -t cgroup2 none /sys/fs/cgroup";
}

static const char *no_cgroup1(void)
{
	return file_says("/proc/self/mountinfo", " - cgroup ")
		       ? no_cgroup()
		       : "this machine has cgroup v2 only, the better one";
}

static const char *no_cgroup2(void)
{
	if (!has_cgroup2_controllers())
		return "needs cgroup v2 with its controllers: boot with systemd.unified_cgroup_hierarchy=1";
	return no_cgroup();
}

/*
 * /proc/filesystems does not tell: the kernel loads the module when it is first asked for. So ask, in a mount
 * namespace of a child (fsopen(2) needs CAP_SYS_ADMIN there).
 */
static const char *no_overlay(void)
{
	int status = -1;
	/* Without user namespaces the question cannot be asked, and that gap is told by itself. */
	if (no_userns())
		return NULL;
	pid_t pid = fork();
	if (pid == 0)
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || syscall(SYS_fsopen, "overlay", 0) < 0);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status == 0 ? NULL : "this kernel gives no overlay file system: sudo modprobe overlay";
}

static const char *no_net(void)
{
	return geteuid() == 0 || can_unshare(CLONE_NEWUSER | CLONE_NEWNET) ? NULL : no_userns();
}

static const char *no_nft(void)
{
	return access("/usr/sbin/nft", X_OK) == 0 ? NULL : "nft is missing: apt install nftables";
}

static const char *no_busybox(void)
{
	return access("/bin/busybox", X_OK) == 0 ? NULL : "busybox is missing: apt install busybox-static";
}

static const char *no_kvm(void)
{
	return access("/dev/kvm", R_OK | W_OK) == 0
		       ? NULL
		       : "no /dev/kvm: switch on virtualisation in the firmware, or load kvm";
}

/* A virtual machine needs both: qemu, and a kernel to boot in it. */
static const char *no_qemu(void)
{
	struct guest_kernel kernel = { 0 };
	struct mc_err ignored = { 0 };
	if (access("/usr/bin/qemu-system-x86_64", X_OK) < 0 &&
		access("/usr/bin/qemu-system-aarch64", X_OK) < 0)
		return "qemu is missing: apt install qemu-system-x86";
	int rc = guest_kernel_find(NULL, &kernel, &ignored);
	guest_kernel_release(&kernel);
	return rc >= 0 ? NULL
		       : "no kernel for a guest: apt install linux-image-cloud-amd64, or `make vm-kernel`";
}

/* Calls by the 32-bit gate: some kernels and some virtual machines have none, and a program that tries is
 * killed. */
static const char *no_abi32(void)
{
#if defined(__x86_64__)
	int status = 1;
	pid_t pid = fork();
	if (pid == 0) {
		long rc = 20; /* getpid(2) of that ABI */
		__asm__ volatile("int $0x80" : "+a"(rc) : : "memory", "r8", "r9", "r10", "r11");
		_exit(rc <= 0);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
		return NULL;
#endif
	return "this kernel serves no 32-bit system calls";
}

static struct feature {
	const char *name;
	const char *(*missing)(void);
	bool asked;
	const char *answer;
} features[] = {
	{ .name = "root", .missing = no_root },
	{ .name = "userns", .missing = no_userns },
	{ .name = "ids", .missing = no_ids },
	{ .name = "cgroup", .missing = no_cgroup },
	{ .name = "cgroup1", .missing = no_cgroup1 },
	{ .name = "cgroup2", .missing = no_cgroup2 },
	{ .name = "overlay", .missing = no_overlay },
	{ .name = "net", .missing = no_net },
	{ .name = "nft", .missing = no_nft },
	{ .name = "kvm", .missing = no_kvm },
	{ .name = "qemu", .missing = no_qemu },
	{ .name = "busybox", .missing = no_busybox },
	{ .name = "abi32", .missing = no_abi32 },
};

const char *feature_missing(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(features); i++) {
		struct feature *f = &features[i];
		if (!str_eq(f->name, name))
			continue;
		if (!f->asked)
			f->answer = f->missing();
		f->asked = true;
		return f->answer;
	}
	return "lab.ini names a feature that this tool does not know";
}
