/*
 * checks.c - lab 12: which processes run at which moment, what a work tree and a store hold, which digest each job got.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";

static pid_t holds(struct check *c, struct run *r)
{
	for (unsigned waited = 0; waited < 4000; waited += 10) {
		char **line = ev_cmdline(c, r->pid);
		if (strv_len(line) > 1 && str_eq(line[0], "probe") && str_eq(line[1], "hold"))
			return r->pid;
		if (box_wait(r, 10))
			break;
	}
	return 0;
}

static pid_t held(struct check *c, struct run *r, const char *what)
{
	pid_t pid = holds(c, r);
	if (pid)
		return pid;
	check_that(c, r->done, NULL, check_text(c, "%s returns", what), "it did not within 4 seconds");
	check_fail(c, NULL, check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

static const char *answer(struct check *c, pid_t pid)
{
	char **line = ev_cmdline(c, pid);
	return strv_len(line) > 3 ? line[3] : "";
}

static void end_of(struct box *b, struct run *r)
{
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	box_expect_empty(b, NULL);
}

static bool stat_in(struct check *c, pid_t pid, const char *path, struct stat *ret)
{
	return lstat(check_text(c, "/proc/%d/root%s", (int)pid, path), ret) == 0;
}

static void refuses_none(struct check *c, struct box *b, const char *verb)
{
	struct run *r = box_run(b, RUN(DRIVE, verb, "-"));
	check_ran(c, "drive %s", verb);
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error for an invalid descriptor", "exit status %d", r->code);
	box_expect_empty(b, NULL);
}

/* --- jobs as processes --- */

/* Host pid of the shell that is this job's work; 0: it does not run. */
static pid_t job_pid(struct check *c, struct box *b, const char *name)
{
	pid_t *pids = NULL;
	int n = box_processes(b, &pids);
	for (int i = 0; i < n; i++) {
		char **line = ev_cmdline(c, pids[i]);
		if (strv_len(line) > 3 && str_eq(line[0], "sh") && str_eq(line[3], name))
			return pids[i];
	}
	return 0;
}

static pid_t job_comes(struct check *c, struct box *b, struct run *r, const char *name)
{
	for (unsigned waited = 0; waited < 3000; waited += 10) {
		pid_t pid = job_pid(c, b, name);
		if (pid || box_wait(r, 10))
			return pid;
	}
	return 0;
}

static void job_go(struct check *c, struct box *b, const char *name) { box_write(b, check_text(c, "/work/go.%s", name), "", 0644); }

static char *code_of(struct check *c, struct box *b, const char *name) { return box_read(b, check_text(c, "/work/code.%s", name)); }

/* It has ended, and the drive has heard of it: what may follow follows within this time. */
static void job_ends(struct check *c, struct box *b, const char *name)
{
	job_go(c, b, name);
	for (unsigned waited = 0; waited < 3000 && !code_of(c, b, name); waited += 10)
		usleep(10000);
	usleep(60000);
}

static void expect_runs(struct check *c, struct box *b, struct run *r, const char *name, const char *misread, const char *why)
{
	check_that(c, job_comes(c, b, r, name) > 0, misread, check_text(c, "job %s runs: %s", name, why), "it does not%s%s",
		r->done ? "; " : "", r->done ? run_failure(r) : "");
}

static void expect_not(struct check *c, struct box *b, const char *name, const char *misread, const char *why)
{
	check_that(c, !job_pid(c, b, name) && !code_of(c, b, name), misread, check_text(c, "job %s does not run: %s", name, why),
		"it does");
}

static void overlap(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *a = check_word(c), *z = check_word(c), *later = check_word(c), *early = check_word(c);
	struct run *r = box_start(b,
		RUN(DRIVE, "run", "9", check_text(c, "%s:1:success:-:0:wait", later), check_text(c, "%s:0:success:-:0:wait", a),
			check_text(c, "%s:0:success:-:0:wait", z), check_text(c, "%s:2:success:%s:0:wait", early, a)));
	check_ran(c, "a pipeline: %s and %s in stage 0, %s in stage 1, %s in stage 2 with needs: [%s]", a, z, later, early, a);
	expect_runs(c, b, r, a, "M-JOBS-NONE", "it waits for nothing");
	expect_runs(c, b, r, z, "M-JOBS-SERIAL", "it waits for nothing, and the other one still runs");
	pid_t one = job_pid(c, b, a), two = job_pid(c, b, z);
	check_that(c, one && two && one != two, "M-JOBS-SERIAL", "two processes run at the same time", "%s", one ? "one" : "none");
	check_int(c, "M-JOBS-PARENT", "parent of a job's process: the one that called jobs_start", r->pid, ev_parent(c, one));
	expect_not(c, b, later, "M-JOBS-STAGE", "jobs of an earlier stage still run");
	expect_not(c, b, early, "M-JOBS-STAGE", "what it needs still runs");
	job_ends(c, b, a);
	expect_runs(c, b, r, early, "M-JOBS-NEEDS", "what it needs has ended; stages do not matter to it");
	expect_not(c, b, later, "M-JOBS-STAGE", "one job of the earlier stage still runs");
	job_ends(c, b, z);
	expect_runs(c, b, r, later, NULL, "all jobs of the earlier stage have ended");
	job_ends(c, b, later);
	job_ends(c, b, early);
	check_that(c, box_wait(r, 3000), NULL, "the pipeline ends when nothing is left to start", "it does not");
	check_int(c, NULL, "exit status of the drive", 0, r->code);
	char *ready = box_read(b, "/work/ready");
	check_str(c, "M-JOBS-READY", "ready[], call by call", check_text(c, "%s\n%s\n%s\n%s\n", a, z, early, later), ready ? ready : "");
	box_expect_empty(b, NULL);
	box_close(b);
}

static void at_once(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *names[4], *specs[4];
	for (int i = 0; i < 4; i++) {
		names[i] = check_word(c);
		specs[i] = check_text(c, "%s:0:success:-:0:wait", names[i]);
	}
	struct run *r = box_start(b, RUN(DRIVE, "run", "2", specs[0], specs[1], specs[2], specs[3]));
	check_ran(c, "four independent jobs, two at once");
	expect_runs(c, b, r, names[0], NULL, "there is a free place");
	expect_runs(c, b, r, names[1], "M-JOBS-SERIAL", "there is a free place");
	usleep(60000);
	expect_not(c, b, names[2], "M-JOBS-LIMIT", "two run already, and p->at_once is 2");
	job_ends(c, b, names[1]);
	expect_runs(c, b, r, names[2], "M-JOBS-LIMIT", "a place has become free");
	expect_not(c, b, names[3], "M-JOBS-LIMIT", "two run again");
	for (int i = 0; i < 4; i++)
		job_go(c, b, names[i]);
	check_that(c, box_wait(r, 4000), NULL, "the pipeline ends", "it does not");
	check_that(c, code_of(c, b, names[3]) != NULL, "M-JOBS-LIMIT", "the last one ran, too", "it did not");
	box_expect_empty(b, NULL);
	box_close(b);
}

static void after_failure(struct check *c)
{
	struct box *b = box_open(c, NULL);
	int code = (int)check_number(c, 2, 90);
	struct run *r = box_run(b,
		RUN(DRIVE, "run", "9", check_text(c, "bad:0:success:-:%d:now", code), "good:0:success:-:0:now", "next:1:success:-:0:now",
			"rescue:1:failure:-:0:now", "always:2:always:-:0:now", "idle:1:failure:good:0:now", "free:2:success:good:0:now",
			"chain:2:success:next:0:now", "early:3:success:chain+good:0:now"));
	check_ran(c, "bad fails with %d; next, rescue (on_failure), always, free (needs good), chain (needs next) ...", code);
	check_that(c, r->code == 0, NULL, "the pipeline ends well", "%s", run_failure(r));
	check_str(c, "M-JOBS-WORK", "exit status of the failed job's process: what p->work returned", check_text(c, "%d", code),
		code_of(c, b, "bad") ? code_of(c, b, "bad") : "none");
	static const struct {
		const char *name;
		bool runs;
		const char *misread, *why;
	} rows[] = { { "good", true, NULL, "it waits for nothing" }, { "next", false, "M-JOBS-FAILED", "a job of an earlier stage failed" },
		{ "rescue", true, "M-JOBS-WHEN", "when: on_failure, and one failed" },
		{ "always", true, "M-JOBS-WHEN", "when: always" }, { "idle", false, "M-JOBS-WHEN", "when: on_failure, and what it needs did not fail" },
		{ "free", true, "M-JOBS-NEEDS", "what it needs succeeded" },
		{ "chain", false, "M-JOBS-FAILED", "what it needs was skipped" }, { "early", false, "M-JOBS-FAILED", "what it needs was skipped, too" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_that(c, (code_of(c, b, rows[i].name) != NULL) == rows[i].runs, rows[i].misread,
			check_text(c, "job %s %s: %s", rows[i].name, rows[i].runs ? "runs" : "does not run", rows[i].why), "it %s",
			rows[i].runs ? "does not" : "does");
	box_expect_empty(b, NULL);
	box_close(b);
	b = box_open(c, NULL);
	CHECK_ERRORS(c, b, ((const int[]){ SYS_clone, OR(SYS_clone3), -1 }), EAGAIN, DRIVE, "run", "9", "one:0:success:-:0:now");
}

/* Jobs that have a status before anything starts, and what may start behind them. */
static void behind(struct check *c, const char *first, const char *spec, bool runs, const char *misread, const char *why)
{
	struct box *b = box_open(c, NULL);
	char *name = check_word(c);
	char *tail = check_text(c, "%s:%s", name, spec);
	struct run *r = box_run(b, RUN(DRIVE, "run", "9", check_text(c, "first:0:success:-:0:%s", first), "good:0:success:-:0:now", tail));
	check_ran(c, "job first is \"%s\"; then %s (NAME:STAGE:WHEN:NEEDS:CODE:KIND)", first, tail);
	check_that(c, r->code == 0, NULL, "the pipeline ends well", "%s", run_failure(r));
	expect_not(c, b, "first", "M-JOBS-WAITING", "its status is not JOB_WAITING");
	check_that(c, (code_of(c, b, name) != NULL) == runs, misread,
		check_text(c, "job %s %s: %s", name, runs ? "runs" : "does not run", why), "it %s", runs ? "does not" : "does");
	box_expect_empty(b, NULL);
	box_close(b);
}

static void other_ways(struct check *c)
{
	behind(c, "canceled", "1:success:-:0:now", false, "M-JOBS-FAILED", "a job of an earlier stage was canceled");
	behind(c, "canceled", "1:failure:-:0:now", false, "M-JOBS-WHEN", "when: on_failure, and canceled is not failed");
	behind(c, "skipped", "1:success:-:0:now", true, "M-JOBS-SKIPPED", "it goes by stages, and skipped holds up only jobs that need it by name");
	behind(c, "skipped", "1:always:first:0:now", true, "M-JOBS-WHEN", "when: always");
	behind(c, "warning", "1:delayed:-:0:now", true, "M-JOBS-FAILED", "a warning is no failure, and `when` is none of the two special values");
	behind(c, "optional", "1:success:-:0:now", true, "M-JOBS-OVER", "an optional manual job holds up no stage");
	behind(c, "optional", "1:success:first:0:now", false, "M-JOBS-OVER", "it needs a manual job that nobody has started");
	behind(c, "manual", "1:success:-:0:now", false, "M-JOBS-OVER", "a manual job of an earlier stage was not started");
	/* the last job's failure lets `mid` be skipped, and only that lets `up` begin, which stands first */
	struct box *b = box_open(c, NULL);
	struct run *r = box_run(b, RUN(DRIVE, "run", "9", "up:2:always:mid:0:now", "mid:1:success:-:0:now", "bad:0:success:-:3:now"));
	check_ran(c, "up (always) needs mid, mid comes a stage after bad, bad fails");
	check_that(c, r->code == 0, NULL, "the pipeline ends well", "%s", run_failure(r));
	check_that(c, code_of(c, b, "up") != NULL, "M-JOBS-AGAIN", "job up runs: mid was skipped, so it is over", "it does not");
	box_close(b);
}

static void check_start(struct check *c)
{
	overlap(c);
	at_once(c);
	after_failure(c);
	other_ways(c);
}

/* --- 12.2 --- */

static void same_file(struct check *c, pid_t pid, const char *name, unsigned mode)
{
	struct stat was = { 0 }, is = { 0 };
	char *from = check_text(c, "/work/source/%s", name), *to = check_text(c, "/work/run/jobs/3/work/%s", name);
	check_that(c, stat_in(c, pid, from, &was) && stat_in(c, pid, to, &is), NULL, check_text(c, "%s is there", to), "it is not");
	check_that(c, (was.st_mode & S_IFMT) == (is.st_mode & S_IFMT), "M-WORK-LINK", check_text(c, "%s is of the same kind", to),
		"it is not");
	check_that(c, was.st_ino != is.st_ino || was.st_dev != is.st_dev, "M-WORK-SHARED",
		check_text(c, "%s is a file of its own", to), "it is the inode of the source");
	check_that(c, S_ISLNK(is.st_mode) || (is.st_mode & 07777) == mode, "M-WORK-MODE",
		check_text(c, "the mode of %s is %04o, whatever the umask", to, mode), "it is %04o", is.st_mode & 07777);
}

static void check_work(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = check_word(c), *text = check_word(c), *word = check_word(c), *left = check_word(c), *changed = check_word(c);
	static const char *const dirs[] = { "/work/source", "/work/source/sub", "/work/run", "/work/run/jobs", "/work/run/jobs/2",
		"/work/run/jobs/2/work", "/work/run/jobs/3", "/work/run/jobs/3/work" };
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		box_mkdir(b, dirs[i], 0755);
	char *file = check_text(c, "/work/source/%s", name), *copy = check_text(c, "/work/run/jobs/3/work/%s", name);
	box_write(b, file, text, 0640);
	box_write(b, "/work/source/sub/tool", "#!/bin/sh\n", 0750);
	box_write(b, "/work/source/.hidden", text, 0600);
	box_symlink(b, "sub/tool", "/work/source/link");
	box_mkdir(b, "/work/source/sub/deep", 0755);
	box_mkdir(b, "/work/source/sub/deep/empty", 0700);
	box_write(b, "/work/source/sub/deep/leaf", text, 0444);
	char *large = xmalloc(200001);
	for (size_t i = 0; i < 200000; i++)
		large[i] = (char)('a' + (i * 7 + i / 4096) % 26);
	large[200000] = '\0';
	box_write(b, "/work/source/large", large, 0644);
	box_mkdir(b, "/work/run/jobs/3/work/old", 0755);
	box_write(b, "/work/run/jobs/3/work/old/.x", text, 0644);
	box_write(b, check_text(c, "/work/run/jobs/2/work/%s", left), text, 0644);
	box_write(b, check_text(c, "/work/run/jobs/3/work/%s", left), text, 0644);
	struct run *r = box_start(b, RUN(DRIVE, "work", word, "/work/run", "/work/source", "jobs/3"));
	check_ran(c, "drive work %s /work/run /work/source jobs/3", word);
	pid_t pid = held(c, r, "job_workspace");
	check_str(c, "M-WORK-FD", "what *ret_dir is open on: jobs/3/work", "same", answer(c, pid));
	same_file(c, pid, name, 0666);
	same_file(c, pid, "sub", 0777);
	same_file(c, pid, "sub/tool", 0777);
	same_file(c, pid, ".hidden", 0666);
	same_file(c, pid, "link", 0);
	same_file(c, pid, "sub/deep/empty", 0777);
	same_file(c, pid, "sub/deep/leaf", 0666);
	const char *copied = box_read(b, "/work/run/jobs/3/work/large");
	check_that(c, copied && str_eq(copied, large), NULL, "all 200000 bytes of a large file", "%zu bytes, or others", copied ? strlen(copied) : 0);
	check_str(c, NULL, "the bytes of a file", text, box_read(b, copy) ? box_read(b, copy) : "");
	check_that(c, !box_exists(b, check_text(c, "/work/run/jobs/3/work/%s", left)) && !box_exists(b, "/work/run/jobs/3/work/old"), "M-WORK-LEFT",
		"what an earlier try left is gone", "it is still there");
	check_that(c, box_exists(b, check_text(c, "/work/run/jobs/2/work/%s", left)), NULL, "another job's work tree is as it was",
		"it is not");
	struct mounts m = ev_mounts(c, pid);
	check_that(c, !mounts_at(&m, "/work/run/jobs/3/work"), "M-WORK-SHARED", "a copy, not a mount of the source", "it is a mount");
	struct stat st = { 0 };
	check_that(c, stat_in(c, pid, "/work/run/jobs/3/work", &st) && (st.st_mode & 07777) == 0777, "M-WORK-MODE",
		"the mode of the work tree is 0777", "it is %04o", st.st_mode & 07777);
	end_of(b, r);
	box_write(b, copy, changed, 0666);
	check_str(c, "M-WORK-SHARED", "the source's file, after the job wrote to its own", text, box_read(b, file));
	check_int(c, "M-WORK-SOURCE", "names in the source", 5, (int64_t)strv_len(box_names(b, "/work/source")));
	box_symlink(b, "nowhere", "/work/source/dangling");
	r = box_start(b, RUN(DRIVE, "work", word, "/work/run", "/work/source", "jobs/5"));
	check_ran(c, "drive work %s /work/run /work/source jobs/5    (no earlier try)", word);
	pid = held(c, r, "job_workspace of a first try");
	check_that(c, stat_in(c, pid, "/work/run/jobs/5/work/dangling", &st) && S_ISLNK(st.st_mode), "M-WORK-LINK",
		"a link that leads nowhere is copied as a link", "it is not");
	check_that(c, stat_in(c, pid, file, &st) && (st.st_mode & 07777) == 0640, "M-WORK-SOURCE", "the source's file has its mode 0640 still",
		"it is %04o", st.st_mode & 07777);
	check_str(c, NULL, "the bytes of a file", text, box_read(b, check_text(c, "/work/run/jobs/5/work/%s", name)));
	end_of(b, r);
	CHECK_ERRORS(c, b, ((const int[]){ SYS_mkdirat, OR(SYS_mkdir), -1 }), EIO, DRIVE, "work", word, "/work/run", "/work/source", "jobs/4");
	refuses_none(c, b, "work-none");
}

/* --- 12.3 --- */

static void plant_work(struct check *c, struct box *b, const char *name, const char *text)
{
	static const char *const dirs[] = { "/work/tree", "/work/tree/out", "/work/tree/out/deep", "/work/tree/cache", "/work/store",
		"/work/empty", "/work/outside" };
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		box_mkdir(b, dirs[i], str_ends(dirs[i], "deep") ? 0710 : 0755);
	box_write(b, check_text(c, "/work/tree/out/%s", name), text, 0640);
	box_symlink(b, "deep", "/work/tree/out/inner");
	box_symlink(b, "../other", "/work/tree/out/back");
	box_write(b, "/work/tree/out/deep/prog", text, 0751);
	box_write(b, "/work/tree/out/deep/skip.tmp", text, 0644);
	box_write(b, "/work/tree/cache/kept", text, 0644);
	box_write(b, "/work/tree/other", text, 0644);
	box_write(b, "/work/outside/secret", text, 0644);
	box_symlink(b, name, "/work/tree/out/near");
	box_symlink(b, "/etc/passwd", "/work/tree/out/absolute");
	box_symlink(b, "../../outside/secret", "/work/tree/out/climbs");
	box_symlink(b, "/work/outside", "/work/tree/through");
}

static void check_artifacts(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *name = check_word(c), *text = check_word(c), *word = check_word(c);
	plant_work(c, b, name, text);
	struct run *r = box_start(b, RUN(DRIVE, "artifacts", word, "/work/tree", "/work/store", "out/", "through/secret", "missing", "-x", "out/**/*.tmp"));
	check_ran(c, "drive artifacts %s /work/tree /work/store out/ through/secret missing -x 'out/**/*.tmp'", word);
	pid_t pid = held(c, r, "job_artifacts");
	struct stat st = { 0 };
	char *stored = check_text(c, "/work/store/out/%s", name);
	check_str(c, "M-ART-PATH", "a named file's bytes, at its own path", text, box_read(b, stored) ? box_read(b, stored) : "");
	check_that(c, stat_in(c, pid, stored, &st) && (st.st_mode & 07777) == 0640, "M-ART-MODE", "its mode is 0640", "it is %04o", st.st_mode & 07777);
	check_that(c, stat_in(c, pid, "/work/store/out/deep/prog", &st) && (st.st_mode & 07777) == 0751, "M-ART-MODE", "the mode of a program is 0751 still", "it is %04o", st.st_mode & 07777);
	check_that(c, stat_in(c, pid, "/work/store/out/deep", &st) && (st.st_mode & 07777) == 0710, "M-ART-MODE", "the mode of a directory is 0710 still", "it is %04o", st.st_mode & 07777);
	check_that(c, !box_exists(b, "/work/store/other") && !box_exists(b, "/work/store/cache"), "M-ART-ALL",
		"what was not named is not stored", "it is");
	check_that(c, !box_exists(b, "/work/store/out/deep/skip.tmp"), "M-ART-EXCLUDE", "what is excluded is not stored", "it is");
	check_that(c, stat_in(c, pid, "/work/store/out/near", &st) && S_ISLNK(st.st_mode), "M-ART-FOLLOW", "a link within the tree is stored as a link",
		"%s", st.st_mode ? "it is a file" : "it is not there");
	check_that(c, stat_in(c, pid, "/work/store/out/inner", &st) && S_ISLNK(st.st_mode), "M-ART-FOLLOW", "a link to a directory of the tree is stored as a link",
		"it is not");
	check_that(c, stat_in(c, pid, "/work/store/out/back", &st) && S_ISLNK(st.st_mode), "M-ART-WITHIN", "out/back -> ../other stays within the tree and is stored",
		"it is not");
	check_that(c, !stat_in(c, pid, "/work/store/out/absolute", &st), "M-ART-OUT", "a link to /etc/passwd is not stored", "it is");
	check_that(c, !stat_in(c, pid, "/work/store/out/climbs", &st), "M-ART-OUT", "a link that climbs out of the tree is not stored", "it is");
	check_that(c, !box_exists(b, "/work/store/through/secret"), "M-ART-FOLLOW", "a directory that is a link is not entered", "it was");
	check_str(c, NULL, "the number of stored entries: out, deep, the file, prog, near, inner, back", "7", answer(c, pid));
	end_of(b, r);
	check_that(c, r->out && strstr(r->out, "out/absolute") && strstr(r->out, "out/climbs"), "M-ART-SILENT",
		"warnings that name out/absolute and out/climbs", "%s", r->out && *r->out ? r->out : "nothing was said");
	r = box_start(b, RUN(DRIVE, "artifacts", word, "/work/tree", "/work/empty", "missing", "gone/**"));
	check_ran(c, "drive artifacts %s /work/tree /work/empty missing 'gone/**'", word);
	pid = held(c, r, "job_artifacts of paths that are not there");
	check_str(c, NULL, "the number of stored entries", "0", answer(c, pid));
	check_int(c, "M-ART-ALL", "names in the store", 0, (int64_t)strv_len(box_names(b, "/work/empty")));
	end_of(b, r);
	box_mkdir(b, "/work/store2", 0755);
	CHECK_ERRORS(c, b, ((const int[]){ SYS_mkdirat, SYS_symlinkat, OR(SYS_mkdir), OR(SYS_renameat2), -1 }), EIO, DRIVE, "artifacts", word, "/work/tree", "/work/store2", "out/");
	refuses_none(c, b, "artifacts-none");
}

/* --- 12.4 --- */

static void verdict_is(struct check *c, struct box *b, const char *misread, const char *what, int want, const char *const argv[])
{
	static const char *const names[] = { "waiting", "running", "success", "failed", "warning", "skipped", "manual", "canceled" };
	struct run r = { .argv = argv };
	box_run(b, &r);
	check_ran(c, "%s", what);
	int got = r.code - 20;
	check_str(c, misread, "the verdict", names[want], got >= 0 && got < 8 ? names[got] : run_failure(&r));
}

#define VERDICT(misread, what, want, ...) verdict_is(c, b, misread, what, want, (const char *const[]){ DRIVE, "verdict", __VA_ARGS__, NULL })
enum { SUCCESS = 2, FAILED = 3, WARNING = 4 };

static void check_verdict(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *code = check_text(c, "%d", (int)check_number(c, 2, 120)), *second = check_text(c, "%d", (int)check_number(c, 121, 200));
	VERDICT(NULL, "exits 0 0 0", SUCCESS, "no", "-", "0", "0", "0");
	VERDICT(NULL, "no exits at all", SUCCESS, "no", "-");
	VERDICT("M-VERDICT-IGNORED", check_text(c, "exits 0 0 %s", code), FAILED, "no", "-", "0", "0", code);
	VERDICT("M-VERDICT-LAST", check_text(c, "exits 0 %s 0", code), FAILED, "no", "-", "0", code, "0");
	VERDICT("M-VERDICT-LAST", check_text(c, "exits %s 0 0", code), FAILED, "no", "-", code, "0", "0");
	VERDICT("M-VERDICT-ALLOW", check_text(c, "exits 0 %s, allow_failure", code), WARNING, "yes", "-", "0", code);
	VERDICT("M-VERDICT-ALLOW", check_text(c, "exits 0 %s, exit_codes: [%s, %s]", code, second, code), WARNING, "no",
		check_text(c, "%s+%s", second, code), "0", code);
	VERDICT("M-VERDICT-CODES", check_text(c, "exits %s 0, exit_codes: [%s]", code, second), FAILED, "no", second, code, "0");
	VERDICT("M-VERDICT-FIRST", check_text(c, "exits %s %s, exit_codes: [%s]", code, second, second), FAILED, "no", second, code, second);
	VERDICT("M-VERDICT-FIRST", check_text(c, "exits %s %s, exit_codes: [%s]", second, code, second), WARNING, "no", second, second, code);
	VERDICT("M-VERDICT-ALLOW", check_text(c, "exits %s, allow_failure, exit_codes: [%s]", code, second), WARNING, "yes", second, code);
	VERDICT("M-VERDICT-IGNORED", "exits 0 -1", FAILED, "no", "-", "0", "-1");
	VERDICT(NULL, "exits 0 0, allow_failure", SUCCESS, "yes", "-", "0", "0");
	VERDICT(NULL, check_text(c, "exits 0 0, exit_codes: [%s]", second), SUCCESS, "no", second, "0", "0");
	struct run *r = box_run(b, RUN(DRIVE, "judged", "9", check_text(c, "bad:0:success:-:%s:now", code), "next:1:success:-:0:now",
					   "rescue:1:failure:-:0:now"));
	check_ran(c, "a pipeline whose first job has the exits 0 %s 0", code);
	check_int(c, NULL, "exit status of the drive", 0, r->code);
	check_that(c, !code_of(c, b, "next"), "M-VERDICT-LAST", "the next stage does not run", "it does");
	check_that(c, code_of(c, b, "rescue") != NULL, "M-VERDICT-LAST", "the job with when: on_failure runs", "it does not");
	check_note_predicted(c, 'n', "the shell of a job runs with -e: the first command that fails ends it");
	box_expect_empty(b, NULL);
}

/* --- 12.5 --- */

static char *plant_digest(struct check *c)
{
	return check_text(c, "sha256:%016llx%016llx%016llx%016llx", (unsigned long long)check_number(c, 1, UINT64_MAX), (unsigned long long)check_number(c, 1, UINT64_MAX),
		(unsigned long long)check_number(c, 1, UINT64_MAX), (unsigned long long)check_number(c, 1, UINT64_MAX));
}

static size_t asked(struct box *b)
{
	char *text = box_read(b, "/work/asked");
	return text ? strlen(text) : 0;
}

static char *pin_path(struct check *c, const char *image)
{
	return check_text(c, "/work/run/images/%016llx", (unsigned long long)fnv1a(image, strlen(image)));
}

static void pinned_is(struct check *c, struct box *b, struct run *r, const char *misread, const char *what, const char *want)
{
	pid_t pid = held(c, r, "job_pin_image");
	check_str(c, misread, what, want, answer(c, pid));
	(void)b;
}

static void check_pin(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *image = check_text(c, "registry/%s:1", check_word(c)), *other = check_text(c, "%s", check_word(c)), *word = check_word(c);
	char *first = plant_digest(c), *moved = plant_digest(c), *third = plant_digest(c);
	box_mkdir(b, "/work/run", 0755);
	box_mkdir(b, "/work/run/images", 0755);
	struct run *r = box_start(b, RUN(DRIVE, "pin", word, "/work/run", image, first, "-"));
	check_ran(c, "job 1 asks for %s, which is %.19s now", image, first);
	pinned_is(c, b, r, NULL, "j->pinned", first);
	end_of(b, r);
	check_int(c, NULL, "how often the image was looked for", 1, (int64_t)asked(b));
	r = box_start(b, RUN(DRIVE, "pin", word, "/work/run", image, moved, "-"));
	check_ran(c, "the tag moves to %.19s, and job 2 asks for %s", moved, image);
	pinned_is(c, b, r, "M-PIN-MOVED", "j->pinned of the second job: what the first one had", first);
	end_of(b, r);
	check_int(c, "M-PIN-ASKS", "how often the image was looked for: the second job does not ask", 1, (int64_t)asked(b));
	r = box_start(b, RUN(DRIVE, "pin", word, "/work/run", other, third, "-"));
	check_ran(c, "another image, %s", other);
	pinned_is(c, b, r, "M-PIN-NAMES", "j->pinned", third);
	end_of(b, r);
	check_int(c, NULL, "files in images/: one for each name, nothing beside", 2, (int64_t)strv_len(box_names(b, "/work/run/images")));
	const char *pin = box_read(b, pin_path(c, image));
	check_str(c, "M-PIN-FILE", check_text(c, "the digest in %s (job_pin_name())", pin_path(c, image)), first, pin ? pin : "none");
	char *resumed = check_word(c);
	box_write(b, pin_path(c, resumed), moved, 0600);
	r = box_start(b, RUN(DRIVE, "pin", word, "/work/run", resumed, third, "-"));
	check_ran(c, "%s was pinned before the run was interrupted; it is resumed", resumed);
	pinned_is(c, b, r, "M-PIN-FILE", "j->pinned: what is written", moved);
	end_of(b, r);
	check_int(c, "M-PIN-ASKS", "how often images were looked for", 2, (int64_t)asked(b));
	char *both = check_word(c), *one = check_word(c), *two = check_word(c);
	struct run *slow = box_start(b, RUN(DRIVE, "pin", one, "/work/run", both, first, "/work/go.slow"));
	for (unsigned waited = 0; waited < 3000 && asked(b) < 3; waited += 10)
		usleep(10000);
	struct run *quick = box_start(b, RUN(DRIVE, "pin", two, "/work/run", both, moved, "/work/go.quick"));
	for (unsigned waited = 0; waited < 3000 && asked(b) < 4; waited += 10)
		usleep(10000);
	check_ran(c, "two jobs look for %s at the same moment, and are told different digests", both);
	box_write(b, "/work/go.quick", "", 0644);
	pinned_is(c, b, quick, NULL, "the quicker one", moved);
	box_write(b, "/work/go.slow", "", 0644);
	pinned_is(c, b, slow, "M-PIN-RACE", "the slower one: what the quicker one wrote", moved);
	box_kill(quick, SIGKILL);
	end_of(b, slow);
	r = box_run(b, RUN(DRIVE, "pin", word, "/work/run", check_word(c), "none", "-"));
	check_ran(c, "an image that is not there");
	check_that(c, r->code == ENOENT, NULL, "the error of find_image() (ENOENT)", "exit status %d", r->code);
	check_int(c, NULL, "files in images/: none for it", 4, (int64_t)strv_len(box_names(b, "/work/run/images")));
	refuses_none(c, b, "pin-none");
}

const struct check_entry lab_12_checks[] = {
	{ "12.1", check_start },
	{ "12.2", check_work },
	{ "12.3", check_artifacts },
	{ "12.4", check_verdict },
	{ "12.5", check_pin },
	{ 0 },
};
