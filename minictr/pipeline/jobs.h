/*
 * jobs.h - the jobs of one pipeline: what each waits for, what it gets, what became of it.
 *
 * The file (.gitlab-ci.yml) becomes a struct pipeline (ci_model.h); run.h runs it. The five functions below
 * are lab 12; everything they lean on is given. https://docs.gitlab.com/ci/pipelines/
 */
#ifndef MC_PIPELINE_JOBS_H
#define MC_PIPELINE_JOBS_H

#include <sys/types.h>

#include "pipeline/ci_rules.h"
#include "pipeline/path_set.h"

/* PIN_MAX: "sha256:..." and the NUL. JOBS_MAX: of one pipeline, parallel ones counted singly. */
enum { PIN_MAX = 160, JOBS_MAX = 1000 };

/*
 * JOB_WAITING for other jobs, or for a free place. JOB_WARNING failed, and allow_failure says that this does
 * not matter. JOB_SKIPPED will not run: what it waited for failed, or (on_failure) did not. JOB_MANUAL waits
 * for a person. JOB_CANCELED: Ctrl-C.
 */
enum job_status {
	JOB_WAITING,
	JOB_RUNNING,
	JOB_SUCCESS,
	JOB_FAILED,
	JOB_WARNING,
	JOB_SKIPPED,
	JOB_MANUAL,
	JOB_CANCELED,
};
const char *job_status_name(enum job_status s); /* "success" */

struct job_need {
	size_t job;     /* index in the pipeline */
	bool artifacts; /* its artifacts come along */
};

struct job {
	/* which */
	char *name; /* "test: [gcc, 12]"; owned, as all pointers that are not const */
	char *base; /* name in the file: "test" */
	size_t index;
	int stage; /* place in the list of stages */
	const char *stage_name;

	/* when */
	enum job_when when;
	bool by_needs; /* waits for `needs` only; else for all jobs of earlier stages */
	struct job_need *needs;
	size_t n_needs;
	bool allow_failure;  /* any failure */
	int64_t allowed[32]; /* exit codes that do not matter */
	size_t n_allowed;

	/* what */
	char *image;          /* as asked for, variables expanded */
	char pinned[PIN_MAX]; /* its digest: job_pin_image() */
	struct path_set artifacts;
	char *dir; /* its directory in the run's: "jobs/3" */

	/* what became of it */
	enum job_status status;
	pid_t pid;                 /* of the process that looks after it, while it runs */
	int exit_code;             /* of its script; -1: it never came so far */
	int64_t started, finished; /* ns since the epoch; 0: not yet */
	char *reason;              /* why it failed; NULL */

	/* what the file says beyond that (ci_model.c reads, job_run.c uses) */
	const struct yaml *conf;    /* its keys, defaults put in; borrowed from the configuration */
	struct ci_vars vars;        /* all that is known before it starts, lowest rank first */
	struct ci_vars given;       /* what wins over everything: given at the start */
	char **why;                 /* which rule decided */
	int node_index, node_total; /* of `parallel`; 0: none */
	int64_t timeout, delay;     /* ns; 0: none */
	int64_t retries;
	bool unsupported; /* it stands for another pipeline: never runs here */
};

struct pipeline {
	struct job *jobs;
	size_t n_jobs;
	int dir;        /* of this run; images/ in it holds the pins */
	size_t at_once; /* so many jobs run at the same time at most */
	/* Called in a process of its own: does the job, returns the exit status of that process. */
	int (*work)(struct pipeline *p, struct job *j);
	/* The digest of the image that name means now; fetched when it is missing. */
	int (*find_image)(struct pipeline *p, const char *name, char ret_digest[PIN_MAX], struct mc_err *err);
	void *data; /* of those two */
};

/* Must j wait for k? By `needs`, else by stages. */
bool job_waits_for(const struct pipeline *p, const struct job *j, const struct job *k);
/* Has it come to an end that jobs behind it may build on or give up on? */
bool job_is_over(const struct job *j, bool by_needs);
/* Name of the pin's file in images/ for an image. Caller frees. */
char *job_pin_name(const char *image);

/* --- lab 12; the contracts stand in jobs.c --- */
int jobs_start(struct pipeline *p, struct job *ready[], struct mc_err *err);
int job_workspace(const struct job *j, int run, int source, int *ret_dir, struct mc_err *err);
int job_artifacts(struct job *j, int dir, int store, struct mc_err *err);
enum job_status job_verdict(const struct job *j, const int exits[], int n);
int job_pin_image(struct pipeline *p, struct job *j, struct mc_err *err);

#endif
