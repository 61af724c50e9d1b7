/*
 * checks.c - lab 02: namespace inodes, NSpid, host names, zombies, and who runs when.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";
enum { SETUP_FAILED = 94, FD_SHOWN = 50 };
static const char *const kinds[] = { "mnt", "uts", "ipc", "net", "pid", "cgroup" };

static void stage_ok(struct check *c, const struct run *r)
{
	if (r->done && r->code == SETUP_FAILED)
		check_trouble(c, "the drive program could not prepare the stage: %s", r->out ? r->out : "");
}

/* The process that holds WORD; FAIL with the errno when the drive program ended before. */
static pid_t appears(struct check *c, struct box *b, struct run *r, const char *word, const char *what,
	const char *misread)
{
	for (int i = 0; i < 200; i++) {
		pid_t pid = probe_find(b, word);
		if (pid)
			return pid;
		if (box_wait(r, 20))
			break;
	}
	pid_t pid = probe_find(b, word);
	if (pid)
		return pid;
	stage_ok(c, r);
	check_that(c, r->done, misread, check_text(c, "%s returns and its child runs", what),
		"nothing runs after 4 seconds");
	check_fail(c, misread, check_text(c, "%s succeeds", what), "it failed: error %d (%s)", r->code,
		errno_name(r->code));
}

/* --- 02.1 --- */

static void flags_are(
	struct check *c, struct box *b, const char *wanted, const char *paths, const char *misread_missing)
{
	char *word = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "flags", wanted, paths, word));

	check_ran(c, "drive flags %s %s %s", wanted, paths, word);
	pid_t pid = appears(c, b, r, word, "a clone with these flags", NULL);
	size_t new = 0, foreign = 0;
	const char *missing = NULL, *extra = NULL;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		bool own = ev_ns(c, pid, kinds[i]) != ev_ns(c, r->pid, kinds[i]);
		bool want = strstr(wanted, kinds[i]) && !strstr(paths, kinds[i]);
		new += own;
		if (want && !own)
			missing = kinds[i];
		if (!want && own) {
			extra = kinds[i];
			foreign++;
		}
	}
	check_that(c, !missing,
		missing && str_eq(missing, "cgroup") && new > 1 ? "M-NS-CGROUP" : misread_missing,
		check_text(c, "new namespaces: %s, but not by path: %s", wanted, paths), "%s is the host's",
		missing);
	check_that(c, !extra, "M-NS-ALWAYS",
		check_text(c, "new namespaces: %s, but not by path: %s", wanted, paths),
		"%s is a new one too", extra);
	box_kill(r, SIGKILL);
	kill(pid, SIGKILL);
}

static void check_flags(struct check *c)
{
	struct box *b = box_open(c, NULL);
	static const char *const pairs[] = { "mnt,uts,cgroup", "mnt,ipc,cgroup", "mnt,uts,ipc,cgroup",
		"mnt,net,cgroup" };

	flags_are(c, b, pairs[check_number(c, 0, ARRAY_LEN(pairs) - 1)], "-", "M-NS-ALL");
	flags_are(c, b, "uts,ipc,pid", check_number(c, 0, 1) ? "ipc" : "uts", NULL);
	flags_are(c, b, "mnt,uts,ipc,net,pid,cgroup", "net", NULL);
}

/* --- 02.2 --- */

static void check_spawn(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *number = check_text(c, "%d", (int)check_number(c, 2, 90));
	int64_t outer[8], inner[8];
	struct run *r = box_start(b, RUN(DRIVE, "spawn", "pid,uts,ipc", word));

	check_ran(c, "drive spawn pid,uts,ipc %s", word);
	pid_t pid = appears(c, b, r, word, "namespace_spawn", NULL);
	int depth = ev_numbers(ev_status(c, r->pid, "NSpid"), outer, 8);
	int got = ev_numbers(ev_status(c, pid, "NSpid"), inner, 8);
	check_that(c, got > 0 && inner[got - 1] == 1 && (got == depth + 1 || pid == r->pid),
		"M-SPAWN-UNSHARE",
		"NSpid of the child has one number more than its parent's, and the last is 1", "NSpid: %s",
		ev_status(c, pid, "NSpid"));
	check_that(c, pid != r->pid, "M-SPAWN-UNSHARE", "the child is a new process",
		"the caller itself became it");
	check_that(c, ev_ns(c, pid, "uts") != ev_ns(c, r->pid, "uts"), NULL, "its UTS namespace is new",
		"it is the parent's");
	check_that(c, ev_ns(c, pid, "net") == ev_ns(c, r->pid, "net"), NULL,
		"its network namespace is the parent's", "it is a new one");
	check_int(c, NULL, "parent of the child", r->pid, ev_parent(c, pid));
	char *info = NULL;
	const char *line = NULL;
	for (int i = 0; i < 100 && !line; i++, usleep(20000)) {
		info = ev_file(c, r->pid, check_text(c, "fdinfo/%d", (int)FD_SHOWN));
		line = info ? strstr(info, "Pid:") : NULL;
	}
	check_int(c, "M-SPAWN-PIDFD", "the process that the pidfd names", pid, line ? atoi(line + 4) : 0);
	box_kill(r, SIGKILL);
	kill(pid, SIGKILL);

	r = box_run(b, RUN(DRIVE, "spawn-exit", "pid,uts", number));
	check_that(c, !r->timed_out && r->code != 97, "M-SPAWN-SIGNAL",
		"waitpid(2) on the child returns its end", "%s",
		r->timed_out ? "it never returns" : "there is no child to wait for (ECHILD)");
	check_int(c, NULL, "exit status of the child, as waitpid(2) tells it", atoi(number), r->code);
	r = box_run(b, RUN(DRIVE, "spawn-full", "uts", number));
	check_int(c, NULL, "the error when no process can be made (11 is EAGAIN)", EAGAIN, r->code);
	box_expect_empty(b, NULL);
}

/* --- 02.3 --- */

static void check_go(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *second = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "go", word));

	check_ran(c, "drive go %s (the parent is held for 400 ms)", word);
	usleep(400000);
	check_that(c, probe_find(b, word) == 0, "M-GO-EARLY", "nothing is exec'd while the parent prepares",
		"the program runs already");
	box_kill(r, SIGUSR1);
	pid_t pid = probe_wait(b, r, word, 3000);
	box_kill(r, SIGKILL);
	kill(pid, SIGKILL);

	r = box_start(b, RUN(DRIVE, "go", second));
	check_ran(c, "drive go %s (the parent is killed before it says go)", second);
	usleep(200000);
	box_kill(r, SIGKILL);
	box_wait(r, 2000);
	usleep(300000);
	check_that(c, probe_find(b, second) == 0, "M-GO-EOF", "a program whose parent has died is not run",
		"it runs");
	box_expect_empty(b, "M-GO-HANG");
}

/* --- 02.4 --- */

static void check_hostname(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = check_word(c), *word = check_word(c), *watch = check_word(c);
	struct run *outside = box_start(b, RUN("/lab/probe", "hold", watch));
	pid_t host = probe_wait(b, outside, watch, 3000);
	char *before = ev_hostname(c, host);

	box_write(b, "/work/hostname", "before\n", 0644);
	struct run *r = box_start(b, RUN(DRIVE, "hostname", name, word));
	check_ran(c, "drive hostname %s %s", name, word);
	pid_t pid = appears(c, b, r, word, "namespace_set_hostname", NULL);
	check_str(c, "M-HOST-PARENT", "the host name outside", before, ev_hostname(c, host));
	char *file = box_read(b, "/work/hostname"), *got = ev_hostname(c, pid);
	check_str(c, file && strstr(file, name) ? "M-HOST-FILE" : NULL, "the host name inside", name, got);
	box_kill(r, SIGKILL);
	r = box_run(
		b, RUN(DRIVE, "hostname",
			   "a-name-that-is-very-much-longer-than-the-sixty-four-bytes-the-kernel-has-for-it",
			   word));
	check_that(c, r->code == ENAMETOOLONG || r->code == EINVAL, NULL, "an error for a name of 78 bytes",
		"exit status %d", r->code);
	box_kill(outside, SIGKILL);
	box_expect_empty(b, NULL);
}

/* --- 02.5 --- */

static void check_join(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c);
	char *target = check_text(c, "%s-t", word), *joined = check_text(c, "%s-j", word);
	int64_t a[8], z[8];
	struct run *r = box_start(b, RUN(DRIVE, "join", word));

	check_ran(c, "drive join %s", word);
	pid_t there = appears(c, b, r, target, "namespace_join", "M-JOIN-ORDER");
	pid_t pid = appears(c, b, r, joined, "namespace_join", "M-JOIN-ORDER");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		check_that(c, ev_ns(c, pid, kinds[i]) == ev_ns(c, there, kinds[i]),
			str_eq(kinds[i], "pid") ? "M-JOIN-PID" : NULL,
			check_text(c, "its %s namespace is the container's", kinds[i]), "it is another one");
	int n = ev_numbers(ev_status(c, there, "NSpid"), a, 8),
	    m = ev_numbers(ev_status(c, pid, "NSpid"), z, 8);
	check_that(c, n == m && m > 1 && z[m - 1] > 1, "M-JOIN-PID",
		"it has a process number of its own in the container", "NSpid: %s",
		ev_status(c, pid, "NSpid"));
	kill(pid, SIGKILL);
	kill(there, SIGKILL);
	box_wait(r, 1000);
	r = box_run(b, RUN(DRIVE, "join-dead", word));
	stage_ok(c, r);
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for a container that has ended",
		"exit status %d", r->code);
	box_expect_empty(b, NULL);
}

/* --- 02.6 --- */

static int zombies(struct check *c, pid_t parent, int *ret_all)
{
	pid_t *kids = NULL;
	int n = ev_children(c, parent, &kids), dead = 0;
	for (int i = 0; i < n; i++)
		dead += ev_state(c, kids[i]) == 'Z';
	*ret_all = n;
	return dead;
}

static void check_reap(struct check *c)
{
	struct box *b = box_open(c, NULL);
	int orphans = (int)check_number(c, 20, 50), all = 0, dead = 0;
	char *count = check_text(c, "%d", orphans),
	     *number = check_text(c, "%d", (int)check_number(c, 2, 90));
	struct run *r = box_start(b, RUN(DRIVE, "reap", "/lab/probe", "orphans", count));

	check_ran(c, "drive reap /lab/probe orphans %s", count);
	pid_t program = probe_wait(b, r, count, 3000), one = ev_parent(c, program);
	for (int i = 0; i < 40;
		i++, usleep(50000)) { /* all have ended after a moment; then nobody may be left */
		dead = zombies(c, one, &all);
		if (i > 10 && !dead && all == 1)
			break;
	}
	check_that(c, dead == 0, "M-REAP-ONE",
		check_text(c, "none of %d orphans is left in state Z", orphans),
		"%d of them are zombies, children of process 1", dead);
	kill(one, SIGTERM);
	bool ended = box_wait(r, 2500);
	check_that(c, ended, "M-REAP-TERM", "TERM sent to process 1 reaches the program, which ends",
		"all go on as before");
	check_int(c, "M-REAP-TERM", "exit code after TERM (128 + 15)", 143, r->code);

	r = box_run(b, RUN(DRIVE, "reap", "/lab/probe", "exit", number));
	check_that(c, !r->timed_out, NULL, "it ends when the program has ended", "it goes on");
	check_int(c, NULL, "exit code of the program", atoi(number), r->code);
	r = box_run(b, RUN(DRIVE, "reap-nobody"));
	check_that(c, r->code != 0 && r->code < 128, NULL, "an error when there is no child to wait for",
		r->code >= 128 ? "it waits for ever" : "0");
	box_expect_empty(b, NULL);
}

const struct check_entry lab_02_checks[] = {
	{ "02.1", check_flags },
	{ "02.2", check_spawn },
	{ "02.3", check_go },
	{ "02.4", check_hostname },
	{ "02.5", check_join },
	{ "02.6", check_reap },
	{ 0 },
};
