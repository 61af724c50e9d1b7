/*
 * print.c - the learner's view of a grading: one line a task, some eight for a failure, then what to do next.
 *
 * Each failure says what ran (paste-able), what was expected, what the kernel shows, what that means, where
 * to look, what to type next. Expected and got are never cut to the same text: what does not fit is in `lab
 * show`.
 */
#include <stdarg.h>
#include <unistd.h>
#include "base/wrap.h"
#include "learn/grade.h"
#include "learn/work_state.h"

enum { WIDTH = 108, NARROW = 50, INDENT = 18 };

/* Columns to fill: the terminal's, as far as lines stay readable. */
static size_t columns(void)
{
	size_t width = wrap_width(STDOUT_FILENO);
	return width == 0 || width > WIDTH ? WIDTH : width < NARROW ? NARROW : width;
}

/* Lines of the terminal's width: broken between words, what follows stands under the text. */
void tell(const char *fmt, ...)
{
	static struct buf line; /* what has no end yet */
	char out[4096];
	char *text = NULL;
	va_list ap;
	va_start(ap, fmt);
	int n = vasprintf(&text, fmt, ap);
	va_end(ap);
	for (const char *p = text; n >= 0 && *p; p++) {
		if (*p != '\n') {
			buf_addc(&line, *p);
			continue;
		}
		const char *whole = line.data ? line.data : "";
		size_t blanks = strspn(whole, " ");
		wrap_text(out, sizeof(out), whole, wrap_width(STDOUT_FILENO),
			blanks >= 8 ? INDENT : blanks + 8);
		puts(out);
		buf_clear(&line);
	}
	free(text);
}

/* "        meaning   text ...": wrapped, at most `lines` lines. */
static void say(const char *label, const char *text, int lines)
{
	size_t room = columns() - INDENT;
	const char *p = text;
	for (int i = 0; i < lines && (*p || i == 0); i++) {
		size_t len = strcspn(p, "\n");
		bool last = i == lines - 1;
		if (len > room) {
			len = last ? room - 4 : room;
			for (size_t cut = len; cut > room / 2; cut--)
				if (p[cut] == ' ') {
					len = cut;
					break;
				}
		}
		bool more = p[len] != '\0';
		tell("        %-9s %.*s%s\n", i == 0 ? label : "", (int)len, p, more && last ? " ..." : "");
		p += len;
		p += strspn(p, " \n");
	}
}

static void say_meaning(const struct grading *g, const struct record *r)
{
	const char *text = r->misread[0] ? lab_misread(g->lab, r->misread) : NULL;
	if (r->crashed) {
		_cleanup_free_ char *crash =
			xasprintf("your code crashed at that line (%s). A debugger: gdb %s/mine/%s/%s%s",
				strsignal(atoi(r->crash)), build_folder(), g->lab->number, r->crash_program,
				str_eq(r->crash_program, "drive") ? ".debug" : "");
		say("meaning", crash, 3);
		return;
	}
	if (!r->misread[0])
		return;
	_cleanup_free_ char *whole = xasprintf("%s  [%s]", text ? text : "a known misconception", r->misread);
	say("meaning", whole, 3);
}

static void say_look(const struct grading *g, const struct lab_task *t, const struct record *r)
{
	if (r->look_file[0])
		tell("        look at   %s:%d\n", r->look_file, r->look_line);
	else if (t->file >= 0)
		tell("        look at   %s:%d  %s()\n", g->lab->file[t->file].work, t->line, t->function);
}

static void say_failure(const struct grading *g, const struct lab_task *t, const struct record *r)
{
	_cleanup_free_ char *ran = xasprintf("%s   (seed %x)", r->ran, (unsigned)g->seed);
	if (r->ran[0])
		say("ran", ran, 2);
	say("expected", r->expected, 2);
	say("got", r->got, 2);
	say_meaning(g, r);
	say_look(g, t, r);
	tell("        next      lab hint %s  (%d of 3 used)   lab why %s   lab show %s\n", t->id,
		(int)state_number(t->id, "hints", 0), t->id, t->id);
}

void print_task(const struct grading *g, int i)
{
	const struct lab_task *t = &g->lab->task[i];
	const struct record *r = &g->record[i];
	tell("  %-5s %s  %-48s", verdict_name(r->verdict), t->id, t->title);
	switch (r->verdict) {
	case VERDICT_OK:
		tell(" %d/%d   %.2f s%s%s\n", t->points, t->points, r->ms / 1000, r->note[0] ? "   " : "",
			r->note);
		break;
	case VERDICT_FAIL:
		tell(" 0/%d   %.2f s\n", t->points, r->ms / 1000);
		say_failure(g, t, r);
		break;
	default: /* on a narrow screen the reason has a line of its own */
		tell("%s%s\n", 26 + 48 + strlen(r->reason) > columns() ? " -\n          " : " -     ",
			r->reason);
	}
	fflush(stdout);
}

/* What the compiler said of a file that it took: the lines with "warning", at most five. */
static void say_warnings(const char *text)
{
	int shown = 0;
	for (const char *line = text; line && *line && shown < 5;
		line += strcspn(line, "\n"), line += *line == '\n') {
		_cleanup_free_ char *one = xstrndup(line, strcspn(line, "\n"));
		if (strstr(one, " warning: ") && ++shown)
			tell("  %s\n", text_plain(one));
	}
}

void print_head(const struct grading *g)
{
	/* A name and its count stay together: a tab is a blank at which no line is broken. */
	tell("lab %s  %s   ", g->lab->number, g->lab->title);
	const char *word = "mine:";
	bool some = false;
	for (int i = 0; g->build && i < g->build->units; i++) {
		const struct unit *u = &g->build->unit[i];
		int owned = 0;
		for (int k = 0; k < u->lab->tasks; k++)
			owned += u->lab->task[k].file == u->file;
		int todo = (int)strv_len(u->todo);
		if (!u->source || todo == owned)
			continue;
		const char *base = strrchr(u->source, '/');
		tell("   %s\t%s\t(%d\tof\t%d)", word, base ? base + 1 : u->source, owned - todo, owned);
		word = "and";
		some = true;
	}
	tell("%s\n", some ? "   reference: all else" : "   mine: nothing yet, all reference");
	for (int i = 0; g->build && i < g->build->units; i++)
		say_warnings(g->build->unit[i].warnings);
}

static const struct lab_task *first_with(const struct grading *g, enum verdict v)
{
	for (int i = 0; i < g->lab->tasks; i++)
		if (g->record[i].task[0] && g->record[i].verdict == v)
			return &g->lab->task[i];
	return NULL;
}

/* One task alone was checked and is right: the first other one that was never passed. */
static const struct lab_task *after(const struct grading *g)
{
	for (int i = 0; g->only && i < g->lab->tasks; i++)
		if (!str_eq(g->lab->task[i].id, g->only) && work_state_open(g->lab->task[i].id))
			return &g->lab->task[i];
	return NULL;
}

/* The first lab with an open task; NULL: the course is done. */
static struct lab *next_lab(void)
{
	char **names = lab_names();
	struct lab *found = NULL;
	for (char **n = names; *n && !found; n++) {
		struct lab *l = NULL;
		struct mc_err err;
		for (int i = 0; lab_load(*n, &l, &err) == 0 && i < l->tasks; i++)
			if (work_state_open(l->task[i].id)) {
				found = l;
				break;
			}
	}
	strv_free(names);
	return found;
}

static void print_done(const struct lab *l)
{
	const char *now = ini_get(l->ini, "lab", "now");
	struct lab *next = next_lab();
	tell("Lab %s is done: your engine can now %s.\n", l->number, now ? now : "do this by itself");
	if (next)
		tell("next: lab %s %s.  Type: start\t%d\n", next->number, next->title, atoi(next->number));
	else
		tell("That was the last lab: the core of the engine is yours. Try `lab check --mine`, `lab "
		     "attacks`, and\n"
		     "use it: sudo %s/mine/minictr run -it busybox sh\n",
			build_folder());
}

static void print_next(const struct grading *g)
{
	const struct lab_task *fail = first_with(g, VERDICT_FAIL), *todo = first_with(g, VERDICT_TODO);
	if (!todo)
		todo = after(g);
	const struct lab_task *bug = first_with(g, VERDICT_TROUBLE);
	if (bug)
		tell("The grader itself had trouble with %s: no points are lost. `lab show %s` has what it "
		     "saw; please report it.\n",
			bug->id, bug->id);
	else if (fail)
		tell("Fix %s, then: lab check\n", fail->id);
	else if (todo && todo->file >= 0)
		tell("next: %s %s, %s:%d, about %s.  `open`, then `lab check`\n", todo->id, todo->title,
			g->lab->file[todo->file].work, todo->line, state_reference_size(g->lab, todo));
	else if (!g->only || !after(g))
		print_done(g->lab);
}

void print_end(const struct grading *g)
{
	if (g->leftovers.len)
		tell("host: left behind by your code%s: %s\n", g->unremoved ? "" : ", and removed",
			g->leftovers.data);
	else if (g->changes.len)
		tell("host: clean. Changed meanwhile, not by these checks: %s\n", g->changes.data);
	else
		tell("host: clean (no mount, cgroup, link or process left)\n");
	const struct lab_task *one = g->only ? lab_task(g->lab, g->only) : NULL;
	tell("%d of %d points", grade_points(g), one ? one->points : lab_points(g->lab));
	if (one)
		tell(" of this task");
	static const struct {
		enum verdict v;
		const char *word;
	} rest[] = { { VERDICT_FAIL, "failed" }, { VERDICT_TODO, "to do" }, { VERDICT_WAIT, "waiting" },
		{ VERDICT_ENV, "not possible here" } };
	for (size_t i = 0; i < ARRAY_LEN(rest); i++)
		if (grade_count(g, rest[i].v))
			tell(", %d %s", grade_count(g, rest[i].v), rest[i].word);
	tell("   (%.1f s)\n", g->seconds);
	print_next(g);
}
