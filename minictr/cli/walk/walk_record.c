/*
 * walk_record.c - takes the kernel's facts of each process that stops at a step, and asks a person to go on.
 *
 * A stopped process stands in read(2) in explain_step() (base/explain.c), before the step's first call. So
 * its facts are those after its own step before, and they cannot change while we look. The person reads
 * them and looks at the half-built container from another terminal, for as long as they like.
 */
#include "cli/walk/walk.h"
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/wrap.h"
#include "cli/walk/kernel_state.h"

enum { CHANGES = 6 };

/* The step before of the same process; l->n_steps when there is none. */
static size_t step_before(const struct explain_lines *l, size_t step)
{
	for (size_t i = step; i-- > 0;)
		if (l->steps[i].pid == l->steps[step].pid && l->steps[i].id)
			return i;
	return l->n_steps;
}

/* One line, broken between words. In raw mode (-t) the terminal wants \r, too; on any other one it does no
 * harm. */
static void say(const struct walk *w, size_t indent, const char *fmt, ...)
{
	char *line = NULL, text[8192];
	va_list ap;
	va_start(ap, fmt);
	int n = vasprintf(&line, fmt, ap);
	va_end(ap);
	wrap_text(text, sizeof(text), n < 0 ? "" : line, w->width, indent);
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
		fprintf(w->lines.out, "%.*s\r\n", (int)strcspn(p, "\n"), p);
	free(line);
}

static void say_lines(const struct walk *w, const char *head, char *const lines[])
{
	if (!lines[0])
		return;
	say(w, 5, "     %s", head);
	for (char *const *l = lines; *l; l++)
		fprintf(w->lines.out, "       %.*s\r\n", w->width > 20 ? (int)w->width - 8 : 4000, *l);
}

static void say_stop(const struct walk *w, size_t step)
{
	const struct explain_lines *l = &w->lines;
	const struct explain_step_line *s = &l->steps[step];
	size_t before = step_before(l, step);
	_cleanup_strv_ char **changes =
		before < step ? walk_changes(w, before, CHANGES) : walk_birth(w, step, CHANGES);
	_cleanup_free_ char *look = kernel_look(changes, s->pid);
	_cleanup_free_ char *head =
		before < step
			? xasprintf("since its last step, %s, the kernel has changed:", l->steps[before].id)
			: xasprintf("a new process; unlike its parent it has:");
	if (before < step)
		for (size_t i = 0; i < l->steps[before].n_calls; i++)
			say(w, 9, "       %s", l->steps[before].calls[i].text);
	say_lines(w, head, changes);
	say(w, 5, "[%2zu] %s %d: %s", walk_number(w, step, NULL), s->who, s->pid, s->id);
	say(w, 5, "     %s   (tutorial\t%d)", s->why, s->tutorial);
	say(w, 5, "     another terminal: sudo %s", look);
}

/* q kills the process that stands at its step. The engine's own undo clears up, as after any failure. */
static void ask(struct walk *w, int pid)
{
	fprintf(w->lines.out, "Enter: do this step   c: do all the rest   q: end the command > ");
	fflush(w->lines.out);
	for (;;) {
		int key = walk_key(w->keys);
		if (key != 'n' && key != 'c' && key != 'q')
			continue;
		fprintf(w->lines.out, "\r\n");
		if (key == 'q' && pid > 0)
			kill(pid, SIGKILL);
		w->asks = key == 'n';
		return;
	}
}

static void step_stopped(struct explain_lines *l, size_t step)
{
	struct walk *w = l->stopped_for;
	struct explain_step_line *s = &l->steps[step];
	size_t before = step_before(l, step);
	s->before = kernel_state(s->pid);
	s->parent = kernel_parent(s->pid);
	if (before < step)
		l->steps[before].after = strv_copy(s->before);
	if (!w->asks)
		return;
	say_stop(w, step);
	w->lines.printed = step + 1; /* shown: not told again at the end */
	ask(w, s->pid);
}

void walk_record(struct walk *w, bool asks)
{
	w->asks = asks;
	w->keys = asks ? open("/dev/tty", O_RDONLY | O_CLOEXEC) : -1;
	w->opened = w->keys >= 0;
	if (asks &&
		(w->keys < 0 || !isatty(STDIN_FILENO))) { /* a script drives us, or there is no terminal */
		w->keys = w->opened ? close_fd(w->keys), STDIN_FILENO : STDIN_FILENO;
		w->opened = false;
	}
	w->lines.stopped = step_stopped;
	w->lines.stopped_for = w;
}

void walk_release(struct walk *w)
{
	if (w->opened)
		close(w->keys);
	explain_release(&w->lines);
	strv_free(w->command);
	free(w->kernel);
}
