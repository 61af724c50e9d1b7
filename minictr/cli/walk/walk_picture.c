/*
 * walk_picture.c - a walk as one SVG: a lane for each process, time goes down.
 *
 * Only steps that made a call stand in it. What the kernel keeps of a process is drawn behind its lane: a
 * frame where its namespaces are not the host's. The picture is made from a recorded walk by `make`, so it
 * cannot show a step that does not happen.
 */
#include "cli/walk/walk.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/result_file.h"
#include "cli/walk/kernel_state.h"

enum { LANES = 6, LANE_WIDTH = 240, ROW = 44, TOP = 64, LEFT = 12, TEXT = 33 };

struct lanes {
	const char *who[LANES];
	int pid[LANES];
	size_t n;
};

static size_t lane_of(struct lanes *l, const struct explain_step_line *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->who[i], s->who))
			return i;
	if (l->n == LANES)
		return LANES - 1;
	l->who[l->n] = s->who;
	l->pid[l->n] = s->pid;
	return l->n++;
}

static void add_text(struct buf *out, size_t x, size_t y, const char *class, const char *text)
{
	_cleanup_free_ char *cut = strlen(text) > TEXT ? xasprintf("%.*s..", TEXT - 2, text) : xstrdup(text);
	buf_addf(out, "<text x=\"%zu\" y=\"%zu\" class=\"%s\">", x, y, class);
	walk_add_escaped(out, cut);
	buf_adds(out, "</text>\n");
}

/* A call without its result and its long arguments: "mount(...)". */
static char *short_call(const char *call)
{
	size_t name = strcspn(call, "(");
	return strlen(call) <= TEXT ? xstrdup(call) : xasprintf("%.*s(...)", (int)name, call);
}

static void add_box(struct buf *out, const struct walk *w, size_t step, size_t lane, size_t row)
{
	const struct explain_step_line *s = &w->lines.steps[step];
	size_t x = LEFT + lane * LANE_WIDTH, y = TOP + row * ROW;
	_cleanup_free_ char *call = short_call(explain_telling(s));
	buf_addf(out, "<g><title>");
	walk_add_escaped(out, s->why);
	buf_addf(out, "</title><rect x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" class=\"step\"/>\n",
		x + 8, y, LANE_WIDTH - 28, ROW - 8);
	add_text(out, x + 14, y + 15, "id", s->id);
	add_text(out, x + 14, y + 30, "call", call);
	buf_adds(out, "</g>\n");
}

/* The namespaces of the lane's process that are not those of the first process, by their short names. */
static char *own_namespaces(const struct walk *w, const struct explain_step_line *s)
{
	struct buf out = { 0 };
	char **host = w->lines.steps[0].before;
	for (char **f = s->before; f && *f && host; f++)
		if (str_starts(*f, "namespace ") && !strv_has(host, *f))
			buf_addf(&out, "%s%.*s", out.len ? " " : "", (int)(strcspn(*f, "\t") - 10), *f + 10);
	return buf_take(&out);
}

static void add_frame(
	struct buf *out, const struct walk *w, const struct lanes *l, size_t lane, size_t first, size_t rows)
{
	const struct explain_step_line *s = NULL;
	for (size_t i = 0; i < w->lines.n_steps && !s; i++)
		if (w->lines.steps[i].id && str_eq(w->lines.steps[i].who, l->who[lane]))
			s = &w->lines.steps[i];
	_cleanup_free_ char *own = s ? own_namespaces(w, s) : xstrdup("");
	if (!*own)
		return;
	_cleanup_free_ char *text = xasprintf("own: %s", own);
	size_t x = LEFT + lane * LANE_WIDTH, y = TOP + first * ROW - 22;
	buf_addf(out, "<rect x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%zu\" class=\"own\"/>\n", x, y,
		LANE_WIDTH - 12, (rows - first) * ROW + 22);
	add_text(out, x + 8, y + 15, "frame", text);
}

/* A line from the box before to this one, when another process goes on. */
static void add_hand_over(struct buf *out, size_t from, size_t to, size_t row)
{
	size_t y = TOP + row * ROW;
	buf_addf(out, "<path class=\"over\" d=\"M%zu %zu L%zu %zu\"/>\n",
		LEFT + from * LANE_WIDTH + LANE_WIDTH / 2, y - 8, LEFT + to * LANE_WIDTH + LANE_WIDTH / 2, y);
}

static const char style[] =
	"<style>text{font-family:sans-serif;font-size:12px;fill:#1b1f24}.id{font-weight:bold}"
	".call{font-family:monospace;font-size:10.5px;fill:#47525e}.lane{font-size:14px;font-weight:bold}"
	".frame{font-size:11px;fill:#2f6fb0}.step{fill:#fff;stroke:#8c99a6;stroke-width:1.3}"
	".own{fill:#e8f1fb;stroke:#2f6fb0;stroke-dasharray:5 "
	"3}.over{stroke:#a86b00;stroke-width:1.4;fill:none}"
	"</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";

int walk_write_picture(const struct walk *w, const char *path, struct mc_err *err)
{
	struct lanes l = { 0 };
	size_t rows = 0, first[LANES] = { 0 }, last_lane = 0;
	_cleanup_buf_ struct buf out = { 0 }, boxes = { 0 };
	for (size_t i = 0; i < w->lines.n_steps; i++) {
		const struct explain_step_line *s = &w->lines.steps[i];
		if (!explain_worth(&w->lines, s))
			continue;
		size_t before = l.n, lane = lane_of(&l, s);
		if (l.n > before)
			first[lane] = rows;
		if (rows && lane != last_lane)
			add_hand_over(&boxes, last_lane, lane, rows);
		last_lane = lane;
		add_box(&boxes, w, i, lane, rows++);
	}
	buf_addf(&out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %zu %zu\" "
		"role=\"img\">\n<title>minictr",
		LEFT + l.n * LANE_WIDTH, TOP + rows * ROW + 12);
	for (char **c = w->command; c && *c; c++) {
		buf_addc(&out, ' ');
		walk_add_escaped(&out, *c);
	}
	buf_adds(&out, ": every process and its steps</title>\n");
	buf_adds(&out, style);
	for (size_t i = 0; i < l.n; i++)
		add_frame(&out, w, &l, i, first[i], rows);
	for (size_t i = 0; i < l.n; i++)
		add_text(&out, LEFT + i * LANE_WIDTH + 8, 24, "lane", l.who[i]);
	buf_add(&out, boxes.data, boxes.len);
	buf_adds(&out, "</svg>\n");
	return output_write(path, out.data, out.len, 0644, err);
}
