/*
 * report.c - the same records for machines: TAP, JUnit and JSON. One record a check is the only source.
 */
#include "base/json.h"
#include "learn/grade.h"

static const char *detail(const struct record *r) { return r->verdict == VERDICT_FAIL ? r->got : r->reason; }

/* One line, whatever the learner's program printed: "ok 2" at the start of a line would be a result. */
static void tap_line(const char *label, const char *text)
{
	printf("%s", label);
	for (; *text; text++)
		putchar(*text == '\n' ? ' ' : *text);
	putchar('\n');
}

static void report_tap(const struct grading *g)
{
	int n = 0;
	for (int i = 0; i < g->lab->tasks; i++)
		n += g->record[i].task[0] != '\0';
	printf("TAP version 13\n1..%d\n", n);
	for (int i = 0, k = 0; i < g->lab->tasks; i++) {
		const struct record *r = &g->record[i];
		if (!r->task[0])
			continue;
		bool skip = r->verdict == VERDICT_ENV;
		bool todo = r->verdict == VERDICT_TODO || r->verdict == VERDICT_WAIT;
		printf("%s %d - %s %s%s%s\n", r->verdict == VERDICT_OK || skip ? "ok" : "not ok", ++k,
			r->task, g->lab->task[i].title,
			skip   ? " # SKIP "
			: todo ? " # TODO "
			       : "",
			skip || todo ? r->reason : "");
		if (r->verdict == VERDICT_FAIL) {
			printf("  ---\n");
			tap_line("  ran: ", r->ran);
			tap_line("  expected: ", r->expected);
			tap_line("  got: ", r->got);
			printf("  misconception: %s\n  ...\n", r->misread);
		}
		if (r->verdict == VERDICT_TROUBLE)
			tap_line("# grader trouble: ", r->reason);
	}
}

static void xml_text(const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '<': printf("&lt;"); break;
		case '>': printf("&gt;"); break;
		case '&': printf("&amp;"); break;
		case '"': printf("&quot;"); break;
		default: putchar((unsigned char)*s < ' ' && *s != '\n' && *s != '\t' ? '?' : *s);
		}
}

static void junit_case(const struct lab_task *t, const struct record *r)
{
	printf("  <testcase classname=\"lab.%.2s\" name=\"%s ", t->id, t->id);
	xml_text(t->title);
	printf("\" time=\"%.3f\">", r->ms / 1000);
	const char *element = r->verdict == VERDICT_OK        ? NULL
			      : r->verdict == VERDICT_FAIL    ? "failure"
			      : r->verdict == VERDICT_TROUBLE ? "error"
							      : "skipped";
	if (element) {
		printf("<%s message=\"", element);
		xml_text(detail(r));
		printf("\">");
		if (r->verdict == VERDICT_FAIL) {
			printf("ran: ");
			xml_text(r->ran);
			printf("\nexpected: ");
			xml_text(r->expected);
			printf("\nmisconception: %s", r->misread);
		}
		printf("</%s>", element);
	}
	printf("</testcase>\n");
}

static void report_junit(const struct grading *g)
{
	int n = 0;
	for (int i = 0; i < g->lab->tasks; i++)
		n += g->record[i].task[0] != '\0';
	printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"lab %s\" tests=\"%d\" "
	       "failures=\"%d\" errors=\"%d\" "
	       "skipped=\"%d\" time=\"%.3f\">\n",
		g->lab->name, n, grade_count(g, VERDICT_FAIL), grade_count(g, VERDICT_TROUBLE),
		grade_count(g, VERDICT_TODO) + grade_count(g, VERDICT_WAIT) + grade_count(g, VERDICT_ENV),
		g->seconds);
	for (int i = 0; i < g->lab->tasks; i++)
		if (g->record[i].task[0])
			junit_case(&g->lab->task[i], &g->record[i]);
	printf("</testsuite>\n");
}

static struct json *json_record(const struct grading *g, int i)
{
	const struct lab_task *t = &g->lab->task[i];
	const struct record *r = &g->record[i];
	struct json *o = json_new_object();
	json_set_string(o, "id", t->id);
	json_set_string(o, "title", t->title);
	json_set_string(o, "verdict", verdict_name(r->verdict));
	json_set_i64(o, "points", r->verdict == VERDICT_OK ? t->points : 0);
	json_set_i64(o, "max", t->points);
	if (r->verdict == VERDICT_FAIL) {
		json_set_string(o, "ran", r->ran);
		json_set_string(o, "expected", r->expected);
		json_set_string(o, "got", r->got);
		json_set_string(o, "misconception", r->misread);
	}
	if (r->reason[0])
		json_set_string(o, "reason", r->reason);
	json_set(o, "seconds", json_new_double(r->ms / 1000));
	return o;
}

static void report_json(const struct grading *g)
{
	char seed[16];
	snprintf(seed, sizeof(seed), "%x", (unsigned)g->seed);
	struct json *o = json_new_object();
	json_set_string(o, "lab", g->lab->name);
	json_set_string(o, "seed", seed);
	json_set_i64(o, "points", grade_points(g));
	json_set_i64(o, "max", lab_points(g->lab));
	struct json *checks = json_set(o, "checks", json_new_array());
	for (int i = 0; i < g->lab->tasks; i++)
		if (g->record[i].task[0])
			json_add(checks, json_record(g, i));
	_cleanup_free_ char *text = json_dump(o, true);
	puts(text);
	json_free(o);
}

void report(const struct grading *g, enum report_format format)
{
	switch (format) {
	case REPORT_TAP: report_tap(g); break;
	case REPORT_JUNIT: report_junit(g); break;
	case REPORT_JSON: report_json(g); break;
	case REPORT_LEARNER: break; /* told line by line, by print.c */
	}
}
