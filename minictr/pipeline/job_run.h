/*
 * job_run.h - what the files that do one job share: the trip of one try, in the process that looks after it.
 */
#ifndef MC_PIPELINE_JOB_RUN_H
#define MC_PIPELINE_JOB_RUN_H

#include "pipeline/ci_run.h"

/* A job that never stops talking must not fill the disk: bytes of its log that are kept. */
enum { JOB_LOG_MAX = 16 << 20 };

struct job_trip {
	struct ci_run *run;
	struct job *job;
	struct ci_vars vars; /* all of the job's, in order of rank */
	char **env;          /* the same, expanded */
	char *project_dir;   /* in the container */
	int dir;             /* job->dir, opened */
	int work;            /* the work tree */
	char *work_path;     /* absolute */
	char *network;       /* its name when there are services; NULL */
	char **services;     /* names of their containers */
	bool wants_engine;   /* docker-in-docker was asked for, or MINICTR_ENGINE set: the door is opened */
	char *door;          /* absolute path of the directory with the engine's door; NULL */
	pid_t door_pid;      /* who listens there; 0 */
	int *exits;          /* of the commands of the script */
	int n_exits;
	enum job_failure { FAIL_NONE, FAIL_SCRIPT, FAIL_TIMEOUT, FAIL_SYSTEM } failure;
	bool passed;
};

/* --- job_say.c --- */
/* A heading in the job's log, on our standard output. */
void job_say(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* --- job_files.c --- */
/* Jobs whose artifacts come along: want[i] for each job of the pipeline. */
void job_sources(const struct pipeline *p, const struct job *j, bool want[]);
int job_take_dotenv(struct job_trip *t, struct mc_err *err);
int job_take_artifacts(struct job_trip *t, struct mc_err *err);
/* `when` of artifacts or a cache: on_success (default), on_failure, always. Does what became of it agree? */
bool job_result_agrees(const struct job_trip *t, const struct yaml *part);
/* What an earlier try or run of this job stored is gone. */
void job_forget_artifacts(struct job_trip *t);
/* Artifacts (when the result agrees) and reports (always) are stored. */
int job_store_artifacts(struct job_trip *t, struct mc_err *err);

/* --- job_cache.c --- */
int job_restore_caches(struct job_trip *t, struct mc_err *err);
int job_save_caches(struct job_trip *t, struct mc_err *err);

/* --- job_script.c --- */
/* The text of a script: lists of commands, one after the other. steps: a line is written after each. */
int job_script_text(const struct yaml *conf, const char *const keys[], bool steps, char **ret, int *ret_n,
	struct mc_err *err);
/* Place of command n (from 0) in the file: "ci.yml:12:7"; its text in *ret_line. Caller frees both. */
char *job_script_place(const struct yaml *conf, int n, char **ret_line);

/* --- job_container.c --- */
/* Runs the file `script` of the job's ctl directory in a container. *ret_exit is its exit code. */
int job_container_run(struct job_trip *t, const char *script, const char *suffix, int64_t timeout,
	int *ret_exit, bool *ret_timed_out, struct mc_err *err);

/* --- job_services.c --- */
int job_start_services(struct job_trip *t, struct mc_err *err);
void job_stop_services(struct job_trip *t);

/* --- engine_door.c --- */
/* The directory with a socket and a client in it that is mounted into the job. */
int engine_door_open(struct job_trip *t, struct mc_err *err);
void engine_door_close(struct job_trip *t);

#endif
