/*
 * hostile.c - thirteen programs that a crash box must survive; `hostile NAME` runs one as root of the box.
 * Used by tests/run/60-lab-box.sh, which compares the host before and after. None may be run outside a box.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static int broken; /* number of things that must not have worked */

static void must_fail(const char *what, int rc)
{
	if (rc >= 0) {
		broken++;
		printf("BROKEN: %s worked\n", what);
	}
}

static int fork_bomb(void)
{
	for (;;)
		fork();
}

static int kill_all(void)
{
	signal(SIGTERM, SIG_IGN);
	kill(-1, SIGKILL);
	kill(1, SIGKILL);
	kill(0, SIGTERM);
	for (int pid = 2; pid < 40000; pid++)
		if (pid != getpid())
			kill(pid, SIGKILL);
	return kill(1, 0) < 0; /* the box's init is still there */
}

static int unmount_all(void)
{
	static const char *const locked[] = { "/usr", "/etc", "/dev/null", "/lab/probe", "/" };
	for (int i = 0; i < 6; i++) {
		must_fail(locked[i], umount2(locked[i], 0));
		must_fail(locked[i], umount2(locked[i], MNT_DETACH));
	}
	while (umount2("/proc", MNT_DETACH) == 0)
		;
	DIR *d = opendir("/proc"); /* what lies below must show nobody else */
	int seen = 0;
	for (struct dirent *e; d && (e = readdir(d));)
		seen += atoi(e->d_name) > 2;
	if (seen > 2) {
		printf("BROKEN: %d foreign processes below /proc\n", seen);
		broken++;
	}
	return broken;
}

static int mount_over(void)
{
	mount("tmpfs", "/etc", "tmpfs", 0, NULL);
	mount("tmpfs", "/usr", "tmpfs", 0, NULL);
	mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL);
	int fd = open("/etc/passwd", O_CREAT | O_WRONLY, 0644);
	return fd < 0;
}

static int memory_hogs(void)
{
	for (int i = 0; i < 9; i++)
		if (fork() == 0)
			break;
	for (;;) {
		char *p = mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p != MAP_FAILED)
			memset(p, 1, 16 << 20);
	}
}

static int fill_disks(void)
{
	static const char *const places[] = { "/work/f", "/tmp/f", "/run/f", "/var/f", "/dev/shm/f", "/usr/f",
		"/etc/f" };
	static char block[1 << 20];
	for (int i = 0; i < 7; i++) {
		int fd = open(places[i], O_CREAT | O_WRONLY, 0600);
		must_fail(places[i], i >= 5 ? fd : -1);
		while (fd >= 0 && write(fd, block, sizeof(block)) > 0)
			;
	}
	return broken;
}

static int survivor(void)
{
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			for (;;) {
				for (int s = 1; s < 65; s++)
					signal(s, SIG_IGN);
				pause();
			}
		_exit(0);
	}
	usleep(20000);
	return 0;
}

static int try_path(const char *path, const struct stat *st, int type, struct FTW *f)
{
	static int tried;
	if (++tried > 20000)
		return 1;
	must_fail(path, lchown(path, 0, 0));
	if (type == FTW_F && S_ISREG(st->st_mode)) {
		must_fail(path, chmod(path, 0777));
		must_fail(path, unlink(path));
	}
	return broken > 3;
}

static int spoil_tree(void)
{
	static const char *const settings[] = { "/proc/sys/kernel/core_pattern",
		"/proc/sys/vm/overcommit_memory", "/sys/kernel/mm/transparent_hugepage/enabled",
		"/proc/sysrq-trigger", "/etc/shadow", "/proc/1/root/etc/passwd" };
	nftw("/usr", try_path, 32, FTW_PHYS | FTW_DEPTH);
	nftw("/etc", try_path, 32, FTW_PHYS | FTW_DEPTH);
	for (int i = 0; i < 6; i++)
		must_fail(settings[i], open(settings[i], O_WRONLY));
	must_fail("/etc/shadow", open("/etc/shadow", O_RDONLY));
	return broken;
}

static int remount(void)
{
	must_fail("remount", mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL));
	must_fail("remount super", mount(NULL, "/usr", NULL, MS_REMOUNT, NULL));
	must_fail("remount root", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
	must_fail("mknod", mknod("/work/vda", S_IFBLK | 0600, makedev(254, 0)));
	must_fail("mount disk", mount("/dev/vda", "/work", "ext4", 0, NULL));
	mkdir("/work/again", 0755);
	if (mount("/usr", "/work/again", NULL, MS_BIND | MS_REC, NULL) == 0)
		must_fail("bind, remount", mount(NULL, "/work/again", NULL, MS_REMOUNT | MS_BIND, NULL));
	must_fail("write to /usr", open("/usr/hostile", O_CREAT | O_WRONLY, 0600));
	return broken;
}

static int forge_verdict(void)
{
	static const char verdict[] = "ok 1 - everything\n";
	for (int fd = 3; fd < 1024; fd++)
		if (write(fd, verdict, sizeof(verdict)) > 0) {
			printf("BROKEN: descriptor %d is open\n", fd);
			broken++;
		}
	DIR *d = opendir("/proc");
	for (struct dirent *e; d && (e = readdir(d));) {
		if (atoi(e->d_name) <= 0 || atoi(e->d_name) == getpid())
			continue;
		for (int fd = 0; fd < 64; fd++) {
			char path[300];
			snprintf(path, sizeof(path), "/proc/%s/fd/%d", e->d_name, fd);
			must_fail(path, open(path, O_WRONLY));
		}
	}
	return broken;
}

/* Makes the box's init say "exit status 0" while this program ends with 7: nobody may believe init. */
static int forge_status(void)
{
#ifdef __x86_64__
	struct user_regs_struct regs;
	if (ptrace(PTRACE_ATTACH, 1, NULL, NULL) == 0 && waitpid(1, NULL, __WALL) == 1 &&
		ptrace(PTRACE_GETREGS, 1, NULL, &regs) == 0) {
		regs.orig_rax = (unsigned long)-1;
		regs.rax = SYS_exit_group;
		regs.rdi = 0;
		ptrace(PTRACE_SETREGS, 1, NULL, &regs);
		ptrace(PTRACE_POKETEXT, 1, (void *)regs.rip, (void *)0x050fUL); /* syscall */
		ptrace(PTRACE_DETACH, 1, NULL, NULL);
		sleep(1);
	}
#endif
	return 7;
}

static int endless_output(void)
{
	char line[4096];
	memset(line, 'x', sizeof(line));
	while (write(1, line, sizeof(line)) > 0)
		;
	return 0;
}

static int many_cgroups(void)
{
	char path[300];
	must_fail("raise limit", open("/sys/fs/cgroup/pids/../pids.max", O_WRONLY));
	for (int i = 0; i < 3000; i++) {
		snprintf(path, sizeof(path), "/sys/fs/cgroup/pids/many%d", i);
		if (mkdir(path, 0755) < 0)
			break;
	}
	strcpy(path, "/sys/fs/cgroup/memory");
	for (int i = 0; i < 40; i++) {
		strcat(path, "/deep");
		if (mkdir(path, 0755) < 0)
			break;
	}
	must_fail("own limit", open("/sys/fs/cgroup/pids/pids.max", O_WRONLY));
	must_fail("own memory limit", open("/sys/fs/cgroup/memory/memory.limit_in_bytes", O_WRONLY));
	return broken;
}

static const struct {
	const char *name;
	int (*run)(void);
} programs[] = { { "fork-bomb", fork_bomb }, { "kill-all", kill_all }, { "unmount-all", unmount_all },
	{ "mount-over", mount_over }, { "memory-hogs", memory_hogs }, { "fill-disks", fill_disks },
	{ "survivor", survivor }, { "spoil-tree", spoil_tree }, { "remount", remount },
	{ "forge-verdict", forge_verdict }, { "forge-status", forge_status },
	{ "endless-output", endless_output }, { "many-cgroups", many_cgroups } };

int main(int argc, char **argv)
{
	if (argc < 2 || access("/lab/probe", X_OK) < 0) {
		fprintf(stderr, "hostile: only inside a crash box\n");
		return 99;
	}
	setvbuf(stdout, NULL, _IONBF, 0);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strcmp(argv[1], programs[i].name) == 0)
			return programs[i].run();
	return 98;
}
