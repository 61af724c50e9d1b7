/*
 * work_state.c - progress and history: see work_state.h. Read once, written by rename, as the learner
 * (person.c).
 */
#include "learn/work_state.h"

#include <fcntl.h>
#include <stdarg.h>
#include <time.h>
#include "base/file.h"
#include "learn/source.h"
#include "learn/starter.h"
#include "learn/workshop.h"

static const char PROGRESS[] = ".lab/progress.ini";
static struct ini *progress; /* NULL until first asked for */
static bool changed;

static struct ini *load(void)
{
	struct mc_err err;
	if (!progress && ini_read(PROGRESS, &progress, &err) < 0)
		progress = ini_new();
	return progress;
}

const char *state_get(const char *section, const char *key) { return ini_get(load(), section, key); }

long state_number(const char *section, const char *key, long otherwise)
{
	return ini_number(load(), section, key, otherwise);
}

void state_set(const char *section, const char *key, const char *fmt, ...)
{
	char value[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	ini_set(load(), section, key, value);
	changed = true;
}

int state_save(struct mc_err *err)
{
	if (!changed)
		return 0;
	_cleanup_free_ char *text = ini_dump(progress);
	changed = false;
	return person_write(PROGRESS, text, err);
}

void state_log(const char *fmt, ...)
{
	struct mc_err err;
	_cleanup_buf_ struct buf text = { 0 };
	char time[40], line[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	time_rfc3339((int64_t)now_ns(CLOCK_REALTIME), time, sizeof(time));
	struct mc_err absent;
	if (work_read(".lab/history.log", 16 << 20, &text, &absent) < 0)
		buf_clear(&text);
	buf_addf(&text, "%.19sZ %s\n", time, line);
	if (person_write(".lab/history.log", text.data, &err) < 0)
		fprintf(stderr, "lab: the history is not written: %s\n", err.what);
}

/* Seeds are per learner, so that two neighbours have different words and numbers. */
static uint32_t learner_seed(void)
{
	const char *text = state_get("learner", "seed");
	if (!text) {
		char hex[9];
		random_hex(hex, 4);
		state_set("learner", "seed", "%s", hex);
		text = state_get("learner", "seed");
	}
	return (uint32_t)strtoul(text, NULL, 16);
}

const char *state_word(void)
{
	static const char *const words[] = { "violet", "amber", "indigo", "scarlet", "copper", "silver",
		"saffron", "azure", "crimson", "jade", "ivory", "cobalt", "maroon", "turquoise", "lilac",
		"bronze" };
	return words[learner_seed() % ARRAY_LEN(words)];
}

const char *state_current_lab(void) { return state_get("learner", "current"); }
bool state_passed(const char *task) { return str_eq(state_get(task, "best"), "ok"); }

bool work_state_open(const char *task)
{
	return !state_passed(task) || str_eq(state_get(task, "anew"), "yes");
}

void state_begin_anew(const struct lab *l, int i)
{
	for (int k = 0; k < l->tasks; k++) {
		const char *id = l->task[k].id;
		if (l->task[k].file != i || (!state_get(id, "last") && !state_get(id, "hints")))
			continue;
		state_set(id, "anew", "yes");
		state_set(id, "last", "todo");
		state_set(id, "hints", "0");
	}
}

const char *state_reference_size(const struct lab *l, const struct lab_task *t)
{
	static char text[32];
	struct mc_err err;
	struct source *s = NULL;
	int lines = 0;
	if (t->file >= 0 && source_read(l->file[t->file].source, &s, &err) == 0) {
		const struct function *f = source_function(s, t->function);
		lines = f && f->body_lines > 0 ? f->body_lines : 1;
	}
	source_free(s);
	snprintf(text, sizeof(text), "%d line%s", lines, lines == 1 ? "" : "s");
	return text;
}

bool lab_started(const struct lab *l)
{
	for (int i = 0; i < l->files; i++)
		if (path_exists(AT_FDCWD, l->file[i].work))
			return true;
	return false;
}

static bool is_starter_text(const struct lab *l, const struct lab_task *t, const char *mine)
{
	struct mc_err err;
	struct source *s = NULL;
	if (source_read(l->file[t->file].source, &s, &err) < 0)
		return false;
	_cleanup_free_ char *text = function_text(s, t->function);
	source_free(s);
	return str_eq(text, mine);
}

bool lab_task_begun(const struct lab *l, const struct lab_task *t)
{
	struct mc_err err;
	struct source *s = NULL;
	bool begun = false;
	if (t && t->file >= 0 && source_read(l->file[t->file].work, &s, &err) == 0) {
		_cleanup_free_ char *text = function_text(s, t->function);
		begun = text && !strstr(text, "TODO(");
		if (begun && t->as_is)
			begun = !is_starter_text(l, t, text);
	}
	source_free(s);
	return begun;
}

static void keep_evidence(const struct record *r, uint32_t seed)
{
	struct mc_err err;
	char path[64];
	snprintf(path, sizeof(path), ".lab/evidence/%s.txt", r->task);
	_cleanup_free_ char *text =
		xasprintf("task %s: %s   (seed %x)\nran       %s\nexpected  %s\ngot       %s\n%s%s%s\n"
			  "What the grader looked at, in order:\n%s",
			r->task, verdict_name(r->verdict), (unsigned)seed, r->ran, r->expected, r->got,
			r->reason[0] ? "reason    " : "", r->reason, r->reason[0] ? "\n" : "", r->evidence);
	if (person_write(path, text, &err) < 0)
		fprintf(stderr, "lab: %s is not written: %s\n", path, err.what);
}

static void record_task(const struct grading *g, int i)
{
	const struct record *r = &g->record[i];
	if (!r->task[0] || r->verdict == VERDICT_TODO || r->verdict == VERDICT_WAIT)
		return;
	state_set(r->task, "last", "%s", verdict_name(r->verdict));
	/* Once it is passed, a check of its neighbours is no attempt at it. */
	if (work_state_open(r->task) && (r->verdict == VERDICT_OK || r->verdict == VERDICT_FAIL))
		state_set(r->task, "attempts", "%ld", state_number(r->task, "attempts", 0) + 1);
	if (r->verdict == VERDICT_OK)
		state_set(r->task, "anew", "no");
	if (r->verdict == VERDICT_OK && !state_passed(r->task)) {
		state_set(r->task, "best", "ok");
		state_set(r->task, "points", "%d", g->lab->task[i].points);
	}
	keep_evidence(r, g->seed);
}

void state_record(const struct grading *g)
{
	_cleanup_buf_ struct buf verdicts = { 0 };
	struct mc_err err;
	for (int i = 0; i < g->lab->tasks; i++) {
		record_task(g, i);
		if (g->record[i].task[0])
			buf_addf(&verdicts, " %s=%s%s%s", g->record[i].task,
				verdict_name(g->record[i].verdict), g->record[i].misread[0] ? ":" : "",
				g->record[i].misread);
	}
	state_log("check %s seed=%x points=%d/%d%s", g->lab->number, (unsigned)g->seed, grade_points(g),
		lab_points(g->lab), verdicts.data ? verdicts.data : "");
	if (state_save(&err) < 0)
		fprintf(stderr, "lab: progress is not saved: %s\n", err.what);
}
