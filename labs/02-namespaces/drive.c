/*
 * drive.c - calls one function of lab 02; all else is done by plain system calls.
 *
 * drive flags WANTED PATHS WORD     a child with what namespace_flags() says, holding (sets as words: mnt,uts,...)
 * drive spawn KINDS WORD            namespace_spawn(), the child holds; the pidfd becomes number 50; then hold "parent"
 * drive spawn-exit KINDS N          its child ends with N: exit with what waitpid(2) says; spawn-full: no process can be made
 * drive go WORD                     a child waits in namespace_wait_go(), then holds; SIGUSR1 to the parent sends the byte.
 *                                   Held as WORD-interrupted, -failed, -positive when it returned that; go-never: nobody says go
 * drive hostname NAME WORD          a new UTS namespace, namespace_set_hostname(), hold; hostname-long: no hold
 * drive join WORD                   a target (hold WORD-t) in new namespaces, namespace_join(), a child (hold WORD-j)
 * drive join-dead                   the same with a target that has ended;   join-none: no flags at all;   join-some: uts, ipc
 * drive reap ARG...                 process 1 of a new pid namespace with init_reap() for the program ARG...; 150 + errno: it failed
 * drive reap-beside LOG ARG...      the same with another child of process 1 that logs its signals
 * drive reap-nobody                 init_reap() of a process that does not exist
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/drive.h"
#include "runtime/init.h"
#include "runtime/namespace.h"

enum { CAME_BACK = 98, NOBODY_WAITS = 97, MOVED_BEFORE = 93, OTHER_UTS = 92, REAP_ERRORS = 150 };
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

static const char *const names[NS_KINDS] = { [NS_USER] = "user",
	[NS_MOUNT] = "mnt",
	[NS_PID] = "pid",
	[NS_UTS] = "uts",
	[NS_IPC] = "ipc",
	[NS_NET] = "net",
	[NS_CGROUP] = "cgroup",
	[NS_TIME] = "time" };
static const uint64_t bits[NS_KINDS] = { [NS_USER] = CLONE_NEWUSER,
	[NS_MOUNT] = CLONE_NEWNS,
	[NS_PID] = CLONE_NEWPID,
	[NS_UTS] = CLONE_NEWUTS,
	[NS_IPC] = CLONE_NEWIPC,
	[NS_NET] = CLONE_NEWNET,
	[NS_CGROUP] = 0x02000000,
	[NS_TIME] = 0x80 };

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);
	for (const char *p = list; (p = strstr(p, word)); p += n)
		if ((p == list || p[-1] == ',') && (p[n] == ',' || p[n] == '\0'))
			return true;
	return false;
}

static uint64_t kinds_of(const char *list)
{
	uint64_t flags = 0;
	for (int k = 0; k < NS_KINDS; k++)
		if (has_word(list, names[k]))
			flags |= bits[k];
	return flags;
}

static int drive_flags(const char *wanted, const char *paths, const char *word)
{
	struct namespace_plan plan = { 0 };
	int status;

	for (int k = 0; k < NS_KINDS; k++) {
		plan.ns[k].wanted = has_word(wanted, names[k]);
		plan.ns[k].path = has_word(paths, names[k]) ? "/proc/self/ns/uts" : NULL;
	}
	uint64_t flags = OWNED(namespace_flags(&plan));
	if (flags & bits[NS_TIME] && access("/proc/self/ns/time", F_OK) == 0)
		must(unshare((int)bits[NS_TIME]),
			"unshare(CLONE_NEWTIME)"); /* clone(2) has no room for this flag */
	pid_t pid = (pid_t)syscall(SYS_clone, (flags & ~0xffull) | SIGCHLD, NULL, NULL, NULL, NULL);
	must(pid, "clone");
	if (pid == 0)
		_exit(hold(word));
	waitpid(pid, &status, 0);
	return 0;
}

/* The child runs while its parent goes on: it waits for a byte of it. */
static int gate[2];

static int child_holds(void *data)
{
	char byte;
	return read(gate[0], &byte, 1) == 1 ? hold(data) : 1;
}

static pid_t parent; /* who registered at_exit() */
static void at_exit(void)
{
	if (getpid() != parent)
		close(open("/work/at-exit-ran", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static int child_exits(void *data) { return atoi(data); }

static int drive_spawn(const char *kinds, char *word, const char *how)
{
	bool ends = how[0] != '\0';
	struct spawn_plan plan = { .flags = kinds_of(kinds),
		.cgroup = -1,
		.child = ends ? child_exits : child_holds,
		.data = word };
	int pidfd = -1, status = 0;

	parent = getpid();
	atexit(at_exit); /* the parent's business: its copy in the child must not run */
	must(pipe2(gate, O_CLOEXEC), "pipe");
	if (str_eq(how, "-full"))
		setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 });
	pid_t self = getpid(), pid = OWNED_FDS(1, namespace_spawn(&plan, &pidfd, &err));
	if (getpid() != self)
		_exit(CAME_BACK);
	if (pid < 0)
		return drive_result(pid, &err);
	must(write(gate[1], "g", 1), "write");
	if (!ends) {
		if (pidfd >= 0)
			dup2(pidfd, 50);
		return hold("parent");
	}
	if (waitpid(pid, &status, 0) != pid)
		return NOBODY_WAITS;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int go_fd;
static volatile char *said; /* shared with the child: the byte is on its way */

static void send_go(int number)
{
	*said = 1;
	if (write(go_fd, "gxy", 3) != 3) /* "go" is one byte; what follows is for later */
		return;                  /* nobody waits any more: the grader sees who runs */
}

static void nothing(int number) {}

static int drive_go(const char *word, bool told)
{
	int sv[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), "socketpair");
	said = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (said == MAP_FAILED)
		drive_trouble("mmap");
	pid_t pid = fork();
	must(pid, "fork");
	if (pid == 0) {
		/* A signal comes while it waits, and interrupts what is not begun anew: that is not "go". */
		sigaction(SIGALRM, &(struct sigaction){ .sa_handler = nothing }, NULL);
		setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_usec = 100000 }, NULL);
		close(sv[0]);
		int rc = OWNED(namespace_wait_go(sv[1], &err));
		setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL); /* an exec would not end it */
		if (rc > 0)
			_exit(hold(xasprintf("%s-positive", word)));
		char rest[8];
		if (rc == 0 && told && *said && recv(sv[1], rest, sizeof(rest), MSG_DONTWAIT) != 2)
			_exit(hold(xasprintf("%s-swallowed", word)));
		if (rc < 0 && (told || rc != -EPIPE))
			_exit(hold(xasprintf("%s-%s", word, rc == -EINTR ? "interrupted" : "failed")));
		_exit(rc < 0 ? drive_result(rc, &err) : hold(word));
	}
	close(sv[1]);
	go_fd = sv[0];
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, send_go);
	for (;;)
		pause();
	return 0;
}

static int drive_hostname(const char *name, const char *word, bool holds)
{
	must(unshare(CLONE_NEWUTS | CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	if (mount("/work/hostname", "/etc/hostname", NULL, MS_BIND, NULL) < 0 && errno != ENOENT)
		must(-1, "bind /etc/hostname");
	struct stat before, after;
	must(stat("/proc/self/ns/uts", &before), "stat");
	int rc = OWNED(namespace_set_hostname(name, &err));
	if (stat("/proc/self/ns/uts", &after) < 0 || after.st_ino != before.st_ino)
		return OTHER_UTS;
	return rc || !holds ? drive_result(rc, &err) : hold(word);
}

/* A process in namespaces of its own, with a /proc of its own, as containers have it. Returns its number here. */
static pid_t target(const char *word, bool ends)
{
	int ready[2];
	char byte;

	must(pipe(ready), "pipe");
	pid_t pid = (pid_t)syscall(
		SYS_clone, kinds_of("mnt,pid,uts,ipc,net,cgroup") | SIGCHLD, NULL, NULL, NULL, NULL);
	must(pid, "clone");
	if (pid == 0) {
		if (ends)
			_exit(0);
		must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
		must(mount("proc", "/proc", "proc", 0, NULL), "proc");
		must((int)write(ready[1], "r", 1), "write");
		close(ready[0]);
		close(ready[1]);
		_exit(hold(word));
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1 && !ends)
		drive_trouble("the target did not get ready");
	close(ready[0]);
	return pid;
}

static int drive_join(const char *word, const char *how)
{
	int status;
	bool ends = str_eq(how, "-dead"), none = str_eq(how, "-none");
	const char *kinds = none ? "" : str_eq(how, "-some") ? "uts,ipc" : "mnt,pid,uts,ipc,net,cgroup";
	pid_t t = target(xasprintf("%s-t", word), ends);
	int pidfd = (int)syscall(SYS_pidfd_open, t, 0);

	must(pidfd, "pidfd_open");
	fcntl(pidfd, F_SETFD, FD_CLOEXEC);
	if (ends)
		waitpid(t, &status, 0);
	struct stat before, after;
	pid_t self = (pid_t)syscall(SYS_getpid);
	must(stat("/proc/self/ns/mnt", &before), "stat");
	int rc = OWNED(namespace_join(pidfd, kinds_of(kinds), &err));
	if ((pid_t)syscall(SYS_getpid) != self || waitpid(-1, NULL, WNOHANG) > 0)
		_exit(CAME_BACK);
	if (none) {
		kill(t, SIGKILL);
		return drive_result(rc, &err);
	}
	if (rc) {
		bool moved = stat("/proc/self/ns/mnt", &after) < 0 || after.st_ino != before.st_ino;
		kill(t, SIGKILL);
		rc = drive_result(rc, &err);
		return moved && !ends ? MOVED_BEFORE : rc;
	}
	pid_t pid = fork();
	if (pid == 0)
		_exit(hold(xasprintf("%s-j", word)));
	waitpid(pid, &status, 0);
	return 0;
}

static int drive_reap(char **argv, const char *beside)
{
	int status = 0;

	must(unshare(CLONE_NEWPID), "unshare");
	pid_t one = fork();
	must(one, "fork");
	if (one == 0) {
		if (beside && fork() == 0) { /* a child of process 1 that is not the program */
			execl("/lab/probe", "probe", "signals", beside, NULL);
			_exit(127);
		}
		pid_t program = fork();
		if (program == 0) {
			execv(argv[0], argv);
			_exit(127);
		}
		int rc = OWNED(init_reap(program, &err));
		_exit(rc < 0 ? REAP_ERRORS - rc : rc);
	}
	waitpid(one, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (str_eq(verb, "flags") && argc > 4)
		return drive_flags(argv[2], argv[3], argv[4]);
	if (str_starts(verb, "spawn") && argc > 3)
		return drive_spawn(argv[2], argv[3], verb + 5);
	if ((str_eq(verb, "go") || str_eq(verb, "go-never")) && argc > 2)
		return drive_go(argv[2], str_eq(verb, "go"));
	if (str_starts(verb, "hostname") && argc > 3)
		return drive_hostname(argv[2], argv[3], str_eq(verb, "hostname"));
	if (str_starts(verb, "join") && argc > 2)
		return drive_join(argv[2], verb + 4);
	if (str_eq(verb, "reap") && argc > 2)
		return drive_reap(argv + 2, NULL);
	if (str_eq(verb, "reap-beside") && argc > 3)
		return drive_reap(argv + 3, argv[2]);
	if (str_eq(verb, "reap-nobody")) {
		alarm(3);
		int rc = OWNED(init_reap(4000000, &err));
		return rc < 0 ? drive_result(rc, &err) : 0;
	}
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
