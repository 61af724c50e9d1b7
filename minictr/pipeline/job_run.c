/*
 * job_run.c - one job from its work tree to its artifacts, in a process of its own.
 *
 * Order and why: the table below. Caches come before artifacts: a cache is a guess, an artifact a result.
 * The clean-up runs whatever happened before. All output is the job's log.
 */
#include "pipeline/job_run.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/road.h"
#include "engine/ensure_image.h"
#include "pipeline/ci_regex.h"
#include "pipeline/ci_values.h"

enum { TIMEOUT_DEFAULT_S = 3600, AFTER_TIMEOUT_S = 300 };

/* --- the steps --- */

static int know_variables(void *trip, struct mc_err *err)
{
	struct job_trip *t = trip;
	struct job *j = t->job;
	ci_vars_release(&t->vars);
	ci_vars_add(&t->vars, &j->vars);
	int rc = job_take_dotenv(t, err);
	if (rc < 0)
		return rc;
	ci_vars_add(&t->vars, &j->given);
	ci_vars_set(&t->vars, "CI_PROJECT_DIR", t->project_dir);
	ci_vars_set(&t->vars, "CI_BUILDS_DIR", "/builds");
	ci_predefined_job(j, &t->run->m.options.trigger, &t->vars);
	const char *engine = ci_vars_get(&t->vars, "MINICTR_ENGINE");
	t->wants_engine = engine && (str_eq(engine, "true") || str_eq(engine, "1"));
	return 0;
}

static int name_image(void *trip, struct mc_err *err)
{
	struct job_trip *t = trip;
	const struct yaml *y = ynode_get(t->job->conf, "image"),
			  *name = y && y->kind == YAML_MAP ? ynode_get(y, "name") : y;
	free(t->job->image);
	int rc = ci_text_expanded(name, "image", &t->vars, &t->job->image, err);
	if (rc >= 0 && !t->job->image && t->run->image)
		t->job->image = xstrdup(t->run->image);
	if (rc < 0 || (t->job->image && *t->job->image))
		return rc;
	ynode_error(y ? y : t->job->conf, err, "job %s names no image%s", t->job->name,
		t->job->image ? ": its variables are empty" : "");
	return err_hint(err, "write `image: NAME`, or name one for all jobs with --image");
}

static int pin_image(void *trip, struct mc_err *err)
{
	struct job_trip *t = trip;
	int rc = job_pin_image(&t->run->m.p, t->job, err);
	if (rc >= 0)
		job_say("Image %s is %.19s", t->job->image, t->job->pinned);
	return rc;
}

static int make_workspace(void *trip, struct mc_err *err)
{
	struct job_trip *t = trip;
	struct job *j = t->job;
	t->work = close_fd(t->work);
	int rc = job_workspace(j, t->run->dir, t->run->source, &t->work, err);
	free(t->work_path);
	t->work_path = xasprintf("%s/%s/work", t->run->path, j->dir);
	return rc;
}

static int restore_caches(void *trip, struct mc_err *err) { return job_restore_caches(trip, err); }
static int take_artifacts(void *trip, struct mc_err *err) { return job_take_artifacts(trip, err); }

static int know_environment(void *trip, struct mc_err *err)
{
	struct job_trip *t = trip;
	char now[40];
	ci_vars_set(&t->vars, "CI_JOB_IMAGE", t->job->image);
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), now, sizeof(now));
	ci_vars_set(&t->vars, "CI_JOB_STARTED_AT", now);
	strv_free(t->env);
	t->env = NULL;
	return ci_vars_environment(&t->vars, &t->env, err);
}

static int start_services(void *trip, struct mc_err *err) { return job_start_services(trip, err); }
static void stop_services(void *trip) { job_stop_services(trip); }
static bool has_services(const void *trip)
{
	return ynode_get(((const struct job_trip *)trip)->job->conf, "services") != NULL;
}

static int open_door(void *trip, struct mc_err *err) { return engine_door_open(trip, err); }
static void close_door(void *trip) { engine_door_close(trip); }
static bool wants_door(const void *trip) { return ((const struct job_trip *)trip)->wants_engine; }

static int write_script(struct job_trip *t, const char *name, const char *const keys[], bool steps, int *n,
	struct mc_err *err)
{
	_cleanup_free_ char *text = NULL, *path = xasprintf("ctl/%s", name);
	int rc = job_script_text(t->job->conf, keys, steps, &text, n, err);
	return rc < 0 ? rc : file_write_atomic(t->dir, path, text, strlen(text), 0755, 0, err);
}

/* How many commands have said that they ended well. The file is the job's: only its lines are counted. */
static int count_steps(const struct job_trip *t)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	int n = 0;
	_cleanup_close_ int fd = file_open_regular_beneath(t->dir, "ctl/steps", NULL, &ignored);
	if (fd < 0 || file_read_fd(fd, "steps", 1 << 20, &text, &ignored) < 0)
		return 0;
	for (size_t i = 0; i < text.len; i++)
		n += text.data[i] == '\n';
	return n;
}

static void tell_failed_command(struct job_trip *t, int at)
{
	_cleanup_free_ char *line = NULL, *place = job_script_place(t->job->conf, at, &line);
	if (!place)
		return;
	free(t->job->reason);
	bool missing = t->job->exit_code == 127; /* a shell's word for "no such program" */
	bool engine =
		missing && !t->wants_engine && (str_starts(line, "docker ") || str_starts(line, "minictr "));
	t->job->reason = xasprintf("%s: exit status %d of: %.*s%s%s%s", place, t->job->exit_code,
		(int)strcspn(line, "\n"), line,
		engine    ? " (a job gets an engine with services: [docker:dind]"
		: missing ? " (is it in the image "
			  : "",
		missing && !engine ? t->job->image : "",
		engine    ? ")"
		: missing ? "?)"
			  : "");
}

static int run_script(void *trip, struct mc_err *err)
{
	static const char *const keys[] = { "before_script", "script", NULL };
	struct job_trip *t = trip;
	struct job *j = t->job;
	bool timed_out = false;
	int total = 0, code = 0;
	dir_remove(t->dir, "ctl", &(struct mc_err){ 0 });
	int rc = dir_make(t->dir, "ctl", 0777, err);
	if (rc >= 0 && fchmodat(t->dir, "ctl", 0777, 0) < 0) /* for a script of any user */
		rc = err_sys(err, "chmod ctl");
	if (rc >= 0)
		rc = write_script(t, "script", keys, true, &total, err);
	if (rc >= 0)
		rc = job_container_run(t, "script", "",
			j->timeout ? j->timeout : TIMEOUT_DEFAULT_S * 1000000000LL, &code, &timed_out, err);
	if (rc < 0)
		return rc;
	int done = count_steps(t);
	if (done > total - (code != 0))
		done = total - (code != 0);
	if (done < 0)
		done = 0;
	free(t->exits);
	t->exits = xcalloc((size_t)done + 2, sizeof(int)); /* zeros: those that ended well */
	t->n_exits = done + 1;
	t->exits[done] = j->exit_code = code;
	if (code)
		tell_failed_command(t, done);
	t->failure = timed_out ? FAIL_TIMEOUT : code ? FAIL_SCRIPT : FAIL_NONE;
	if (timed_out) {
		free(j->reason);
		j->reason = xasprintf("it ran longer than its timeout of %lld seconds",
			(long long)((j->timeout ? j->timeout : TIMEOUT_DEFAULT_S * 1000000000LL) /
				    1000000000));
	}
	t->passed = job_verdict(j, t->exits, t->n_exits) == JOB_SUCCESS;
	return 0;
}

static bool has_after_script(const void *trip)
{
	return ynode_get(((const struct job_trip *)trip)->job->conf, "after_script") != NULL;
}

/* In a shell and a container of its own: only the work tree is the same. What it does decides nothing. */
static int run_after_script(void *trip, struct mc_err *err)
{
	static const char *const keys[] = { "after_script", NULL };
	struct job_trip *t = trip;
	struct mc_err ignored = { 0 };
	bool timed_out = false;
	int total = 0, code = 0;
	strv_env_set(&t->env, t->passed ? "CI_JOB_STATUS=success" : "CI_JOB_STATUS=failed");
	int rc = write_script(t, "after_script", keys, false, &total, err);
	if (rc < 0)
		return rc;
	if (total && (job_container_run(t, "after_script", "-after", AFTER_TIMEOUT_S * 1000000000LL, &code,
			      &timed_out, &ignored) < 0 ||
			     code))
		job_say("after_script failed; that changes nothing");
	return 0;
}

static int save_caches(void *trip, struct mc_err *err) { return job_save_caches(trip, err); }
static int store_artifacts(void *trip, struct mc_err *err) { return job_store_artifacts(trip, err); }

static const struct road_step steps[] = {
	{ know_variables, NULL, NULL, "job.variables", 12,
		"what earlier jobs report is known now, before any variable is expanded" },
	{ name_image, NULL, NULL, "job.image", 12, "the image's name may be made of variables" },
	{ pin_image, NULL, NULL, "job.pin", 12, "a tag can move while the pipeline runs: the digest cannot" },
	{ make_workspace, NULL, NULL, "job.workspace", 12,
		"a clean copy: no job sees what another one left" },
	{ restore_caches, NULL, NULL, "job.cache", 12,
		"before artifacts: a file of the cache may be old, and an artifact replaces it" },
	{ take_artifacts, NULL, NULL, "job.artifacts", 12,
		"the artifacts of earlier jobs are put into the work tree" },
	{ know_environment, NULL, NULL, "job.environment", 12, "all variables have their last value" },
	{ start_services, stop_services, has_services, "job.services", 12,
		"a network of the job's own; its script finds each service by name" },
	{ open_door, close_door, wants_door, "job.engine", 12,
		"to build and push images without an engine inside of the container" },
	{ run_script, NULL, NULL, "job.script", 12, "a fresh container of the pinned image" },
	{ run_after_script, NULL, has_after_script, "job.after", 12,
		"after_script runs also after a failure, and its own failure changes nothing" },
	{ save_caches, NULL, NULL, "job.save", 12,
		"the cache is saved after after_script, which may still remove files" },
	{ store_artifacts, NULL, NULL, "job.store", 12, "artifacts are stored last, for later jobs" },
};

/* --- tries --- */

static bool wants_another_try(const struct job_trip *t, int64_t tries)
{
	static const struct {
		const char *word;
		enum job_failure kind;
	} kinds[] = { { "script_failure", FAIL_SCRIPT }, { "runner_system_failure", FAIL_SYSTEM },
		{ "job_execution_timeout", FAIL_TIMEOUT }, { "stuck_or_timeout_failure", FAIL_TIMEOUT },
		{ "unknown_failure", FAIL_SYSTEM }, { "api_failure", FAIL_SYSTEM } };
	const struct yaml *y = ynode_get(t->job->conf, "retry"), *codes = ynode_get(y, "exit_codes");
	_cleanup_strv_ char **when = NULL;
	struct mc_err ignored = { 0 };
	int64_t numbers[32];
	size_t n = 0;
	if (t->failure == FAIL_NONE || tries >= t->job->retries)
		return false;
	ci_numbers(codes, "exit_codes", numbers, ARRAY_LEN(numbers), &n, &ignored);
	for (size_t i = 0; i < n; i++)
		if (numbers[i] == t->job->exit_code)
			return true;
	if (ci_strings(ynode_get(y, "when"), "when", &when, &ignored) < 0 || !when)
		return !codes;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (t->failure == kinds[i].kind && strv_has(when, kinds[i].word))
			return true;
	return strv_has(when, "always");
}

static enum job_status one_try(struct job_trip *t)
{
	struct mc_err err = { 0 };
	struct job *j = t->job;
	free(j->reason);
	j->reason = NULL;
	j->exit_code = -1;
	job_forget_artifacts(t);
	t->failure = FAIL_NONE;
	t->n_exits = 0;
	int rc = road_walk(steps, ARRAY_LEN(steps), t, &err);
	job_stop_services(t);
	engine_door_close(t);
	if (rc >= 0)
		return job_verdict(j, t->exits, t->n_exits);
	int failed = err.exit_status ? err.exit_status : 1;
	if (!*err.what) /* the program that fetches images has said why */
		err_set(&err, EIO, "image %s could not be fetched", j->image ? j->image : "");
	err_print(&err, "minictr");
	t->failure = FAIL_SYSTEM;
	free(j->reason);
	j->reason = xstrdup(err.what);
	return job_verdict(j, &failed, 1);
}

static int write_result(const struct job_trip *t, enum job_status status, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = json_new_object();
	const struct job *j = t->job;
	json_set_i64(doc, "Status", status);
	json_set_i64(doc, "ExitCode", j->exit_code);
	json_set_string(doc, "Reason", j->reason);
	json_set_string(doc, "Image", j->image);
	json_set_string(doc, "Digest", *j->pinned ? j->pinned : NULL);
	return json_write_file(t->dir, "result.json", doc, 0600, 0, err);
}

/* Standard output and error become the job's log. */
static int open_log(struct job_trip *t, struct mc_err *err)
{
	t->dir = dir_make_open(t->run->dir, t->job->dir, 0755, err);
	if (t->dir < 0)
		return t->dir;
	unlinkat(t->dir, "result.json", 0);
	_cleanup_close_ int log =
		openat(t->dir, "log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (log < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		return err_sys(err, "%s/log", t->job->dir);
	return 0;
}

/* `coverage: /pattern/`: the number in the last line of the log that matches stands in the table. */
static void find_coverage(struct job_trip *t)
{
	const char *pattern = ynode_text(ynode_get(t->job->conf, "coverage"));
	_cleanup_buf_ struct buf log = { 0 };
	struct mc_err ignored = { 0 };
	fflush(stdout);
	if (!pattern || file_read(t->dir, "log", 2 * JOB_LOG_MAX, &log, &ignored) < 0 || !log.data)
		return;
	_cleanup_free_ char *number = ci_regex_last_number(pattern, log.data);
	if (!number)
		return;
	free(t->job->reason);
	t->job->reason = xasprintf("coverage %s%%", number);
}

int job_work(struct pipeline *p, struct job *j)
{
	struct job_trip t = { .run = p->data, .job = j, .dir = -1, .work = -1 };
	struct mc_err err = { 0 };
	enum job_status status;
	/* Ctrl-C reaches the whole group: the parent kills the containers, and we clean up */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	t.run->lock = close_fd(t.run->lock); /* it says that the run lives: only the run holds it */
	t.project_dir = ci_project_dir(&t.run->m.source);
	if (open_log(&t, &err) < 0) {
		err_print(&err, "minictr");
		return 1;
	}
	if (j->delay) {
		job_say("Starts in %lld seconds (start_in)", (long long)(j->delay / 1000000000));
		nanosleep(&(struct timespec){ j->delay / 1000000000, j->delay % 1000000000 }, NULL);
	}
	for (int64_t tries = 0;; tries++) {
		status = one_try(&t);
		if (status == JOB_SUCCESS || !wants_another_try(&t, tries))
			break;
		job_say("Failed; try %lld of %lld", (long long)tries + 2, (long long)j->retries + 1);
	}
	if (status != JOB_SUCCESS)
		job_say("Job %s: %s", status == JOB_WARNING ? "failed, and is allowed to" : "failed",
			j->reason ? j->reason : "");
	else
		job_say("Job succeeded");
	if (status == JOB_SUCCESS)
		find_coverage(&t);
	if (write_result(&t, status, &err) < 0)
		err_print(&err, "minictr");
	fflush(NULL);
	return status == JOB_SUCCESS ? 0 : 1;
}

/* --- images --- */

static enum image_pull pull_policy(const struct ci_run *r)
{
	return r->pull == IMAGE_ALWAYS ? PULL_ALWAYS : r->pull == IMAGE_NEVER ? PULL_NEVER : PULL_MISSING;
}

int job_find_image(struct pipeline *p, const char *name, char ret[PIN_MAX], struct mc_err *err)
{
	struct ci_run *r = p->data;
	_cleanup_image_ struct image image = { 0 };
	_cleanup_close_ int pin = -1;
	struct image_wish w = { .name = name, .pull = pull_policy(r), .quiet = true };
	int rc = ensure_image(r->engine, &w, &image, &pin, err);
	if (rc >= 0)
		snprintf(ret, PIN_MAX, "%s", image.id.text);
	return rc < 0 ? rc : 0;
}
