/*
 * job_say.c - what the process beside a job says in the job's log, between the lines of its script: coloured
 * as by GitLab's runner. And the names of the job's containers, by which the run finds them again.
 */
#include "pipeline/job_run.h"

#include <stdarg.h>
#include <stdio.h>

void job_say(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("\033[36;1m", stdout);
	vprintf(fmt, args);
	fputs("\033[0;m\n", stdout);
	va_end(args);
	fflush(stdout);
}

char *job_container_name(const struct ci_run *r, const struct job *j, const char *suffix)
{
	return xasprintf("ci-%s-%lld-%zu%s", r->key, (long long)r->id, j->index, suffix);
}
