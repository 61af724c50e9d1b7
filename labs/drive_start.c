/*
 * drive_start.c - main() of every lab's drive program: arguments that no command line shows, descriptors counted around each
 * owned function, and system calls that fail on order.
 *
 * Kernel objects: memfd_create(2), proc(5) (/proc/self/fd), seccomp(2) and seccomp_unotify(2), unix(7) (SCM_RIGHTS).
 * Given by the grader (minictr/learn/box/enter.c): descriptor 4, the arguments, NUL after each, the first one a list of
 * system call numbers ("165,166", or empty); descriptor 5, a socket to the helper that waits for us outside. Both are closed
 * before a learner's function runs. What is compared is told by the exit status (learn/drive.h).
 * Once the filter stands, the calls of this file go through own(): they are neither held nor counted, whatever is on the list.
 */
#include "learn/drive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/util.h"

int drive_main(int argc, char **argv);

enum { WORDS = 4, HELPER = 5, CALLS = 64, FDS = 1024, SETUP_FAILED = 94 };

static int calls[CALLS], calls_n; /* system calls that are to fail, one of them at a time */
static struct {
	bool open;
	dev_t dev;
	ino_t ino;
} before[FDS]; /* the descriptors, and what they led to */
static pid_t caller;              /* the process that called: a function may return twice */
static bool called, armed;
static uint32_t mark; /* sixth argument of our own calls, which the filter lets through */

/*
 * After a system call the mark would still stand in the register of the sixth argument, and the next call with
 * fewer arguments would carry it to the filter. A call of any function with six arguments overwrites it; the
 * volatile pointer keeps the compiler from leaving that out.
 */
static void take_six(long a, long b, long c, long d, long e, long f)
{
	(void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
}
static void (*volatile forget_mark)(long, long, long, long, long, long) = take_six;

/* A system call of this file's. No call listed by a check has this random word as its sixth argument. */
static long own4(long nr, long a, long b, long c, long d)
{
	long rc = syscall(nr, a, b, c, d, 0L, (long)mark);
	forget_mark(0, 0, 0, 0, 0, 0);
	return rc;
}
static long own(long nr, long a, long b, long c) { return own4(nr, a, b, c, 0); }

void drive_trouble(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fprintf(stderr, "drive: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	/* Once a learner's function has run, this is its doing, and the channel is closed. */
	if (!called && send(HELPER, "S", 1, MSG_NOSIGNAL) < 0)
		_exit(SETUP_FAILED);
	_exit(SETUP_FAILED);
}

void drive_broken(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fprintf(stderr, "\ndrive: broken: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	_exit(DRIVE_BROKEN);
}

/* --- descriptors --- */

static bool is_open(int fd) { return own(SYS_fcntl, fd, F_GETFD, 0) >= 0; }

static void look_at_fds(void)
{
	for (int fd = 0; fd < FDS; fd++) {
		struct stat st;
		before[fd].open = own(SYS_fstat, fd, (long)&st, 0) == 0;
		if (before[fd].open)
			before[fd].dev = st.st_dev, before[fd].ino = st.st_ino;
	}
}

static const char *fd_target(int fd, char out[256])
{
	char path[40];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	long n = own4(SYS_readlinkat, AT_FDCWD, (long)path, (long)out, 255);
	out[n > 0 ? n : 0] = '\0';
	return out;
}

static void __attribute__((noreturn)) end_fds(int status, const char *call, const char *what, int fd)
{
	char target[256], line[512];
	int n = snprintf(line, sizeof(line), "drive: descriptors: after %.*s() %s: %d%s%s\n",
		(int)strcspn(call, "("), call, what, fd, is_open(fd) ? " -> " : "",
		is_open(fd) ? fd_target(fd, target) : "");
	own(SYS_write, STDERR_FILENO, (long)line, n < (int)sizeof(line) ? n : (int)sizeof(line) - 1);
	_exit(status);
}

static bool is_socket(int fd)
{
	struct stat st;
	return own(SYS_fstat, fd, (long)&st, 0) == 0 && S_ISSOCK(st.st_mode);
}

static void compare_fds(const char *call, int new_fds)
{
	int more = 0, last = -1;
	for (int fd = 3; new_fds == CLOSES_FDS && fd < FDS; fd++)
		if (is_open(fd))
			end_fds(DRIVE_FDS, call, "a descriptor is still open", fd);
	for (int fd = 0; new_fds != CLOSES_FDS && fd < FDS; fd++) {
		struct stat st;
		if (before[fd].open && !is_open(fd))
			end_fds(DRIVE_FDS, call, "a descriptor of the caller's is closed", fd);
		if (before[fd].open && own(SYS_fstat, fd, (long)&st, 0) == 0 &&
			(st.st_dev != before[fd].dev || st.st_ino != before[fd].ino))
			end_fds(DRIVE_FDS, call, "a descriptor of the caller's leads to another file", fd);
		if (before[fd].open || !is_open(fd))
			continue;
		if (new_fds == ANY_FDS && is_socket(fd))
			continue; /* a library's own connection, which it may keep */
		more++;
		last = fd;
		if (!(own(SYS_fcntl, fd, F_GETFD, 0) & FD_CLOEXEC))
			end_fds(DRIVE_FDS_EXEC, call, "a new descriptor is not close-on-exec", fd);
	}
	if (new_fds >= 0 && more > new_fds)
		end_fds(DRIVE_FDS, call, "a descriptor is still open", last);
}

/* --- system calls that fail on order --- */

static int make_listener(void)
{
	struct sock_filter program[CALLS + 6];
	int n = 0;
	/* the low half of the sixth argument: x86-64 and arm64 are little endian */
	program[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, args[5]));
	program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, mark, 0, 1);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, nr));
	for (int i = 0; i < calls_n; i++) /* a hit jumps over the rest and over "allow" */
		program[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], (unsigned char)(calls_n - i), 0);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	struct sock_fprog filter = { (unsigned short)n, program };
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
}

static void hand_over(int fd)
{
	char byte = 'L', room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec io = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (own(SYS_sendmsg, HELPER, (long)&m, MSG_NOSIGNAL) < 0)
		drive_trouble("handing over the listener: %s", strerror(errno));
}

static void arm(void)
{
	if (getrandom(&mark, sizeof(mark), 0) != sizeof(mark))
		drive_trouble("getrandom: %s", strerror(errno));
	int listener = make_listener();
	if (listener < 0)
		drive_trouble("seccomp: %s", strerror(errno));
	armed = true;
	hand_over(listener);
	own(SYS_close, listener, 0, 0);
}

void drive_before(void)
{
	fflush(NULL);
	if (calls_n && !armed)
		arm();
	if (!called)
		own(SYS_close, HELPER, 0, 0);
	called = true;
	caller = (pid_t)own(SYS_getpid, 0, 0, 0);
	look_at_fds();
}

void drive_after(const char *call, int new_fds, long result)
{
	if ((pid_t)own(SYS_getpid, 0, 0, 0) != caller)
		return; /* a copy came back: the drive program says so itself */
	bool failed = result < 0;
	if (!failed || new_fds != CLOSES_FDS)
		compare_fds(call, failed && new_fds != ANY_FDS ? 0 : new_fds);
	if (armed)
		_exit(failed ? (int)-result & 127 : 0);
}

/* --- main --- */

static char *read_words(size_t *ret_len)
{
	struct stat st;
	if (fstat(WORDS, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL; /* started by hand: the words are on the command line */
	size_t len = (size_t)st.st_size;
	char *text = xmalloc(len + 1);
	if (pread(WORDS, text, len, 0) != (ssize_t)len)
		_exit(SETUP_FAILED);
	text[len] = '\0';
	*ret_len = len;
	return text;
}

static void read_calls(const char *list)
{
	for (char *end; *list && calls_n < CALLS; list = end + (*end == ',')) {
		calls[calls_n++] = (int)strtol(list, &end, 10);
		if (end == list)
			break;
	}
}

int main(int argc, char **argv)
{
	size_t len = 0;
	char *text = read_words(&len), **words = xcalloc(1, sizeof(char *));
	if (!text)
		return drive_main(argc, argv);
	strv_push(&words, argv[0]);
	read_calls(text);
	for (size_t at = strlen(text) + 1; at < len; at += strlen(text + at) + 1)
		strv_push(&words, text + at);
	explicit_bzero(text, len);
	free(text);
	close(WORDS);
	/* No descriptor can have a number that look_at_fds() does not reach. */
	if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){ FDS, FDS }) < 0)
		drive_trouble("setrlimit: %s", strerror(errno));
	return drive_main((int)strv_len(words), words);
}
