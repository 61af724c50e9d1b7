/*
 * ci_run.h - one run of a pipeline: its directory, its jobs one after another and side by side, its end.
 *
 * ROOT/pipelines/PROJECT/             PROJECT: name and hash of the project's directory
 *     cache/KEY/                      caches, kept from run to run
 *     N/                              run N
 *         run.json                    what is asked for and what became of each job; replaced by rename(2)
 *         source/                     the files all jobs begin with
 *         images/                     name of an image -> digest: job_pin_image()
 *         jobs/I/{log,work,artifacts,reports,dotenv,result.json}
 *         junit.xml
 *         lock                        held while the run lives: what is not locked has crashed
 */
#ifndef MC_PIPELINE_CI_RUN_H
#define MC_PIPELINE_CI_RUN_H

#include "base/board.h"
#include "engine/engine.h"
#include "pipeline/ci_model.h"

enum { SERVICE_WAIT_DEFAULT = 30 /* seconds */ };

struct ci_run {
	struct engine *engine; /* borrowed */
	struct ci_model m;
	char *home; /* ROOT/pipelines/PROJECT, absolute */
	char *key;  /* PROJECT */
	char *path; /* of the run, absolute */
	int64_t id;
	int dir;    /* path, opened */
	int source; /* directory source/ */
	int lock;
	int64_t created, finished;
	/* how it is run */
	struct board *board;              /* borrowed; NULL: quiet */
	void (*turned)(struct ci_run *r); /* called often while jobs run: their logs have grown; NULL */
	void *screen;                     /* of turned */
	const char *image;                /* of jobs that name none; NULL: that is an error */
	int service_wait;                 /* seconds for the port of a service; 0: none */
	bool lend_engine;                 /* every job that asks gets build and push: engine_door.h */
	bool lend_deploy;                 /* ... and compose */
	char **chosen;                    /* jobs named on the command line */
	bool no_needs;                    /* ... and only these */
	enum image_policy { IMAGE_AS_SAID, IMAGE_ALWAYS, IMAGE_NEVER } pull;
};

/* --- ci_run_dir.c --- */
/* The project's directory of runs; made when missing. Fills home and key. */
int ci_run_home(struct ci_run *r, const char *project_dir, struct mc_err *err);
/* The next number; a new directory, locked; what crashed runs left is removed first. */
int ci_run_new(struct ci_run *r, struct mc_err *err);
/* Nothing has started: its directory goes. */
void ci_run_abandon(struct ci_run *r);
/* An earlier run (id 0: the newest) again, locked; *ret_doc is its record, the caller json_free()s it. */
int ci_run_open(struct ci_run *r, int64_t id, struct json **ret_doc, struct mc_err *err);
/* Ids of the project's runs, oldest first. Caller frees. */
int ci_run_list(const struct ci_run *r, int64_t **ret, size_t *n, struct mc_err *err);
int ci_run_read(const struct ci_run *r, int64_t id, struct json **ret, struct mc_err *err);
/* run.json as it is now; status: "running", "success", "failed", "blocked", "canceled". */
int ci_run_save(struct ci_run *r, const char *status, struct mc_err *err);
/* Does its process still live? */
bool ci_run_is_live(const struct ci_run *r, int64_t id);
void ci_run_release(struct ci_run *r);

/* --- ci_run.c --- */
/* Runs what is to run. Returns the status as above. r->m is loaded. */
int ci_run_all(struct ci_run *r, const char **ret_status, struct mc_err *err);

/* --- job_run.c: in the process that looks after one job --- */
int job_work(struct pipeline *p, struct job *j);
int job_find_image(struct pipeline *p, const char *name, char ret[PIN_MAX], struct mc_err *err);
/* Names of what a job has in the engine: "ci-KEY-ID-INDEX" and a suffix (job_say.c). Caller frees. */
char *job_container_name(const struct ci_run *r, const struct job *j, const char *suffix);
extern const char job_label[], job_label_run[];

/* --- ci_junit.c --- */
/* The run as a JUnit file: one test case a job. Caller frees. */
char *ci_junit(const struct ci_run *r);

#endif
