/*
 * ci_junit.c - a run as JUnit XML, which every CI server and many editors read: a suite for each stage, a
 * test case for each job. https://github.com/testmoapp/junitxml
 */
#include <fcntl.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/utf8.h"
#include "pipeline/ci_run.h"

enum { JUNIT_LOG_MAX = 64 << 10 };

/* XML 1.0 has no control characters at all, not even escaped ones; colour codes go as a whole. */
static void add_escaped(struct buf *b, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		size_t n;
		if (c == 27 && i + 1 < len && text[i + 1] == '[') {
			for (i += 2; i < len && (text[i] < '@' || text[i] > '~'); i++)
				;
			continue;
		}
		switch (c) {
		case '<': buf_adds(b, "&lt;"); break;
		case '>': buf_adds(b, "&gt;"); break;
		case '&': buf_adds(b, "&amp;"); break;
		case '"': buf_adds(b, "&quot;"); break;
		default:
			if (c >= 128 && (n = utf8_char_len(text + i, len - i)) > 0) {
				buf_add(b, text + i, n);
				i += n - 1;
			} else if (c >= 128)
				buf_addc(b, '?');
			else if (c >= 32 || c == '\n' || c == '\t')
				buf_addc(b, (char)c);
		}
	}
}

static void add_text(struct buf *b, const char *text)
{
	add_escaped(b, text ? text : "", strlen(text ? text : ""));
}

/* The end of the job's log: why it failed stands there. */
static void add_log(struct buf *b, const struct ci_run *r, const struct job *j)
{
	_cleanup_free_ char *path = xasprintf("%s/log", j->dir);
	_cleanup_buf_ struct buf log = { 0 };
	struct mc_err ignored = { 0 };
	if (file_read(r->dir, path, 64 << 20, &log, &ignored) < 0 || !log.data)
		return;
	size_t skip = log.len > JUNIT_LOG_MAX ? log.len - JUNIT_LOG_MAX : 0;
	add_escaped(b, log.data + skip, log.len - skip);
}

static void add_case(struct buf *b, const struct ci_run *r, const struct job *j)
{
	double seconds =
		j->finished > j->started && j->started ? (double)(j->finished - j->started) / 1e9 : 0;
	buf_adds(b, "    <testcase name=\"");
	add_text(b, j->name);
	buf_adds(b, "\" classname=\"");
	add_text(b, j->stage_name);
	buf_addf(b, "\" time=\"%.3f\">", seconds);
	if (j->status == JOB_FAILED || j->status == JOB_CANCELED) {
		buf_adds(b, "\n      <failure message=\"");
		add_text(b, j->reason ? j->reason : job_status_name(j->status));
		buf_adds(b, "\">");
		add_log(b, r, j);
		buf_adds(b, "</failure>\n    ");
	} else if (j->status != JOB_SUCCESS) {
		buf_adds(b, "\n      <skipped message=\"");
		add_text(b, j->status == JOB_WARNING ? "failed, and allowed to" : job_status_name(j->status));
		buf_adds(b, "\"/>\n    ");
	}
	buf_adds(b, "</testcase>\n");
}

char *ci_junit(const struct ci_run *r)
{
	struct buf b = { 0 };
	buf_adds(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"");
	add_text(&b, r->key);
	buf_adds(&b, "\">\n");
	for (int stage = 0; r->m.stages[stage]; stage++) {
		size_t n = 0, failed = 0, skipped = 0;
		for (size_t i = 0; i < r->m.p.n_jobs; i++) {
			const struct job *j = &r->m.p.jobs[i];
			if (j->stage != stage)
				continue;
			n++;
			failed += j->status == JOB_FAILED || j->status == JOB_CANCELED;
			skipped += j->status != JOB_SUCCESS && j->status != JOB_FAILED &&
				   j->status != JOB_CANCELED;
		}
		if (!n)
			continue;
		buf_adds(&b, "  <testsuite name=\"");
		add_text(&b, r->m.stages[stage]);
		buf_addf(&b, "\" tests=\"%zu\" failures=\"%zu\" skipped=\"%zu\">\n", n, failed, skipped);
		for (size_t i = 0; i < r->m.p.n_jobs; i++)
			if (r->m.p.jobs[i].stage == stage)
				add_case(&b, r, &r->m.p.jobs[i]);
		buf_adds(&b, "  </testsuite>\n");
	}
	buf_adds(&b, "</testsuites>\n");
	return buf_take(&b);
}
