/*
 * board.c - the table of what happens.
 *
 * Kernel objects and man pages: pipe(7): writes of up to PIPE_BUF bytes are not mixed, so many children
 * share one pipe; tty_ioctl(4) TIOCGWINSZ. A row is cut to the terminal's width: a line that wraps would
 * move the table.
 */
#include "base/board.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/util.h"

/* In a narrower terminal the lines of the old table may be broken, and where they begin is unknown: the
 * table is drawn anew below them. */
static void board_measure(struct board *b)
{
	struct winsize size = { 0 };
	int was = b->width;
	bool known = b->live && ioctl(fileno(b->screen), TIOCGWINSZ, &size) == 0;
	b->width = known && size.ws_col ? size.ws_col : 80;
	b->height = known && size.ws_row ? size.ws_row : 24;
	if (b->width < was)
		b->drawn = 0;
}

void board_open(struct board *b, FILE *screen)
{
	const char *term = getenv("TERM");
	int ends[2] = { -1, -1 };
	*b = (struct board){ .screen = screen,
		.live = isatty(fileno(screen)) && term && !str_eq(term, "dumb") };
	board_measure(b);
	if (pipe2(ends, O_CLOEXEC) < 0)
		abort();
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	b->in = ends[0];
	b->out = ends[1];
}

static bool board_is_done(const char *state)
{
	return str_ends(state, "ed") || str_eq(state, "Running") || str_eq(state, "Healthy") ||
	       str_eq(state, "Built");
}

static bool board_is_bad(const char *state)
{
	return str_starts(state, "Error") || str_eq(state, "Failed") || str_eq(state, "Canceled");
}

static void board_draw(struct board *b)
{
	const char *no_color = getenv("NO_COLOR");
	bool color = !no_color || !*no_color;
	if (b->drawn)
		fprintf(b->screen, "\033[%zuA", b->drawn);
	for (size_t i = 0; i < b->n; i++) {
		bool done = board_is_done(b->rows[i].state), bad = board_is_bad(b->rows[i].state);
		int room = b->width - 16 - (int)(b->prefix ? strlen(b->prefix) : 0);
		fprintf(b->screen, "\r\033[K %s%s %-*.*s %s%.12s%s\n", b->prefix ? b->prefix : "",
			bad    ? "!"
			: done ? "*"
			       : "-",
			room > 10 ? room - 4 : 10, room > 10 ? room - 4 : 10, b->rows[i].what,
			color ? (bad           ? "\033[31m"
					: done ? "\033[32m"
					       : "\033[33m")
			      : "",
			b->rows[i].state, color ? "\033[0m" : "");
	}
	b->drawn = b->n;
}

void board_set(struct board *b, const char *what, const char *state)
{
	size_t i = 0;
	while (i < b->n && !str_eq(b->rows[i].what, what))
		i++;
	if (i < b->n && str_eq(b->rows[i].state, state))
		return;
	if (i == b->n) {
		b->rows = xrealloc(b->rows, (b->n + 1) * sizeof(*b->rows));
		b->rows[b->n++] = (struct board_row){ xstrdup(what), NULL };
	}
	free(b->rows[i].state);
	b->rows[i].state = xstrdup(state);
	if (b->quiet)
		return;
	board_measure(b);
	/* The cursor cannot go up beyond the screen's first line: a longer table would be drawn again and again. */
	if ((int)b->n >= b->height)
		b->live = false;
	if (b->live)
		board_draw(b);
	else
		fprintf(b->screen, " %s%s  %s\n", b->prefix ? b->prefix : "", what, state);
}

void board_report(const struct board *b, const char *what, const char *state)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "%s\t%s\n", what, state);
	if (n > 0 && (size_t)n < sizeof(line) && write(b->out, line, (size_t)n) < 0)
		return; /* the parent is gone: there is no table any more */
}

void board_drain(struct board *b)
{
	char text[8192];
	ssize_t n;
	while ((n = read(b->in, text, sizeof(text) - 1)) > 0) {
		/* a report is written whole; only a full buffer can cut one, and then its rest comes next */
		while (text[n - 1] != '\n' && n < (ssize_t)sizeof(text) - 1 && read(b->in, text + n, 1) == 1)
			n++;
		text[n] = '\0';
		char *save = NULL;
		for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
			char *state = strchr(line, '\t');
			if (state) {
				*state++ = '\0';
				board_set(b, line, state);
			}
		}
	}
}

void board_leave(struct board *b)
{
	board_drain(b);
	for (size_t i = 0; i < b->n; i++) {
		free(b->rows[i].what);
		free(b->rows[i].state);
	}
	free(b->rows);
	b->rows = NULL;
	b->n = b->drawn = 0;
}

void board_close(struct board *b)
{
	board_leave(b);
	close(b->in);
	close(b->out);
	*b = (struct board){ .in = -1, .out = -1 };
}
