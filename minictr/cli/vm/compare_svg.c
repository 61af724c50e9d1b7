/*
 * vm/compare_svg.c - the chart: one row a measurement, two bars, for a slide. SVG 1.1, no script, no font
 * file.
 *
 * Texts come from a file that may have been handed on (--replay), so every one of them is escaped.
 */
#include "cli/vm/compare_show.h"

#include "base/utf8.h"

enum { WIDTH = 960, LEFT = 280, BAR_MOST = 390, ROW = 46, TOP = 96, BAR_HEIGHT = 13 };

#define CONTAINER_COLOUR "#1a7f64"
#define VM_COLOUR "#b4552d"

static void add_text(struct buf *b, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '<')
			buf_adds(b, "&lt;");
		else if (*p == '>')
			buf_adds(b, "&gt;");
		else if (*p == '&')
			buf_adds(b, "&amp;");
		else if ((unsigned char)*p >= ' ' || *p == '\t')
			buf_addc(b, *p);
	}
}

static void text_at(struct buf *b, int x, int y, const char *style, const char *text)
{
	buf_addf(b, "<text x=\"%d\" y=\"%d\" %s>", x, y, style);
	add_text(b, utf8_valid(text) ? text : "?");
	buf_adds(b, "</text>\n");
}

static void bar(struct buf *b, int y, double value, double most, const char *colour, const char *cell)
{
	int width = most > 0 ? (int)(BAR_MOST * value / most) : 0;
	if (value > 0)
		buf_addf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", LEFT, y,
			width > 2 ? width : 2, BAR_HEIGHT, colour);
	text_at(b, LEFT + width + 8, y + BAR_HEIGHT - 2, "font-size=\"12\" fill=\"#222\"", cell);
}

static void chart_row(
	struct buf *b, const struct json *doc, const struct compare_row *r, const struct json *row, int y)
{
	double container = 0, vm = 0;
	char ratio[32];
	_cleanup_free_ char *left = compare_cell(row, r, "container"), *right = compare_cell(row, r, "vm");
	compare_number(row, "container", &container);
	compare_number(row, "vm", &vm);
	compare_ratio_text(row, ratio, sizeof(ratio));
	_cleanup_free_ char *title = xasprintf("%s%s", r->title, compare_unfair(doc, r) ? " *" : "");
	double most = container > vm ? container : vm;
	text_at(b, LEFT - 12, y + 17, "font-size=\"14\" fill=\"#111\" text-anchor=\"end\"", title);
	bar(b, y, container, most, CONTAINER_COLOUR, left);
	bar(b, y + BAR_HEIGHT + 3, vm, most, VM_COLOUR, right);
	text_at(b, WIDTH - 16, y + 19,
		"font-size=\"14\" font-weight=\"bold\" fill=\"#444\" text-anchor=\"end\"", ratio);
	if (r->published) {
		_cleanup_free_ char *line = xasprintf("real hardware: %s [1]", r->published);
		text_at(b, LEFT, y + 2 * BAR_HEIGHT + 14,
			"font-size=\"11\" font-style=\"italic\" fill=\"#666\"", line);
	}
}

static void legend(struct buf *b, const struct json *doc)
{
	const char *image = json_text_of(json_member(doc, "image"));
	_cleanup_free_ char *title = xasprintf("%s: container and virtual machine", image ? image : "?");
	bool tcg = str_eq(json_text_of(json_member(doc, "accelerator")), "tcg");
	text_at(b, 24, 34, "font-size=\"22\" font-weight=\"bold\" fill=\"#111\"", title);
	buf_addf(b, "<rect x=\"24\" y=\"50\" width=\"14\" height=\"14\" fill=\"%s\"/>\n", CONTAINER_COLOUR);
	text_at(b, 44, 62, "font-size=\"13\" fill=\"#222\"", "container");
	buf_addf(b, "<rect x=\"124\" y=\"50\" width=\"14\" height=\"14\" fill=\"%s\"/>\n", VM_COLOUR);
	text_at(b, 144, 62, "font-size=\"13\" fill=\"#222\"", "virtual machine");
	text_at(b, 270, 62, "font-size=\"13\" fill=\"#222\"",
		tcg ? "* the machine was emulated: with hardware virtualisation these rows would be far "
		      "smaller"
		    : "the machine ran on the processor itself (KVM)");
}

void compare_svg(const struct json *doc, struct buf *b)
{
	int y = TOP;
	_cleanup_buf_ struct buf rows = { 0 };
	for (size_t i = 0; i < compare_rows_count; i++) {
		const struct json *row = compare_find(doc, compare_rows[i].key);
		if (!row)
			continue;
		chart_row(&rows, doc, &compare_rows[i], row, y);
		y += ROW + (compare_rows[i].published ? 12 : 0);
	}
	buf_addf(b,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"font-family=\"sans-serif\">\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
		WIDTH, y + 40, WIDTH, y + 40, WIDTH, y + 40);
	legend(b, doc);
	buf_add(b, rows.data ? rows.data : "", rows.len);
	_cleanup_free_ char *source = xasprintf("[1] %s", compare_source);
	text_at(b, 24, y + 22, "font-size=\"12\" fill=\"#666\"", source);
	buf_adds(b, "</svg>\n");
}
