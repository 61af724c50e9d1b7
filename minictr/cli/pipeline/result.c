/*
 * pipeline/result.c - what became of a run, as a table.
 */
#include "cli/format/table.h"
#include "cli/pipeline/pipeline.h"

/* "1.4s", "2m05s"; "" for a job that never ran. Caller frees. */
static char *time_text(const struct json *job)
{
	int64_t started = json_int_of(json_member(job, "Started")),
		finished = json_int_of(json_member(job, "Finished"));
	if (!started || finished < started)
		return xstrdup("-");
	double s = (double)(finished - started) / 1e9;
	return s < 60 ? xasprintf("%.1fs", s) : xasprintf("%dm%02ds", (int)(s / 60), (int)s % 60);
}

void result_print(const struct json *run, FILE *out)
{
	const struct json *jobs = json_member(run, "Jobs");
	_cleanup_strv_ char **lines = NULL;
	strv_push(&lines, "STAGE\tJOB\tSTATUS\tTIME\tREASON");
	for (size_t i = 0; i < json_len(jobs); i++) {
		const struct json *j = json_item(jobs, i);
		const char *reason = json_text_of(json_member(j, "Reason"));
		_cleanup_free_ char *seconds = time_text(j), *flat = xstrdup(reason ? reason : "");
		for (char *p = flat; *p; p++)
			if (*p == '\t' || *p == '\n')
				*p = ' ';
		strv_pushf(&lines, "%s\t%s\t%s\t%s\t%s", json_text_of(json_member(j, "Stage")),
			json_text_of(json_member(j, "Name")), json_text_of(json_member(j, "Status")), seconds,
			flat);
	}
	table_print(out, lines);
	fprintf(out, "pipeline %lld: %s\n", (long long)json_int_of(json_member(run, "Id")),
		json_text_of(json_member(run, "Status")));
}
