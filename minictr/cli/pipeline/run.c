/*
 * pipeline/run.c - `pipeline run`: on a terminal a live table, in a pipe the lines of all jobs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/result_file.h"
#include "cli/pipeline/pipeline.h"

struct run_values {
	struct pipeline_values common;
	bool resume, no_needs, engine, deploy, quiet, git;
	int at_once, service_wait;
	int64_t id;
	const char *image, *junit, *pull;
};

static const struct run_values run_defaults = { .service_wait = SERVICE_WAIT_DEFAULT };

static const struct option_def run_options[] = {
	PIPELINE_OPTIONS(struct run_values),
	{ 0, "deploy", OPT_FLAG, offsetof(struct run_values, deploy), NULL,
		"Such jobs may also use `compose`: only for files that you trust" },
	{ 0, "engine", OPT_FLAG, offsetof(struct run_values, engine), NULL,
		"Jobs that ask may build and push images with this engine" },
	{ 0, "git", OPT_FLAG, offsetof(struct run_values, git), NULL,
		"Jobs see the repository, too: for `git describe` and the like" },
	{ 0, "id", OPT_I64, offsetof(struct run_values, id), "number",
		"With --resume: this run (default the newest)" },
	{ 0, "image", OPT_STRING, offsetof(struct run_values, image), "name",
		"Image of jobs that name none" },
	{ 'j', "jobs", OPT_INT, offsetof(struct run_values, at_once), "number",
		"Jobs at the same time (default: one for each processor, at least 2)" },
	{ 0, "junit", OPT_STRING, offsetof(struct run_values, junit), "file",
		"Write the results as JUnit XML, too" },
	{ 0, "no-needs", OPT_FLAG, offsetof(struct run_values, no_needs), NULL, "Only the named jobs" },
	{ 0, "pull", OPT_STRING, offsetof(struct run_values, pull), "policy", "always, missing or never" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct run_values, quiet), NULL, "Only the table at the end" },
	{ 0, "resume", OPT_FLAG, offsetof(struct run_values, resume), NULL,
		"Go on with a run that crashed, failed or waits" },
	{ 0, "service-timeout", OPT_INT, offsetof(struct run_values, service_wait), "seconds",
		"How long the port of a service is waited for (default 30; 0: not at all)" },
	{ 0 },
};

/* --- what is shown while it runs --- */

struct screen {
	size_t *at; /* how much of each job's log is shown */
	size_t width;
};

static void show_lines(struct ci_run *r)
{
	struct screen *s = r->screen;
	for (size_t i = 0; i < r->m.p.n_jobs; i++) {
		const struct job *j = &r->m.p.jobs[i];
		if (!j->started || s->at[i] == SIZE_MAX)
			continue;
		_cleanup_free_ char *prefix = log_prefix(j->name, s->width, i, stdout);
		log_print(r->dir, j->dir, prefix, &s->at[i], stdout);
	}
}

static void screen_open(struct ci_run *r, struct screen *s, const struct run_values *v)
{
	s->at = xcalloc(r->m.p.n_jobs + 1, sizeof(*s->at));
	for (size_t i = 0; i < r->m.p.n_jobs; i++)
		if (strlen(r->m.p.jobs[i].name) > s->width)
			s->width = strlen(r->m.p.jobs[i].name);
	for (size_t i = 0; i < r->m.p.n_jobs; i++)
		if (r->m.p.jobs[i].status != JOB_WAITING) /* done in the run that is resumed */
			s->at[i] = SIZE_MAX;
	/* a log among the rows of a live table would tear it apart: failed jobs are shown at the end */
	if (!v->quiet && !r->board->live)
		r->turned = show_lines;
	r->screen = s;
}

static void show_failed(struct ci_run *r)
{
	for (size_t i = 0; i < r->m.p.n_jobs; i++) {
		const struct job *j = &r->m.p.jobs[i];
		size_t at = 0;
		if (j->status != JOB_FAILED)
			continue;
		printf("\n--- %s ---\n", j->name);
		log_print(r->dir, j->dir, NULL, &at, stdout);
	}
}

static void tell_untracked(const struct ci_source *s)
{
	size_t n = strv_len(s->untracked);
	if (n)
		fprintf(stderr, "minictr: %zu file%s not tracked by git, so jobs do not see %s: %s%s\n", n,
			n == 1 ? " is" : "s are", n == 1 ? "it" : "them", s->untracked[0],
			n > 1 ? " ..." : "");
}

static void tell_manual(const struct ci_run *r)
{
	for (size_t i = 0; i < r->m.p.n_jobs; i++)
		if (r->m.p.jobs[i].status == JOB_MANUAL)
			printf("%s waits for you: minictr pipeline run --resume '%s'\n", r->m.p.jobs[i].name,
				r->m.p.jobs[i].base);
}

/* --- preparing --- */

static int check_chosen(struct ci_run *r, int argc, char **argv, struct mc_err *err)
{
	for (int i = 0; i < argc; i++) {
		if (ci_model_find(&r->m, argv[i], 0) < 0) {
			err_set(err, ENOENT, "there is no job %s in this pipeline", argv[i]);
			return err_hint(err, "`minictr pipeline explain %s` tells why", argv[i]);
		}
		strv_push(&r->chosen, argv[i]);
	}
	return 0;
}

static int take_policy(struct ci_run *r, const struct run_values *v, struct mc_err *err)
{
	r->image = v->image;
	r->service_wait = v->service_wait;
	r->lend_engine = v->engine || v->deploy;
	r->lend_deploy = v->deploy;
	r->no_needs = v->no_needs;
	if (!v->pull || str_eq(v->pull, "missing"))
		r->pull = IMAGE_AS_SAID;
	else if (str_eq(v->pull, "always"))
		r->pull = IMAGE_ALWAYS;
	else if (str_eq(v->pull, "never"))
		r->pull = IMAGE_NEVER;
	else
		return err_set(err, EINVAL, "--pull is always, missing or never, not \"%s\"", v->pull);
	return 0;
}

static int open_new(struct ci_run *r, const struct run_values *v, struct mc_err *err)
{
	struct ci_options o = pipeline_options(&v->common);
	int rc = ci_run_new(r, err);
	o.trigger.id = r->id;
	if (rc >= 0)
		rc = ci_model_load(&o, &r->m, err);
	if (rc >= 0)
		rc = ci_source_snapshot(&r->m.source, r->m.config.files, r->source, err);
	if (rc >= 0 && v->git)
		rc = ci_source_add_git(&r->m.source, r->source, err);
	if (rc < 0 && r->path)
		ci_run_abandon(r);
	if (rc >= 0)
		tell_untracked(&r->m.source);
	return rc;
}

/* What the first start said holds again: the same input gives the same result. */
static int open_old(
	struct ci_run *r, const struct run_values *v, struct json **doc, char ***given, struct mc_err *err)
{
	int rc = ci_run_open(r, v->id, doc, err);
	if (rc >= 0)
		rc = json_get_strv(*doc, given, err, "Given");
	if (rc < 0)
		return rc;
	const struct json *d = *doc, *jobs = json_member(d, "Jobs");
	struct ci_options o = { .dir = ".",
		.file = json_text_of(json_member(d, "File")),
		.given = *given,
		.variables = json_text_of(json_member(d, "Variables")),
		.saved = json_member(d, "Source"),
		.saved_files = r->source,
		.trigger = { .source = json_text_of(json_member(d, "Trigger")),
			.registry = json_text_of(json_member(d, "Registry")),
			.id = r->id } };
	if (!r->image)
		r->image = json_text_of(json_member(d, "DefaultImage"));
	rc = ci_model_load(&o, &r->m, err);
	for (size_t i = 0; rc >= 0 && i < r->m.p.n_jobs && i < json_len(jobs); i++) {
		const struct json *was = json_item(jobs, i);
		struct job *j = &r->m.p.jobs[i];
		const char *status = json_text_of(json_member(was, "Status"));
		if (!str_eq(j->name, json_text_of(json_member(was, "Name"))))
			return err_set(err, ESTALE, "run %lld is of another pipeline: start a new one",
				(long long)r->id);
		if (!str_eq(status, "success") && !str_eq(status, "warning"))
			continue;
		j->status = str_eq(status, "success") ? JOB_SUCCESS : JOB_WARNING;
		j->started = json_int_of(json_member(was, "Started"));
		j->finished = json_int_of(json_member(was, "Finished"));
		j->exit_code = (int)json_int_of(json_member(was, "ExitCode"));
		j->image = xstrdup(json_text_of(json_member(was, "Image")));
	}
	return rc;
}

/* --- the command --- */

static int finish(struct ci_run *r, const struct run_values *v, const char *status, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = NULL;
	int rc = ci_run_read(r, r->id, &doc, err);
	if (rc >= 0 && v->junit) {
		_cleanup_free_ char *text = ci_junit(r);
		rc = output_write(v->junit, text, strlen(text), 0644, err);
	}
	if (rc < 0)
		return rc;
	if (r->turned != show_lines)
		show_failed(r);
	result_print(doc, stdout);
	tell_manual(r);
	return str_eq(status, "canceled") ? 130 : str_eq(status, "failed") ? 1 : 0;
}

static int run_it(struct ci_run *r, const struct run_values *v, int argc, char **argv, struct mc_err *err)
{
	struct screen s = { 0 };
	struct board b;
	const char *status = "failed";
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int rc = check_chosen(r, argc, argv, err);
	if (rc < 0)
		return rc;
	if (!r->m.runs) {
		for (char **w = r->m.workflow_why; w && *w; w++)
			fprintf(stderr, "  %s\n", *w);
		return err_set(err, ECANCELED, "workflow:rules say that there is no pipeline");
	}
	r->m.p.at_once = v->at_once > 0 ? (size_t)v->at_once : processors > 2 ? (size_t)processors : 2;
	board_open(&b, stderr);
	r->board = &b;
	screen_open(r, &s, v);
	if (v->quiet)
		r->board = NULL;
	rc = ci_run_all(r, &status, err);
	board_close(&b);
	free(s.at);
	return rc < 0 ? rc : finish(r, v, status, err);
}

static int pipeline_cmd_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct run_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	struct ci_run r = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_strv_ char **given = NULL;
	int rc = pipeline_home(cli, &e, &r, err);
	if (rc >= 0)
		rc = take_policy(&r, v, err);
	if (rc >= 0)
		rc = v->resume ? open_old(&r, v, &doc, &given, err) : open_new(&r, v, err);
	if (rc >= 0)
		rc = run_it(&r, v, argc, argv, err);
	ci_run_release(&r);
	return rc;
}

const struct command pipeline_run = {
	.name = "run",
	.group = GROUP_RUN,
	.usage = "[OPTIONS] [JOB...]",
	.summary = "Run the pipeline, or the named jobs and what they need",
	.example =
		"minictr pipeline run\nminictr pipeline run -e DEBUG=1 test\nminictr pipeline run --resume",
	.options = run_options,
	.values_size = sizeof(struct run_values),
	.defaults = &run_defaults,
	.max_args = ANY_ARGS,
	.run = pipeline_cmd_run,
};
