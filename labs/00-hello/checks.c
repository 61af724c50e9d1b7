/*
 * checks.c - lab 00: what the kernel shows of the processes that the learner's code made.
 *
 * The learner's functions are called by drive.c inside the crash box; see learn/check.h.
 */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";
enum { CHILD = 0x40, BORROWED = 95, CHANGED = 92, BLOCKED = 90, REAPED = 89 }; /* drive.c */

static const char *last(char **v)
{
	size_t n = strv_len(v);
	return n ? v[n - 1] : "(nothing)";
}

/* Waits until the drive program has become `probe hold ...`; false when it ended instead or ms passed. */
static bool holds(struct check *c, struct run *r, unsigned ms)
{
	for (unsigned waited = 0; waited < ms; waited += 10) {
		char **line = ev_cmdline(c, r->pid);
		if (strv_len(line) > 1 && str_eq(line[0], "probe") && str_eq(line[1], "hold"))
			return true;
		if (box_wait(r, 10))
			return false;
	}
	return false;
}

/* --- 00.1 --- */

static void check_word_comes_out(struct check *c)
{
	const char *want = check_lab_word(c);
	struct box *b = box_open(c, NULL);
	struct box *before = box_open(c, NULL);
	struct run *old = box_start(before, RUN("/lab/ref/drive", "hello"));
	struct run *new = box_start(b, RUN(DRIVE, "hello"));

	check_ran(c, "sh labs/00-hello/image.sh && minictr run --rm hello:mine");
	if (!holds(c, old, 3000) || !holds(c, new, 3000))
		check_fail(c, NULL, "the program runs", "it ended at once, exit status %d", new->code);
	const char *got = last(ev_cmdline(c, new->pid));
	if (str_eq(got, "nobody")) { /* does only a container say it in which something was changed? */
		struct run *again = box_start(b, RUN(DRIVE, "hello"));
		const char *edited = holds(c, again, 3000) ? last(ev_cmdline(c, again->pid)) : got;
		check_that(c, str_eq(edited, got), "M-HELLO-1",
			check_text(c, "a new container of the image says %s", want),
			"nobody; a container that has run before says %s", edited);
	}
	check_str(c, str_eq(got, "nobody") ? "M-HELLO-3" : "M-HELLO-2",
		"the word of the new container", want, got);
	check_str(c, "M-HELLO-1", "the word of the container that was started before", "nobody",
		last(ev_cmdline(c, old->pid)));
	if (check_predicted(c) == 'o')
		check_note(c, "and the old container still says nobody: you predicted that");
	else
		check_note(c, "and the old container still says nobody: a container keeps the image it was "
			      "made from");
}

/* --- 00.2 --- */

/* A child of the drive program with exactly these arguments, this folder, this output. */
static void spawn_is_exact(struct check *c, struct box *b)
{
	char *word = check_word(c), *spaced = check_text(c, "two %s  words", check_word(c));
	char *dir = check_text(c, "/work/%s", check_word(c));
	const char *const want[] = { "/lab/probe", "hold", word, spaced, "$HOME", ";", "*", NULL };

	box_mkdir(b, dir, 0755);
	struct run *r = box_start(b,
		RUN(DRIVE, "spawn", dir, "/work/out", "/lab/probe", "hold", word, spaced, "$HOME", ";", "*"));
	check_ran(c, "drive spawn %s /work/out /lab/probe hold %s '%s' '$HOME' ';' '*'", dir, word, spaced);
	pid_t shown = probe_wait(b, r, word, 3000), parent = ev_parent(c, shown);
	holds(c, r, 2000); /* or it has ended, and then that is the verdict, also on a busy machine */
	char **of = ev_cmdline(c, parent);
	const char *between = strv_len(of) ? strrchr(of[0], '/') ? strrchr(of[0], '/') + 1 : of[0] : "";
	check_that(c, parent == r->pid, str_eq(between, "sh") ? "M-SPAWN-SHELL" : NULL,
		"the program is a child of the caller", "its parent is process %d (%s), and the caller is %d",
		(int)parent, between, (int)r->pid);
	char **got = ev_cmdline(c, shown);
	for (size_t i = 0; want[i]; i++) /* the words behind the third are such as a shell changes */
		check_that(c, got && strv_len(got) > i && str_eq(got[i], want[i]), i > 2 ? "M-SPAWN-SHELL" : NULL,
			check_text(c, "argument %zu is %s", i, want[i]), "%s",
			got && strv_len(got) > i ? got[i] : "(none)");
	check_int(c, NULL, "number of arguments", (int64_t)strv_len((char *const *)want),
		(int64_t)strv_len(got));
	check_str(c, NULL, "PLANTED in its environment", "yes", strv_env(ev_environ(c, shown), "PLANTED"));
	check_that(c, !strv_env(ev_environ(c, shown), "CALLERS"), "M-SPAWN-ENV",
		"its environment is p->env and no more", "CALLERS of the caller's is in it too");
	uint64_t dev = 0, want_dev = 0;
	uint64_t want_ino = box_inode(b, dir, &want_dev), ino = ev_inode(c, shown, "cwd", &dev);
	check_that(c, ino == want_ino, "M-SPAWN-CHDIR", check_text(c, "its current directory is %s", dir),
		"another one (inode %llu)", (unsigned long long)ino);
	check_that(c, ev_inode(c, r->pid, "cwd", &dev) != want_ino, "M-SPAWN-CWD",
		"the caller stays in its own directory", "it has moved to %s", dir);
	check_that(c, holds(c, r, 2000), "M-SPAWN-WAITS", "process_spawn returns while the program runs",
		"it waits for the program to end");
	static const char *const same[] = { "fd/0", "fd/2" };
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		check_that(c,
			ev_inode(c, shown, same[i], &dev) == ev_inode(c, r->pid, same[i], &want_dev) &&
				dev == want_dev,
			"M-SPAWN-STDIO",
			check_text(c, "stdio[%s] is -1: the program has the caller's", same[i] + 3),
			"it has another one, or none");
	box_clear(b);
}

/* A file for each of the program's three streams, and nothing else is open in it. */
static void streams_are_files(struct check *c, struct box *b)
{
	static const char *const files[] = { "/work/in", "/work/out", "/work/err" };
	char *word = check_word(c);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		box_write(b, files[i], "", 0644);
	struct run *r =
		box_start(b, RUN(DRIVE, "streams", "/work", "/work/out", "/lab/probe", "hold", word));

	check_ran(c, "drive streams /work /work/out /lab/probe hold %s", word);
	pid_t shown = probe_wait(b, r, word, 3000);
	uint64_t dev = 0, want_dev = 0;
	for (int i = 0; i < 3; i++) {
		uint64_t ino = ev_inode(c, shown, check_text(c, "fd/%d", i), &dev);
		check_that(c, ino == box_inode(b, files[i], &want_dev) && dev == want_dev, "M-SPAWN-STREAMS",
			check_text(c, "descriptor %d of the program is the file given as stdio[%d]", i, i),
			"it is another one");
	}
	for (int fd = 3; fd < 64; fd++)
		check_that(c, ev_inode(c, shown, check_text(c, "fd/%d", fd), &dev) == 0, "M-SPAWN-COPIES",
			"nothing but 0, 1 and 2 is open in the program", "%d is open too", fd);
	box_clear(b);
}

/* Runs a program by `drive exit`; the exit status that the parent saw. */
static int exit_of(struct check *c, struct box *b, const char *a, const char *arg, const char *arg2)
{
	/* A name without a slash is to be found by the PATH of the environment given, not by the caller's. */
	const char *verb = arg && str_eq(arg, "true") ? "nowhere" : strchr(a, '/') ? "exit" : "path";
	const char *const argv[] = { DRIVE, verb, a, arg, arg2, NULL };
	struct run *r = box_run(b, &(struct run){ .argv = argv });

	check_that(c, !r->timed_out, NULL, "the parent hears of the end", "nothing within 5 seconds");
	check_that(c, r->code != 126 && r->code != 127, "M-SPAWN-PARENT",
		"the caller of process_spawn lives on", "the caller itself ended with %d", r->code);
	check_that(c, r->code == 98 || !r->out || !strstr(r->out, "words of the caller"), "M-SPAWN-FLUSH",
		"what the caller has in its buffers is not written by the child", "it came out");
	return r->code == 98 ? r->code : r->code ^ CHILD;
}

static void check_spawn(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *missing = check_text(c, "/work/none-%s", check_word(c));
	char *plain = check_text(c, "/work/plain-%s", check_word(c));
	char *out = check_word(c);

	spawn_is_exact(c, b);
	streams_are_files(c, b);

	int code = exit_of(c, b, missing, NULL, NULL);
	if (code == 98)
		check_fail(c, "M-SPAWN-SECOND", "one process returns from process_spawn",
			"two processes returned from it");
	check_int(c, code == 0 ? "M-SPAWN-SWALLOWED" : NULL, "exit status of a program that does not exist",
		127, code);

	box_write(b, plain, "just text", 0644);
	code = exit_of(c, b, plain, NULL, NULL);
	check_int(c, code == 0 ? "M-SPAWN-SWALLOWED" : NULL, "exit status of a file that may not be executed",
		126, code);

	int planted;
	do /* none that the drive program's own numbers (98, 126, 127) would be taken for */
		planted = (int)check_number(c, 3, 60);
	while ((planted ^ CHILD) == 98 || (planted ^ CHILD) >= 126);
	check_int(c, NULL, "exit status of a program that ends with a planted number", planted,
		exit_of(c, b, "/lab/probe", "exit", check_text(c, "%d", planted)));

	code = exit_of(c, b, "probe", "exit", check_text(c, "%d", planted));
	check_int(c, code == 127 || code == 126 ? "M-SPAWN-PATH" : NULL,
		"exit status of a program named without a slash (probe, in a folder of the given PATH)",
		planted, code);

	code = exit_of(c, b, "/lab/probe", "true", NULL);
	check_that(c, code != 0, "M-SPAWN-NOWHERE", "no program runs when its directory does not exist",
		"it ran, somewhere else");
	code = exit_of(c, b, "/bin/sh", "-c", "test \"$CALLERS\" = own");
	check_int(c, "M-SPAWN-NULLENV", "exit status of `test \"$CALLERS\" = own`, with p->env NULL", 0, code);

	struct run *told =
		box_start(b, RUN(DRIVE, "spawn", "/work", "/work/told", "/lab/probe", "print", out));
	char *text = NULL;
	for (int i = 0; i < 100 && !(text && strstr(text, out)); i++, usleep(20000))
		text = box_read(b, "/work/told");
	check_that(c, text && strstr(text, out), NULL,
		check_text(c, "what it prints (%s) is in the file given as stdio[1]", out), "%s",
		text && *text ? text : "nothing");
	box_kill(told, SIGKILL);
	struct run *full = box_run(b, RUN(DRIVE, "full", "/lab/probe", "true"));
	check_that(c, full->code == EAGAIN, full->code == 0 ? "M-ANY-IGNORED" : "M-SPAWN-ERRNO",
		"the error when no process can be made (EAGAIN)", "%s", run_failure(full));
	box_expect_empty(b, NULL);
}

/* --- 00.3 --- */

static void check_exit_code(struct check *c)
{
	struct box *b = box_open(c, NULL);
	enum { STATUSES = 3 + 2 * 64 };
	const char *argv[STATUSES + 3] = { DRIVE, "status" };
	int status[STATUSES], want[STATUSES], n = 0;
	int64_t got[STATUSES] = { 0 };
	int number = (int)check_number(c, 2, 254);

	status[n] = want[n] = 0, n++;
	status[n] = number << 8, want[n++] = number;
	status[n] = 255 << 8, want[n++] = 255;
	for (int sig = 1; sig <= 64; sig++) {
		status[n] = sig, want[n++] = 128 + sig;
		status[n] = sig | 0x80, want[n++] = 128 + sig;
	}
	for (int i = 0; i < n; i++)
		argv[2 + i] = check_text(c, "%d", status[i]);
	struct run *r = box_start(b, &(struct run){ .argv = argv });
	check_ran(c, "lab box /lab/mine/drive status 0 %d 65280 1 129 2 130 ...", number << 8);
	bool held = holds(c, r, 3000); /* first: run_failure() below would be asked before it */
	check_that(c, held, NULL, "process_exit_code returns", "%s", run_failure(r));
	int have = ev_numbers(last(ev_cmdline(c, r->pid)), got, STATUSES);
	for (int i = 0; i < n; i++) {
		bool died = status[i] & 0x7f;
		int64_t code = i < have ? got[i] : -1;
		const char *what =
			!died ? check_text(c, "exit code of a program that did exit(%d)", want[i])
			      : check_text(c, "exit code of a program that died of signal %d%s",
					status[i] & 0x7f, status[i] & 0x80 ? " and left a core file" : "");
		check_int(c,
			died && code == (status[i] & 0x7f) && have > 5 && got[5] == 2 ? "M-CODE-BARE"
			: want[i] > 1 && code == 1                                    ? "M-CODE-ONE"
			: died && code == 0                                           ? "M-CODE-NOTEXITED"
			: died && code == 128 + status[i]                             ? "M-CODE-CORE"
			: !died && code == status[i]                                  ? "M-CODE-RAW"
										      : NULL,
			what, want[i], code);
	}
	box_kill(r, SIGKILL);
	box_expect_empty(b, NULL);
}

/* --- 00.4 --- */

/* NAME=VALUE, and each NAME once: a program finds the first of two. */
static void entries_are_right(struct check *c, char *const env[])
{
	for (size_t i = 0; env && env[i]; i++) {
		size_t n = strcspn(env[i], "=") + 1;
		check_that(c, strchr(env[i], '=') != NULL, "M-ENV-BARE", "each entry is NAME=VALUE", "%s",
			env[i]);
		for (size_t k = 0; k < i; k++)
			check_that(c, strncmp(env[i], env[k], n) != 0,
				str_starts(env[i], "TWICE=") ? "M-ENV-TWICE" : "M-ENV-BOTH",
				"each name stands in the list once", "%s and %s", env[k], env[i]);
	}
}

static void check_env_of(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *red = check_word(c), *blue = check_word(c), *secret = check_word(c);
	char *image = check_word(c), *unset = check_text(c, "UNSET_%s", check_word(c));
	char *gone = check_text(c, "GONE_%s", check_word(c));
	const char *const argv[] = { DRIVE, "env", word, "i", "PATH=/lab",
		check_text(c, "FROM_IMAGE=%s", image), "COLOUR=image", "SHAPE=image", "COLOURS=many",
		"COL=few", check_text(c, "%s=image", gone), check_text(c, "%sLY=stays", gone), "o", "COLOUR", check_text(c, "SHAPE=%s", blue),
		unset, "EMPTY=", "EQUAL=a=b=", gone,
		"TWICE=first", check_text(c, "TWICE=%s", word), "CARRIED", "HOLLOW", "c", "COLOURED=no", check_text(c, "COLOUR=%s", red),
		check_text(c, "SECRET=%s", secret), "HOME=/root", "EMPTY=full", "SHAPE=client",
		check_text(c, "CARRIED=%s=%s", red, blue), "HOLLOW=", NULL };
	struct run *r = box_start(b, &(struct run){ .argv = argv });

	check_ran(c,
		"minictr run -e COLOUR -e SHAPE=%s -e %s -e EMPTY= ... (COLOUR=%s and SECRET set in the "
		"shell)",
		blue, unset, red);
	for (int i = 0; i < 150 && !probe_find(b, word) && !box_wait(r, 20); i++)
		continue;
	check_that(c, !r->done || r->code != BORROWED, "M-ENV-BORROWED",
		"every string of the result is its own: strv_free() frees it",
		"one is a string of a list that was given: it would be freed twice");
	check_that(c, !r->done || r->code != CHANGED, "M-ENV-CHANGED", "the lists that were given stay as they are",
		"a string of them is another one now");
	check_that(c, !r->done || r->code != 96, NULL, "a list with the image's variables, also without options",
		"NULL, or a shorter one");
	char **env = ev_environ(c, probe_wait(b, r, word, 3000));
	check_str(c, NULL, "FROM_IMAGE, which the image sets", image, strv_env(env, "FROM_IMAGE"));
	check_that(c, !strv_env(env, "SECRET"), "M-ENV-ALL",
		"nothing of the client's environment that was not asked for", "SECRET=%s",
		strv_env(env, "SECRET"));
	entries_are_right(c, env);
	const char *colour = strv_env(env, "COLOUR"), *shape = strv_env(env, "SHAPE");
	check_str(c, str_eq(colour, "image") ? "M-ENV-IMAGE-WINS" : !colour ? "M-ENV-CARRIED" : NULL,
		"COLOUR, asked for by `-e COLOUR`", red, colour);
	check_str(c, str_eq(shape, "image") ? "M-ENV-IMAGE-WINS" : NULL, "SHAPE, given by -e SHAPE=...", blue,
		shape);
	check_that(c, !strv_env(env, unset), "M-ENV-EMPTY",
		check_text(c, "no %s: the client has none", unset), "%s=\"%s\"", unset, strv_env(env, unset));
	check_str(c, NULL, "EMPTY, given by -e EMPTY=", "", strv_env(env, "EMPTY"));
	check_str(c, NULL, "EQUAL, given by -e EQUAL=a=b=", "a=b=", strv_env(env, "EQUAL"));
	check_str(c, "M-ENV-PREFIX", "COLOURS, which the image sets and no option names", "many",
		strv_env(env, "COLOURS"));
	check_str(c, "M-ENV-PREFIX", "COL, which the image sets and no option names", "few",
		strv_env(env, "COL"));
	check_str(c, "M-ENV-PREFIX", check_text(c, "%sLY, which the image sets and no option names", gone), "stays",
		strv_env(env, check_text(c, "%sLY", gone)));
	check_that(c, !strv_env(env, gone), "M-ENV-STAYS",
		check_text(c, "no %s: -e %s asks for the client's, and the client has none", gone, gone),
		"%s=\"%s\"", gone, strv_env(env, gone));
	check_str(c, "M-ENV-CARRIED", "CARRIED, asked for by `-e CARRIED`, which the image has not",
		check_text(c, "%s=%s", red, blue), strv_env(env, "CARRIED"));
	check_str(c, "M-ENV-HOLLOW", "HOLLOW, asked for by `-e HOLLOW`: the client has it, and it is empty", "",
		strv_env(env, "HOLLOW"));
	check_str(c, "M-ENV-TWICE", "TWICE, given by two options: the later one counts", word,
		strv_env(env, "TWICE"));
	check_that(c, !strv_env(env, "HOME"), "M-ENV-ALL",
		"nothing of the client's environment that was not asked for", "HOME=%s", strv_env(env, "HOME"));
}

/* --- 00.5 --- */

/* The drive program stops the probe that ARG... says, then holds. Returns ms until then. */
static int64_t stop_one(struct check *c, struct box *b, struct run *r, int sig)
{
	uint64_t begin = now_ns(CLOCK_MONOTONIC);
	box_start(b, r);
	bool busy = str_eq(r->argv[1], "stop-busy"), limit = *r->argv[3] != '-';
	check_ran(c, "drive %s %d %s ... (signal %d, %s seconds%s)", r->argv[1], sig, r->argv[3], sig, r->argv[3],
		busy ? "; signals interrupt the caller" : "");
	bool held = holds(c, r, 8000);
	pid_t *kids = NULL;
	int n = ev_children(c, r->pid, &kids); /* the program was born last */
	bool lives = !held && n > 0 && ev_state(c, kids[n - 1]) != 'Z';
	check_that(c, held || r->done,
		str_eq(r->argv[3], "0") ? "M-STOP-ZERO"
		: busy && limit         ? "M-STOP-ANEW"
		: lives && limit        ? "M-STOP-LIVES"
					: NULL,
		"process_stop returns", "it did not within 8 seconds%s",
		lives ? ", and the program still lives" : "");
	check_that(c, held || r->code != BLOCKED, "M-STOP-MASK",
		"the caller has the same signals blocked afterwards as before", "others");
	check_that(c, held || r->code != REAPED, "M-STOP-ANYONE",
		"the end of the caller's other child is left for the caller to fetch", "it was fetched too");
	check_that(c, held, r->code == EINTR ? "M-STOP-EINTR" : r->code == ECHILD ? "M-STOP-OTHERS" : NULL,
		"process_stop returns 0 or 1", "%s", run_failure(r));
	return (int64_t)((now_ns(CLOCK_MONOTONIC) - begin) / 1000000) - 300;
}

static void expect_no_child(struct check *c, const struct run *r)
{
	pid_t *kids = NULL;
	int n = ev_children(c, r->pid, &kids);
	for (int i = 0; i < n; i++)
		check_that(c, ev_state(c, kids[i]) != 'Z', "M-STOP-ZOMBIE", "no zombie is left",
			"process %d is in state Z: it has ended, and nobody has asked for its status",
			(int)kids[i]);
	check_that(c, n == 0, str_eq(r->argv[1], "stop-busy") ? "M-STOP-EINTR" : "M-STOP-EARLY",
		"the program has ended when process_stop returns", "process %d still runs",
		n > 0 ? (int)kids[0] : 0);
}

/* One that takes its time, with signals coming in; one without a limit of time; one that has gone already. */
static void others_are_stopped(struct check *c, struct box *b, int polite)
{
	char *word = check_word(c), *number = check_text(c, "%d", polite);
	static const char *const limits[] = { "4", "-1" };
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct run *r = RUN(DRIVE, "stop-busy", number, limits[i], word, "/lab/probe", "listen",
			"/work/slow", number, i ? "1300" : "350");
		stop_one(c, b, r, polite);
		expect_no_child(c, r);
		check_str(c, i ? "M-STOP-ENDLESS" : "M-STOP-EINTR",
			i ? "what the function said, without a limit of time, of a program that takes 1300 ms "
			    "to end"
			  : "what the function said of a program that takes 350 of 4000 ms, while signals "
			    "interrupt its caller",
			"went", last(ev_cmdline(c, r->pid)));
		box_kill(r, SIGKILL);
		box_wait(r, 1000);
	}
	/* No time at all, and a second that signals cut into pieces: one that does not listen is dead then. */
	static const char *const deaf[][2] = { { "stop", "0" }, { "stop-busy", "1" } };
	for (size_t i = 0; i < ARRAY_LEN(deaf); i++) {
		struct run *d = RUN(DRIVE, deaf[i][0], number, deaf[i][1], word, "/lab/probe", "ignore", number);
		stop_one(c, b, d, polite);
		check_str(c, NULL, "what the function said of a program that does not listen", "killed",
			last(ev_cmdline(c, d->pid)));
		box_kill(d, SIGKILL);
		box_wait(d, 1000);
	}
	struct run *o = RUN(DRIVE, "stop-other", number, "3", word, "/lab/probe", "listen", "/work/other", number);
	stop_one(c, b, o, polite);
	box_clear(b); /* it did not fail; whether it saw the end in time depends on how it waits */
	struct run *r = RUN(DRIVE, "stop-gone", number, "3", word, "/lab/probe", "true");
	box_start(b, r);
	check_ran(c, "drive stop-gone %s 3 %s /lab/probe true", number, word);
	bool gone = holds(c, r, 4000);
	check_that(c, gone, "M-STOP-GONE", "0 for a process that has gone before it was asked",
		"%s", run_failure(r));
	check_str(c, "M-STOP-GONE", "what the function said of a process that has gone before", "went",
		last(ev_cmdline(c, r->pid)));
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
}

static void check_stop(struct check *c)
{
	static const int polite[] = { SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGHUP };
	size_t k = check_number(c, 0, ARRAY_LEN(polite) - 1);
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *number = check_text(c, "%d", polite[k]);

	/* One that goes when asked: it must be asked by the planted signal, and not be waited for any longer. */
	struct run *r = RUN(DRIVE, "stop", number, "4", word, "/lab/probe", "listen", "/work/log", number);
	int64_t ms = stop_one(c, b, r, polite[k]);
	char *log = box_read(b, "/work/log");
	check_that(c, log && strstr(log, check_text(c, "signal %02d", polite[k])), "M-STOP-KILL",
		check_text(c, "the program gets signal %d first", polite[k]), "its log of signals says: %s",
		log && *log ? log : "nothing; it ended unasked");
	expect_no_child(c, r);
	check_that(c, ms < 2500, "M-STOP-SLEEP", "it returns soon after the program has gone",
		"it took %lld ms of 4000", (long long)ms);
	check_str(c, NULL, "what the function said", "went", last(ev_cmdline(c, r->pid)));
	box_kill(r, SIGKILL);

	/* One that does not listen: after the time it must be dead. */
	r = RUN(DRIVE, "stop", number, "1", word, "/lab/probe", "ignore", number);
	ms = stop_one(c, b, r, polite[k]);
	expect_no_child(c, r);
	check_that(c, ms >= 900, "M-STOP-TIME", "the program gets the whole second it was promised",
		"%lld ms", (long long)ms);
	check_str(c, NULL, "what the function said of a program that does not listen", "killed",
		last(ev_cmdline(c, r->pid)));
	box_kill(r, SIGKILL);

	others_are_stopped(c, b, polite[k]);
	static const int calls[] = { SYS_pidfd_send_signal, OR(SYS_kill), -1 };
	CHECK_ERRORS(c, b, calls, EPERM, DRIVE, "stop", number, "1", word, "/lab/probe", "hold");
	box_clear(b);
	r = box_run(b, RUN(DRIVE, "stop-nothing"));
	check_int(c, NULL, "the error for an invalid descriptor (9 is EBADF)", EBADF, r->code);
	box_expect_empty(b, NULL);
}

const struct check_entry lab_00_checks[] = {
	{ "00.1", check_word_comes_out },
	{ "00.2", check_spawn },
	{ "00.3", check_exit_code },
	{ "00.4", check_env_of },
	{ "00.5", check_stop },
	{ 0 },
};
