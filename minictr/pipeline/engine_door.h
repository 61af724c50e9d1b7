/*
 * engine_door.h - how a job builds and pushes images although no engine runs inside of its container.
 *
 * A job that lists docker-in-docker as a service, or sets MINICTR_ENGINE, finds the programs `docker` and
 * `minictr` in its PATH: one small static client. It sends its words and its three standard streams through
 * a socket; the process that looks after the job checks the words and runs them with the engine of this
 * machine. Nothing privileged runs in the container, and a job gets no more than the verbs below: no `run`
 * with a mount of the host, no file outside of its own work tree.
 * The words travel as NUL-terminated strings: working directory, program, verb, arguments; the answer is
 * the exit status, one byte.
 */
#ifndef MC_PIPELINE_ENGINE_DOOR_H
#define MC_PIPELINE_ENGINE_DOOR_H

#include "pipeline/job_run.h"

enum { DOOR_MESSAGE_MAX = 65536, DOOR_WORDS_MAX = 1000, DOOR_REQUESTS_MAX = 16 };
#define DOOR_SOCKET "/minictr-job/bin/socket" /* as the job sees it */

/* A request, checked: words for `minictr`, with paths replaced by open descriptors. */
struct door_words {
	char **argv; /* without "minictr"; owned */
	char **env;  /* owned */
	int fds[8];  /* kept open for the program; -1 ended */
	size_t n_fds;
	int dir;              /* where it starts; -1: / */
	char *const *job_env; /* borrowed: what the script has exported */
};

/*
 * door_words.c: may a job say this? words[0] is the program ("docker"), cwd its working directory in the
 * container, env what its script has exported. -EPERM with a sentence for the job's log. Release *ret with
 * door_words_release().
 */
int door_words_check(const struct job_trip *t, const char *cwd, char *const words[], char *const env[],
	struct door_words *ret, struct mc_err *err);
void door_words_release(struct door_words *w);

#endif
