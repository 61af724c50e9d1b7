/*
 * compare_probe_main.c - minictr-compare-probe: the one program that runs on both sides, in the container and
 * in the virtual machine, so that differences are the sides' and not the program's. Static, no libraries.
 *
 *     first            one byte, at once: the first instruction of a program has run
 *     kernel           release and boot id of the kernel that serves it
 *     cpu              milliseconds for a fixed loop          file   for writing and reading 16 MiB
 *     hold MARK N      says "holding", and waits with N children that wait, too; on SIGUSR1 it makes a number
 *                      of system calls and says "called"
 *     keep             leaves 1 MiB of its own in the file system
 *     bomb             makes processes for three seconds, all it can get, and says again and again how many
 *     hog              takes memory until it is stopped, one byte of output for each MiB
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	LOOP = 60000000,
	FILE_BYTES = 16 << 20,
	BOMB_SECONDS = 3,
	BOMB_MOST = 20000,
	BOMB_TOLD = 16,
	CALL_ROUNDS = 500
};

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int do_kernel(void)
{
	struct utsname u;
	char id[64] = "";
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, id, sizeof(id) - 1);
	uname(&u);
	printf("%s\n%s", u.release, n > 0 ? id : "none\n");
	return 0;
}

static int do_cpu(void)
{
	double start = now_ms();
	volatile unsigned x = 1;
	for (int i = 0; i < LOOP; i++)
		x = x * 1664525u + 1013904223u;
	printf("%.3f\n", now_ms() - start);
	return 0;
}

static int do_file(void)
{
	static char block[1 << 16];
	double start = now_ms();
	int fd = open("/minictr-compare", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return 1;
	for (int n = 0; n < FILE_BYTES; n += (int)sizeof(block))
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			return 1;
	fsync(fd);
	/* Without this the pages just written would be read, and no disk at all. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	lseek(fd, 0, SEEK_SET);
	while (read(fd, block, sizeof(block)) > 0)
		;
	printf("%.3f\n", now_ms() - start);
	unlink("/minictr-compare");
	return 0;
}

static int do_keep(void)
{
	static char block[1 << 20];
	int fd = open("/minictr-kept", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	/* Not zeros: a file system may leave a hole for those. */
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = (char)(i * 31 + 7);
	return fd < 0 || write(fd, block, sizeof(block)) != (ssize_t)sizeof(block);
}

/* Nine kinds of calls, the same number on each side: who serves them is the question. */
static int make_calls(void)
{
	struct stat st;
	char byte;
	for (int i = 0; i < CALL_ROUNDS; i++) {
		int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
		if (read(fd, &byte, 1) < 0 || lseek(fd, 0, SEEK_SET) < 0 || fstat(fd, &st) < 0)
			return 1;
		close(fd);
		getppid();
		getuid();
		kill(getpid(), 0);
	}
	return 0;
}

static volatile sig_atomic_t asked;
static void on_term(int signal) { _exit(0); }
static void on_usr1(int signal) { asked = 1; }

static int __attribute__((noreturn)) do_hold(int children)
{
	signal(SIGTERM, on_term);
	signal(SIGUSR1, on_usr1);
	for (int i = 0; i < children; i++)
		if (fork() == 0)
			for (;;)
				pause();
	printf("holding\n");
	fflush(stdout);
	for (;;) {
		usleep(20000);
		if (!asked)
			continue;
		asked = 0;
		make_calls();
		printf("called\n");
		fflush(stdout);
	}
}

/* The OOM killer may kill the counting process, too: what it wrote last counts; its children end with it. */
static int do_bomb(void)
{
	double end = now_ms() + BOMB_SECONDS * 1000;
	int made = 0;
	setsid();
	signal(SIGCHLD, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (now_ms() < end) {
		pid_t pid = made < BOMB_MOST ? fork() : -1;
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(0);
		}
		if (pid < 0)
			usleep(1000);
		else if (++made % BOMB_TOLD == 0)
			printf("%d\n", made);
	}
	printf("%d\n", made);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return 0;
}

/* Pages are touched, so that they exist. 2 GiB is enough for any limit that is set here. */
static int do_hog(void)
{
	for (int i = 0; i < 2048; i++) {
		char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return 1;
		memset(p, i + 1, 1 << 20);
		if (write(1, ".", 1) != 1)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	if (!strcmp(word, "first"))
		return write(1, ".", 1) != 1;
	if (!strcmp(word, "kernel"))
		return do_kernel();
	if (!strcmp(word, "cpu"))
		return do_cpu();
	if (!strcmp(word, "file"))
		return do_file();
	if (!strcmp(word, "keep"))
		return do_keep();
	if (!strcmp(word, "hold"))
		return do_hold(argc > 3 ? atoi(argv[3]) : 0);
	if (!strcmp(word, "bomb"))
		return do_bomb();
	if (!strcmp(word, "hog"))
		return do_hog();
	fprintf(stderr, "probe: what is \"%s\"?\n", word);
	return 2;
}
