/*
 * checks.c - lab 03: which group a process is in, what stands in the group's files, who was killed, what is left.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";
enum { NOT_MADE = 89, FORGOTTEN = 88, HALF_LEFT = 87, NO_TREES = 86, PARENT_LEFT = 85, UNTOLD = 84, OOM_IS_OTHER = 100, NOBODY_CAN_ENTER = 93, NOT_OPENED = 92, REFUSED_BY_KERNEL = 90 };
static const char *const controllers[] = { "memory", "pids", "cpu", "cpuset", "freezer" };

static struct box *lent_box(struct check *c)
{
	return box_open(c, &(struct box_options){ .memory = 256 << 20, .pids = 200, .need_cgroup = true });
}

/* The errno by which the kernel answers a known mistake. */
struct refusal {
	int code; /* 0: any */
	const char *misread;
};

/* Where a group is, seen from the box's own: the machine's path before it is noise. */
static const char *below(const char *at)
{
	const char *own = at ? strstr(at, "/box") : NULL;
	return !own ? at : own[4] ? own + 4 : "the box's own group";
}

static pid_t appears(struct check *c, struct box *b, struct run *r, const char *word, const char *what,
	struct refusal known)
{
	for (int i = 0; i < 250; i++) {
		pid_t pid = probe_find(b, word);
		if (pid)
			return pid;
		if (box_wait(r, 20))
			break;
	}
	pid_t pid = probe_find(b, word);
	if (pid)
		return pid;
	check_that(c, r->done, NULL, check_text(c, "%s returns", what), "it did not within 5 seconds");
	if (r->code == NOBODY_CAN_ENTER && box_exists(b, "/sys/fs/cgroup/cgroup.controllers"))
		check_fail(c, "M-CG-LEAF", "a process can enter the new group",
			"the kernel refuses: a group that passes controllers on may hold no process");
	if (r->code == NOBODY_CAN_ENTER)
		check_fail(c, "M-CG-CPUSET", "a process can enter the new group",
			"the kernel refuses: in the cpuset tree the group has no processors or no memory "
			"nodes");
	if (r->code == NO_TREES)
		check_fail(c, "M-CG-NONE", "cg names the trees of this machine", "there is none in it");
	if (r->code == NOT_OPENED)
		check_fail(c, "M-CG-DIR", "cg->tree[i].dir is an open directory, in each tree", "it is not");
	if (r->code == EEXIST)
		known = (struct refusal){ EEXIST, "M-CG-THERE" };
	check_fail(c,
		!WIFSIGNALED(r->status) && (!known.code || r->code == known.code) ? known.misread : NULL,
		check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

static bool is_v2(struct check *c, pid_t pid)
{
	return ev_cgroup_file(c, pid, "", "cgroup.controllers") &&
	       !ev_cgroup_file(c, pid, "memory", "memory.limit_in_bytes");
}

/* v1 file and v2 file of one meaning. */
static char *file_of(struct check *c, pid_t pid, const char *controller, const char *v1, const char *v2)
{
	char *text = ev_cgroup_file(c, pid, controller, v1);
	return text ? text : ev_cgroup_file(c, pid, "", v2);
}

/* --- 03.1 --- */

/* A mkdir that fails, in each tree and on each level in turn: what was made before it is taken back. */
static void nothing_is_left(struct check *c, struct box *b)
{
	static const int calls[] = { SYS_mkdirat, SYS_mkdir, -1 };
	char **trees = box_names(b, "/sys/fs/cgroup");
	for (int nth = 1; nth < 30; nth++) {
		char *top = check_word(c), *path = check_text(c, "/%s", top), *word = check_word(c);
		const char *const argv[] = { DRIVE, "create", path, word, NULL };
		struct run r = { .argv = argv, .fail_calls = calls, .fail_nth = nth, .fail_errno = ENOSPC };
		box_run(b, &r);
		check_ran(c, "drive create %s %s   (call %d of mkdir fails with ENOSPC)", path, word, nth);
		if (r.failed_call < 0)
			return;
		check_that(
			c, r.code != 0, "M-ANY-IGNORED", "it fails when mkdir(2) fails", "it said success");
		for (char **t = trees; *t; t++)
			check_that(c, !box_exists(b, check_text(c, "/sys/fs/cgroup/%s%s", *t, path)),
				"M-CG-UNDO", "on failure no new directory is left", "%s%s is", *t, path);
		check_that(c, !box_exists(b, check_text(c, "/sys/fs/cgroup%s", path)), "M-CG-UNDO",
			"on failure no new directory is left", "%s is", path);
	}
}

/* A mkdir fails below a group that was there before: that one stays. */
static void old_ones_stay(struct check *c, struct box *b)
{
	static const int calls[] = { SYS_mkdirat, SYS_mkdir, -1 };
	char *top = check_word(c), *path = check_text(c, "/%s/%s", top, check_word(c)), *word = check_word(c);
	const char *const argv[] = { DRIVE, "create", path, word, NULL };
	struct run r = { .argv = argv, .fail_calls = calls, .fail_nth = 2, .fail_errno = ENOSPC };
	box_run(b, &r);
	check_ran(c, "drive create %s %s   (/%s was there before; call 2 of mkdir fails)", path, word, top);
	bool there = box_exists(b, check_text(c, "/sys/fs/cgroup/%s", top));
	for (char **t = box_names(b, "/sys/fs/cgroup"); *t && !there; t++)
		there = box_exists(b, check_text(c, "/sys/fs/cgroup/%s/%s", *t, top));
	check_that(c, r.code == 0 || there, "M-CG-OTHERS",
		check_text(c, "after a failure /%s, which was there before, is there still", top), "it is gone");
}

static void check_create(struct check *c)
{
	struct box *b = lent_box(c);
	char *path = check_text(c, "/%s/%s/%s", check_word(c), check_word(c), check_word(c)),
	     *word = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "create", path, word));

	check_ran(c, "drive create %s %s", path, word);
	pid_t pid = appears(c, b, r, word, "cgroup_create", (struct refusal){ ENOENT, "M-CG-MKDIR" });
	check_evidence(c, "%s", ev_file(c, pid, "cgroup"));
	if (is_v2(c, pid)) {
		char *on = ev_cgroup_file(c, pid, "", "cgroup.controllers"),
		     *passed = ev_cgroup_file(c, pid, "", "cgroup.subtree_control");
		check_that(c, str_ends(ev_cgroup(c, pid, ""), path), NULL,
			check_text(c, "the group %s", path), "%s", ev_cgroup(c, pid, ""));
		check_that(c, on && strstr(on, "memory"), "M-CG-PARENT",
			"the group has the controller memory", "it has: %s", on);
		check_that(c, !passed || passed[0] <= '\n', "M-CG-LEAF", "the leaf passes nothing on",
			"it passes on: %s", passed);
	}
	for (size_t i = 0; i < ARRAY_LEN(controllers) && !is_v2(c, pid); i++) {
		char *at = ev_cgroup(c, pid, controllers[i]);
		const char *in = at ? below(at) : NULL;
		bool part = in && *in == '/' && strlen(in) > 1 && str_starts(path, in);
		if (at)
			check_that(c, str_ends(at, path), part ? "M-CG-DEPTH" : "M-CG-TREES",
				check_text(c, "the group %s in the tree of %s", path, controllers[i]), "%s",
				below(at));
	}
	box_kill(r, SIGKILL);
	kill(pid, SIGKILL);
	r = box_run(b, RUN(DRIVE, "create", check_text(c, "/%s", check_word(c)), "made"));
	check_that(c, r->code != NOT_MADE, "M-CG-MADE",
		"cg->tree[i].made is true for a group that is new, and false for one that was there",
		"it is not so");
	check_that(c, r->code == 0, NULL, "cgroup_create succeeds for a group that is there already", "%s",
		run_failure(r));
	nothing_is_left(c, b);
	old_ones_stay(c, b);
	r = box_run(b, RUN(DRIVE, "create", "/../outside", word));
	check_that(c, r->code != 0 && r->code != NOT_OPENED && !r->timed_out, "M-LIMIT-LOST",
		"an error for the path /../outside", "%s",
		r->code == NOT_OPENED ? "it said success (0)" : run_failure(r));
	box_expect_empty(b, NULL);
}

/* --- 03.2 --- */

static const char *misread_limit(uint64_t got, uint64_t want)
{
	uint64_t mib = want >> 20;
	return got == mib * 1000000 / 4096 * 4096                ? "M-LIMIT-MB"
	       : got == mib << 20                                ? "M-LIMIT-ROUND"
	       : got == want * 1000000 / (1 << 20) / 4096 * 4096 ? "M-LIMIT-MB"
								 : "M-LIMIT-HIGH";
}

static void large_limit(struct check *c, struct box *b)
{
	uint64_t large = (check_number(c, 3, 6) << 30) + 8192;
	char *path = check_text(c, "/%s", check_word(c)), *word = check_word(c),
	     *limit = check_text(c, "memory.max=%llu", (unsigned long long)large);
	struct run *r = box_start(b, RUN(DRIVE, "limit", path, word, limit));
	check_ran(c, "drive limit %s %s %s", path, word, limit);
	for (int i = 0; i < 250 && !probe_find(b, word) && !box_wait(r, 20); i++)
		continue;
	if (r->done)
		check_fail(c, "M-LIMIT-32", "a program lives in a group that may use more than 2 GiB", "%s",
			run_failure(r));
	pid_t pid = appears(c, b, r, word, "cgroup_set_limit", (struct refusal){ 0 });
	char *got = file_of(c, pid, "memory", "memory.limit_in_bytes", "memory.max");
	check_int(c, "M-LIMIT-32", "bytes in a memory limit of more than 2 GiB", (int64_t)large,
		got ? strtoll(got, NULL, 10) : -1);
	box_kill(r, SIGKILL);
	box_wait(r, 500);
}

static void check_limit(struct check *c)
{
	struct box *b = lent_box(c);
	uint64_t mib = check_number(c, 24, 60), pids = check_number(c, 20, 60);
	char *path = check_text(c, "/%s", check_word(c)), *word = check_word(c), *second = check_word(c),
	     *third = check_word(c);
	uint64_t bytes =
		(mib << 20) + 4096 * check_number(c, 3, 250); /* exact to the byte: v1 counts in pages */
	char *memory = check_text(c, "memory.max=%llu", (unsigned long long)bytes);
	char *swap = check_text(c, "memory.swap.max=%llu", 4ull << 20),
	     *count = check_text(c, "pids.max=%d", (int)pids);
	struct run *r = box_start(b, RUN(DRIVE, "limit", path, word, memory, swap, count, "cpu.weight=300"));

	check_ran(c, "drive limit %s %s %s %s %s cpu.weight=300", path, word, memory, swap, count);
	for (int i = 0; i < 250 && !probe_find(b, word) && !box_wait(r, 20); i++)
		continue;
	if (r->done && WIFSIGNALED(r->status) && WTERMSIG(r->status) == SIGKILL)
		check_fail(c, "M-LIMIT-UNIT", "a small program lives below these limits",
			"the kernel killed it as soon as it was inside: far too little memory");
	pid_t pid = appears(c, b, r, word, "cgroup_set_limit",
		(struct refusal){ r->done && r->code == EINVAL ? EINVAL : ENOENT,
			r->done && r->code == EINVAL ? "M-LIMIT-SUM" : "M-LIMIT-NAME" });
	char *got = file_of(c, pid, "memory", "memory.limit_in_bytes", "memory.max");
	check_int(c, misread_limit(got ? strtoull(got, NULL, 10) : 0, bytes),
		"bytes in the group's memory limit", (int64_t)bytes, got ? strtoll(got, NULL, 10) : -1);
	got = file_of(c, pid, "memory", "memory.memsw.limit_in_bytes", "memory.swap.max");
	if (got)
		check_int(c, "M-LIMIT-SWAP",
			is_v2(c, pid) ? "bytes of swap" : "bytes of memory and swap together",
			is_v2(c, pid) ? 4 << 20 : (int64_t)(bytes + (4 << 20)), strtoll(got, NULL, 10));
	got = file_of(c, pid, "pids", "pids.max", "pids.max");
	check_int(c, "M-LIMIT-PIDS", "processes allowed", (int64_t)pids, got ? strtoll(got, NULL, 10) : -1);
	got = file_of(c, pid, "cpu", "cpu.shares", "cpu.weight");
	check_that(c,
		!got || atoi(got) == (is_v2(c, pid) ? 300 : 1024 + (200 * (262144 - 1024) + 9899) / 9900),
		"M-LIMIT-KEYS", "a key like any other (cpu.weight 300) is written too", "%.20s",
		got ? got : "");
	box_kill(r, SIGKILL);
	kill(pid, SIGKILL);
	box_wait(r, 500);

	/* Does it bite? A hog is killed, a fork bomb stops at n. */
	path = check_text(c, "/%s", check_word(c));
	r = box_run(b, RUN(DRIVE, "limit-run", path, second, memory, "memory.swap.max=0", "--", "probe",
			       "memory", check_text(c, "%llu", (unsigned long long)(mib + 40) << 20)));
	check_int(c, "M-LIMIT-HIGH", "exit code of a program that touches more than its limit", 137, r->code);
	path = check_text(c, "/%s", check_word(c));
	r = box_start(b, RUN(DRIVE, "limit-run", path, second, count, "--", "probe", "fork", "150", second));
	pid = appears(c, b, r, second, "cgroup_set_limit", (struct refusal){ 0 });
	usleep(300000);
	for (int i = 0; i < 60; i++, usleep(50000)) { /* a busy machine forks slowly */
		got = file_of(c, pid, "pids", "pids.current", "pids.current");
		if (got && strtoull(got, NULL, 10) >= pids)
			break;
	}
	check_int(c, "M-LIMIT-PIDS", "processes of a program that forks 150 times", (int64_t)pids,
		got ? strtoll(got, NULL, 10) : -1);
	pid_t *all = NULL;
	for (int n = box_processes(b, &all); n > 0; n--)
		kill(all[n - 1], SIGKILL);
	path = check_text(c, "/%s", check_word(c));
	large_limit(c, b);
	path = check_text(c, "/%s", check_word(c));
	char *fourth = check_word(c);
	r = box_start(b, RUN(DRIVE, "limit", path, third, count, "pids.max=none"));
	check_ran(c, "drive limit %s %s %s pids.max=none   (none is CGROUP_NO_LIMIT)", path, third, count);
	pid = appears(c, b, r, third, "cgroup_set_limit", (struct refusal){ 0, "M-LIMIT-NONE" });
	got = file_of(c, pid, "pids", "pids.max", "pids.max");
	check_that(c, got && str_starts(got, "max"), "M-LIMIT-NONE", "no limit on processes any more (max)",
		"%.*s", got ? (int)strcspn(got, "\n") : 12, got ? got : "no such file");
	box_kill(r, SIGKILL);
	box_wait(r, 500);
	path = check_text(c, "/%s", check_word(c));
	r = box_start(b, RUN(DRIVE, "limit", path, fourth, memory, "memory.max=none"));
	check_ran(
		c, "drive limit %s %s %s memory.max=none   (none is CGROUP_NO_LIMIT)", path, fourth, memory);
	pid = appears(c, b, r, fourth, "cgroup_set_limit", (struct refusal){ 0, "M-LIMIT-NONE" });
	got = file_of(c, pid, "memory", "memory.limit_in_bytes", "memory.max");
	check_that(c, got && (str_starts(got, "max") || strtoull(got, NULL, 10) >> 40), "M-LIMIT-NONE",
		"no limit on memory any more", "%.*s", got ? (int)strcspn(got, "\n") : 12,
		got ? got : "no such file");
	box_kill(r, SIGKILL);
	box_wait(r, 500);
	char *fifth = check_word(c);
	path = check_text(c, "/%s", check_word(c));
	r = box_start(b, RUN(DRIVE, "limit", path, fifth, "pids.max=0"));
	check_ran(c, "drive limit %s %s pids.max=0", path, fifth);
	pid = appears(c, b, r, fifth, "cgroup_set_limit", (struct refusal){ 0 });
	got = file_of(c, pid, "pids", "pids.max", "pids.max");
	check_that(c, got && str_eq(got, "0\n"), "M-LIMIT-ZERO", "0 processes more allowed", "%.*s",
		got ? (int)strcspn(got, "\n") : 12, got ? got : "no such file");
	box_kill(r, SIGKILL);
	box_wait(r, 500);
	r = box_run(b, RUN(DRIVE, "limit", "/unknown", word, "memory.colour=1"));
	check_that(c, r->code == EOPNOTSUPP, "M-LIMIT-UNKNOWN",
		"the error of cgroup_file() for a limit that does not exist (EOPNOTSUPP)", "%s", run_failure(r));
	r = box_run(
		b, RUN(DRIVE, "limit-only", check_text(c, "/%s", check_word(c)), word, "pids.max=9999999"));
	check_that(c, r->code != 0 && !r->timed_out, "M-LIMIT-LOST",
		"an error when the kernel refuses the number (more processes than there can be)", "%s",
		run_failure(r));
	static const int calls[] = { SYS_write, OR(SYS_pwrite64), OR(SYS_writev), -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "limit-only", check_text(c, "/%s", check_word(c)), word, count);
	box_expect_empty(b, NULL);
}

/* --- 03.3 --- */

static void cpu_files(struct check *c, pid_t pid, int64_t *ret_quota, int64_t *ret_period)
{
	char *quota = ev_cgroup_file(c, pid, "cpu", "cpu.cfs_quota_us");
	char *period = ev_cgroup_file(c, pid, "cpu", "cpu.cfs_period_us"),
	     *both = ev_cgroup_file(c, pid, "", "cpu.max");
	int64_t n[2] = { -1, 100000 };

	if (!quota && both) {
		n[0] = str_starts(both, "max") ? -1 : strtoll(both, NULL, 10);
		n[1] = strchr(both, ' ') ? strtoll(strchr(both, ' '), NULL, 10) : 100000;
	}
	*ret_quota = quota ? strtoll(quota, NULL, 10) : n[0];
	*ret_period = period ? strtoll(period, NULL, 10) : n[1];
}

/* Clock ticks of processor time that the process has used (fields 14 and 15 of proc(5), stat). */
static int64_t ticks(struct check *c, pid_t pid)
{
	int64_t n[16] = { 0 };
	char *stat = ev_file(c, pid, "stat"), *rest = stat ? strrchr(stat, ')') : NULL;
	int got = rest && rest[1] ? ev_numbers(rest + 3, n, 16) : 0;
	return got > 11 ? n[10] + n[11] : 0;
}

static void check_cpus(struct check *c)
{
	struct box *b = lent_box(c);
	uint64_t nano = check_number(c, 1501, 4499) * 100000; /* 0.1501 to 0.4499 processors */
	char *path = check_text(c, "/%s", check_word(c)), *word = check_word(c),
	     *text = check_text(c, "%llu", (unsigned long long)nano);
	struct run *r = box_start(b, RUN(DRIVE, "cpus", path, text, "9"));
	int64_t quota = 0, period = 0, throttled = 0;

	check_ran(c, "drive cpus %s %s (billionths of a processor)", path, text);
	pid_t pid = appears(c, b, r, "burn", "cgroup_set_cpus", (struct refusal){ EINVAL, "M-CPU-DIVIDE" });
	cpu_files(c, pid, &quota, &period);
	char *weight = file_of(c, pid, "cpu", "cpu.shares", "cpu.weight"),
	     *pins = file_of(c, pid, "cpuset", "cpuset.cpus", "cpuset.cpus");
	bool weighted = weight && strtol(weight, NULL, 10) != 1024 && strtol(weight, NULL, 10) != 100;
	check_that(c, quota > 0, weighted ? "M-CPU-WEIGHT" : "M-CPU-PIN", "the group has a quota of time",
		"no quota; weight %ld, processors %.20s", weight ? strtol(weight, NULL, 10) : -1,
		pins ? pins : "?");
	/* The kernel takes whole microseconds: that is the only rounding there is. */
	int64_t share = period > 0 ? quota * 1000000000 / period : -1, off = share - (int64_t)nano;
	int64_t most = period > 0 ? 1000000000 / period : 0;
	check_that(c, off <= 0 && off >= -most,
		period == 40000				  ? "M-CPU-PERIOD"
		: off < 10000000 && off > -10000000 ? "M-CPU-ROUND"
						    : "M-CPU-UNIT",
		check_text(c, "%llu billionths of a processor (quota / period)", (unsigned long long)nano),
		"%lld: quota %lld, period %lld microseconds", (long long)share, (long long)quota,
		(long long)period);
	for (int i = 0; i < 40 && !throttled; i++, usleep(50000)) {
		char *stat = file_of(c, pid, "cpu", "cpu.stat", "cpu.stat");
		char *line = stat ? strstr(stat, "nr_throttled") : NULL;
		throttled = line ? strtoll(line + 12, NULL, 10) : 0;
	}
	/* On a busy machine the program may not get more than the quota allows: then there is nothing to throttle. */
	int64_t used = ticks(c, pid) * 1000 / sysconf(_SC_CLK_TCK), allowed = (int64_t)(nano / 1000000) * 2;
	check_that(c, throttled > 0 || used <= allowed * 12 / 10, NULL, "under load the kernel throttles the group",
		"nr_throttled stays 0, and it has used %lld milliseconds in two seconds", (long long)used);
	box_kill(r, SIGKILL);
	box_wait(r, 500);
	path = check_text(c, "/%s", check_word(c));
	r = box_start(b, RUN(DRIVE, "cpus-lift", path, text, word));
	pid = appears(c, b, r, word, "cgroup_set_cpus, with 0 to lift the limit",
		(struct refusal){ EINVAL, "M-CPU-LIFT" });
	cpu_files(c, pid, &quota, &period);
	check_int(c, "M-CPU-LIFT", "the quota after it was lifted by 0 (-1: none)", -1, quota);
	box_kill(r, SIGKILL);
	box_wait(r, 500);
	path = check_text(c, "/%s", check_word(c));
	char *several = check_text(c, "%llu", (unsigned long long)check_number(c, 65, 79) * 100000000);
	r = box_start(b, RUN(DRIVE, "cpus", path, several, "9"));
	check_ran(c, "drive cpus %s %s 9   (more than one processor)", path, several);
	pid = appears(c, b, r, "burn", "cgroup_set_cpus", (struct refusal){ EINVAL, "M-CPU-32" });
	cpu_files(c, pid, &quota, &period);
	int64_t hundredths = period > 0 ? quota * 100 / period : -1;
	check_int(c, hundredths == (int64_t)((uint32_t)atoll(several) / 10000000) ? "M-CPU-32" : "M-CPU-ONE",
		"hundredths of a processor (100 * quota / period)", atoll(several) / 10000000, hundredths);
	box_kill(r, SIGKILL);
	box_wait(r, 500);
	static const int calls[] = { SYS_write, OR(SYS_pwrite64), OR(SYS_writev), -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "cpus", check_text(c, "/%s", check_word(c)), text, "1");
	r = box_run(b, RUN(DRIVE, "cpus", "/tiny", "1000", "1"));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for a millionth of a processor", "%s",
		run_failure(r));
	box_expect_empty(b, NULL);
}

/* --- 03.4 --- */

/* Is the process in the group in every tree that the box was lent? When in some only: which is missing. */
static void inside(struct check *c, pid_t pid, const char *path, const char *who, const char *misread)
{
	const char *missing = NULL, *is_in = NULL;
	char *text = ev_file(c, pid, "cgroup"), *rest = text ? xstrdup(text) : NULL, *line;
	int found = 0;
	bool v2 = is_v2(c, pid); /* on version 1 a tree of version 2 limits nothing */
	while ((line = strsep(&rest, "\n"))) { /* NUMBER:CONTROLLERS:PATH, cgroups(7) */
		char *tree = strchr(line, ':'), *at = tree ? strchr(tree + 1, ':') : NULL;
		if (!at || !strstr(at, "/box") || (tree[1] == ':') != v2)
			continue;
		*at++ = '\0';
		if (str_ends(at, path))
			found++;
		else if (!missing) {
			missing = tree[1] ? tree + 1 : "version 2";
			is_in = at;
		}
	}
	check_that(c, found && !missing, found ? "M-CG-TREES" : misread,
		check_text(
			c, "%s is in %s in the tree of %s", who, path, missing ? missing : "each controller"),
		"it is in %s", below(is_in));
}

/* One that comes in a moment later was moved after its start; one that never comes was not moved at all. */
static const char *how_outside(struct check *c, pid_t pid, const char *path)
{
	for (int i = 0; i < 30; i++, usleep(10000)) {
		char *at = ev_file(c, pid, "cgroup");
		if (at && strstr(at, path))
			return "M-ENTER-LATE";
	}
	return "M-ENTER-NOT";
}

static void check_enter(struct check *c)
{
	struct box *b = lent_box(c);
	char *path = check_text(c, "/%s", check_word(c)), *word = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "enter", path, word));
	pid_t *kids = NULL;

	check_ran(c, "drive enter %s %s", path, word);
	pid_t pid = appears(c, b, r, word, "cgroup_enter", (struct refusal){ 0 });
	int n = 0;
	for (int i = 0; i < 100 && n < 2; i++, usleep(10000))
		n = ev_children(c, pid, &kids);
	char *engine = ev_cgroup(c, r->pid, "memory");
	if (!engine || !*engine)
		engine = ev_cgroup(c, r->pid, "");
	check_that(c, !engine || !str_ends(engine, path), "M-ENTER-ENGINE", "the engine stays where it was",
		"it has moved to %s", below(engine));
	check_that(c, n >= 2, NULL, "the program has two children", "%d", n);
	const char *outside = how_outside(c, pid, path);
	for (int i = 0; i < n; i++)
		inside(c, kids[i], path, "a child of the program", outside);
	inside(c, pid, path, "the program", outside);
	/* Trees without one of these controllers count too (misc, a name without controllers). */
	for (char **t = box_names(b, "/sys/fs/cgroup"); *t; t++) {
		char *dir = check_text(c, "/sys/fs/cgroup/%s%s", *t, path);
		char *procs = box_exists(b, dir) ? box_read(b, check_text(c, "%s/cgroup.procs", dir)) : "none";
		check_that(c, procs && *procs, "M-CG-TREES",
			check_text(c, "the program is in %s in the tree %s", path, *t), "there it is not");
	}
	for (int i = 0; i < n; i++)
		kill(kids[i], SIGKILL);
	kill(pid, SIGKILL);
	box_kill(r, SIGKILL);
	box_wait(r, 500);
	for (int nth = 1; nth < 20; nth++) {
		static const int calls[] = { SYS_write, -1 };
		const char *const argv[] = { DRIVE, "enter-self", check_text(c, "/%s", check_word(c)), word,
			NULL };
		struct run one = { .argv = argv, .fail_calls = calls, .fail_nth = nth, .fail_errno = EIO };
		box_run(b, &one);
		check_ran(c, "drive enter-self %s %s   (write %d fails with EIO)", argv[2], word, nth);
		if (one.failed_call < 0)
			break;
		check_that(c, one.code != 0, "M-ENTER-SOME", "an error when one tree refuses (EIO)",
			"it said success");
	}
	r = box_run(b, RUN(DRIVE, "enter-gone", check_text(c, "/%s", check_word(c)), word));
	check_that(c, r->code != 0 && !r->timed_out, "M-LIMIT-LOST", "an error for a group that is gone",
		"%s", run_failure(r));
	box_expect_empty(b, NULL);
}

/* --- 03.5 --- */

/* How many kills for memory the function told, by the exit status of the drive program. */
static void kills_are(struct check *c, const struct run *r, const char *too_few, const char *what, int want)
{
	if (r->code == REFUSED_BY_KERNEL)
		check_fail(c, NULL, "cgroup_read_events succeeds (a file that is missing counts 0)", "%s",
			run_failure(r));
	int told = r->code >= OOM_IS_OTHER && r->code < 128 ? r->code - OOM_IS_OTHER : r->code;
	check_int(c, told < want ? too_few : "M-EV-137", what, want, told);
	check_that(c, told == r->code, "M-EV-REST",
		"oom is at least oom_kill: memory ran out before each kill", "it is less");
}

/* Makes a group in which `oom` processes die for memory, `nested` in a group below, and `plain` by signal 9. */
static char *kills(struct check *c, struct box *b, int oom, int nested, int plain)
{
	char *path = check_text(c, "/%s", check_word(c));
	struct run *r = box_run(b, &(struct run){
		.argv = (const char *const[]){ "/lab/ref/drive", "kills", path, check_text(c, "%d", oom),
			check_text(c, "%d", nested), check_text(c, "%d", plain), NULL },
		.ms = 9000 });
	if (r->code)
		check_trouble(c, "the stage %s: %s", path, run_failure(r));
	return path;
}

/* Has the drive program become `probe hold ...`? */
static bool is_held(struct check *c, const struct run *r)
{
	char **line = ev_cmdline(c, r->pid);
	return strv_len(line) > 2 && str_eq(line[1], "hold");
}

/* A group that was throttled and refused forks, made by the reference; a process lives on in a busy one. */
struct counted {
	char *path;
	int64_t forks, throttled;
	pid_t lives;
};

static struct counted counted(struct check *c, struct box *b, bool busy)
{
	char *word = check_word(c);
	struct counted g = { check_text(c, "/%s", check_word(c)), (int64_t)check_number(c, 2, 7), 0, 0 };
	struct run *r = box_start(b, RUN("/lab/ref/drive", "counted", g.path,
					     check_text(c, "%d", (int)g.forks), busy ? word : ""));
	while (!is_held(c, r))
		if (box_wait(r, 20))
			check_trouble(c, "the stage %s: %s", g.path, run_failure(r));
	char **line = ev_cmdline(c, r->pid);
	ev_numbers(line[strv_len(line) - 1], &g.throttled, 1);
	g.lives = busy ? probe_wait(b, r, word, 3000) : 0;
	box_kill(r, SIGKILL);
	return g;
}

/* What the learner's function says of it, read on the command line of the program that ran next. */
static void counts_are(struct check *c, struct box *b, const struct counted *g, bool busy)
{
	struct run *r = box_start(b, RUN(DRIVE, "counts", g->path));
	int64_t got[5] = { -1, -1, -1, -1, -1 };
	check_ran(c, "drive counts %s   (%d forks refused, %s)", g->path, (int)g->forks,
		busy ? "a process lives in it" : "its process has ended");
	for (int i = 0; i < 150 && !is_held(c, r) && !box_wait(r, 20); i++)
		continue;
	check_that(c, is_held(c, r), NULL, "cgroup_read_events succeeds", "%s", run_failure(r));
	char **line = ev_cmdline(c, r->pid);
	ev_numbers(line[strv_len(line) - 1], got, ARRAY_LEN(got));
	check_int(c, "M-EV-REST", "pids_max: the forks that pids.max has refused", g->forks, got[0]);
	check_int(c, "M-EV-REST", "throttled: how often the kernel held the group back (cpu.stat)",
		g->throttled, got[1]);
	check_int(c, "M-EV-REST", "oom in a group where memory never ran out", 0, got[2]);
	check_int(c, "M-EV-REST", "oom_kill in a group where memory never ran out", 0, got[3]);
	check_int(c, "M-EV-REST",
		busy ? "populated while a process lives in the group" : "populated once its process has ended",
		busy, got[4]);
	box_kill(r, SIGKILL);
	if (g->lives)
		kill(g->lives, SIGKILL);
}

static void check_events(struct check *c)
{
	struct box *b = lent_box(c);
	int oom = (int)check_number(c, 1, 3), nested = (int)check_number(c, 1, 2),
	    killed = (int)check_number(c, 1, 3);
	/* All of them before the first run of the learner's code: it finds groups, and not what was done in them. */
	char *plain = kills(c, b, 0, 0, killed), *both = kills(c, b, oom, 0, 1), *below_it = kills(c, b, 1, nested, 0);
	struct counted group[2] = { counted(c, b, false), counted(c, b, true) };
	struct run *r = box_run(b, RUN(DRIVE, "events", plain));

	check_ran(c, "drive events %s   (%d plain kills were there)", plain, killed);
	kills_are(c, r, NULL, check_text(c, "kills for memory, after %d plain kills by signal 9", killed), 0);
	r = box_run(b, RUN(DRIVE, "events", both));
	check_ran(c, "drive events %s   (%d kills for memory and a plain one)", both, oom);
	kills_are(c, r, r->code ? "M-EV-137" : "M-EV-FILE",
		check_text(c, "kills for memory, after %d of them and a plain kill", oom), oom);
	r = box_run(b, RUN(DRIVE, "events", below_it));
	check_ran(c, "drive events %s   (a kill for memory, and %d in %s/inner)", below_it, nested, below_it);
	kills_are(c, r, "M-EV-NESTED", check_text(c, "kills for memory, %d of them in a group below", nested),
		1 + nested);
	for (int busy = 1; busy >= 0; busy--)
		counts_are(c, b, &group[busy], busy);
	check_note_predicted(c, 'c', "137 alone does not tell");
	box_expect_empty(b, NULL);
}

/* --- 03.6 --- */

static void check_remove(struct check *c)
{
	struct box *b = lent_box(c);
	char *path = check_text(c, "/%s", check_word(c)), *word = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "remove", path, word));
	char *dirs[ARRAY_LEN(controllers) + 1] = { NULL };
	size_t n = 0;

	check_ran(c, "drive remove %s %s", path, word);
	pid_t pid = appears(c, b, r, word, "the stage", (struct refusal){ 0 });
	pid_t inner = appears(c, b, r, "inner", "the stage", (struct refusal){ 0 });
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++) {
		char *at = ev_cgroup(c, pid, controllers[i]);
		char *dir = at && *at ? check_text(c, "/sys/fs/cgroup/%s%s", controllers[i], at) : NULL;
		if (dir && access(dir, F_OK) == 0)
			dirs[n++] = dir;
	}
	if (!n && ev_cgroup(c, pid, ""))
		dirs[n++] = check_text(c, "/sys/fs/cgroup%s", ev_cgroup(c, pid, ""));
	if (!n || access(dirs[0], F_OK) != 0)
		check_trouble(c, "the group %s is not found on the host", path);
	box_kill(r, SIGUSR1);
	for (int i = 0; i < 400; i++) {
		char **line = ev_cmdline(c, r->pid);
		if ((strv_len(line) > 2 && str_eq(line[2], "removed")) || box_wait(r, 10))
			break;
	}
	check_that(c, !r->done || r->code != FORGOTTEN, "M-RM-PATH",
		"cg->path and the list of trees stay as they were", "they have changed");
	check_that(c, !r->done || r->code != HALF_LEFT, "M-RM-HALF",
		"a cgroup that is there in one tree only is removed too", "its directory is left");
	check_that(c, !r->done || r->code != PARENT_LEFT, "M-RM-PARENT",
		"an empty /minictr-... directory above the group is removed too", "it is left");
	check_that(c, !r->done || r->code != UNTOLD, "M-RM-SAYS",
		"the error of rmdir for a directory that stays (EROFS: its tree is read-only)",
		"it said success (0)");
	check_that(c, !r->done || r->code != ENOENT, "M-RM-HALF", "0 for a cgroup that is gone already", "%s",
		run_failure(r));
	check_that(c, !r->done || r->code == EBUSY,
		r->code == EPERM || r->code == EACCES ? "M-RM-FILES" : NULL, "cgroup_remove succeeds", "%s",
		run_failure(r));
	check_that(c, ev_state(c, pid) == 0 && ev_state(c, inner) == 0, "M-RM-BUSY",
		"no process of the group lives on", "process %d does", (int)(ev_state(c, pid) ? pid : inner));
	size_t there = 0, mount = strlen("/sys/fs/cgroup/");
	const char *left = NULL;
	for (size_t i = 0; i < n; i++)
		if (access(dirs[i], F_OK) == 0) {
			there++;
			left = dirs[i];
		}
	check_that(c, !there, there == n ? "M-RM-BUSY" : "M-CG-TREES", "the directory is gone in every tree",
		"in %zu of %zu it is there: %.*s, %s", there, n, left ? (int)strcspn(left + mount, "/") : 0,
		left ? left + mount : "", below(left));
	check_that(c, !r->done, "M-RM-BUSY", "cgroup_remove succeeds", "%s", run_failure(r));
	box_kill(r, SIGKILL);
	box_expect_empty(b, NULL);
}

const struct check_entry lab_03_checks[] = {
	{ "03.1", check_create },
	{ "03.2", check_limit },
	{ "03.3", check_cpus },
	{ "03.4", check_enter },
	{ "03.5", check_events },
	{ "03.6", check_remove },
	{ 0 },
};
