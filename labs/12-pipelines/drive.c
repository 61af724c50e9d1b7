/*
 * drive.c - calls one function of lab 12, as ci_run.c and job_run.c of the engine do.
 *
 * drive run AT_ONCE JOB...    a pipeline of jobs NAME:STAGE:WHEN:NEEDS:CODE:KIND, run to its end with jobs_start() alone.
 *                             WHEN: success failure always; NEEDS: names joined by +, "-" for none (stages order it). KIND: wait
 *                             (a shell that waits for /work/go.NAME and exits with CODE), now (work returns CODE), the name of
 *                             a status that it has from the beginning, or optional (manual, and allowed to fail). The names
 *                             in ready[] are written to /work/ready, the codes that were waited for to /work/code.NAME
 * drive judged AT_ONCE JOB... the same, and job_verdict() says what became of each
 * drive verdict ALLOW CODES EXIT...   ALLOW: yes no; CODES: numbers joined by +, or "-"; exit status 20 + the verdict
 * drive work WORD RUN SOURCE DIR      job_workspace() under umask 077, then hold with "same" when the descriptor is of DIR/work
 * drive artifacts WORD WORK STORE PATTERN... [-x PATTERN...]   job_artifacts(), hold with its answer
 * drive pin WORD RUN IMAGE DIGEST WAIT   job_pin_image(); find_image() says DIGEST ("none": there is no such image), writes a
 *                             line to /work/asked and waits for the file WAIT ("-": it does not); hold with the digest
 * drive run-none, work-none, artifacts-none, pin-none   an invalid descriptor
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "learn/drive.h"
#include "pipeline/jobs.h"

static struct mc_err err;
static int codes[64];
static bool waits[64];

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		drive_trouble("%s: %s", path, strerror(errno));
	return fd;
}

static int hold(const char *word, const char *answer)
{
	execl("/lab/probe", "probe", "hold", word, answer, NULL);
	return DRIVE_NO_PROBE;
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(98);
	close(fd);
}

/* --- pipelines --- */

static int work(struct pipeline *p, struct job *j)
{
	char code[8];
	if (!waits[j->index])
		return codes[j->index];
	snprintf(code, sizeof(code), "%d", codes[j->index]);
	execl("/bin/sh", "sh", "-c", "while [ ! -e /work/go.$0 ]; do sleep 0.02; done; exit $1", j->name, code, NULL);
	return 97;
}

static char *field(char **rest) { return strsep(rest, ":"); }

static void read_job(struct pipeline *p, size_t i, char *text)
{
	struct job *j = &p->jobs[i];
	j->index = i;
	field(&text);
	j->stage = atoi(field(&text));
	const char *when = field(&text);
	j->when = str_eq(when, "failure") ? WHEN_ON_FAILURE : str_eq(when, "always") ? WHEN_ALWAYS : str_eq(when, "delayed") ? WHEN_DELAYED : WHEN_ON_SUCCESS;
	char *needs = field(&text);
	j->by_needs = !str_eq(needs, "-");
	j->needs = xcalloc(p->n_jobs + 1, sizeof(*j->needs));
	for (char *name; j->by_needs && (name = strsep(&needs, "+")) != NULL;)
		for (size_t k = 0; k < p->n_jobs; k++)
			if (str_eq(p->jobs[k].name, name))
				j->needs[j->n_needs++].job = k;
	codes[i] = atoi(field(&text));
	const char *kind = field(&text);
	waits[i] = str_eq(kind, "wait");
	j->allow_failure = str_eq(kind, "optional");
	for (int s = JOB_SUCCESS; s <= JOB_CANCELED; s++)
		if (str_eq(kind, job_status_name((enum job_status)s)))
			j->status = (enum job_status)s;
	if (j->allow_failure)
		j->status = JOB_MANUAL;
}

/* What ended: its code is written down. by: job_verdict() decides, or the code alone. */
static void ended(struct pipeline *p, bool by, pid_t pid, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	for (size_t i = 0; i < p->n_jobs; i++) {
		struct job *j = &p->jobs[i];
		char path[64], text[16];
		if (j->status != JOB_RUNNING || j->pid != pid)
			continue;
		snprintf(path, sizeof(path), "/work/code.%.30s", j->name);
		snprintf(text, sizeof(text), "%d", code);
		put(path, text);
		const int exits[] = { 0, code, 0 }; /* the failed command is neither the first nor the last */
		j->status = by ? OWNED(job_verdict(j, exits, 3)) : code ? JOB_FAILED : JOB_SUCCESS;
	}
}

static int drive_run(bool by, int argc, char **argv)
{
	struct pipeline p = { .n_jobs = (size_t)(argc - 1), .at_once = (size_t)atoi(argv[0]), .work = work, .dir = -1 };
	struct job *ready[64];
	int running = 0, status;
	p.jobs = xcalloc(p.n_jobs + 1, sizeof(*p.jobs));
	for (size_t i = 0; i < p.n_jobs; i++) /* needs may name a job that stands further down */
		p.jobs[i].name = xstrndup(argv[1 + i], strcspn(argv[1 + i], ":"));
	for (size_t i = 0; i < p.n_jobs; i++)
		read_job(&p, i, argv[1 + i]);
	for (;;) {
		int n = OWNED_FDS(0, jobs_start(&p, ready, &err));
		if (n < 0)
			return -n;
		for (int i = 0; i < n && i < 64; i++) {
			put("/work/ready", ready[i]->name);
			put("/work/ready", "\n");
		}
		running += n;
		if (running <= 0)
			break;
		pid_t pid = waitpid(-1, &status, 0);
		if (pid < 0)
			break;
		running--;
		ended(&p, by, pid, status);
	}
	return 0;
}

static int drive_verdict(int argc, char **argv)
{
	struct job j = { .name = (char *)"judged", .allow_failure = str_eq(argv[0], "yes") };
	int exits[65], n = 0;
	char *list = argv[1];
	for (char *c; !str_eq(list, "-") && (c = strsep(&list, "+")) != NULL;)
		j.allowed[j.n_allowed++] = atoi(c);
	for (int i = 2; i < argc && n < 64; i++)
		exits[n++] = atoi(argv[i]);
	for (size_t k = j.n_allowed; k < ARRAY_LEN(j.allowed); k++) /* what lies behind the lists counts for nothing */
		j.allowed[k] = n ? exits[n - 1 - (int)k % n] : 0;
	exits[n] = 77;
	const struct job was = j;
	int verdict = (int)OWNED(job_verdict(&j, exits, n));
	return memcmp(&was, &j, sizeof(j)) ? 90 : 20 + verdict;
}

/* --- files --- */

static int drive_work(char **argv)
{
	struct job j = { .name = argv[3], .dir = argv[3] };
	int run = open_dir(argv[1]), source = open_dir(argv[2]), dir = -1;
	struct stat is, want;
	umask(077);
	int rc = OWNED_FDS(1, job_workspace(&j, run, source, &dir, &err));
	if (rc)
		return drive_result(rc, &err);
	_cleanup_free_ char *path = xasprintf("%s/%s/work", argv[1], argv[3]);
	bool same = fstat(dir, &is) == 0 && stat(path, &want) == 0 && is.st_ino == want.st_ino && is.st_dev == want.st_dev;
	return hold(argv[0], same ? "same" : "another");
}

static int drive_artifacts(int argc, char **argv)
{
	struct job j = { .name = (char *)"made" };
	bool out = false;
	int dir = open_dir(argv[1]), store = open_dir(argv[2]);
	for (int i = 3; i < argc; i++) {
		if (str_eq(argv[i], "-x"))
			out = true;
		else
			strv_push(out ? &j.artifacts.exclude : &j.artifacts.include, argv[i]);
	}
	if (path_set_compile(&j.artifacts, "/builds/p", "artifacts", &err) < 0)
		drive_trouble("%s", err.what);
	int rc = OWNED(job_artifacts(&j, dir, store, &err));
	if (rc < 0)
		return drive_result(rc, &err);
	_cleanup_free_ char *count = xasprintf("%d", rc);
	return hold(argv[0], count);
}

/* --- images --- */

static const char *digest_now, *wait_for;

static int find_image(struct pipeline *p, const char *name, char ret[PIN_MAX], struct mc_err *e)
{
	put("/work/asked", "x");
	while (wait_for && access(wait_for, F_OK) < 0)
		usleep(10000);
	if (str_eq(digest_now, "none"))
		return err_set(e, ENOENT, "No such image: %s", name);
	snprintf(ret, PIN_MAX, "%s", digest_now);
	return 0;
}

static int drive_pin(char **argv)
{
	struct pipeline p = { .find_image = find_image, .dir = open_dir(argv[1]) };
	struct job j = { .name = (char *)"job", .image = argv[2] };
	digest_now = argv[3];
	wait_for = str_eq(argv[4], "-") ? NULL : argv[4];
	int rc = OWNED(job_pin_image(&p, &j, &err));
	return rc ? drive_result(rc, &err) : hold(argv[0], j.pinned);
}

static int drive_none(const char *verb)
{
	struct job j = { .name = (char *)"none", .dir = (char *)"none", .image = (char *)"none" };
	struct pipeline p = { .find_image = find_image, .dir = -1 };
	int dir = -1, rc;
	digest_now = "sha256:none";
	if (str_eq(verb, "work-none"))
		rc = OWNED(job_workspace(&j, -1, -1, &dir, &err));
	else if (str_eq(verb, "artifacts-none"))
		rc = OWNED(job_artifacts(&j, -1, -1, &err));
	else
		rc = OWNED(job_pin_image(&p, &j, &err));
	return rc < 0 ? drive_result(rc, &err) : 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	if (str_ends(verb, "-none"))
		return drive_none(verb);
	if ((str_eq(verb, "run") || str_eq(verb, "judged")) && argc > 3 && argc < 60)
		return drive_run(str_eq(verb, "judged"), argc - 2, argv + 2);
	if (str_eq(verb, "verdict") && argc > 3)
		return drive_verdict(argc - 2, argv + 2);
	if (str_eq(verb, "work") && argc > 5)
		return drive_work(argv + 2);
	if (str_eq(verb, "artifacts") && argc > 5)
		return drive_artifacts(argc - 2, argv + 2);
	if (str_eq(verb, "pin") && argc > 6)
		return drive_pin(argv + 2);
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
