/*
 * build_progress.c - progress of a build, on standard error.
 *
 * Plain lines are BuildKit's: "#5 [builder 2/4] RUN make", "#5 0.12 text", "#5 CACHED", "#5 DONE 0.1s".
 * Lines of one step stand together until another one has something to say; then an empty line and its name
 * again.
 * The table: one line for each step, the last lines of those that run below them; drawn again ten times a
 * second by a thread, because times grow while nothing happens. What a program prints is shown as text: its
 * control characters do not reach the terminal.
 */
#include "cli/build_progress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <time.h>

#include "base/wrap.h"

enum { TAIL_LINES = 5, FRAME_MS = 100 };

struct row {
	int step;
	char *name;
	enum build_event_kind state;
	uint64_t begin, ns;
	char *tail[TAIL_LINES]; /* the last lines it printed, oldest first */
};

struct build_progress {
	enum build_progress_style style;
	FILE *log;
	struct row *rows;
	size_t n;
	int spoke;    /* plain: the step that printed last */
	size_t drawn; /* lines of the table on the screen */
	uint64_t begin;
	atomic_bool over;
	pthread_mutex_t lock;
	pthread_t thread;
	bool has_thread;
	size_t columns;
};

static struct row *find_row(struct build_progress *p, int step)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->rows[i].step == step)
			return &p->rows[i];
	return NULL;
}

/* --- plain --- */

static void say_line(struct build_progress *p, FILE *out, const struct build_event *e, const struct row *r)
{
	double s = (double)e->ns / 1e9;
	switch (e->kind) {
	case BUILD_STARTED: fprintf(out, "#%d %s\n", e->step, e->name); break;
	case BUILD_CACHED: fprintf(out, "#%d CACHED\n", e->step); break;
	case BUILD_DONE: fprintf(out, "#%d DONE %.1fs\n", e->step, s); break;
	case BUILD_FAILED: fprintf(out, "#%d ERROR: %s\n", e->step, e->text ? e->text : ""); break;
	case BUILD_CANCELED: fprintf(out, "#%d CANCELED\n", e->step); break;
	case BUILD_OUTPUT: fprintf(out, "#%d %.3f %s\n", e->step, s, e->text); break;
	case BUILD_NOTE:
		if (e->step)
			fprintf(out, "#%d note: %s\n", e->step, e->text);
		else
			fprintf(out, "note: %s\n", e->text);
		break;
	case BUILD_SKIPPED: fprintf(out, "stage %s is not needed: skipped\n", e->name); break;
	}
}

static void say_plain(struct build_progress *p, FILE *out, const struct build_event *e, const struct row *r)
{
	if (e->step && p->spoke && p->spoke != e->step)
		fputc('\n', out);
	if (e->step && p->spoke != e->step && e->kind != BUILD_STARTED && r)
		fprintf(out, "#%d %s\n", e->step, r->name);
	say_line(p, out, e, r);
	bool ended = e->kind == BUILD_CACHED || e->kind == BUILD_DONE || e->kind == BUILD_FAILED;
	if (ended)
		fputc('\n', out);
	fflush(out);
}

/* --- the table --- */

static const char *state_word(const struct row *r)
{
	switch (r->state) {
	case BUILD_CACHED: return "CACHED ";
	case BUILD_FAILED: return "ERROR ";
	case BUILD_CANCELED: return "CANCELED ";
	default: return "";
	}
}

/* Bytes of text that fill at most room columns; *ret_left: columns that stay free. The bytes behind the first
 * one of a character (UTF-8) take no column, and a character is not cut. */
static int fitting(const char *text, int room, int *ret_left)
{
	int n = 0, used = 0;
	for (; text[n]; n++) {
		bool first = ((unsigned char)text[n] & 0xc0) != 0x80;
		if (first && used == room)
			break;
		used += first;
	}
	*ret_left = room - used;
	return n;
}

static void draw_text(struct build_progress *p, const char *text, double seconds)
{
	char time[24] = "";
	int left;
	if (seconds >= 0)
		snprintf(time, sizeof(time), " %.1fs", seconds);
	int n = fitting(text, (int)p->columns - (int)strlen(time) - 1, &left);
	fprintf(stderr, "%.*s%*s%s\033[K\n", n, text, *time ? left : 0, "", time);
	p->drawn++;
}

static bool shows_tail(const struct row *r) { return r->state == BUILD_STARTED || r->state == BUILD_FAILED; }

static void draw_row(struct build_progress *p, const struct row *r)
{
	bool runs = r->state == BUILD_STARTED;
	uint64_t ns = runs ? now_ns(CLOCK_MONOTONIC) - r->begin : r->ns;
	_cleanup_free_ char *line = xasprintf(" %s %s%s", runs ? ">" : "=", state_word(r), r->name);
	draw_text(p, line, r->state == BUILD_CACHED ? -1 : (double)ns / 1e9);
	for (size_t i = 0; i < TAIL_LINES && shows_tail(r); i++)
		if (r->tail[i]) {
			_cleanup_free_ char *text = xasprintf("   | %s", r->tail[i]);
			draw_text(p, text, -1);
		}
}

/* The terminal's size now. In a narrower one the lines of the old table are broken, or not: that is the
 * terminal's choice, and where they begin is unknown. The next table begins below them. */
static void measure(struct build_progress *p, size_t *ret_height)
{
	struct winsize size;
	bool known = ioctl(2, TIOCGWINSZ, &size) == 0;
	size_t columns = known && size.ws_col >= 20 ? size.ws_col : 80;
	if (columns < p->columns)
		p->drawn = 0;
	p->columns = columns;
	*ret_height = known && size.ws_row ? size.ws_row : 24;
	if (p->drawn >= *ret_height) /* a lower one: lines that have left the screen are out of reach */
		p->drawn = 0;
}

/* Rows beyond the screen's height would scroll and stay: the first ones are left out while the build runs. */
static size_t first_row(const struct build_progress *p, size_t height)
{
	size_t from = p->n, lines = 2; /* the head, and the line of the cursor */
	while (from) {
		const struct row *r = &p->rows[from - 1];
		lines++;
		for (size_t i = 0; i < TAIL_LINES && shows_tail(r); i++)
			lines += r->tail[i] != NULL;
		if (lines > height)
			break;
		from--;
	}
	return from;
}

static void draw_table(struct build_progress *p, bool last)
{
	size_t done = 0, height;
	for (size_t i = 0; i < p->n; i++)
		done += p->rows[i].state != BUILD_STARTED;
	measure(p, &height);
	size_t from = last ? 0 : first_row(p, height);
	/* A key that was typed, as ^C, has moved the cursor from the first column. */
	fputc('\r', stderr);
	if (p->drawn)
		fprintf(stderr, "\033[%zuA", p->drawn);
	p->drawn = 0;
	_cleanup_free_ char *head = xasprintf("[+] Building %.1fs (%zu/%zu)",
		(double)(now_ns(CLOCK_MONOTONIC) - p->begin) / 1e9, done, p->n);
	draw_text(p, head, -1);
	for (size_t i = from; i < p->n; i++)
		draw_row(p, &p->rows[i]);
	fprintf(stderr, "\033[J");
	fflush(stderr);
}

static void *draw_thread(void *arg)
{
	struct build_progress *p = arg;
	while (!atomic_load(&p->over)) {
		pthread_mutex_lock(&p->lock);
		draw_table(p, false);
		pthread_mutex_unlock(&p->lock);
		nanosleep(&(struct timespec){ .tv_nsec = FRAME_MS * 1000000L }, NULL);
	}
	return NULL;
}

static void keep_tail(struct row *r, const char *text)
{
	size_t i = 0;
	while (i < TAIL_LINES && r->tail[i])
		i++;
	if (i == TAIL_LINES) {
		free(r->tail[0]);
		memmove(r->tail, r->tail + 1, sizeof(*r->tail) * (TAIL_LINES - 1));
		i--;
	}
	r->tail[i] = xstrdup(text);
}

/* --- events --- */

static void take_event(struct build_progress *p, const struct build_event *e)
{
	if (e->kind == BUILD_STARTED) {
		p->rows = xrealloc(p->rows, (p->n + 1) * sizeof(*p->rows));
		p->rows[p->n++] = (struct row){ .step = e->step,
			.name = xstrdup(e->name),
			.state = BUILD_STARTED,
			.begin = now_ns(CLOCK_MONOTONIC) };
		return;
	}
	struct row *r = find_row(p, e->step);
	if (!r)
		return;
	if (e->kind == BUILD_OUTPUT || e->kind == BUILD_NOTE) {
		keep_tail(r, e->text);
		return;
	}
	r->state = e->kind;
	r->ns = e->ns;
}

static void on_event(void *arg, const struct build_event *event)
{
	struct build_progress *p = arg;
	struct build_event e = *event;
	_cleanup_free_ char *name = e.name ? text_visible(e.name) : NULL,
			    *text = e.text ? text_visible(e.text) : NULL;
	for (char *c = name; c && (c = strchr(c, '\n'));)
		*c = ' ';
	e.name = name;
	e.text = text;
	pthread_mutex_lock(&p->lock);
	take_event(p, &e);
	const struct row *r = find_row(p, e.step);
	if (p->style == PROGRESS_PLAIN)
		say_plain(p, stderr, &e, r);
	if (p->log)
		say_plain(p, p->log, &e, r);
	if (e.step)
		p->spoke =
			e.kind == BUILD_CACHED || e.kind == BUILD_DONE || e.kind == BUILD_FAILED ? 0 : e.step;
	pthread_mutex_unlock(&p->lock);
}

struct build_progress *build_progress_new(enum build_progress_style style, FILE *log)
{
	struct build_progress *p = xcalloc(1, sizeof(*p));
	p->style = style;
	p->log = log;
	p->begin = now_ns(CLOCK_MONOTONIC);
	pthread_mutex_init(&p->lock, NULL);
	if (style == PROGRESS_TTY)
		p->has_thread = pthread_create(&p->thread, NULL, draw_thread, p) == 0;
	return p;
}

struct build_report build_progress_report(struct build_progress *p)
{
	return (struct build_report){ .event = on_event, .arg = p };
}

void build_progress_end(struct build_progress *p, bool failed)
{
	atomic_store(&p->over, true);
	if (p->has_thread)
		pthread_join(p->thread, NULL);
	if (p->style == PROGRESS_TTY)
		draw_table(p, true);
	for (size_t i = 0; i < p->n; i++) {
		for (size_t k = 0; k < TAIL_LINES; k++)
			free(p->rows[i].tail[k]);
		free(p->rows[i].name);
	}
	free(p->rows);
	free(p);
}
