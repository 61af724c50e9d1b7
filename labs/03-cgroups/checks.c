/*
 * checks.c - lab 03: which group a process is in, what stands in the group's files, who was killed, what is left.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";
enum { SETUP_FAILED = 94, NOBODY_CAN_ENTER = 93 };
static const char *const controllers[] = { "memory", "pids", "cpu", "cpuset", "freezer" };

static struct box *lent_box(struct check *c)
{
	return box_open(c, &(struct box_options){ .memory = 256 << 20, .pids = 200, .need_cgroup = true });
}

static void stage_ok(struct check *c, const struct run *r)
{
	if (r->done && r->code == SETUP_FAILED)
		check_trouble(c, "the drive program could not prepare the stage: %s", r->out ? r->out : "");
}

static pid_t appears(struct check *c, struct box *b, struct run *r, const char *word, const char *what)
{
	for (int i = 0; i < 250; i++) {
		pid_t pid = probe_find(b, word);
		if (pid)
			return pid;
		if (box_wait(r, 20))
			break;
	}
	stage_ok(c, r);
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
	check_fail(c, NULL, check_text(c, "%s succeeds", what), "it failed: error %d (%s)", r->code,
		errno_name(r->code));
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

static void check_create(struct check *c)
{
	struct box *b = lent_box(c);
	char *path = check_text(c, "/%s/%s/%s", check_word(c), check_word(c), check_word(c)),
	     *word = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "create", path, word));

	check_ran(c, "drive create %s %s", path, word);
	pid_t pid = appears(c, b, r, word, "cgroup_create");
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
		if (at)
			check_that(c, str_ends(at, path), "M-CG-TREES",
				check_text(c, "the group %s in the tree of %s", path, controllers[i]), "%s",
				at);
	}
	box_kill(r, SIGKILL);
	kill(pid, SIGKILL);
	r = box_run(b, RUN(DRIVE, "create", "/../outside", word));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for the path /../outside",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);
}

/* --- 03.2 --- */

static void check_limit(struct check *c)
{
	struct box *b = lent_box(c);
	uint64_t mib = check_number(c, 24, 60), pids = check_number(c, 20, 60);
	char *path = check_text(c, "/%s", check_word(c)), *word = check_word(c), *second = check_word(c);
	char *memory = check_text(c, "memory.max=%llu", (unsigned long long)mib << 20);
	char *swap = check_text(c, "memory.swap.max=%llu", 4ull << 20),
	     *count = check_text(c, "pids.max=%d", (int)pids);
	struct run *r = box_start(b, RUN(DRIVE, "limit", path, word, memory, swap, count));

	check_ran(c, "drive limit %s %s %s %s %s", path, word, memory, swap, count);
	pid_t pid = appears(c, b, r, word, "cgroup_set_limit");
	char *got = file_of(c, pid, "memory", "memory.limit_in_bytes", "memory.max");
	check_int(c,
		got && strtoull(got, NULL, 10) == mib * 1000000 / 4096 * 4096 ? "M-LIMIT-MB" : "M-LIMIT-HIGH",
		"bytes in the group's memory limit", (int64_t)(mib << 20), got ? strtoll(got, NULL, 10) : -1);
	got = file_of(c, pid, "memory", "memory.memsw.limit_in_bytes", "memory.swap.max");
	if (got)
		check_int(c, "M-LIMIT-SWAP",
			is_v2(c, pid) ? "bytes of swap" : "bytes of memory and swap together",
			is_v2(c, pid) ? 4 << 20 : (int64_t)(mib + 4) << 20, strtoll(got, NULL, 10));
	got = file_of(c, pid, "pids", "pids.max", "pids.max");
	check_int(c, NULL, "processes allowed", (int64_t)pids, got ? strtoll(got, NULL, 10) : -1);
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
	pid = appears(c, b, r, second, "cgroup_set_limit");
	usleep(300000);
	got = file_of(c, pid, "pids", "pids.current", "pids.current");
	check_int(c, NULL, "processes of a program that forks 150 times", (int64_t)pids,
		got ? strtoll(got, NULL, 10) : -1);
	pid_t *all = NULL;
	for (int n = box_processes(b, &all); n > 0; n--)
		kill(all[n - 1], SIGKILL);
	r = box_run(b, RUN(DRIVE, "limit", "/unknown", word, "memory.colour=1"));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for a limit that does not exist",
		"exit status %d", r->code);
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

static void check_cpus(struct check *c)
{
	struct box *b = lent_box(c);
	uint64_t nano = check_number(c, 15, 45) * 10000000; /* 0.15 to 0.45 processors */
	char *path = check_text(c, "/%s", check_word(c)), *word = check_word(c),
	     *text = check_text(c, "%llu", (unsigned long long)nano);
	struct run *r = box_start(b, RUN(DRIVE, "cpus", path, text, "3"));
	int64_t quota = 0, period = 0, throttled = 0;

	check_ran(c, "drive cpus %s %s (billionths of a processor)", path, text);
	pid_t pid = appears(c, b, r, "burn", "cgroup_set_cpus");
	cpu_files(c, pid, &quota, &period);
	char *weight = file_of(c, pid, "cpu", "cpu.shares", "cpu.weight"),
	     *pins = file_of(c, pid, "cpuset", "cpuset.cpus", "cpuset.cpus");
	bool weighted = weight && strtol(weight, NULL, 10) != 1024 && strtol(weight, NULL, 10) != 100;
	check_that(c, quota > 0, weighted ? "M-CPU-WEIGHT" : "M-CPU-PIN", "the group has a quota of time",
		"no quota; weight %ld, processors %.20s", weight ? strtol(weight, NULL, 10) : -1,
		pins ? pins : "?");
	int64_t percent = period > 0 ? quota * 1000 / period : -1;
	check_int(c, NULL, "thousandths of a processor (quota / period)", (int64_t)(nano / 1000000), percent);
	for (int i = 0; i < 40 && !throttled; i++, usleep(50000)) {
		char *stat = file_of(c, pid, "cpu", "cpu.stat", "cpu.stat");
		char *line = stat ? strstr(stat, "nr_throttled") : NULL;
		throttled = line ? strtoll(line + 12, NULL, 10) : 0;
	}
	check_that(
		c, throttled > 0, NULL, "under load the kernel throttles the group", "nr_throttled stays 0");
	box_kill(r, SIGKILL);
	box_wait(r, 500);
	path = check_text(c, "/%s", check_word(c));
	r = box_start(b, RUN(DRIVE, "cpus-lift", path, text, word));
	pid = appears(c, b, r, word, "cgroup_set_cpus");
	cpu_files(c, pid, &quota, &period);
	check_int(c, NULL, "the quota after it was lifted by 0 (-1: none)", -1, quota);
	box_kill(r, SIGKILL);
	box_wait(r, 500);
	r = box_run(b, RUN(DRIVE, "cpus", "/tiny", "1000", "1"));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for a millionth of a processor",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);
}

/* --- 03.4 --- */

static void inside(struct check *c, pid_t pid, const char *path, const char *who, const char *misread)
{
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++) {
		char *at = ev_cgroup(c, pid, is_v2(c, pid) ? "" : controllers[i]);
		if (at)
			check_that(c, str_ends(at, path), misread,
				check_text(c, "%s is in %s of %s", who, path, controllers[i]), "it is in %s",
				at);
	}
}

static void check_enter(struct check *c)
{
	struct box *b = lent_box(c);
	char *path = check_text(c, "/%s", check_word(c)), *word = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "enter", path, word));
	pid_t *kids = NULL;

	check_ran(c, "drive enter %s %s", path, word);
	pid_t pid = appears(c, b, r, word, "cgroup_enter");
	int n = 0;
	for (int i = 0; i < 100 && n < 2; i++, usleep(10000))
		n = ev_children(c, pid, &kids);
	char *engine = ev_cgroup(c, r->pid, "memory");
	if (!engine || !*engine)
		engine = ev_cgroup(c, r->pid, "");
	check_that(c, !engine || !str_ends(engine, path), "M-ENTER-ENGINE", "the engine stays where it was",
		"it has moved to %s", engine);
	check_that(c, n >= 2, NULL, "the program has two children", "%d", n);
	for (int i = 0; i < n; i++)
		inside(c, kids[i], path, "a child of the program", "M-ENTER-LATE");
	inside(c, pid, path, "the program", "M-CG-TREES");
	for (int i = 0; i < n; i++)
		kill(kids[i], SIGKILL);
	kill(pid, SIGKILL);
	box_kill(r, SIGKILL);
	r = box_run(b, RUN(DRIVE, "enter-gone", check_text(c, "/%s", check_word(c)), word));
	stage_ok(c, r);
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for a group that is gone",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);
}

/* --- 03.5 --- */

static void check_events(struct check *c)
{
	struct box *b = lent_box(c);
	int oom = (int)check_number(c, 1, 3), nested = (int)check_number(c, 1, 2),
	    killed = (int)check_number(c, 1, 3);
	char *path = check_text(c, "/%s", check_word(c));
	struct run *r = box_run(b, RUN(DRIVE, "events", path, "0", "0", check_text(c, "%d", killed)));

	check_ran(c, "drive events %s 0 0 %d", path, killed);
	stage_ok(c, r);
	check_int(c, "M-EV-137", check_text(c, "kills for memory, after %d plain kills by signal 9", killed),
		0, r->code);
	path = check_text(c, "/%s", check_word(c));
	r = box_run(b, &(struct run){ .argv = (const char *const[]){ DRIVE, "events", path,
					      check_text(c, "%d", oom), "0", "1", NULL },
			       .ms = 9000 });
	check_ran(c, "drive events %s %d 0 1", path, oom);
	stage_ok(c, r);
	check_int(c, "M-EV-137", check_text(c, "kills for memory, after %d of them and a plain kill", oom),
		oom, r->code);
	path = check_text(c, "/%s", check_word(c));
	r = box_run(b, &(struct run){ .argv = (const char *const[]){ DRIVE, "events", path, "1",
					      check_text(c, "%d", nested), "0", NULL },
			       .ms = 9000 });
	check_ran(c, "drive events %s 1 %d 0", path, nested);
	stage_ok(c, r);
	check_int(c, "M-EV-NESTED", check_text(c, "kills for memory, %d of them in a group below", nested),
		1 + nested, r->code);
	if (check_predicted(c) == 'c')
		check_note(c, "137 alone does not tell: you predicted that");
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
	pid_t pid = appears(c, b, r, word, "the stage");
	pid_t inner = appears(c, b, r, "inner", "the stage");
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
	check_that(c, !r->done || r->code == EBUSY, "M-RM-FILES", "cgroup_remove succeeds",
		"it failed: error %d (%s)", r->code, errno_name(r->code));
	check_that(c, ev_state(c, pid) == 0 && ev_state(c, inner) == 0, "M-RM-BUSY",
		"no process of the group lives on", "process %d does", (int)(ev_state(c, pid) ? pid : inner));
	for (size_t i = 0; i < n; i++)
		check_that(c, access(dirs[i], F_OK) != 0, "M-RM-BUSY", "the directory is gone in every tree",
			"%s is there", dirs[i]);
	check_that(c, !r->done, "M-RM-BUSY", "cgroup_remove succeeds", "it failed: error %d (%s)", r->code,
		errno_name(r->code));
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
