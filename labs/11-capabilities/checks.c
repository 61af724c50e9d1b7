/*
 * checks.c - lab 11: the lines of /proc/PID/status, id maps, a set-uid file, and calls that must fail.
 *
 * Ids in /proc are shown to the grader as the host numbers them; `base` is the host's number of the box's root.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/program.h"
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";
enum { NO_SUCH_ABI = 93, LISTENER = 90, FOWNER = 3, CAP_KILL_BIT = 1 << 5 };
typedef unsigned long long ull;

/* The drive program under the name WORD; FAIL with the errno when it ended. */
static pid_t shown(struct check *c, struct run *r, const char *word, const char *what, int errno_known,
	const char *misread)
{
	for (int i = 0; i < 200; i++) {
		char *comm = ev_file(c, r->pid, "comm"), **line = ev_cmdline(c, r->pid);
		if (comm && str_starts(comm, word))
			return r->pid;
		if (strv_len(line) > 2 && str_eq(line[0], "probe") && str_eq(line[2], word))
			return r->pid;
		if (box_wait(r, 20))
			break;
	}
	check_that(c, r->done, NULL, check_text(c, "%s returns", what), "it did not within 4 seconds");
	check_fail(c, !WIFSIGNALED(r->status) && (r->code == errno_known || errno_known < 0) ? misread : NULL,
		check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

/* The kernel says EPERM to what the process may not, and the function has to hand it on. */
static void refused(struct check *c, const struct run *r, int code, const char *when)
{
	check_that(c, r->code == code, r->code == 0 ? "M-ERR-LOST" : NULL,
		check_text(c, "-%s %s", errno_name(code), when), "%s", run_failure(r));
}

static uint64_t cap_line(struct check *c, pid_t pid, const char *name)
{
	char *text = ev_status(c, pid, name);
	return text ? strtoull(text, NULL, 16) : 0;
}

static void caps_equal(struct check *c, const char *misread, const char *name, uint64_t want, uint64_t got)
{
	check_that(
		c, want == got, misread, check_text(c, "%s: %016llx", name, (ull)want), "%016llx", (ull)got);
}

/* A process of the box's root that nobody has touched: what it may, and its number on the host. */
static pid_t plain(struct check *c, struct box *b, int64_t *ret_base)
{
	char *word = check_word(c);
	struct run *r = box_start(b, RUN("/lab/probe", "hold", word));
	pid_t pid = probe_wait(b, r, word, 3000);
	int64_t ids[4] = { 0 };

	ev_numbers(ev_status(c, pid, "Uid"), ids, 4);
	*ret_base = ids[0];
	return pid;
}

static struct box *ids_box(struct check *c) { return box_open(c, &(struct box_options){ .need_ids = true }); }

/* The task has made no process that lives on. */
static void alone(struct box *b, pid_t other)
{
	kill(other, SIGKILL);
	box_expect_empty(b, NULL);
}

/* --- 11.1 --- */

static void check_limit(struct check *c)
{
	struct box *b = ids_box(c);
	int64_t base = 0;
	pid_t other = plain(c, b, &base);
	uint64_t all = cap_line(c, other, "CapBnd"), keep = 0;
	char *word = check_word(c), *second = check_word(c), *file = check_text(c, "/work/%s", check_word(c)),
	     *probe = NULL;
	struct mc_err err = { 0 };

	for (int i = 0; i < 5; i++)
		keep |= 1ull << check_number(c, 0, 30);
	for (int cap = 32; cap < 40; cap += (int)check_number(c, 1, 4))
		keep |= 1ull << cap;
	keep &= ~1ull;                 /* the first one falls: an edge, and on purpose */
	keep &= ~(1ull << FOWNER);     /* the stage has dropped it before */
	keep |= 1ull << 8;             /* CAP_SETPCAP: else the next one could not be dropped */
	keep |= 1ull << 6 | 1ull << 7; /* CAP_SETGID, CAP_SETUID: the stage becomes user 1000 */
	char *text = check_text(c, "%llx", (ull)keep);
	struct run *r = box_start(b, RUN(DRIVE, "limit", text, word));
	check_ran(c, "drive limit %s %s", text, word);
	pid_t pid = shown(c, r, word, "caps_limit", EINVAL, "M-CAPS-END");
	uint64_t got = cap_line(c, pid, "CapBnd"), left = got & ~keep, before = all & ~(1ull << FOWNER);
	uint64_t low = (1ull << 31) - 1;
	caps_equal(c,
		got == before                              ? "M-CAPS-EFFECTIVE"
		: (got & keep) != (keep & all)             ? "M-CAPS-INVERTED"
		: left & (left - 1) && !(left & low)       ? "M-CAPS-SHIFT"
		: left && !(left & (left - 1))             ? "M-CAPS-LAST"
		: !(left & ((1ull << FOWNER) - 1)) && left ? "M-CAPS-STOPS"
							   : NULL,
		"CapBnd", keep & all, got);
	caps_equal(c, "M-CAPS-PERMITTED", "CapPrm, which is not the bounding set's",
		cap_line(c, other, "CapPrm"), cap_line(c, pid, "CapPrm"));
	caps_equal(c, "M-CAPS-PERMITTED", "CapEff, which is not the bounding set's",
		cap_line(c, other, "CapEff"), cap_line(c, pid, "CapEff"));
	caps_equal(c, "M-CAPS-OTHERS", "CapInh, as before", CAP_KILL_BIT, cap_line(c, pid, "CapInh"));
	caps_equal(c, "M-CAPS-OTHERS", "CapAmb, as before", CAP_KILL_BIT, cap_line(c, pid, "CapAmb"));
	box_kill(r, SIGKILL);

	if (program_path("minictr-probe", &probe, &err) < 0)
		check_trouble(c, "%s", err.what);
	box_copy(b, probe, file, 04755);
	r = box_start(b, RUN(DRIVE, "limit-suid", text, file, second));
	check_ran(c, "drive limit-suid %s %s %s", text, file, second);
	pid = shown(c, r, second, "the set-uid program", 0, NULL);
	int64_t ids[4] = { 0 };
	ev_numbers(ev_status(c, pid, "Uid"), ids, 4);
	if (ids[1] == base)
		check_that(c, (cap_line(c, pid, "CapPrm") & ~keep) == 0, "M-CAPS-EFFECTIVE",
			"a set-uid file run by an unprivileged user regains nothing that was not kept",
			"CapPrm: %016llx", (ull)cap_line(c, pid, "CapPrm"));
	box_kill(r, SIGKILL);
	r = box_run(b, RUN(DRIVE, "limit-nocaps", text, word));
	refused(c, r, EPERM, "for a process without CAP_SETPCAP");
	alone(b, other);
}

/* --- 11.2 --- */

static void check_become(struct check *c)
{
	struct box *b = ids_box(c);
	int64_t base = 0, ids[8];
	pid_t other = plain(c, b, &base);
	int uid = (int)check_number(c, 1000, 2000), gid = (int)check_number(c, 3000, 4000),
	    more = (int)check_number(c, 5000, 6000);
	char *word = check_word(c), *second = check_word(c), *third = check_word(c);
	struct run *r = box_start(b, RUN(DRIVE, "become", check_text(c, "%d", uid), check_text(c, "%d", gid),
					     check_text(c, "%d,%d", more, more + 1), word));

	check_ran(c, "drive become %d %d %d,%d %s", uid, gid, more, more + 1, word);
	pid_t pid = shown(c, r, word, "user_become", EPERM, "M-USER-ORDER");
	int n = ev_numbers(ev_status(c, pid, "Uid"), ids, 8);
	check_that(c, n < 1 || ids[0] - base != gid, "M-USER-SWAP",
		check_text(c, "user %d, group %d", uid, gid), "user %d", gid);
	for (int i = 0; i < n; i++)
		check_int(c, "M-USER-ALL", check_text(c, "number %d of the line Uid", i + 1), uid,
			ids[i] - base);
	n = ev_numbers(ev_status(c, pid, "Gid"), ids, 8);
	for (int i = 0; i < n; i++)
		check_int(c, "M-USER-ALL", check_text(c, "number %d of the line Gid", i + 1), gid,
			ids[i] - base);
	char *line = ev_status(c, pid, "Groups");
	n = ev_numbers(line, ids, 8);
	check_that(c, n == 2 && ids[0] - base == more && ids[1] - base == more + 1, "M-USER-GROUPS",
		check_text(c, "additional groups %d and %d, no others", more, more + 1),
		"%d of them, the first is %lld", n, n ? (long long)(ids[0] - base) : -1LL);
	box_kill(r, SIGKILL);
	static const int calls[] = { SYS_setgroups, SYS_setgid, SYS_setregid, SYS_setresgid, SYS_setuid,
		SYS_setreuid, SYS_setresuid, -1 };
	CHECK_ERRORS(c, b, calls, EINVAL, DRIVE, "become", "1000", "1000", "1001", word);

	r = box_start(b, RUN(DRIVE, "become", "1000", "1000", "-", second));
	check_ran(c, "drive become 1000 1000 - %s   (no additional groups)", second);
	pid = shown(c, r, second, "user_become", EPERM, "M-USER-ORDER");
	line = ev_status(c, pid, "Groups");
	check_int(c, "M-USER-GROUPS", "additional groups when none are wanted", 0, ev_numbers(line, ids, 8));
	box_kill(r, SIGKILL);
	r = box_start(b, RUN(DRIVE, "become-denied", third));
	check_ran(c, "drive become-denied %s   (no groups wanted, in a user namespace with setgroups: deny)",
		third);
	shown(c, r, third, "user_become", EPERM, "M-USER-DENIED");
	box_kill(r, SIGKILL);
	r = box_run(b, RUN(DRIVE, "become-nocaps", "1000", "1000", "1000", word));
	refused(c, r, EPERM, "for a process without the right");
	r = box_run(b, RUN(DRIVE, "become-nocaps", "0", "0", "-", word));
	check_ran(c, "drive become-nocaps 0 0 - %s   (three groups before, none wanted, and no right to drop them)", word);
	refused(c, r, EPERM, "for groups that the process has no right to drop");
	alone(b, other);
}

/* --- 11.3 --- */

static void check_caps(struct check *c)
{
	struct box *b = ids_box(c);
	int64_t base = 0;
	pid_t other = plain(c, b, &base);
	uint64_t all = cap_line(c, other, "CapBnd"), last = all;
	while (last & (last - 1))
		last &= last - 1;
	/* The first and the last of this kernel are among them. */
	uint64_t ambient = 1ull | 1ull << check_number(c, 2, 10) | 1ull << check_number(c, 34, 39) | last,
		 inherit = ambient | 1ull << check_number(c, 11, 20);
	uint64_t high = 1ull << check_number(c, 32, 39);
	uint64_t permitted = inherit | high | 1ull << check_number(c, 21, 30),
		 effective = permitted & ~ambient;
	char *word = check_word(c), *second = check_word(c);
	struct run *r = box_start(
		b, RUN(DRIVE, "caps", check_text(c, "%llx", (ull)effective),
			   check_text(c, "%llx", (ull)permitted), check_text(c, "%llx", (ull)inherit),
			   check_text(c, "%llx", (ull)ambient), word));

	check_ran(c, "drive caps %llx %llx %llx %llx (effective, permitted, inheritable, ambient)",
		(ull)effective, (ull)permitted, (ull)inherit, (ull)ambient);
	pid_t pid = shown(c, r, word, "caps_set", EPERM, "M-CAPS-SUBSET");
	caps_equal(c, (cap_line(c, pid, "CapPrm") & high) ? "M-CAPS-ROOT" : "M-CAPS-HIGH", "CapPrm",
		permitted, cap_line(c, pid, "CapPrm"));
	caps_equal(c, "M-CAPS-ROOT", "CapEff", effective, cap_line(c, pid, "CapEff"));
	caps_equal(c, "M-CAPS-ROOT", "CapPrm", permitted, cap_line(c, pid, "CapPrm"));
	caps_equal(c, "M-CAPS-INHERIT", "CapInh", inherit, cap_line(c, pid, "CapInh"));
	uint64_t raised = cap_line(c, pid, "CapAmb");
	caps_equal(c, raised && (raised == (ambient & ~last) || raised == (ambient & ~1ull)) ? "M-CAPS-EDGE" : "M-CAPS-AMBIENT", "CapAmb", ambient, raised);
	caps_equal(c, "M-CAPS-BOUNDING", "CapBnd, as before", cap_line(c, other, "CapBnd"),
		cap_line(c, pid, "CapBnd"));
	box_kill(r, SIGKILL);
	r = box_start(b, RUN(DRIVE, "caps-plain", check_text(c, "%llx", (ull)ambient),
				 check_text(c, "%llx", (ull)ambient), check_text(c, "%llx", (ull)ambient),
				 check_text(c, "%llx", (ull)ambient), second));
	check_ran(c, "drive caps-plain %llx %llx %llx %llx %s   (nothing was inheritable before)",
		(ull)ambient, (ull)ambient, (ull)ambient, (ull)ambient, second);
	pid = shown(c, r, second, "caps_set", EPERM, "M-CAPS-EARLY");
	caps_equal(c, "M-CAPS-EARLY", "CapAmb", ambient, cap_line(c, pid, "CapAmb"));
	box_kill(r, SIGKILL);
	r = box_run(b, RUN(DRIVE, "caps-ambient", "3", "3", "1", "2", word));
	check_ran(c, "drive caps-ambient 3 3 1 2   (ambient wants what is not inheritable)");
	refused(c, r, EPERM, "when an ambient capability cannot be raised");
	static const int calls[] = { SYS_capset, -1 };
	CHECK_ERRORS(c, b, calls, EPERM, DRIVE, "caps", "3", "3", "3", "3", word);
	r = box_run(b, RUN(DRIVE, "caps-nocaps", "1", "1", "0", "0", word));
	refused(c, r, EPERM, "for a right that the process has not");
	alone(b, other);
}

/* --- 11.4 --- */

static void check_seccomp(struct check *c)
{
	struct box *b = ids_box(c);
	int64_t base = 0, before = 0, now = 0;
	pid_t other = plain(c, b, &base);
	char *word = check_word(c), *second = check_word(c), *third = check_word(c), *fourth = check_word(c);

	ev_numbers(ev_status(c, other, "Seccomp_filters"), &before, 1);
	char *pad = check_text(c, "%d", (int)check_number(c, 1, 40));
	struct run *r = box_start(b, RUN(DRIVE, "seccomp", "1", word, pad));
	check_ran(c, "drive seccomp 1 %s %s   (so many instructions more)", word, pad);
	for (int i = 0; i < 100 && !box_wait(r, 20) && !probe_find(b, word); i++)
		continue;
	pid_t pid = shown(c, r, word, "seccomp_apply", r->done ? r->code : 0,
		r->done && (r->code == EINVAL || r->code == EFAULT) ? "M-SECCOMP-PROGRAM" : NULL);
	ev_numbers(ev_status(c, pid, "Seccomp_filters"), &now, 1);
	check_int(
		c, "M-SECCOMP-NONE", "filters of this process, those of the box taken away", 1, now - before);
	check_str(c, NULL, "Seccomp (2 is a filter)", "2", ev_status(c, pid, "Seccomp"));
	check_str(c, "M-SECCOMP-NNP", "NoNewPrivs", "1", ev_status(c, pid, "NoNewPrivs"));
	box_kill(r, SIGKILL);
	r = box_start(b, RUN(DRIVE, "seccomp-nocaps", "1", third));
	check_ran(c, "drive seccomp-nocaps 1 %s   (a process without CAP_SYS_ADMIN)", third);
	pid = shown(c, r, third, "seccomp_apply", EACCES, "M-SECCOMP-LATE");
	box_kill(r, SIGKILL);
	r = box_start(b, RUN(DRIVE, "seccomp", "0", fourth));
	check_ran(c, "drive seccomp 0 %s   (a plan without no_new_privs)", fourth);
	pid = shown(c, r, fourth, "seccomp_apply", 0, NULL);
	check_str(c, "M-SECCOMP-UNASKED", "NoNewPrivs, as before", ev_status(c, other, "NoNewPrivs"),
		ev_status(c, pid, "NoNewPrivs"));
	box_kill(r, SIGKILL);
	r = box_run(b, RUN(DRIVE, "seccomp-try", "1", "-", pad));
	check_int(c, "M-SECCOMP-ALLOW", "the errno of the forbidden call (33 is EDOM)", EDOM, r->code);
	r = box_run(b, RUN(DRIVE, "seccomp-try32", "1"));
	if (r->code != NO_SUCH_ABI && r->code < 128)
		check_int(c, "M-SECCOMP-ABI", "the errno of the same call by its 32-bit number (33 is EDOM)",
			EDOM, r->code);
	else
		check_note(c, "this kernel has no 32-bit calls to try");

	r = box_start(b, RUN(DRIVE, "seccomp-none", "1", second));
	check_ran(c, "drive seccomp-none 1 %s (no filter in the plan)", second);
	pid = shown(c, r, second, "seccomp_apply without a filter", 0, NULL);
	ev_numbers(ev_status(c, pid, "Seccomp_filters"), &now, 1);
	check_int(c, NULL, "filters when the plan has none, those of the box taken away", 0, now - before);
	check_str(c, "M-SECCOMP-NNP", "NoNewPrivs of a plan that wants it and has no filter", "1",
		ev_status(c, pid, "NoNewPrivs"));
	box_kill(r, SIGKILL);
	r = box_run(b, RUN(DRIVE, "seccomp-listener", "1"));
	check_that(c, r->code == LISTENER, r->code == 0 ? "M-SECCOMP-FLAGS" : NULL,
		"the listener's descriptor, when p->flags asks for one", "%s",
		r->code == 0 ? "no descriptor of a listener" : run_failure(r));
	static const int calls[] = { SYS_prctl, SYS_seccomp, -1 };
	CHECK_ERRORS(c, b, calls, EPERM, DRIVE, "seccomp", "1", word);
	r = box_run(b, RUN(DRIVE, "seccomp-bad", "1"));
	refused(c, r, EINVAL, "for a program without an end");
	alone(b, other);
}

/* --- 11.5 --- */

static void owner_is(struct check *c, pid_t pid, const char *word, int64_t want)
{
	struct stat st = { 0 };
	char *path = check_text(c, "/proc/%d/root/work/common/own-%s", (int)pid, word);

	for (int i = 0; i < 50 && lstat(path, &st) != 0; i++)
		usleep(20000);
	check_int(c, "M-MAP-ROOT", "owner of a file that user 0 inside has made, as the box sees it", want,
		(int64_t)st.st_uid);
}

/* The process whose maps were written; FAIL with the kernel's answer when there is none. */
static pid_t mapped(struct check *c, struct box *b, struct run *r, const char *word, const char *what,
	const char *misread)
{
	pid_t pid = 0;
	for (int i = 0; i < 150 && !(pid = probe_find(b, word)) && !box_wait(r, 20); i++)
		continue;
	pid = pid ? pid : probe_find(b, word);
	check_that(c, pid != 0, r->done && r->code == EPERM ? misread : NULL, what, "%s", run_failure(r));
	return pid;
}

/* Two ranges, the first of which does not begin at 0 inside. */
static void ranges_are(struct check *c, struct box *b, int64_t base)
{
	char *word = check_word(c);
	int in = (int)check_number(c, 5, 90), out = (int)check_number(c, 21000, 30000),
	    n = (int)check_number(c, 2, 9);
	struct run *r = box_start(b,
		RUN(DRIVE, "userns", word, check_text(c, "%d", in), check_text(c, "%d", out),
			check_text(c, "%d", out + 1), check_text(c, "%d", n), "1000", "31000", "32000", "1"));
	check_ran(c, "drive userns %s %d %d %d %d 1000 31000 32000 1   (two ranges)", word, in, out, out + 1,
		n);
	pid_t pid = mapped(c, b, r, word, "userns_map succeeds with two ranges", "M-MAP-LINES");
	static const char *const files[] = { "uid_map", "gid_map" };
	for (int i = 0; i < 2; i++) {
		int64_t map[8] = { 0 };
		char *text = ev_file(c, pid, files[i]);
		int got = ev_numbers(text, map, 8);
		const char *want = check_text(
			c, "%s: %d %d %d and 1000 %d 1", files[i], in, out + i, n, i ? 32000 : 31000);
		check_that(c, got >= 3 && map[0] == in && map[1] - base == out + i && map[2] == n,
			map[0] == 0 ? "M-MAP-INSIDE" : NULL, want, "the first line is %lld %lld %lld",
			(long long)map[0], (long long)(map[1] - base), (long long)map[2]);
		check_that(c,
			got == 6 && map[3] == 1000 && map[4] - base == (i ? 32000 : 31000) && map[5] == 1,
			"M-MAP-FIRST", want, "the second line is %s", got == 6 ? "another one" : "not there");
	}
	kill(pid, SIGKILL);
	box_wait(r, 1000);
}

static void check_map(struct check *c)
{
	struct box *b = ids_box(c);
	int64_t base = 0, map[6];
	pid_t other = plain(c, b, &base);
	int outside = (int)check_number(c, 10000, 20000), count = (int)check_number(c, 10, 999);
	char *word = check_word(c), *second = check_word(c), *out = check_text(c, "%d", outside);

	box_mkdir(b, "/work/common", 01777);
	int goutside = outside + (int)check_number(c, 1, 500);
	char *gout = check_text(c, "%d", goutside);
	struct run *r = box_start(b, RUN(DRIVE, "userns", word, "0", out, gout, check_text(c, "%d", count)));
	check_ran(c, "drive userns %s 0 %d %d %d (inside, user outside, group outside, how many)", word,
		outside, goutside, count);
	pid_t pid = mapped(c, b, r, word, "userns_map succeeds", "M-MAP-ORDER");
	static const char *const files[] = { "uid_map", "gid_map" };
	for (int i = 0; i < 2; i++) {
		int n = ev_numbers(ev_file(c, pid, files[i]), map, 6), want = i ? goutside : outside;
		const char *expected = check_text(c, "%s: 0 %d %d", files[i], want, count);
		check_that(c, n > 0, "M-MAP-BOTH", expected, "it is empty: nothing was written");
		int64_t second_number = map[1] - base;
		check_that(c, n == 3 && map[0] == 0 && second_number == want && map[2] == count,
			map[0] == want                  ? "M-MAP-SWAP"
			: i && second_number == outside ? "M-MAP-GROUPS"
							: "M-MAP-ROOT",
			expected, "%lld %lld %lld", (long long)map[0], (long long)second_number,
			n > 2 ? (long long)map[2] : -1LL);
	}
	check_str(c, "M-MAP-ALLOW", "setgroups, as in the caller's own user namespace", ev_file(c, other, "setgroups"),
		ev_file(c, pid, "setgroups"));
	owner_is(c, pid, word, base + outside);
	kill(pid, SIGKILL);
	box_wait(r, 1000);
	ranges_are(c, b, base);
	static const int calls[] = { SYS_openat, SYS_write, -1 };
	CHECK_ERRORS(c, b, calls, EIO, DRIVE, "userns", check_word(c), "0", out, gout, "5");
	box_clear(b);

	/* An unprivileged user maps itself: the kernel wants setgroups denied first. */
	r = box_start(b, RUN(DRIVE, "userns-own", second, out));
	check_ran(c, "drive userns-own %s %d (as an unprivileged user)", second, outside);
	pid = mapped(c, b, r, second, "userns_map succeeds for an unprivileged user", "M-MAP-SETGROUPS");
	char *deny = ev_file(c, pid, "setgroups");
	check_that(c, deny && str_starts(deny, "deny"), "M-MAP-SETGROUPS", "setgroups: deny", "%s",
		deny ? deny : "?");
	kill(pid, SIGKILL);
	box_wait(r, 1000);
	r = box_run(b, RUN(DRIVE, "userns-gone"));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for a process that does not exist", "%s",
		run_failure(r));
	check_note_predicted(c, 'r', "without a user namespace root inside is root outside");
	alone(b, other);
}

const struct check_entry lab_11_checks[] = {
	{ "11.1", check_limit },
	{ "11.2", check_become },
	{ "11.3", check_caps },
	{ "11.4", check_seccomp },
	{ "11.5", check_map },
	{ 0 },
};
