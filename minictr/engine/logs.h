/*
 * logs.h - reading what a container has written: docker's json-file format, one object per line,
 * containers/ID/log, older ones log.1, log.2 ... Reading needs no lock and works on a broken or
 * half-written file.
 */
#ifndef MC_ENGINE_LOGS_H
#define MC_ENGINE_LOGS_H

#include "engine/container.h"

struct logs_options {
	bool follow;     /* goes on until the container stops */
	bool timestamps; /* each line begins with its time, RFC 3339 with nanoseconds */
	bool details;    /* then a blank, where docker has what --log-opt kept of labels and variables */
	bool names;      /* first of all the name it was asked by */
	bool no_stdout, no_stderr;
	int64_t tail;         /* last lines only; -1: all */
	int64_t since, until; /* ns since the epoch; 0: no limit */
};

/*
 * One record of the log; text is not terminated and may lack the newline (a long line comes in several
 * records).
 */
struct log_entry {
	int64_t time; /* ns */
	int stream;   /* 1 stdout, 2 stderr */
	const char *text;
	size_t len;
};

/* Calls out() for each record; stops when it returns non-zero (not an error). */
int container_logs(struct engine *e, const char *name, const struct logs_options *o,
	int (*out)(const struct log_entry *, void *), void *data, struct mc_err *err);
/* The usual out(): to stdout and stderr of this process. */
int container_logs_print(
	struct engine *e, const char *name, const struct logs_options *o, struct mc_err *err);
/* "2024-01-02T15:04:05Z", "1700000000.5", "10m", "1h30m" (ago) -> ns since the epoch. */
int logs_parse_time(const char *text, int64_t *ret, struct mc_err *err);

#endif
