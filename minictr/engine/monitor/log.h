/*
 * monitor/log.h - the log file of one container, written by its monitor only. docker's json-file format.
 */
#ifndef MC_ENGINE_MONITOR_LOG_H
#define MC_ENGINE_MONITOR_LOG_H

#include "base/buf.h"
#include "base/err.h"

enum { LOG_LINE_MAX = 16384 }; /* a longer line becomes several records, as docker has it */

struct log_file {
	const char *dir; /* directory of log, log.1 ...; borrowed. NULL: nothing is kept */
	int fd;
	uint64_t size, max_size;
	unsigned max_files;
	struct buf pending[2]; /* begun lines of stdout and stderr */
	struct buf record;     /* scratch */
};

/* Opens dir/log for appending; a half-written last record (crash, full disk) is ended with a newline. */
int log_open(struct log_file *l, const char *dir, uint64_t max_size, unsigned max_files, struct mc_err *err);
/* stream is 1 or 2. Full lines are written at once, a begun one waits. Never fails: a full disk must not stop
 * the program, so what cannot be written is dropped. */
void log_add(struct log_file *l, int stream, const char *data, size_t len);
void log_close(struct log_file *l); /* begun lines are written */

#endif
