/*
 * jobs.c - the heart of a pipeline: which jobs may start, what each sees, what it hands on, whether it
 * failed, and which image it ran in.
 *
 * Kernel objects and man pages: fork(2), openat(2) O_EXCL, symlink(7).
 * One process looks after one job: starting containers takes locks and signals that must not be mixed, and
 * independent jobs run side by side without a thread.
 */
#include "pipeline/jobs.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/warn.h"
#include "image/tree.h"

const char *job_status_name(enum job_status s)
{
	static const char *const names[] = { "waiting", "running", "success", "failed", "warning", "skipped",
		"manual", "canceled" };
	return names[s];
}

bool job_waits_for(const struct pipeline *p, const struct job *j, const struct job *k)
{
	if (!j->by_needs)
		return k->stage < j->stage;
	for (size_t i = 0; i < j->n_needs; i++)
		if (&p->jobs[j->needs[i].job] == k)
			return true;
	return false;
}

bool job_is_over(const struct job *j, bool by_needs)
{
	if (j->status == JOB_MANUAL) /* an optional one holds up nothing but jobs that need it by name */
		return j->allow_failure && !by_needs;
	return j->status != JOB_WAITING && j->status != JOB_RUNNING;
}

/*
 * Starts every job of `p` that can start now, and does not wait for any. A job can start when its status is
 * JOB_WAITING, every job that it waits for (job_waits_for()) is over (job_is_over()), fewer than p->at_once
 * jobs run, and `when` agrees: WHEN_ON_FAILURE needs one of those jobs to be JOB_FAILED; WHEN_ALWAYS needs
 * nothing; any other value needs that none of them is JOB_FAILED or JOB_CANCELED, or JOB_SKIPPED for a job
 * by_needs. When everything but `when` agrees, the job becomes JOB_SKIPPED, and jobs that waited for it are
 * looked at again. A started job becomes JOB_RUNNING and has a process of its own (pid)
 * that calls p->work(p, job) and ends with the value of it. ready[] has room for all jobs and receives the
 * started ones, in the order of p->jobs. Returns how many, or -errno; jobs that were started run on.
 * Lab 12.1: what can run at the same time does; what must wait waits.
 */
int jobs_start(struct pipeline *p, struct job *ready[], struct mc_err *err)
{
	size_t running = 0;
	int n = 0;
	for (size_t i = 0; i < p->n_jobs; i++)
		running += p->jobs[i].status == JOB_RUNNING;
	for (size_t i = 0; i < p->n_jobs; i++) {
		struct job *j = &p->jobs[i];
		bool over = true, failed = false, broken = false;
		for (size_t k = 0; k < p->n_jobs; k++) {
			const struct job *other = &p->jobs[k];
			if (k == i || !job_waits_for(p, j, other))
				continue;
			over = over && job_is_over(other, j->by_needs);
			failed = failed || other->status == JOB_FAILED;
			broken = broken || other->status == JOB_CANCELED ||
				 (j->by_needs && other->status == JOB_SKIPPED);
		}
		if (j->status != JOB_WAITING || !over)
			continue;
		if (j->when == WHEN_ON_FAILURE ? !failed : j->when != WHEN_ALWAYS && (failed || broken)) {
			j->status = JOB_SKIPPED;
			i = (size_t)-1; /* a job further up may have waited for this one */
			continue;
		}
		if (running >= p->at_once)
			continue;
		fflush(NULL); /* what is in stdio's buffers must not be printed twice */
		j->pid = fork();
		if (j->pid < 0)
			return err_sys(err, "fork()");
		if (j->pid == 0)
			_exit(p->work(p, j));
		j->status = JOB_RUNNING;
		ready[n++] = j;
		running++;
	}
	return n;
}

/*
 * Makes the work tree of job `j`: the directory j->dir/work below `run`, with a copy of all that stands in
 * `source` and nothing else; what an earlier try left there is gone. Files can be read and written by every
 * user (0666, and 0777 for those that could be executed; directories 0777), since a job may run as any user
 * of its image. A link is copied as a link. source is not changed, and no file is shared with it: a job that
 * writes changes its own copy only. Both are borrowed; *ret_dir is a descriptor of the work tree, the
 * caller closes it. Returns 0 or -errno.
 * Lab 12.2: a clean copy for each job, never the work tree itself.
 */
int job_workspace(const struct job *j, int run, int source, int *ret_dir, struct mc_err *err)
{
	_cleanup_free_ char *path = xasprintf("%s/work", j->dir);
	int rc = dir_remove(run, path, err); /* a failed try left files that git does not know */
	if (rc < 0)
		return rc;
	_cleanup_close_ int dir = dir_make_open(run, path, 0777, err);
	if (dir < 0)
		return dir;
	if (fchmod(dir, 0777) < 0) /* mkdir(2) left out what our umask takes away */
		return err_sys(err, "chmod %s", path);
	/* bytes, not hard links: two names of one inode are one file */
	rc = path_take_all(source, dir, true, err);
	if (rc < 0)
		return err_wrap(err, "job %s: its work tree", j->name);
	*ret_dir = take_fd(&dir);
	return 0;
}

/*
 * Copies the artifacts of job `j` from its work tree `dir` into the directory `store`, which is empty: every
 * file, link and directory whose path is in the set j->artifacts (path_set_has()), with its own path and
 * mode (path_take()), and nothing else. Links are never followed: a directory that is a link is not entered.
 * A link that points out of the work tree (path_link_leaves()) is not stored; warn_user() names it. What is
 * missing is no error. Both descriptors are borrowed. Returns the number of stored entries, or -errno.
 * Lab 12.3: what is handed on is what was named, and only that.
 */
int job_artifacts(struct job *j, int dir, int store, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *i;
	int n = 0, rc = tree_open(dir, &t, err);
	while (rc >= 0 && (rc = tree_next(t, &i, err)) > 0) {
		if (str_eq(i->path, ".") || !path_set_has(&j->artifacts, i->path))
			continue;
		/* a later job, or the host, would follow it to a file of its own */
		if (path_link_leaves(dir, i->path)) {
			warn_user("job %s: %s is a link out of the work tree and is no artifact", j->name,
				i->path);
			continue;
		}
		rc = path_take(dir, i->path, store, false, err);
		n += rc > 0;
	}
	tree_close(t);
	return rc < 0 ? rc : n;
}

/*
 * What becomes of job `j`, whose commands ended with exits[0..n-1], in order: JOB_SUCCESS when all are 0
 * (also when n is 0). Otherwise the first that is not 0 decides: JOB_WARNING when j->allow_failure is set
 * or it is among j->allowed[0..n_allowed-1], else JOB_FAILED. Nothing is changed.
 * Lab 12.4: one failed command is a failed job, wherever it stands.
 */
enum job_status job_verdict(const struct job *j, const int exits[], int n)
{
	int first = 0;
	while (first < n && exits[first] == 0)
		first++;
	if (first >= n)
		return JOB_SUCCESS;
	for (size_t i = 0; i < j->n_allowed; i++)
		if (j->allowed[i] == exits[first])
			return JOB_WARNING;
	return j->allow_failure ? JOB_WARNING : JOB_FAILED;
}

char *job_pin_name(const char *image)
{
	return xasprintf("images/%016llx", (unsigned long long)fnv1a(image, strlen(image)));
}

static int read_pin(int run, const char *path, char ret[PIN_MAX], struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	int rc = file_read(run, path, PIN_MAX - 1, &text, err);
	if (rc < 0)
		return rc;
	snprintf(ret, PIN_MAX, "%.*s", (int)strcspn(text.data ? text.data : "", "\n"),
		text.data ? text.data : "");
	return *ret ? 0 : err_set(err, EINVAL, "%s is empty", path);
}

/*
 * Fills j->pinned with the digest that j->image has in this run. The first job that asks for a name finds
 * the image (p->find_image()) and writes its digest, whole or not at all, to the file job_pin_name() in
 * p->dir; all later ones, in whatever process, and a run that is resumed, read it there and do not ask
 * again. When two ask at the same moment, both get what the first wrote. A name that is not found leaves no
 * file. Returns 0 or -errno.
 * Lab 12.5: a tag is a name, and names move; a run uses one image from its first job to its last.
 */
int job_pin_image(struct pipeline *p, struct job *j, struct mc_err *err)
{
	_cleanup_free_ char *path = job_pin_name(j->image), *mine = NULL;
	struct mc_err absent = { 0 };
	char digest[PIN_MAX];
	int rc = read_pin(p->dir, path, j->pinned, &absent);
	if (rc != -ENOENT) {
		if (rc < 0)
			*err = absent;
		return rc;
	}
	rc = p->find_image(p, j->image, digest, err);
	if (rc < 0)
		return rc;
	/* written aside, then linked: link(2) fails when another job was quicker, and never shows half a file */
	mine = xasprintf("%s.%d", path, (int)getpid());
	rc = file_write_atomic(p->dir, mine, digest, strlen(digest), 0600, 0, err);
	if (rc < 0)
		return rc;
	if (linkat(p->dir, mine, p->dir, path, 0) < 0 && errno != EEXIST)
		rc = err_sys(err, "link %s", path);
	unlinkat(p->dir, mine, 0);
	return rc < 0 ? rc : read_pin(p->dir, path, j->pinned, err);
}
