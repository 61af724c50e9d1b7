/*
 * drive.c - calls one function of lab 13 and keeps what it returned in a file, one line a value, for the grader.
 *
 * drive time OUT RUNS COMMAND       compare_time() of the command
 * drive kernel OUT COMMAND          kernel_identity()
 * drive processes OUT PID MARK      host_processes()
 * drive memory OUT PID...           host_memory()
 * drive kvm OUT HEX [ticks|gone]    kvm_loop() over a guest with this code; ticks: a signal every 2 ms, the 20th sets a byte of
 *                                 its memory; gone: the descriptor is none
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include "learn/drive.h"
#include "vm/compare.h"
#include "vm/kvm.h"

static struct mc_err err;
static FILE *kept;

static int done(int rc)
{
	fclose(kept);
	return drive_result(rc, &err);
}

static int drive_time(const char *runs, char **argv)
{
	const struct probe p = { .name = "probe", .argv = argv };
	struct series s = { 0 };
	int rc = OWNED(compare_time(&p, atoi(runs), &s, &err));
	if (rc == 0) {
		fprintf(kept, "%d\n", s.n);
		for (int i = 0; i < SERIES_MAX && i < s.n; i++)
			fprintf(kept, "%llu %llu\n", (unsigned long long)s.first[i], (unsigned long long)s.end[i]);
		fprintf(kept, "%llu %llu\n", (unsigned long long)s.median_first, (unsigned long long)s.median_end);
	}
	return done(rc);
}

static int drive_kernel(char **argv)
{
	const struct probe p = { .name = "probe", .argv = argv };
	struct kernel_id id = { 0 };
	int rc = OWNED(kernel_identity(&p, &id, &err));
	if (rc == 0)
		fprintf(kept, "%.64s\n%.39s\n%d\n", id.release, id.boot_id, id.is_host);
	return done(rc);
}

static int drive_processes(const char *pid, const char *mark)
{
	const struct probe p = { .name = "probe", .root = (pid_t)atoi(pid), .mark = mark };
	static struct pids found;
	int rc = OWNED(host_processes(&p, &found, &err));
	if (rc == 0) {
		fprintf(kept, "%d\n", found.sees_program);
		for (int i = 0; i < found.n && i < PIDS_MAX; i++)
			fprintf(kept, "%d\n", (int)found.pid[i]);
	}
	return done(rc);
}

static int drive_memory(char **argv)
{
	static struct pids all;
	uint64_t pss = 0;
	for (; *argv && all.n < PIDS_MAX; argv++)
		all.pid[all.n++] = (pid_t)atoi(*argv);
	int rc = OWNED(host_memory(&all, &pss, &err));
	if (rc == 0)
		fprintf(kept, "%llu\n", (unsigned long long)pss);
	return done(rc);
}

static unsigned char *signalled;

static void tick(int signal)
{
	static int ticks;
	if (++ticks == 20)
		*signalled = 1;
}

static int drive_kvm(const char *hex, const char *how)
{
	unsigned char code[2048];
	size_t len = strlen(hex) / 2;
	struct kvm_machine m;
	struct buf out = { 0 };
	for (size_t i = 0; i < len && i < sizeof(code); i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };
		code[i] = (unsigned char)strtoul(two, NULL, 16);
	}
	if (kvm_machine_open(&m, code, len, &err) < 0)
		drive_trouble("%s", err.what);
	if (str_eq(how, "ticks")) {
		signalled = m.memory + 0x3000;
		sigaction(SIGALRM, &(struct sigaction){ .sa_handler = tick }, NULL);
		setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 2000 }, { 0, 2000 } }, NULL);
	}
	int rc = OWNED(kvm_loop(str_eq(how, "gone") ? -1 : m.vcpu, m.run, &out, &err));
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0 } }, NULL);
	for (size_t i = 0; i < out.len; i++)
		fprintf(kept, "%02x", (unsigned char)out.data[i]);
	fprintf(kept, "\n");
	kvm_machine_close(&m);
	return done(rc);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	if (argc < 3)
		return 2;
	kept = fopen(argv[2], "we");
	if (!kept)
		drive_trouble("%s: %s", argv[2], strerror(errno));
	if (str_eq(verb, "time") && argc > 4)
		return drive_time(argv[3], argv + 4);
	if (str_eq(verb, "kernel") && argc > 3)
		return drive_kernel(argv + 3);
	if (str_eq(verb, "processes") && argc > 4)
		return drive_processes(argv[3], argv[4]);
	if (str_eq(verb, "memory"))
		return drive_memory(argv + 3);
	if (str_eq(verb, "kvm") && argc > 3)
		return drive_kvm(argv[3], argc > 4 ? argv[4] : "");
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
