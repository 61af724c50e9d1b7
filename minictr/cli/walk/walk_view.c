/*
 * walk_view.c - one step of a walk on the terminal, and the way through them: to and fro, to a number.
 */
#include "cli/walk/walk.h"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "base/wrap.h"
#include "cli/walk/kernel_state.h"

enum { CHANGES = 12 };

size_t walk_number(const struct walk *w, size_t step, size_t *ret_total)
{
	size_t number = 0, total = 0;
	for (size_t i = 0; i < w->lines.n_steps; i++) {
		total += w->lines.steps[i].id != NULL;
		number += w->lines.steps[i].id != NULL && i <= step;
	}
	if (ret_total)
		*ret_total = total;
	return number;
}

char **walk_changes(const struct walk *w, size_t step, size_t most)
{
	const struct explain_step_line *s = &w->lines.steps[step];
	return kernel_changes(s->before, s->after, most);
}

char **walk_birth(const struct walk *w, size_t step, size_t most)
{
	const struct explain_step_line *s = &w->lines.steps[step], *parent = NULL;
	for (size_t i = 0; i < step; i++) {
		const struct explain_step_line *e = &w->lines.steps[i];
		if (e->id && e->pid == s->pid)
			return xcalloc(1, sizeof(char *)); /* not its first step */
		if (e->id && e->pid == s->parent && s->parent)
			parent = e;
	}
	return kernel_changes(parent ? parent->before : NULL, s->before, most);
}

static void print_list(const struct walk *w, const char *head, char *const lines[])
{
	if (lines[0])
		printf("  %s\n", head);
	for (char *const *l = lines; *l; l++) {
		char text[4096];
		wrap_text(text, sizeof(text), *l, w->width > 8 ? w->width - 4 : 0, 6);
		for (char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
			printf("    %.*s\n", (int)strcspn(p, "\n"), p);
	}
}

static void print_wrapped(const struct walk *w, const char *text, size_t indent)
{
	char out[4096];
	wrap_text(out, sizeof(out), text, w->width, indent);
	printf("%s\n", out);
}

/* Prints one step. */
static void walk_print(const struct walk *w, size_t step)
{
	const struct explain_step_line *s = &w->lines.steps[step];
	size_t total, number = walk_number(w, step, &total);
	_cleanup_strv_ char **born = walk_birth(w, step, CHANGES), **changes = walk_changes(w, step, CHANGES);
	_cleanup_strv_ char **calls = xcalloc(1, sizeof(char *));
	_cleanup_free_ char *head = xasprintf("[%zu/%zu] %s %d: %s   (tutorial\t%d%s%s)", number, total,
		s->who, s->pid, s->id, s->tutorial, s->mine ? "; yours, " : "", s->mine ? s->mine : "");
	_cleanup_free_ char *why = xasprintf("  %s", s->why);
	print_wrapped(w, head, 8);
	print_wrapped(w, why, 2);
	print_list(w, "a new process; unlike its parent it has:", born);
	for (size_t i = 0; i < s->n_calls; i++)
		strv_push(&calls, s->calls[i].text);
	print_list(w, "the calls:", calls);
	print_list(w, "what they changed:", changes);
	if (!s->n_calls && !changes[0])
		printf("  (nothing to do this time)\n");
	printf("\n");
}

/* --- keys --- */

int walk_key(int fd)
{
	char c[3] = "";
	ssize_t n = fd < 0 ? 0 : read(fd, c, 1);
	if (n <= 0)
		return 'c';
	if (c[0] == '\n' || c[0] == '\r' || c[0] == ' ')
		return 'n';
	if (c[0] != '\033')
		return c[0];
	/* An arrow is ESC [ C or ESC [ D; a lone ESC is nothing. */
	struct pollfd more = { .fd = fd, .events = POLLIN };
	if (poll(&more, 1, 50) <= 0 || read(fd, c, 2) != 2 || c[0] != '[')
		return 0;
	return c[1] == 'C' || c[1] == 'B' ? 'n' : c[1] == 'D' || c[1] == 'A' ? 'b' : 0;
}

/* Keys without Enter. The old settings come back in *before; false: no terminal. */
static bool keys_raw(struct termios *before)
{
	struct termios raw;
	if (tcgetattr(STDIN_FILENO, before) < 0)
		return false;
	raw = *before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static size_t read_number(void)
{
	size_t n = 0;
	int key;
	printf("to step: ");
	fflush(stdout);
	while ((key = walk_key(STDIN_FILENO)) >= '0' && key <= '9' && n < 100000) {
		printf("%c", key);
		fflush(stdout);
		n = n * 10 + (size_t)(key - '0');
	}
	printf("\n");
	return n;
}

static size_t step_of_number(const struct walk *w, size_t number)
{
	for (size_t i = 0; i < w->lines.n_steps; i++)
		if (w->lines.steps[i].id && walk_number(w, i, NULL) >= number)
			return i;
	return w->lines.n_steps - 1;
}

/* The state a step leaves, all of it. */
static void print_state(const struct walk *w, size_t step)
{
	const struct explain_step_line *s = &w->lines.steps[step];
	char **facts = s->after && s->after[0] ? s->after : s->before;
	_cleanup_strv_ char **lines = xcalloc(1, sizeof(char *));
	for (char **f = facts; f && *f; f++)
		strv_pushf(&lines, "%.*s: %s", (int)strcspn(*f, "\t"), *f,
			strchr(*f, '\t') ? strchr(*f, '\t') + 1 : "");
	print_list(w, s->after ? "the process afterwards:" : "the process before this step:", lines);
}

/* A script without keys, or a pipe: everything, once. */
static void print_all(const struct walk *w)
{
	for (size_t i = 0; i < w->lines.n_steps; i++)
		if (w->lines.steps[i].id)
			walk_print(w, i);
}

void walk_replay(struct walk *w)
{
	struct termios before;
	bool raw = keys_raw(&before);
	size_t total, at = step_of_number(w, 1);
	int key = 0;
	walk_number(w, 0, &total);
	if (!raw && (key = walk_key(STDIN_FILENO)) == 'c') {
		print_all(w);
		return;
	}
	walk_print(w, at);
	for (;; key = 0) {
		printf("n: next   b: back   g: go to   s: all of the state   q: quit > ");
		fflush(stdout);
		key = key ? key : walk_key(STDIN_FILENO);
		printf("\n");
		size_t number = walk_number(w, at, NULL), wanted = number;
		if (key == 'q' || key == 'c' || (key == 'n' && number == total))
			break;
		if (key == 's')
			print_state(w, at);
		else if (key == 'g')
			wanted = read_number();
		else
			wanted = key == 'n' ? number + 1 : key == 'b' && number > 1 ? number - 1 : number;
		wanted = wanted < 1 ? 1 : wanted > total ? total : wanted;
		at = step_of_number(w, wanted);
		if (wanted != number)
			walk_print(w, at);
	}
	if (raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
}
