/*
 * check.h - what labs/NN-name/checks.c is written with: the public check library.
 *
 * One task, one check: a plain function `static void check_pivot(struct check *c)`. The runner forks it
 * (libcheck), gives it a seed and time, and writes the record `ok` when it returns. It ends early by
 * check_fail / check_that / check_env / check_trouble, which write the record and do not return.
 * Whatever else ends it (exit, a signal, a timeout) is the grader's own trouble, never `ok`.
 *
 * The student's code runs in a crash box only (box_run, box_start). What it prints is quoted, never trusted:
 * decide by what the kernel shows of it (the ev_* functions), with values planted from
 * check_word()/check_number().
 *
 *	static void check_pivot(struct check *c)
 *	{
 *		struct box *b = box_open(c, NULL);
 *		box_rootfs(b, "/work/root", 0);
 *		struct run *r = box_start(b, RUN("/lab/mine/drive", "pivot", "/work/root"));
 *		pid_t pid = probe_wait(b, r, "hold", 2000);       // the drive program ends by exec of /probe hold
 *		struct mounts m = ev_mounts(c, pid);
 *		for (size_t i = 0; i < m.n; i++)
 *			check_that(c, !str_starts(m.line[i].point, "/oldroot"), "M-PIVOT-1",
 *				"no mount of the old root is left", "%s", m.line[i].text);
 *	}
 *	const struct check_entry lab_01_checks[] = { { "01.4", check_pivot }, { 0 } };
 *
 * Memory: what these functions return lives until the check ends; nothing has to be freed.
 */
#ifndef MC_LEARN_CHECK_H
#define MC_LEARN_CHECK_H

#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include "base/err.h"
#include "base/json.h"

/* arm64 has only the calls that take a directory: a list of fail_calls then names one call twice. */
#ifndef SYS_mkdir
#define SYS_mkdir SYS_mkdirat
#define SYS_mknod SYS_mknodat
#define SYS_open SYS_openat
#endif
/* In a list of fail_calls: another way to do the same. It never fails, because a right function may then take
 * the usual one; a function that makes neither does nothing (M-ANY-IDLE). */
#define OR(call) (-1000 - (call))

struct check; /* the running check */
struct box;   /* one crash box (box/box.h says what it keeps out) */

typedef void check_function(struct check *c);
struct check_entry {
	const char *task; /* "01.4", as in lab.ini */
	check_function *run;
};
/* Each checks.c defines `const struct check_entry lab_NN_checks[]`, ended by an empty entry. */

/* --- saying what was seen: one record a check --- */

/* The command a learner can paste, "minictr-oci run --bundle /work/b1 c1". box_run and box_start set it
 * too. */
void check_ran(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Ends the check with FAIL unless ok. misread is an id of misread.ini ("M-PIVOT-1") or NULL; expected is a
 * plain sentence (check_text() formats one); got describes the kernel's answer, in the same unit. */
void check_that(struct check *c, bool ok, const char *misread, const char *expected, const char *got, ...)
	PRINTF_LIKE(5, 6);
/* The same for the two usual cases; what names the value ("exit status of `false`"). */
void check_int(struct check *c, const char *misread, const char *what, int64_t expected, int64_t got);
void check_str(struct check *c, const char *misread, const char *what, const char *expected, const char *got);
/* FAIL without a condition. */
void check_fail(struct check *c, const char *misread, const char *expected, const char *got, ...)
	PRINTF_LIKE(4, 5) __attribute__((noreturn));
/* This machine cannot show it; says what could ("needs cgroup v2: boot with
 * systemd.unified_cgroup_hierarchy=1"). */
void check_env(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3) __attribute__((noreturn));
/* The grader itself went wrong. Exit status 3, no points are lost. Once code of the learner has run in a box
 * of this check it is a FAIL (M-ANY-BROKEN): breaking the box must not pay. */
void check_trouble(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3) __attribute__((noreturn));
/* Said behind `ok`: "and the old container still has the old word". */
void check_note(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same for what `start` asked (lab.ini `predict`): the fact, and whether the learner had said so. */
void check_note_predicted(struct check *c, char right, const char *fact);
/* What a descriptor that the function leaves behind means here (an id of misread.ini); else M-ANY-FDS or
 * M-ANY-CLOEXEC. */
void check_descriptors(struct check *c, const char *misread);
/* Raw evidence for `lab show`: kept, in order, whatever the verdict (64 KiB at most). */
void check_evidence(struct check *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *check_text(struct check *c, const char *fmt, ...)
	PRINTF_LIKE(2, 3); /* a string that lives with the check */

/* --- planted values: the same seed gives the same values in the same order --- */
char *check_word(struct check *c);                                   /* eight lower-case letters */
uint64_t check_number(struct check *c, uint64_t low, uint64_t high); /* both included */
const char *check_lab_word(struct check *c); /* this learner's own word for task 00.1: "violet" */
/* What the learner predicted at `start` ('o'), 0 when not asked. */
char check_predicted(struct check *c);

/* --- the crash box: root in a user namespace of its own, no network, nothing of the host writable ---
 * Inside: / read-only (only /usr, /etc, /dev with null zero full random urandom tty pts), fresh /proc and
 * /sys; writable tmpfs:
 * /work /tmp /run /var; /lab/probe; cgroups where the machine lends them. Of the lab's executables nothing
 * is in sight:
 * box_start() opens /lab/mine/PROGRAM (lab.ini `programs`, mine or reference) and /lab/ref/PROGRAM (all
 * reference; only in a box where nothing of the learner's has run, or beside one: box_beside()) outside,
 * and runs them by descriptor. */
struct box_options {
	uint64_t memory;  /* bytes; 0: 256 MiB */
	uint32_t pids;    /* 0: 128 */
	bool shared;      /* make /work a shared mount first ("a host with shared propagation") */
	bool need_cgroup; /* verdict env when no cgroup can be delegated */
	bool engine; /* the learner's executables are in sight, as directory /lab/mine: for a whole engine */
	bool kvm;    /* /dev/kvm is in sight, usable by the box's root; verdict env where it cannot be */
	bool need_ids; /* verdict env when only one id can be mapped (unprivileged user without subuids) */
};
/* Never NULL: trouble or env end the check. o may be NULL. The runner closes what is open when the check
 * ends. */
struct box *box_open(struct check *c, const struct box_options *o);
void box_close(struct box *b); /* kills everything inside, removes its cgroups */

enum { RUN_POSITIVE = 91 }; /* drive.h: the function returned a positive number, which is no -errno */
enum {
	RUN_FDS = 201,
	RUN_FDS_EXEC = 202,
	RUN_BROKEN = 204
};                             /* drive.h; box_wait() makes a FAIL of them by itself */
enum { RUN_NO_PROBE = 203 };   /* drive.h: the program that runs next cannot be executed */
enum { RUN_TIMED_OUT = 1000 }; /* equals no exit status: check_int() says "it did not end in time" of it */

/* One program in the box. Free of the grader's descriptors; stdin /dev/null, stdout and stderr in one
 * pipe. */
struct run {
	const char *const *argv; /* argv[0] is the path inside */
	const char *const *env;  /* NULL: PATH, HOME=/work, TERM=dumb */
	const char *dir;         /* NULL: /work */
	unsigned ms;             /* time limit; 0: 5000 */
	uid_t uid;               /* run as this id of the box, 0: its root */
	const char *input;       /* bytes for stdin, NULL: /dev/null */
	const int *
		fail_calls; /* drive programs: system calls (SYS_*, ended by -1) of which the fail_nth fails; see check_errors() */
	int fail_nth, fail_errno;
	/* filled in */
	struct box *box;
	pid_t pid; /* host pid of the program */
	int pidfd; /* pidfd of it */
	bool done; /* it ended or was killed for time */
	bool timed_out;
	bool other_call;   /* a call of the list marked OR() was made */
	bool setup_failed; /* the drive program could not prepare its stage: box_wait() makes trouble of it */
	int failed_call;   /* number of the system call that was made to fail, -1: none was */
	int status;        /* wait status as the helper outside the box saw it: cannot be forged inside */
	int code; /* exit status as a shell would say it: 0..255, 128+signal; RUN_TIMED_OUT when it had to be killed */
	char *out; /* the first 64 KiB of what it printed; quote it, never decide by it */
	size_t out_len;
	/* private: */
	bool first;       /* nothing of the learner's had run in the box before */
	int helper, pipe; /* the helper's reports; the program's output */
	pid_t helper_pid;
	size_t printed; /* bytes in all */
};
#define RUN(...) (&(struct run){ .argv = (const char *const[]){ __VA_ARGS__, NULL } })

/* Runs to the end (or the time limit; then everything it left in the box still lives). Returns r. */
struct run *box_run(struct box *b, struct run *r);
struct run *box_start(struct box *b, struct run *r); /* returns once it has been exec'd */
bool box_wait(struct run *r, unsigned ms);           /* true when it ended within ms */
void box_kill(struct run *r, int signal);            /* by pidfd */
/* Runs the drive program again and again, each time with the next of these system calls failing with
 * `error` inside the learner's function, until no more are made. FAIL (M-ANY-IGNORED) when the function
 * says success although one failed or without one, when it crashes, hangs, or leaves a descriptor. List
 * only calls without which the function cannot do what it says; none for which another way is usual (clone3,
 * openat2).
 * verb...: as in RUN(). */
void check_errors(struct check *c, struct box *b, const int *calls, int error, const char *const argv[]);
#define CHECK_ERRORS(c, b, calls, error, ...)                                                                \
	check_errors(c, b, calls, error, (const char *const[]){ __VA_ARGS__, NULL })
/* How a drive program ended whose status is an errno, for `got`: "it failed: setns(5, 0x0): ... (EINVAL)".
 * Quotes what it printed. */
char *run_failure(const struct run *r);
/* Number of processes in the box beside its init. A task that must leave none: box_expect_empty(). */
int box_processes(struct box *b, pid_t **ret_pids);
void box_clear(struct box *b); /* ends every process in the box but its init */
void box_expect_empty(
	struct box *b, const char *misread); /* FAIL when a process lives half a second longer */

/* The probe's file on the host, for box_copy(). */
const char *check_probe(struct check *c);

/* --- planting, as the box's root, from outside (no student code can be in between) --- */
void box_mkdir(struct box *b, const char *path, unsigned mode);
void box_write(struct box *b, const char *path, const char *text, unsigned mode);
/* A box beside b for the grader's own judges and servers: same network and ids, but mounts, files and
 * processes of its own, which nothing in b can name or change. To be made before code of a learner runs in
 * b. */
struct box *box_beside(struct box *b);
/* Copies a file from one box to another, bytes as they are. False when it cannot be read. */
bool box_transfer(struct box *from, const char *path, struct box *to, const char *target);
void box_copy(struct box *b, const char *host_file, const char *path, unsigned mode);
void box_symlink(struct box *b, const char *target, const char *path);
void box_mount(struct box *b, const char *source, const char *target, const char *type, unsigned long flags,
	const char *data);                       /* mount(2) in the box's mount namespace */
char *box_read(struct box *b, const char *path); /* NULL when it cannot be read; no link is followed out */
bool box_exists(struct box *b, const char *path);
bool box_locked(struct box *b, const char *path); /* is a flock(2) held on this file? */
/* Bytes in the files of a directory whose names end in suffix, together. */
int64_t box_bytes(struct box *b, const char *folder, const char *suffix);
/* Names in a directory, sorted; NULL-terminated, empty when it cannot be read. */
char **box_names(struct box *b, const char *folder);
uint64_t box_inode(struct box *b, const char *path, uint64_t *ret_dev); /* 0 when absent */

/* A small root file system: /probe, /bin/probe, /etc/hostname, empty proc sys dev tmp run work; with
 * BOX_BUSYBOX also
 * /bin/busybox and its links. */
enum { BOX_BUSYBOX = 1 };
void box_rootfs(struct box *b, const char *path, int flags);

/* --- the probe: the grader's own static program inside containers ---
 *	probe hold [NAME]      waits for ever (TERM ends it)        probe exit N          exits with N
 *	probe listen FILE SIG [MS]  notes SIG in FILE, ends MS later   probe call32 NR       the errno of a
 * 32-bit call, 93: no such ABI
 *	probe signals FILE     appends each signal's name and time  probe kill N          dies of signal N
 *	probe ignore SIG...    hold, but these signals do nothing   probe memory BYTES    touches so much, then
 * holds
 *	probe fork N           N children that hold, then holds     probe orphans N [E]   N orphans that end,
 * then holds (TERM: exit E)
 *	probe write PATH TEXT  exit status is the errno             probe open PATH       exit status is the errno
 *	probe syscall NR [A..] exit status is the errno             probe burn SECONDS    uses CPU
 *	probe escape PROOF     the classic chroot escape, then stat(PROOF), relative to where it came out: its
 * errno
 *	probe stat PATH        exit status is the errno         probe true, probe false, probe sleep MS, probe
 * print TEXT
 */
/* Host pid of the process in the box that runs the probe with `word` among its arguments, waiting up to ms.
 * Ends the check with FAIL ("the program was never started", the run's output quoted) when none comes up; r
 * may be NULL. */
pid_t probe_wait(struct box *b, struct run *r, const char *word, unsigned ms);
pid_t probe_find(struct box *b, const char *word); /* 0 when there is none now */

/* --- kernel evidence of a process, by host pid --- */
uint64_t ev_ns(struct check *c, pid_t pid, const char *kind);   /* inode of /proc/PID/ns/KIND, 0 when gone */
char *ev_status(struct check *c, pid_t pid, const char *field); /* "NSpid" -> "4711 1"; NULL when absent */
int ev_numbers(const char *text, int64_t out[], int max);       /* how many numbers stand in such a text */
char **ev_cmdline(struct check *c, pid_t pid);                  /* NULL-terminated */
char **ev_environ(struct check *c, pid_t pid);
char *ev_file(struct check *c, pid_t pid, const char *name); /* any text of /proc/PID: "uid_map", "comm" */
uint64_t ev_inode(struct check *c, pid_t pid, const char *link, uint64_t *ret_dev); /* of root, cwd, exe */
pid_t ev_parent(struct check *c, pid_t pid);
char ev_state(struct check *c, pid_t pid);                         /* R S D Z T; 0 when gone */
int ev_children(struct check *c, pid_t pid, pid_t **ret_children); /* how many */
char *ev_hostname(struct check *c, pid_t pid);                     /* UTS name as seen inside */
/* A file seen through the root of the process (openat2 RESOLVE_IN_ROOT, no magic links, no fifo hangs).
 * NULL: cannot. */
char *ev_read(struct check *c, pid_t pid, const char *path);

struct mount_line {
	int id, parent;
	char *root, *point, *options, *propagation, *type, *source, *super;
	char *text; /* the whole line */
};
struct mounts {
	struct mount_line *line;
	size_t n;
};
struct mounts ev_mounts(struct check *c, pid_t pid);
const struct mount_line *mounts_at(const struct mounts *m, const char *point); /* the topmost there; NULL */
bool mount_has(const struct mount_line *m, const char *option);                /* "ro", "nosuid" */
/* cgroup path of the process in the tree of a v1 controller ("memory"), or "" for v2; and a file there. */
char *ev_cgroup(struct check *c, pid_t pid, const char *controller);
char *ev_cgroup_file(struct check *c, pid_t pid, const char *controller, const char *file);

#endif
