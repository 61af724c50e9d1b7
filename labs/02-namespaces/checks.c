/*
 * checks.c - lab 02: namespace inodes, NSpid, host names, zombies, and who runs when.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";
enum { CAME_BACK = 98, NOBODY_WAITS = 97, MOVED_BEFORE = 93, OTHER_UTS = 92, REAP_ERRORS = 150, FD_SHOWN = 50 };
static const char *const kinds[] = { "mnt", "uts", "ipc", "net", "pid", "cgroup" };
static const char *const all_kinds[] = { "mnt", "uts", "ipc", "net", "pid", "cgroup", "user", "time" };

/* Waits for a probe that says `word`: 4 seconds of a quiet machine. On a busy one looking alone takes long. */
static void shows_up(struct box *b, struct run *r, const char *word)
{
	uint64_t end = now_ns(CLOCK_MONOTONIC) + 6000000000ull;
	for (int i = 0; i < 200 && now_ns(CLOCK_MONOTONIC) < end && !probe_find(b, word) && !box_wait(r, 20); i++)
		continue;
}

/* The process that holds WORD; FAIL with the errno when the drive program ended before. */
static pid_t appears(struct check *c, struct box *b, struct run *r, const char *word, const char *what,
	const char *misread)
{
	shows_up(b, r, word);
	pid_t pid = probe_find(b, word);
	if (pid)
		return pid;
	check_that(c, r->done, misread, check_text(c, "%s returns and its child runs", what),
		"nothing runs after some seconds");
	check_that(c, r->code != CAME_BACK, "M-JOIN-FORK",
		check_text(c, "%s returns in the process that called it, and once", what),
		"another process came back, or one was left");
	check_fail(c, misread, check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

/* --- 02.1 --- */

static void add_word(struct check *c, char **list, const char *word)
{
	*list = **list ? check_text(c, "%s,%s", *list, word) : check_text(c, "%s", word);
}

/* What the set of new namespaces says about the function, when it is not the one wanted. */
static const char *misread_of(const char *want, const char *own, const char *paths)
{
	if (!*own || (*paths != '-' && str_eq(own, paths)))
		return "M-NS-PATH";
	if (str_eq(own, "mnt"))
		return "M-NS-ALL";
	if (strstr(want, "cgroup") && !strstr(own, "cgroup"))
		return "M-NS-CGROUP";
	if (strlen(own) < strlen(want) && !strchr(own, ','))
		return "M-NS-OR";
	return strlen(own) > strlen(want) ? "M-NS-ALWAYS" : "M-NS-LIST";
}

static void flags_are(struct check *c, struct box *b, const char *wanted, const char *paths)
{
	char *word = check_word(c), *want = "", *own = "";
	struct run *r = box_start(b, RUN(DRIVE, "flags", wanted, paths, word));

	check_ran(c, "drive flags %s %s %s", wanted, paths, word);
	pid_t pid = appears(c, b, r, word, "a clone with these flags", NULL);
	for (size_t i = 0; i < ARRAY_LEN(all_kinds); i++) {
		uint64_t there = ev_ns(c, r->pid, all_kinds[i]);
		if (strstr(wanted, all_kinds[i]) && !strstr(paths, all_kinds[i]) && there)
			add_word(c, &want, all_kinds[i]);
		if (ev_ns(c, pid, all_kinds[i]) != there)
			add_word(c, &own, all_kinds[i]);
	}
	check_that(c, str_eq(want, own), misread_of(want, own, paths),
		check_text(c, "new namespaces: %s   (wanted: %s; by path: %s)", want, wanted, paths),
		"new namespaces: %s", *own ? own : "none");
	box_kill(r, SIGKILL);
	kill(pid, SIGKILL);
}

static void check_flags(struct check *c)
{
	struct box *b = box_open(c, NULL);
	static const char *const sets[] = { "mnt,uts,cgroup", "mnt,ipc,cgroup", "mnt,uts,ipc,cgroup",
		"mnt,net,cgroup" };

	flags_are(c, b, sets[check_number(c, 0, ARRAY_LEN(sets) - 1)], "-");
	flags_are(c, b, "uts,ipc,pid", check_number(c, 0, 1) ? "ipc" : "uts");
	flags_are(c, b, "mnt,uts,ipc,net,pid,cgroup", "net");
	flags_are(c, b, "uts,net,user,time", "-");
}

/* --- 02.2 --- */

static void check_spawn(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *number = check_text(c, "%d", (int)check_number(c, 2, 90));
	int64_t outer[8], inner[8];
	pid_t *kids = NULL;
	struct run *r = box_start(b, RUN(DRIVE, "spawn", "pid,uts,ipc", word));

	check_ran(c, "drive spawn pid,uts,ipc %s", word);
	shows_up(b, r, word);
	pid_t pid = appears(c, b, r, word, "namespace_spawn",
		r->done && (r->code == EINVAL || r->code == EFAULT) ? "M-SPAWN-ARGS"
		: !r->done ? ev_children(c, r->pid, &kids) > 0 ? "M-SPAWN-VFORK" : "M-SPAWN-UNSHARE"
			   : NULL);
	int depth = ev_numbers(ev_status(c, r->pid, "NSpid"), outer, 8);
	int got = ev_numbers(ev_status(c, pid, "NSpid"), inner, 8);
	check_that(c, got > 0 && inner[got - 1] == 1 && (got == depth + 1 || pid == r->pid),
		"M-SPAWN-UNSHARE",
		"NSpid of the child has one number more than its parent's, and the last is 1", "NSpid: %s",
		ev_status(c, pid, "NSpid"));
	check_that(c, pid != r->pid, "M-SPAWN-UNSHARE", "the child is a new process",
		"the caller itself became it");
	static const char *const new[] = { "uts", "ipc" }, *const same[] = { "net", "mnt", "cgroup", "user" };
	for (size_t i = 0; i < ARRAY_LEN(new); i++)
		check_that(c, ev_ns(c, pid, new[i]) != ev_ns(c, r->pid, new[i]), "M-SPAWN-FLAGS",
			check_text(c, "its %s namespace is new", new[i]), "it is the parent's");
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		check_that(c, ev_ns(c, pid, same[i]) == ev_ns(c, r->pid, same[i]), "M-SPAWN-FLAGS",
			check_text(c, "its %s namespace is the parent's", same[i]), "it is a new one");
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
	check_that(c, r->code != CAME_BACK, "M-SPAWN-BACK",
		"the child runs its function and exits with its value",
		"it comes back from namespace_spawn and goes on as a second parent");
	check_that(c, !r->timed_out && r->code != NOBODY_WAITS, "M-SPAWN-SIGNAL",
		"waitpid(2) on the child returns its end", "%s",
		r->timed_out ? "it never returns" : "there is no child to wait for (ECHILD)");
	check_int(c, NULL, "exit status of the child, as waitpid(2) tells it", atoi(number), r->code);
	check_that(c, !box_exists(b, "/work/at-exit-ran"), "M-SPAWN-EXIT",
		"what the parent has registered for its own end (atexit) does not run in the child",
		"it ran in the child");
	r = box_run(b, RUN(DRIVE, "spawn-full", "uts", number));
	check_that(c, r->code == EAGAIN, r->code == 0 ? NULL : "M-ERR-MINUS",
		"-EAGAIN when no process can be made", "%s", run_failure(r));
	check_note_predicted(c, 'n', "unshare --pid moves only the next child");
	box_expect_empty(b, NULL);
}

/* --- 02.3 --- */

/* Clock ticks that the process has used. */
static int64_t ticks(struct check *c, pid_t pid)
{
	int64_t n[16] = { 0 };
	char *stat = ev_file(c, pid, "stat"), *rest = stat ? strrchr(stat, ')') : NULL;
	/* Behind the name: a letter, then numbers from the fourth field on; user and system time are fields 14 and 15. */
	int got = rest && rest[1] ? ev_numbers(rest + 3, n, 16) : 0;
	return got > 11 ? n[10] + n[11] : 0;
}

/* Is it never asleep? On a busy machine a process that spins gets few ticks, but it always wants to run. */
static bool spins(struct check *c, pid_t pid)
{
	int wants = 0;
	for (int i = 0; i < 20; i++, usleep(20000))
		wants += ev_state(c, pid) == 'R';
	return wants > 14;
}

static void check_go(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *second = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "go", word));

	check_ran(c, "drive go %s (the parent is held for 1200 ms)", word);
	usleep(1200000); /* a parent that maps ids and makes links takes its time; no answer is no answer */
	check_that(c, probe_find(b, word) == 0, "M-GO-EARLY", "nothing is exec'd while the parent prepares",
		"the program runs already");
	pid_t *kids = NULL;
	if (ev_children(c, r->pid, &kids) == 1)
		check_that(c, ticks(c, kids[0]) < sysconf(_SC_CLK_TCK) / 4 && !spins(c, kids[0]), "M-GO-SPIN",
			"the child sleeps while it waits", "%lld of about %ld clock ticks used",
			(long long)ticks(c, kids[0]), sysconf(_SC_CLK_TCK) * 12 / 10);
	char *failed = check_text(c, "%s-failed", word), *interrupted = check_text(c, "%s-interrupted", word),
	     *not_0 = check_text(c, "%s-positive", word), *swallowed = check_text(c, "%s-swallowed", word),
	     *positive = check_text(c, "%s-positive", second);
	box_kill(r, SIGUSR1);
	pid_t pid = 0;
	uint64_t end = now_ns(CLOCK_MONOTONIC) + 3000000000ull;
	while (!pid && !box_wait(r, 20) && now_ns(CLOCK_MONOTONIC) < end) {
		pid = probe_find(b, word);
		check_that(c, !probe_find(b, interrupted), "M-GO-EINTR",
			"the child waits until its parent says go",
			"a signal came meanwhile, and it returned -EINTR");
		check_that(c, !probe_find(b, swallowed), "M-GO-SWALLOWED",
			"of what the parent sends only the one byte is read", "what followed it is gone too");
		check_that(c, !probe_find(b, failed) && !probe_find(b, not_0), "M-GO-INVERTED",
			"0 once the parent has said go (one byte)", "it returned something else");
	}
	pid = pid ? pid : probe_wait(b, r, word, 100);
	box_kill(r, SIGKILL);
	kill(pid, SIGKILL);

	r = box_start(b, RUN(DRIVE, "go-never", second));
	check_ran(c, "drive go-never %s (the parent is killed before it says go)", second);
	usleep(200000);
	box_kill(r, SIGKILL);
	box_wait(r, 2000);
	/* Until the child has ended, or shows what it took the end for; a busy machine takes its time. */
	pid_t *left = NULL;
	char *error = check_text(c, "%s-failed", second), *stale = check_text(c, "%s-interrupted", second);
	end = now_ns(CLOCK_MONOTONIC) + 1500000000ull;
	while (now_ns(CLOCK_MONOTONIC) < end && box_processes(b, &left) > 0 && !probe_find(b, positive) &&
		!probe_find(b, second) && !probe_find(b, error) && !probe_find(b, stale))
		usleep(50000);
	check_that(c, probe_find(b, positive) == 0, "M-ERR-MINUS",
		"-EPIPE when the parent has died without go", "a positive number: that is no failure");
	check_that(c, !probe_find(b, error) && !probe_find(b, stale), "M-GO-ERROR",
		"-EPIPE when the parent has died without go", "another error");
	check_that(c, probe_find(b, second) == 0, "M-GO-EOF", "a program whose parent has died is not run",
		"it runs");
	box_expect_empty(b, "M-GO-HANG");
}

/* --- 02.4 --- */

static void check_hostname(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = check_text(c, "%s-%d.example", check_word(c), (int)check_number(c, 10, 99999)),
	     *word = check_word(c), *watch = check_word(c);
	struct run *outside = box_start(b, RUN("/lab/probe", "hold", watch));
	pid_t host = probe_wait(b, outside, watch, 3000);
	char *before = ev_hostname(c, host);

	box_write(b, "/work/hostname", "before\n", 0644);
	struct run *r = box_start(b, RUN(DRIVE, "hostname", name, word));
	check_ran(c, "drive hostname %s %s", name, word);
	shows_up(b, r, word);
	check_that(c, !r->done || r->code != OTHER_UTS,
		str_eq(before, ev_hostname(c, host)) ? "M-HOST-ANOTHER" : "M-HOST-PARENT",
		"the process is in the UTS namespace it was in", "it is in another one");
	pid_t pid = appears(c, b, r, word, "namespace_set_hostname", NULL);
	check_str(c, "M-HOST-PARENT", "the host name outside", before, ev_hostname(c, host));
	char *file = box_read(b, "/work/hostname"), *got = ev_hostname(c, pid);
	bool cut = got && *got && str_starts(name, got) && !str_eq(name, got);
	check_str(c,
		file && strstr(file, name) ? "M-HOST-FILE"
		: cut                      ? "M-HOST-LENGTH"
					   : NULL,
		"the host name inside", name, got);
	box_kill(r, SIGKILL);
	char *edge = check_text(c, "%s%s%s%s%s%s%s%s", check_word(c), check_word(c), check_word(c),
		     check_word(c), check_word(c), check_word(c), check_word(c), check_word(c)),
	     *second = check_word(c);
	r = box_start(b, RUN(DRIVE, "hostname", edge, second));
	check_ran(c, "drive hostname %s %s   (64 bytes)", edge, second);
	pid = appears(c, b, r, second, "namespace_set_hostname with a name of 64 bytes", "M-HOST-EDGE");
	check_str(c, "M-HOST-LENGTH", "the host name of 64 bytes", edge, ev_hostname(c, pid));
	box_kill(r, SIGKILL);
	static const int calls[] = { SYS_sethostname, -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "hostname", name, word);
	r = box_run(
		b, RUN(DRIVE, "hostname-long",
			   "a-name-that-is-very-much-longer-than-the-sixty-four-bytes-the-kernel-has-for-it",
			   word));
	check_that(c, r->code == ENAMETOOLONG || r->code == EINVAL,
		r->code == 0 ? "M-HOST-CUT" : "M-ERR-MINUS",
		"-EINVAL or -ENAMETOOLONG for a name of 78 bytes", "%s", run_failure(r));
	box_kill(outside, SIGKILL);
	box_expect_empty(b, NULL);
}

/* --- 02.5 --- */

/* Two kinds asked for: the other namespaces stay the caller's. */
static void join_some(struct check *c, struct box *b, pid_t host)
{
	char *word = check_word(c);
	char *target = check_text(c, "%s-t", word), *joined = check_text(c, "%s-j", word);
	struct run *r = box_start(b, RUN(DRIVE, "join-some", word));
	check_ran(c, "drive join-some %s   (uts, ipc)", word);
	shows_up(b, r, joined);
	pid_t pid = appears(c, b, r, joined, "namespace_join", "M-JOIN-ALL"),
	      there = appears(c, b, r, target, "namespace_join", NULL);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		bool asked = str_eq(kinds[i], "uts") || str_eq(kinds[i], "ipc");
		check_that(c, ev_ns(c, pid, kinds[i]) == ev_ns(c, asked ? there : host, kinds[i]),
			asked ? "M-JOIN-FLAGS" : "M-JOIN-ALL",
			check_text(c, "of uts and ipc asked for: its %s namespace is the %s", kinds[i],
				asked ? "container's" : "caller's, as before"),
			"it is not");
	}
	kill(pid, SIGKILL);
	kill(there, SIGKILL);
	box_wait(r, 1000);
}

static void check_join(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c);
	char *target = check_text(c, "%s-t", word), *joined = check_text(c, "%s-j", word);
	int64_t a[8], z[8];
	char *watch = check_word(c);
	struct run *outside = box_start(b, RUN("/lab/probe", "hold", watch));
	pid_t host = probe_wait(b, outside, watch, 3000);
	struct run *r = box_start(b, RUN(DRIVE, "join", word));

	check_ran(c, "drive join %s", word);
	shows_up(b, r, joined);
	check_that(c, !r->done || r->code != MOVED_BEFORE, "M-JOIN-ORDER", "namespace_join succeeds", "%s",
		check_text(c, "after the mounts were the container's already, %s", run_failure(r)));
	pid_t pid = appears(c, b, r, joined, "namespace_join",
		r->done && (r->code == EINVAL || r->code == ENOENT) ? "M-JOIN-FLAGS" : NULL);
	pid_t there = appears(c, b, r, target, "namespace_join", NULL);
	uint64_t its = ev_ns(c, pid, "mnt");
	check_that(c, its == ev_ns(c, there, "mnt") || its == ev_ns(c, host, "mnt"), "M-JOIN-NEW",
		"its mnt namespace is the container's",
		"it is a new one, neither the container's nor the caller's");
	check_that(c, its != ev_ns(c, host, "mnt"), "M-JOIN-FLAGS", "its mnt namespace is the container's",
		"it is the caller's, as before");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		check_that(c, ev_ns(c, pid, kinds[i]) == ev_ns(c, there, kinds[i]),
			str_eq(kinds[i], "pid") ? "M-JOIN-PID" : "M-JOIN-SOME",
			check_text(c, "its %s namespace is the container's", kinds[i]), "it is another one");
	int n = ev_numbers(ev_status(c, there, "NSpid"), a, 8),
	    m = ev_numbers(ev_status(c, pid, "NSpid"), z, 8);
	check_that(c, n == m && m > 1 && z[m - 1] > 1, "M-JOIN-PID",
		"it has a process number of its own in the container", "NSpid: %s",
		ev_status(c, pid, "NSpid"));
	kill(pid, SIGKILL);
	kill(there, SIGKILL);
	box_wait(r, 1000);
	join_some(c, b, host);
	box_kill(outside, SIGKILL);
	static const int calls[] = { SYS_setns, -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "join", word);
	box_clear(b);
	r = box_run(b, RUN(DRIVE, "join-none", word));
	check_that(c, r->code == 0, "M-JOIN-ZERO", "0 for no flags at all: there is nothing to join", "%s",
		run_failure(r));
	box_clear(b);
	r = box_run(b, RUN(DRIVE, "join-dead", word));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for a container that has ended", "%s",
		run_failure(r));
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

static const char *misread_reap(int code)
{
	return code == REAP_ERRORS + EINTR    ? "M-REAP-EINTR"
	       : code == REAP_ERRORS + ECHILD ? "M-REAP-IGNORED"
					      : "M-REAP-CODE";
}

static void reap_code(struct check *c, const struct run *r, const char *what, int want)
{
	const char *expected = check_text(c, "%s is %d", what, want);
	if (!WIFSIGNALED(r->status) && r->code > REAP_ERRORS && !r->timed_out)
		check_fail(c, misread_reap(r->code), expected, "init_reap failed with %s",
			errno_name(r->code - REAP_ERRORS));
	check_that(c, r->code != 128 + SIGTERM || want == r->code, "M-REAP-FORWARD", expected,
		"143: process 1 ended by itself, the program was not told");
	check_int(c, misread_reap(r->code), what, want, r->code);
}

static bool pending(struct check *c, pid_t pid, int sig)
{
	char *set = ev_status(c, pid, "ShdPnd");
	return set && strtoull(set, NULL, 16) >> (sig - 1) & 1;
}

/*
 * Every signal that process 1 can take is the program's. Both children are stopped meanwhile, so what they were
 * sent stays pending, and the kernel says it (proc(5), ShdPnd): a file could be written by process 1 itself.
 */
static void signals_go_on(struct check *c, struct box *b)
{
	static const int all[] = { SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGURG, SIGVTALRM, SIGPROF, SIGIO };
	size_t first = check_number(c, 0, ARRAY_LEN(all) - 1);
	char *log = check_text(c, "/work/%s", check_word(c)), *beside = check_text(c, "/work/%s", check_word(c));
	struct run *r = box_start(b, RUN(DRIVE, "reap-beside", beside, "/lab/probe", "signals", log));
	pid_t program = probe_wait(b, r, log, 3000), other = probe_wait(b, r, beside, 3000),
	      init = ev_parent(c, program);

	check_ran(c, "drive reap-beside %s /lab/probe signals %s   (process 1 gets %d signals, one after the other)",
		beside, log, (int)ARRAY_LEN(all));
	for (int i = 0; i < 50 && !(box_exists(b, log) && box_exists(b, beside)); i++, usleep(20000))
		continue;
	usleep(100000); /* its handlers stand a moment after the file */
	/* A program that is stopped for a moment (Ctrl-Z, a debugger) has not ended. */
	kill(other, SIGSTOP);
	kill(program, SIGSTOP);
	for (int i = 0; i < 50 && (ev_state(c, program) != 'T' || ev_state(c, other) != 'T'); i++, usleep(20000))
		continue;
	usleep(200000);
	check_that(c, !box_wait(r, 1) && ev_state(c, program) == 'T', "M-REAP-STOPPED",
		"process 1 waits for the end of its program, which is only stopped now", "it has ended");
	for (size_t k = 0; k < ARRAY_LEN(all); k++) {
		int sig = all[(first + k) % ARRAY_LEN(all)];
		bool there = false;
		kill(init, sig);
		for (int i = 0; i < 100 && !there; i++, usleep(10000))
			there = pending(c, program, sig);
		check_that(c, there, "M-REAP-SIGNALS",
			check_text(c, "the program gets signal %d (%s)", sig, strsignal(sig)),
			"the signals waiting for it are: %s", ev_status(c, program, "ShdPnd"));
		check_that(c, !pending(c, other, sig), "M-REAP-ALL", "no other process gets the program's signals",
			"another child of process 1 got signal %d", sig);
	}
	kill(program, SIGKILL);
	check_that(c, box_wait(r, 2500), "M-REAP-LAST",
		"it returns when the program has ended, though another child lives on", "it waits on");
	reap_code(c, r, "exit code of a program that signal 9 ended", 137);
}

static void check_reap(struct check *c)
{
	struct box *b = box_open(c, NULL);
	int orphans = (int)check_number(c, 20, 50), all = 0, dead = 0, told = (int)check_number(c, 3, 90);
	char *count = check_text(c, "%d", orphans), *value = check_text(c, "%d", told),
	     *number = check_text(c, "%d", (int)check_number(c, 2, 90));
	struct run *r = box_run(b, RUN(DRIVE, "reap", "/lab/probe", "exit", number));

	check_that(c, !r->timed_out, NULL, "it ends when the program has ended", "it goes on");
	reap_code(c, r, "exit code of the program", atoi(number));
	r = box_run(b, RUN(DRIVE, "reap", "/lab/probe", "kill", "9"));
	reap_code(c, r, "exit code of a program that signal 9 ended", 137);
	r = box_start(b, RUN(DRIVE, "reap", "/lab/probe", "orphans", count, value));
	check_ran(c, "drive reap /lab/probe orphans %s %s", count, value);
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
	int64_t before = ticks(c, one);
	usleep(500000);
	check_that(c, ticks(c, one) - before < sysconf(_SC_CLK_TCK) / 8 && !spins(c, one), "M-REAP-SPIN",
		"process 1 sleeps while nothing happens", "%lld of %ld clock ticks used in half a second",
		(long long)(ticks(c, one) - before), sysconf(_SC_CLK_TCK) / 2);
	kill(one, SIGTERM);
	check_that(c, box_wait(r, 2500), "M-REAP-TERM",
		"TERM sent to process 1 reaches the program, which ends", "all go on as before");
	reap_code(c, r, check_text(c, "exit code of the program, which says %d at TERM", told), told);
	signals_go_on(c, b);
	r = box_run(b, RUN(DRIVE, "reap-nobody"));
	check_that(c, r->code != 0 && !WIFSIGNALED(r->status) && !r->timed_out, NULL,
		"an error when there is no child to wait for", "%s",
		r->code == 0 ? "0" : "it waits for ever");
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
