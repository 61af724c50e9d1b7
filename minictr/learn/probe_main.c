/*
 * probe_main.c - the grader's own program inside containers: static, silent, one word of work an invocation.
 *
 * It lives where student code is root, so nothing it says is evidence; the grader looks at it from outside.
 * It exists so that the thing looked at holds still, ends with a known status, or tries exactly one
 * forbidden act. `pause` is the box's init: it shares no byte of memory with the grader.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int __attribute__((noreturn)) hold(void)
{
	for (;;)
		pause();
}

static int told; /* the exit status asked for, when not the usual one */
static void on_term(int sig) { _exit(told ? told : 128 + sig); }

/* As PID 1 a program without a handler gets no TERM at all (pid_namespaces(7)): hold must end on it. */
static int hold_until_term(int argc, char **argv)
{
	signal(SIGTERM, on_term);
	signal(SIGINT, on_term);
	hold();
}

static int do_pause(int argc, char **argv)
{
	signal(SIGCHLD, SIG_IGN);
	return hold();
}

static int signal_log = -1;

static void log_signal(int sig)
{
	struct timespec t;
	char line[40], *p = line + sizeof(line);
	clock_gettime(CLOCK_MONOTONIC, &t);
	/* "SIGNAL MILLISECONDS", from its end: printf(3) may not be called in a handler (signal-safety(7)). */
	*--p = '\n';
	for (long long v = (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000; v || p[0] == '\n'; v /= 10)
		*--p = (char)('0' + v % 10);
	*--p = ' ';
	for (int v = sig; v; v /= 10)
		*--p = (char)('0' + v % 10);
	if (write(signal_log, p, (size_t)(line + sizeof(line) - p)) < 0)
		_exit(1);
}

static int do_signals(int argc, char **argv)
{
	signal_log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
	for (int sig = 1; sig < 32; sig++)
		if (sig != SIGCHLD)
			signal(sig, log_signal);
	return hold();
}

/* Notes "signal NN" in the file at this signal, and ends, after the time it was told to take for that. */
static useconds_t takes;

static void note_and_end(int sig)
{
	char text[16] = "signal 00\n";
	text[7] = (char)('0' + sig / 10);
	text[8] = (char)('0' + sig % 10);
	int rc = write(signal_log, text, 10) == 10 ? 0 : 1;
	usleep(takes);
	_exit(rc);
}

static int do_listen(int argc, char **argv)
{
	signal_log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	takes = argc > 4 ? (useconds_t)atoi(argv[4]) * 1000 : 0;
	signal(atoi(argv[3]), note_and_end);
	return hold();
}

static int do_ignore(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		signal(atoi(argv[i]), SIG_IGN);
	return hold();
}

static int do_exit(int argc, char **argv) { return atoi(argv[2]); }

static int do_kill(int argc, char **argv)
{
	signal(atoi(argv[2]), SIG_DFL);
	kill(getpid(), atoi(argv[2]));
	return hold();
}

static int do_memory(int argc, char **argv)
{
	size_t size = strtoull(argv[2], NULL, 10);
	char *p = malloc(size);
	if (!p)
		return ENOMEM;
	for (size_t i = 0; i < size; i += 4096)
		*(volatile char *)(p + i) = 1;
	return hold();
}

static int do_fork(int argc, char **argv)
{
	for (int i = 0; i < atoi(argv[2]); i++) {
		pid_t pid = fork();
		if (pid == 0)
			hold();
		if (pid < 0)
			break; /* a limit on processes is what the check wants to see */
	}
	return hold();
}

/* Each child makes a grandchild and ends: the grandchild is orphaned, and ends a moment later, with status 0
 * or another. */
static int do_orphans(int argc, char **argv)
{
	for (int i = 0; i < atoi(argv[2]); i++) {
		pid_t pid = fork();
		if (pid == 0) {
			if (fork() == 0)
				usleep(20000);
			_exit(i & 1 ? 7 : 0);
		}
		waitpid(pid, NULL, 0);
	}
	told = argc > 3 ? atoi(argv[3]) : 0;
	return hold_until_term(argc, argv);
}

static int do_write(int argc, char **argv)
{
	int fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
	const char *text = argc > 3 ? argv[3] : "";
	return fd < 0 || write(fd, text, strlen(text)) < 0 ? errno : 0;
}

static int do_open(int argc, char **argv)
{
	int fd = open(argv[2], O_RDONLY | O_NONBLOCK);
	return fd < 0 ? errno : 0;
}

static int do_stat(int argc, char **argv)
{
	struct stat st;
	return lstat(argv[2], &st) < 0 ? errno : 0;
}

static int do_syscall(int argc, char **argv)
{
	long a[6] = { 0 };
	for (int i = 3; i < argc && i < 9; i++)
		a[i - 3] = strtol(argv[i], NULL, 0);
	return syscall(atol(argv[2]), a[0], a[1], a[2], a[3], a[4], a[5]) < 0 ? errno : 0;
}

enum { NO_SUCH_ABI = 93 };
#if defined(__x86_64__)
static void no_abi(int sig) { _exit(NO_SUCH_ABI); }
#endif

/* The same call by the 32-bit ABI: its number there; 93 where this kernel has none. */
static int do_call32(int argc, char **argv)
{
#if defined(__x86_64__)
	long rc, nr = atol(argv[2]);
	signal(SIGSEGV, no_abi);
	signal(SIGSYS, no_abi);
	__asm__ volatile("int $0x80"
			 : "=a"(rc)
			 : "a"(nr), "b"(0L), "c"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return rc == -ENOSYS ? NO_SUCH_ABI : rc < 0 ? (int)-rc : 0;
#else
	return NO_SUCH_ABI;
#endif
}

/* How many descriptors beyond the first three are open. */
static int do_fds(int argc, char **argv)
{
	int n = 0;
	for (int fd = 3; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n > 100 ? 100 : n;
}

static int do_unlink(int argc, char **argv) { return unlink(argv[2]) < 0 ? errno : 0; }
static int do_sethostname(int argc, char **argv) { return sethostname("evil", 4) < 0 ? errno : 0; }
static int do_chroot(int argc, char **argv) { return chroot(argv[2]) < 0 ? errno : 0; }

static int do_getpriority(int argc, char **argv)
{
	errno = 0;
	return syscall(SYS_getpriority, 0, 0) < 0 ? errno : 0;
}

/* Everything that this process can name; process 1 is spared by the kernel. */
static int do_killall(int argc, char **argv)
{
	kill(-1, SIGKILL);
	for (int pid = 2; pid < 40000; pid++)
		if (pid != getpid())
			kill(pid, SIGKILL);
	return 0;
}

/* How many processes /proc shows. */
static int do_processes(int argc, char **argv)
{
	char path[32];
	struct stat st;
	int n = 0;
	for (int pid = 1; pid < 40000 && n < 100; pid++) {
		snprintf(path, sizeof(path), "/proc/%d", pid);
		n += stat(path, &st) == 0;
	}
	return n;
}

/* 0 when the kernel refuses one of N forks. */
static int do_forkbomb(int argc, char **argv)
{
	for (int i = 0; i < atoi(argv[2]); i++) {
		pid_t pid = fork();
		if (pid == 0)
			hold();
		if (pid < 0)
			return 0;
	}
	return 1;
}

static int do_burn(int argc, char **argv)
{
	struct timespec now, end;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += atoi(argv[2]);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
	return 0;
}

/* chroot(2) NOTES: a directory outside the root stays the current one, and ".." then leads on upwards. */
static int do_escape(int argc, char **argv)
{
	struct stat st;
	mkdir("/tmp", 0777);
	mkdir("/tmp/escape", 0700);
	int cwd = open(".", O_RDONLY | O_DIRECTORY);
	if (chroot("/tmp/escape") < 0)
		return 200;
	if (fchdir(cwd) < 0)
		return 201;
	for (int i = 0; i < 64; i++)
		if (chdir("..") < 0)
			return 202;
	return lstat(argv[2], &st) < 0 ? errno : 0;
}

static int do_sleep(int argc, char **argv)
{
	usleep((useconds_t)atoi(argv[2]) * 1000);
	return 0;
}

static int do_print(int argc, char **argv) { return puts(argv[2]) < 0; }
static int do_true(int argc, char **argv) { return 0; }
static int do_false(int argc, char **argv) { return 1; }

static const struct {
	const char *word;
	int arguments; /* at least */
	int (*run)(int argc, char **argv);
} verbs[] = {
	{ "pause", 0, do_pause },
	{ "hold", 0, hold_until_term },
	{ "signals", 1, do_signals },
	{ "listen", 2, do_listen },
	{ "ignore", 0, do_ignore },
	{ "exit", 1, do_exit },
	{ "kill", 1, do_kill },
	{ "memory", 1, do_memory },
	{ "fork", 1, do_fork },
	{ "orphans", 1, do_orphans },
	{ "write", 1, do_write },
	{ "open", 1, do_open },
	{ "stat", 1, do_stat },
	{ "syscall", 1, do_syscall },
	{ "call32", 1, do_call32 },
	{ "fds", 0, do_fds },
	{ "unlink", 1, do_unlink },
	{ "sethostname", 0, do_sethostname },
	{ "chroot", 1, do_chroot },
	{ "getpriority", 0, do_getpriority },
	{ "killall", 0, do_killall },
	{ "processes", 0, do_processes },
	{ "forkbomb", 1, do_forkbomb },
	{ "burn", 1, do_burn },
	{ "escape", 1, do_escape },
	{ "sleep", 1, do_sleep },
	{ "print", 1, do_print },
	{ "true", 0, do_true },
	{ "false", 0, do_false },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(argv[1], verbs[i].word) == 0 && argc >= 2 + verbs[i].arguments)
			return verbs[i].run(argc, argv);
	return 222;
}
