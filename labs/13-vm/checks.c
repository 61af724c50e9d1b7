/*
 * checks.c - lab 13: measurements against planted delays, planted kernels, process trees and pages as the kernel shows them;
 * a real virtual machine in the box for 13.2; a guest with random code for 13.5.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/file.h"
#include "base/program.h"
#include "learn/check.h"
#include "vm/guest_kernel.h"

static const char *const DRIVE = "/lab/mine/drive";
static const char *const OUT = "/work/out";

/* The lines that the drive kept; NULL-terminated. */
static char **lines_of(struct check *c, struct box *b)
{
	char **lines = NULL, *save = NULL;
	char *text = box_read(b, OUT);
	check_evidence(c, "%s", text ? text : "(the drive kept nothing)");
	for (char *l = strtok_r(text ? check_text(c, "%s", text) : NULL, "\n", &save); text && l; l = strtok_r(NULL, "\n", &save))
		strv_push(&lines, l);
	return lines;
}

static void succeeds(struct check *c, const struct run *r, const char *what)
{
	check_that(c, r->code != RUN_TIMED_OUT, NULL, check_text(c, "%s returns", what), "it did not end in time");
	check_that(c, r->code == 0, NULL, check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

static void refuses(struct check *c, struct box *b, struct run *r, const char *misread, int error, const char *why)
{
	check_that(c, r->code != 0 && !r->timed_out, misread, check_text(c, "an error: %s", why), r->timed_out ? "it did not end" : "it said success");
	check_that(c, !error || r->code == error, NULL, check_text(c, "-%s: %s", strerrorname_np(error), why), "-%s", strerrorname_np(r->code) ? strerrorname_np(r->code) : "?");
	box_expect_empty(b, NULL);
}

/* --- 13.1 --- */

enum { RUNS = 3, STARTS = RUNS + 1 };

/*
 * The planted probe: notes each start with its word, waits, writes a byte, waits again. Delays of each start in /work/delays.
 * Start number `fails` ends with exit status 3, number `silent` writes nothing; 0: none does. Two at once leave /work/two.
 */
static void plant_timed_probe(struct check *c, struct box *b, const int first[STARTS], const int rest[STARTS], int fails, int silent)
{
	struct buf delays = { 0 };
	for (int i = 0; i < STARTS; i++)
		buf_addf(&delays, "%d %d\n", first[i], rest[i]);
	box_write(b, "/work/delays", buf_take(&delays), 0644);
	box_write(b, "/work/log", "", 0666);
	box_write(b, "/work/probe",
		check_text(c, "#!/bin/sh\nmkdir /work/one || mkdir /work/two\necho \"$1\" >>/work/log\nn=$(wc -l </work/log)\n"
			      "set -- $(sed -n ${n}p /work/delays)\n/lab/probe sleep ${1:-0}\n[ $n = %d ] || printf x\n"
			      "/lab/probe sleep ${2:-0}\nrmdir /work/one\n[ $n != %d ] || exit 3\n", silent, fails),
		0755);
}

static uint64_t second_number(const char *line) { return strtoull(strchrnul(line, ' '), NULL, 10); }

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static uint64_t middle(const uint64_t v[RUNS])
{
	uint64_t s[RUNS];
	memcpy(s, v, sizeof(s));
	qsort(s, RUNS, sizeof(*s), by_value);
	return s[RUNS / 2];
}

static void check_samples(struct check *c, char **lines, const int first[STARTS], const int rest[STARTS])
{
	uint64_t firsts[RUNS], ends[RUNS];
	for (int i = 0; i < RUNS; i++) {
		uint64_t ms = 1000000, f = strtoull(lines[i + 1], NULL, 10), e = second_number(lines[i + 1]);
		uint64_t wait = (uint64_t)first[i + 1] * ms, all = wait + (uint64_t)rest[i + 1] * ms;
		check_that(c, f >= wait, f < 20 * ms ? "M-TIME-CPU" : "M-TIME-ORDER",
			check_text(c, "run %d to the first byte: %d ms or more, the probe waited so long", i + 1, first[i + 1]), "%.1f ms", (double)f / 1e6);
		check_that(c, e >= all && e >= f, "M-TIME-END",
			check_text(c, "run %d to its end: %d ms or more", i + 1, first[i + 1] + rest[i + 1]), "%.1f ms", (double)e / 1e6);
		check_that(c, f < wait + (uint64_t)rest[i + 1] * ms + 4000 * ms, "M-TIME-END", "the first time ends with the first byte", "%.1f ms",
			(double)f / 1e6);
		firsts[i] = f;
		ends[i] = e;
	}
	check_that(c, strtoull(lines[RUNS + 1], NULL, 10) == middle(firsts) && second_number(lines[RUNS + 1]) == middle(ends), "M-TIME-MEDIAN",
		check_text(c, "the medians of the samples: %.3f and %.3f ms", (double)middle(firsts) / 1e6, (double)middle(ends) / 1e6), "%.3f and %.3f ms",
		(double)strtoull(lines[RUNS + 1], NULL, 10) / 1e6, (double)second_number(lines[RUNS + 1]) / 1e6);
}

static void check_time(struct check *c)
{
	struct box *b = box_open(c, NULL);
	/* Not in order, and far apart: neither a mean nor a sorted list passes for the right answer. */
	int first[STARTS] = { 60, 400 + (int)check_number(c, 0, 60), 50 + (int)check_number(c, 0, 9), 120 + (int)check_number(c, 0, 30) };
	int rest[STARTS] = { 10, 30 + (int)check_number(c, 0, 9), 200 + (int)check_number(c, 0, 40), 60 };
	int none[STARTS] = { 0 };
	char **lines;

	plant_timed_probe(c, b, first, rest, 0, 0);
	struct run *r = RUN(DRIVE, "time", OUT, check_text(c, "%d", RUNS), "/work/probe");
	r->ms = 20000;
	box_run(b, r);
	check_ran(c, "drive time %s %d /work/probe", OUT, RUNS);
	succeeds(c, r, "compare_time");
	box_expect_empty(b, NULL);
	check_that(c, !box_exists(b, "/work/two"), "M-TIME-TOGETHER", "one run after the other", "two ran at the same time");
	lines = lines_of(c, b);
	char *log = box_read(b, "/work/log");
	int starts = 0, words = 0;
	for (const char *p = log; p && *p; p = strchr(p, '\n') + 1, starts++)
		words += str_starts(p, "first\n");
	check_int(c, starts < STARTS ? "M-TIME-COLD" : NULL, "starts in the probe's own log (one to warm up, then the runs)", STARTS, starts);
	check_int(c, NULL, "starts with the word \"first\"", STARTS, words);
	check_that(c, strv_len(lines) == RUNS + 2 && atoi(lines[0]) == RUNS, NULL, check_text(c, "%d samples", RUNS), "n is %s", lines ? lines[0] : "missing");
	check_samples(c, lines, first, rest);

	for (int i = 1; i <= 2; i++) {
		plant_timed_probe(c, b, none, none, i, 0);
		check_ran(c, "the same with a probe whose start %d ends with exit status 3", i);
		refuses(c, b, box_run(b, RUN(DRIVE, "time", OUT, "2", "/work/probe")), "M-TIME-FAILED", EIO, "the probe failed");
		plant_timed_probe(c, b, none, none, 0, i);
		check_ran(c, "the same with a probe whose start %d writes nothing", i);
		refuses(c, b, box_run(b, RUN(DRIVE, "time", OUT, "2", "/work/probe")), "M-TIME-FAILED", EIO, "there was no first byte");
	}
	check_ran(c, "drive time %s 0 /work/probe", OUT);
	refuses(c, b, box_run(b, RUN(DRIVE, "time", OUT, "0", "/work/probe")), NULL, EINVAL, "no run is no measurement");
	refuses(c, b, box_run(b, RUN(DRIVE, "time", OUT, "65", "/work/probe")), NULL, EINVAL, "there is no room for 65 samples");
	refuses(c, b, box_run(b, RUN(DRIVE, "time", OUT, "2", "/work/nothing")), NULL, 0, "there is no such program");
	for (int i = 1; i <= 64; i += 63) {
		r = RUN(DRIVE, "time", OUT, check_text(c, "%d", i), "/bin/echo");
		r->ms = 20000;
		box_run(b, r);
		check_ran(c, "drive time %s %d /bin/echo", OUT, i);
		succeeds(c, r, check_text(c, "compare_time of %d runs", i));
		lines = lines_of(c, b);
		check_int(c, NULL, "samples", i, lines && lines[0] ? atoi(lines[0]) : 0);
	}
}

/* --- 13.2 --- */

static void plant_kernel(struct check *c, struct box *b, const char *answer, int status)
{
	box_write(b, "/work/answer", answer, 0644);
	box_write(b, "/work/side", check_text(c, "#!/bin/sh\n[ \"$1\" = kernel ] || exit 9\ncat /work/answer\nexit %d\n", status), 0755);
}

static void expect_kernel(struct check *c, struct box *b, const struct run *r, const char *release, const char *boot, bool is_host, const char *misread)
{
	succeeds(c, r, "kernel_identity");
	char **lines = lines_of(c, b);
	check_that(c, strv_len(lines) == 3, NULL, "a release, a boot id and an answer", "%zu lines", strv_len(lines));
	check_str(c, NULL, "the release inside", release, lines[0]);
	check_str(c, NULL, "the boot id inside", boot, lines[1]);
	check_int(c, misread, "is it the host's kernel (1) or another (0)?", is_host, atoi(lines[2]));
	box_expect_empty(b, NULL);
}

static char *host_boot_id(struct check *c)
{
	struct buf text = { 0 };
	struct mc_err err = { 0 };
	if (file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &text, &err) < 0)
		check_trouble(c, "%s", err.what);
	return check_text(c, "%.36s", text.data);
}

static void copy_initramfs(struct check *c, struct box *b)
{
	struct buf archive = { 0 }, file = { 0 };
	struct mc_err err = { 0 };
	static const char *const programs[][2] = { { "minictr-guest", "init" }, { "minictr-compare-probe", "probe" } };
	static const char *const dirs[] = { "dev", "proc", "sys", "image" };
	char path[] = "/tmp/minictr-lab-XXXXXX";
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		initramfs_dir(&archive, dirs[i]);
	initramfs_device(&archive, "dev/console", 5, 1);
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		char *program = NULL;
		if (program_path(programs[i][0], &program, &err) < 0 || file_read(AT_FDCWD, program, 64 << 20, &file, &err) < 0)
			check_trouble(c, "%s", err.what);
		initramfs_file(&archive, programs[i][1], 0755, file.data, file.len);
		free(program);
	}
	initramfs_file(&archive, "boot.conf", 0644, "\n", 1);
	initramfs_end(&archive);
	int fd = mkstemp(path);
	if (fd < 0 || file_write_all(fd, archive.data, archive.len, &err) < 0)
		check_trouble(c, "writing the initramfs: %s", strerror(errno));
	close(fd);
	box_copy(b, path, "/work/initramfs", 0644);
	unlink(path);
}

/* A machine without disk and card: our init, our probe, a kernel of the distribution, emulated so that it runs on any host. */
static void check_machine(struct check *c)
{
	struct guest_kernel k;
	struct mc_err err = { 0 };
	if (guest_kernel_find(NULL, &k, &err) < 0)
		check_env(c, "%s; %s", err.what, err.hint);
	struct box *b = box_open(c, &(struct box_options){ .memory = 768 << 20 });
	box_copy(b, k.image, "/work/kernel", 0644);
	copy_initramfs(c, b);
	box_write(b, "/work/machine",
		"#!/bin/sh\nqemu-system-x86_64 -accel tcg -machine q35 -cpu max -m 128 -nodefaults -no-user-config -display none -no-reboot -serial stdio "
		"-kernel /work/kernel -initrd /work/initramfs -append \"console=ttyS0 quiet loglevel=0 panic=-1 -- /probe $*\" </dev/null | tee /work/console\n",
		0755);
	struct run *r = RUN(DRIVE, "kernel", OUT, "/work/machine");
	r->ms = 150000;
	box_run(b, r);
	check_ran(c, "drive kernel %s /work/machine   (qemu with Linux %s)", OUT, k.release);
	char *console = box_read(b, "/work/console"), *boot = console ? strchr(console, '\n') : NULL;
	check_that(c, r->code != RUN_TIMED_OUT, NULL, "the machine boots", "not within 150 seconds");
	if (!boot || !str_starts(console, k.release))
		check_trouble(c, "the machine said: %.300s", console ? console : r->out);
	boot++;
	boot[strcspn(boot, "\r\n")] = '\0';
	expect_kernel(c, b, r, k.release, boot, false, "M-KERNEL-OWN");
}

static void check_kernel(struct check *c)
{
	struct box *b = box_open(c, NULL);
	struct utsname u;
	uname(&u);
	char *boot = host_boot_id(c), *other = check_text(c, "%.8s-1111-4222-8333-%.8s4444", check_word(c), check_word(c));
	char *release = check_text(c, "%llu.%llu.0-%s", (unsigned long long)check_number(c, 3, 9), (unsigned long long)check_number(c, 0, 30), check_word(c));

	plant_kernel(c, b, check_text(c, "%s\n%s\n", u.release, boot), 0);
	struct run *r = box_run(b, RUN(DRIVE, "kernel", OUT, "/work/side"));
	check_ran(c, "drive kernel %s /work/side   (a side that answers as a container does)", OUT);
	expect_kernel(c, b, r, u.release, boot, true, "M-KERNEL-OWN");

	plant_kernel(c, b, check_text(c, "%s\n%s\n", u.release, other), 0);
	r = box_run(b, RUN(DRIVE, "kernel", OUT, "/work/side"));
	check_ran(c, "the same release, another boot id: a machine with the host's own kernel package");
	expect_kernel(c, b, r, u.release, other, false, "M-KERNEL-RELEASE");

	for (int i = 0; i < 2; i++) {
		char *near = i == 0 ? check_text(c, "%.20s", boot) : check_text(c, "%sabc", boot);
		plant_kernel(c, b, check_text(c, "%s\n%s\n", u.release, near), 0);
		r = box_run(b, RUN(DRIVE, "kernel", OUT, "/work/side"));
		check_ran(c, "a boot id that begins as the host's and is %s", i == 0 ? "shorter" : "longer");
		expect_kernel(c, b, r, u.release, near, false, "M-KERNEL-PREFIX");
	}
	/* 64 bytes of release and 39 of boot id fit; one more of either does not. */
	char *wide = check_text(c, "%s%064d", release, 7), *full = check_text(c, "%.64s", wide);
	plant_kernel(c, b, check_text(c, "%s\n%sabc\n", full, other), 0);
	r = box_run(b, RUN(DRIVE, "kernel", OUT, "/work/side"));
	check_ran(c, "a release and a boot id that just fit");
	expect_kernel(c, b, r, full, check_text(c, "%sabc", other), false, NULL);
	char *const answers[][2] = { { check_text(c, "%s\n", release), "an answer of one line" },
		{ check_text(c, "%.65s\n%s\n", wide, boot), "a release of one byte too many" },
		{ check_text(c, "%s\n%sabcd\n", release, boot), "a boot id of one byte too many" } };
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		plant_kernel(c, b, answers[i][0], 0);
		check_ran(c, "%s", answers[i][1]);
		refuses(c, b, box_run(b, RUN(DRIVE, "kernel", OUT, "/work/side")), NULL, EPROTO, answers[i][1]);
	}
	plant_kernel(c, b, check_text(c, "%s\n%s\n", release, boot), 3);
	check_ran(c, "a side that ends with exit status 3");
	refuses(c, b, box_run(b, RUN(DRIVE, "kernel", OUT, "/work/side")), "M-TIME-FAILED", EIO, "the probe failed");
	box_close(b);
	check_machine(c);
	check_note_predicted(c, 'h', "a container asks the host's kernel, whatever image it has; a machine has booted one of its own");
}

/* --- 13.3 --- */

/* The number that a process has in the box's own /proc. */
static int pid_inside(struct check *c, pid_t pid)
{
	const char *text = ev_status(c, pid, "NSpid");
	int64_t numbers[8];
	int n = text ? ev_numbers(text, numbers, 8) : 0;
	if (n < 1)
		check_trouble(c, "process %d is gone", (int)pid);
	return (int)numbers[n - 1];
}

static int collect_tree(struct check *c, pid_t pid, int out[], int n, int most)
{
	pid_t *children = NULL;
	if (n < most)
		out[n++] = pid_inside(c, pid);
	int k = ev_children(c, pid, &children);
	for (int i = 0; i < k; i++)
		n = collect_tree(c, children[i], out, n, most);
	return n;
}

static bool has_number(const int v[], int n, int x)
{
	for (int i = 0; i < n; i++)
		if (v[i] == x)
			return true;
	return false;
}

static void expect_tree(struct check *c, struct box *b, const struct run *r, pid_t root, bool sees, const char *misread)
{
	int want[64], n = collect_tree(c, root, want, 0, 64), got[128], m = 0;
	succeeds(c, r, "host_processes");
	char **lines = lines_of(c, b);
	check_that(c, strv_len(lines) >= 1, NULL, "an answer", "none");
	for (size_t i = 1; lines[i] && m < 128; i++)
		got[m++] = atoi(lines[i]);
	for (int i = 0; i < n; i++)
		check_that(c, has_number(got, m, want[i]), i == 0 ? NULL : "M-PROC-DEEP", check_text(c, "%d processes, %d among them", n, want[i]), "%d, without it", m);
	for (int i = 0; i < m; i++)
		check_that(c, has_number(want, n, got[i]), "M-PROC-OTHERS", check_text(c, "only p->root and what descends from it, %d in all", n), "%d too", got[i]);
	check_int(c, NULL, "processes, each one once", n, m);
	check_int(c, NULL, "the first of them is p->root", want[0], got[0]);
	check_int(c, misread, "is the probe's own program one of them (1) or not (0)?", sees, atoi(lines[0]));
}

static struct run *look_at(struct check *c, struct box *b, pid_t root, const char *mark)
{
	struct run *r = box_run(b, RUN(DRIVE, "processes", OUT, check_text(c, "%d", pid_inside(c, root)), mark));
	check_ran(c, "drive processes %s %d %s", OUT, pid_inside(c, root), mark);
	return r;
}

static void check_processes(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *mark = check_word(c), *decoy = check_word(c), *ready = check_word(c);
	int n = (int)check_number(c, 3, 9);
	/*
	 * A neighbour with the mark that does not descend from the root; a chain of parents, and a crowd at its end. Numbers begin anew when
	 * the kernel has come to the last one (proc_sys_kernel(5), pid_max): the crowd's are smaller than its parents'.
	 */
	struct run *other = box_start(b, RUN("/lab/probe", "hold", mark, decoy));
	struct run *tree = box_start(b, RUN("/bin/sh", "-c",
		check_text(c, "l=/proc/sys/kernel/ns_last_pid; echo 30000 >$l; sh -c 'sh -c \"echo 900 >/proc/sys/kernel/ns_last_pid; /lab/probe fork %d & /lab/probe hold %s %s & wait\" & wait' & wait", n, mark, ready)));
	probe_wait(b, other, decoy, 5000);
	pid_t program = probe_wait(b, tree, ready, 5000);
	for (int i = 0; i < 200 && box_processes(b, NULL) < n + 6; i++)
		usleep(20000);
	expect_tree(c, b, look_at(c, b, tree->pid, mark), tree->pid, true, "M-PROC-INSIDE");
	check_ran(c, "the same, from a process below: its parents do not count");
	expect_tree(c, b, look_at(c, b, program, mark), program, true, "M-PROC-INSIDE");
	/* As with a machine: a process with children, and the program is not to be seen. */
	struct run *machine = box_start(b, RUN("/bin/sh", "-c", "/lab/probe fork 2 & wait"));
	for (int i = 0; i < 200 && ev_children(c, machine->pid, &(pid_t *){ NULL }) < 1; i++)
		usleep(20000);
	usleep(200000);
	expect_tree(c, b, look_at(c, b, machine->pid, mark), machine->pid, false, "M-PROC-MARK");
	struct run *part = box_run(b, RUN(DRIVE, "processes", OUT, check_text(c, "%d", pid_inside(c, program)), check_text(c, "%.5s", mark)));
	check_ran(c, "drive processes %s %d %.5s   (a part of the mark)", OUT, pid_inside(c, program), mark);
	expect_tree(c, b, part, program, false, "M-PROC-MARK");
	box_kill(machine, SIGKILL);
	box_kill(tree, SIGKILL);
	box_kill(other, SIGKILL);
	box_clear(b);
	check_ran(c, "drive processes %s 4000000 %s   (no such process)", OUT, mark);
	refuses(c, b, box_run(b, RUN(DRIVE, "processes", OUT, "4000000", mark)), NULL, ESRCH, "p->root is gone");
}

/* --- 13.4 --- */

static uint64_t rollup(struct check *c, pid_t pid, const char *field)
{
	const char *text = ev_file(c, pid, "smaps_rollup");
	const char *line = text ? strstr(text, check_text(c, "\n%s:", field)) : NULL;
	return line ? strtoull(line + strlen(field) + 2, NULL, 10) * 1024 : 0;
}

enum { SHARERS = 6 };

static void check_memory(struct check *c)
{
	struct box *b = box_open(c, NULL);
	uint64_t bytes = check_number(c, 6, 14) << 20, want = 0, rss = 0;
	struct run *r[SHARERS + 1];
	const char *argv[SHARERS + 9] = { DRIVE, "memory", OUT, "4000000" }; /* that one has ended */
	pid_t pids[SHARERS + 3], *kids = NULL;
	int n = 4;
	/* Shells share the pages of their program and of libc; one process has memory of its own, one shares its own with two children. */
	r[0] = box_start(b, RUN("/bin/sh", "-c", "x=$(printf %08000000d 7); (/lab/probe sleep 600000; true) & (/lab/probe sleep 600000; true) & wait"));
	r[SHARERS] = box_start(b, RUN("/lab/probe", "memory", check_text(c, "%llu", (unsigned long long)bytes)));
	for (int i = 1; i < SHARERS; i++)
		r[i] = box_start(b, RUN("/bin/sh", "-c", "/lab/probe sleep 600000; true"));
	for (int i = 0; i < 200 && rollup(c, r[SHARERS]->pid, "Pss") < bytes; i++)
		usleep(20000);
	for (int i = 0; i < 200 && ev_children(c, r[0]->pid, &kids) < 2; i++)
		usleep(20000);
	if (ev_children(c, r[0]->pid, &kids) < 2)
		check_trouble(c, "the shell has no children");
	usleep(300000);
	for (int i = 0; i < SHARERS + 3; i++) {
		pids[i] = i <= SHARERS ? r[i]->pid : kids[i - SHARERS - 1];
		argv[n++] = check_text(c, "%d", pid_inside(c, pids[i]));
	}
	struct run look = { .argv = argv };
	box_run(b, &look);
	check_ran(c, "drive memory %s PID...   (%d shells, one process with %llu MiB, one that is gone)", OUT, SHARERS, (unsigned long long)(bytes >> 20));
	for (int i = 0; i < SHARERS + 3; i++) {
		want += rollup(c, pids[i], "Pss");
		rss += rollup(c, pids[i], "Rss");
	}
	succeeds(c, &look, "host_memory");
	char **lines = lines_of(c, b);
	uint64_t got = lines && lines[0] ? strtoull(lines[0], NULL, 10) : 0, slack = want / 10 + (256 << 10);
	const char *cause = got > rss - (512 << 10) && got < rss + (512 << 10) ? "M-MEM-RSS"
			    : got && got < want / 512			       ? "M-MEM-UNIT"
			    : got > want * 20				       ? "M-MEM-INSIDE"
						: got && got + (4 << 20) < want		       ? "M-MEM-PRIVATE"
									       : NULL;
	check_evidence(c, "Pss %llu Rss %llu", (unsigned long long)want, (unsigned long long)rss);
	check_that(c, got + slack >= want && got <= want + slack, cause, check_text(c, "%llu kB, the sum of Pss", (unsigned long long)want >> 10), "%llu kB",
		(unsigned long long)got >> 10);
	struct run *none = box_run(b, RUN(DRIVE, "memory", OUT));
	check_ran(c, "drive memory %s   (no process)", OUT);
	succeeds(c, none, "host_memory of no process");
	check_str(c, NULL, "memory of no process", "0", lines_of(c, b) ? lines_of(c, b)[0] : NULL);
	CHECK_ERRORS(c, b, ((const int[]){ SYS_openat, OR(SYS_open), -1 }), EACCES, DRIVE, "memory", OUT, argv[4]);
}

/* --- 13.5 --- */

static void emit(struct buf *code, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	for (size_t i = 0; i < n; i++)
		buf_addf(code, "%02x", p[i]);
}

/* mov al, BYTE; mov dx, PORT; out dx, al */
static void emit_out(struct buf *code, unsigned port, unsigned byte)
{
	unsigned char text[] = { 0xb0, (unsigned char)byte, 0xba, (unsigned char)port, (unsigned char)(port >> 8), 0xee };
	emit(code, text, sizeof(text));
}

/* A guest that writes random bytes to the serial port, noise to another, reads the status port and writes what it read. */
static char *guest_code(struct check *c, char **ret_expected)
{
	struct buf code = { 0 }, want = { 0 };
	int n = (int)check_number(c, 5, 20);
	for (int i = 0; i < n; i++) {
		unsigned byte = (unsigned)check_number(c, 0, 255);
		emit_out(&code, 0x3f8, byte);
		buf_addf(&want, "%02x", byte);
		if (i % 3 == 0)
			emit_out(&code, i % 2 ? 0x80 : 0x3f9, (unsigned)check_number(c, 0, 255));
	}
	/* mov dx, 0x3fd; in al, dx; mov dx, 0x3f8; out dx, al - and the same of a port that nothing is at */
	emit(&code, "\xba\xfd\x03\xec\xba\xf8\x03\xee", 8);
	emit(&code, "\xba\x71\x02\xec\xba\xf8\x03\xee", 8);
	/* A read of the serial port itself is no output. */
	emit(&code, "\xba\xf8\x03\xec\xee", 5);
	/* mov dx, 0x271; mov di, 0x3000; mov cx, 5; rep insb; mov dx, 0x3f8; mov si, 0x3000; mov cx, 5; again: lodsb; out dx, al; loop again */
	emit(&code, "\xba\x71\x02\xbf\x00\x30\xb9\x05\x00\xf3\x6c\xba\xf8\x03\xbe\x00\x30\xb9\x05\x00\xac\xee\xe2\xfc", 24);
	buf_adds(&want, "20ffffffffffffff");
	/* mov ax, WORD; out dx, ax: two bytes in one exit */
	unsigned char word[] = { 0xb8, (unsigned char)check_number(c, 1, 255), (unsigned char)check_number(c, 1, 255), 0xef };
	emit(&code, word, sizeof(word));
	buf_addf(&want, "%02x%02x", word[1], word[2]);
	emit(&code, "\xf4", 1);
	*ret_expected = check_text(c, "%s", want.data);
	return check_text(c, "%s", code.data);
}

static void check_loop(struct check *c)
{
	struct box *b = box_open(c, &(struct box_options){ .kvm = true });
	char *want, *code = guest_code(c, &want);
	struct run *r = box_run(b, RUN(DRIVE, "kvm", OUT, code));
	check_ran(c, "drive kvm %s %s", OUT, code);
	check_that(c, r->code != RUN_TIMED_OUT, "M-KVM-ONE", "kvm_loop returns when the guest halts", "it did not within 5 seconds");
	succeeds(c, r, "kvm_loop");
	char **lines = lines_of(c, b), *got = lines && lines[0] ? lines[0] : "";
	const char *cause = strlen(got) < 4 && strlen(want) > 4 ? "M-KVM-ONE" : strlen(got) > strlen(want) ? "M-KVM-PORT" : strlen(got) < strlen(want) ? "M-KVM-SIZE" : NULL;
	check_str(c, cause, "the bytes of the serial port, in hexadecimal", want, got);

	/* mov ax, 0xf000; mov ds, ax; mov al, [0]; hlt: memory that the machine does not have */
	r = box_run(b, RUN(DRIVE, "kvm", OUT, "b800f08ed8a00000f4"));
	check_ran(c, "drive kvm %s b800f08ed8a00000f4   (reads memory that is not there)", OUT);
	refuses(c, b, r, "M-KVM-REASON", EIO, "an exit that nothing here can answer");
	r = box_run(b, RUN(DRIVE, "kvm", OUT, "f4", "gone"));
	check_ran(c, "drive kvm %s f4 gone   (the processor's descriptor is none)", OUT);
	refuses(c, b, r, "M-ANY-IGNORED", EBADF, "KVM_RUN failed");

	/* again: cmp byte [0x3000], 0; je again; then 'k': it waits for what the drive writes there at the 20th signal. */
	r = box_run(b, RUN(DRIVE, "kvm", OUT, "803e00300074f9b06bbaf803eef4", "ticks"));
	check_ran(c, "drive kvm %s 803e...f4 ticks   (a guest that waits, a signal every 2 ms)", OUT);
	check_that(c, r->code == 0, "M-KVM-EINTR", "the guest goes on after a signal", "%s", run_failure(r));
	lines = lines_of(c, b);
	check_str(c, "M-KVM-EINTR", "what it wrote at last", "6b", lines && lines[0] ? lines[0] : "");
	box_expect_empty(b, NULL);
}

const struct check_entry lab_13_checks[] = {
	{ "13.1", check_time },
	{ "13.2", check_kernel },
	{ "13.3", check_processes },
	{ "13.4", check_memory },
	{ "13.5", check_loop },
	{ 0 },
};
