/*
 * vm/compare_show.c - the comparison in a terminal: first a table, then every row with bars and a sentence.
 *
 * Bars are linear and drawn to the larger of the two: a bar that is too short to see is the message. Without
 * a terminal, or where its letters are ASCII only, they are drawn with "#".
 */
#include "cli/vm/compare_show.h"

#include <math.h>
#include <unistd.h>

#include "base/wrap.h"
#include "cli/format/table.h"

enum { BAR = 40, TEXT_WIDTH_MAX = 100 };

/* "1.53", "42", "6,512": three digits are enough for a comparison. size: of out. */
static void compare_number_text(double value, const char *unit, char *out, size_t size)
{
	bool whole = !*unit || str_eq(unit, "%");
	int digits = whole || value >= 100 ? 0 : value >= 10 ? 1 : 2;
	snprintf(out, size, "%.*f%s%s", digits, value, *unit ? " " : "", unit);
}

void compare_ratio_text(const struct json *row, char *out, size_t size)
{
	double container, vm;
	*out = '\0';
	if (!compare_number(row, "container", &container) || !compare_number(row, "vm", &vm) ||
		container <= 0)
		return;
	double ratio = vm / container;
	const char *form = ratio >= 10     ? "%.0f x"
			   : ratio >= 0.95 ? "%.1f x"
			   : ratio >= 0.01 ? "%.2f x"
					   : "%.2g x";
	snprintf(out, size, form, ratio);
}

char *compare_cell(const struct json *row, const struct compare_row *meaning, const char *side)
{
	char number[64] = "";
	double value;
	_cleanup_free_ char *key = xasprintf("%s_text", side);
	const char *text = json_text_of(json_member(row, key));
	_cleanup_free_ char *visible = text ? text_visible(text) : NULL;
	if (compare_number(row, side, &value))
		compare_number_text(value, meaning->unit, number, sizeof(number));
	return xasprintf("%s%s%s", number, *number && visible ? ", " : "",
		visible   ? visible
		: *number ? ""
			  : "-");
}

static bool emulated(const struct json *doc)
{
	return str_eq(json_text_of(json_member(doc, "accelerator")), "tcg");
}

bool compare_unfair(const struct json *doc, const struct compare_row *meaning)
{
	return meaning->emulation_unfair && emulated(doc);
}

static void print_wrapped(FILE *out, size_t indent, const char *text)
{
	char wrapped[2048];
	size_t width = wrap_width(fileno(out));
	_cleanup_free_ char *visible = text_visible(text);
	_cleanup_free_ char *line = xasprintf("%*s%s", (int)indent, "", visible);
	wrap_text(wrapped, sizeof(wrapped), line, width > TEXT_WIDTH_MAX ? TEXT_WIDTH_MAX : width, indent);
	fprintf(out, "%s\n", wrapped);
}

static void print_head(FILE *out, const struct json *doc)
{
	long long runs = (long long)json_int_of(json_member(doc, "runs"));
	_cleanup_free_ char *what =
		xasprintf("%s as a container on Linux %s and as a virtual machine with Linux %s, "
			  "%lld run%s each, medians; measured %.19s UTC",
			json_text_at(doc, "image", "?"), json_text_at(doc, "host_release", "?"),
			json_text_at(doc, "vm_kernel", "?"), runs, runs == 1 ? "" : "s",
			json_text_at(doc, "time", "?"));
	print_wrapped(out, 0, what);
	_cleanup_free_ char *accel = xasprintf("The machine %s: %s.",
		emulated(doc) ? "was emulated (TCG)" : "ran on the processor itself (KVM)",
		json_text_at(doc, "accelerator_why", "?"));
	print_wrapped(out, 0, accel);
	if (emulated(doc))
		print_wrapped(out, 0,
			"Rows with * measure the emulation, not the idea: with hardware virtualisation they "
			"come out very differently. Rows without * hold on any machine.");
	fprintf(out, "\n");
}

/* In the table a number stands alone: words beside it are in the rows below. */
static char *short_cell(const struct json *row, const struct compare_row *r, const char *side)
{
	char number[64];
	double value;
	if (!compare_number(row, side, &value))
		return compare_cell(row, r, side);
	compare_number_text(value, r->unit, number, sizeof(number));
	return xstrdup(number);
}

static void print_table(FILE *out, const struct json *doc)
{
	_cleanup_strv_ char **lines = NULL;
	strv_push(&lines, "\tCONTAINER\tVIRTUAL MACHINE\tRATIO");
	for (size_t i = 0; i < compare_rows_count; i++) {
		const struct compare_row *r = &compare_rows[i];
		const struct json *row = compare_find(doc, r->key);
		char ratio[32];
		if (!row)
			continue;
		_cleanup_free_ char *container = short_cell(row, r, "container"),
				    *vm = short_cell(row, r, "vm");
		compare_ratio_text(row, ratio, sizeof(ratio));
		strv_pushf(&lines, "%s%s\t%s\t%s\t%s", r->title, compare_unfair(doc, r) ? " *" : "",
			container, vm, ratio);
	}
	table_print(out, lines);
}

static void print_bar(FILE *out, const char *name, double value, double most, const char *cell)
{
	bool plain = !isatty(fileno(out)) || text_is_plain();
	int n = most > 0 ? (int)lround(BAR * value / most) : 0;
	fprintf(out, "  %-10s ", name);
	for (int i = 0; i < BAR; i++)
		fputs(i < n ? (plain ? "#" : "█") : i == 0 && value > 0 ? (plain ? "|" : "▏") : " ", out);
	fprintf(out, " %s\n", cell);
}

static void print_guess(FILE *out, const struct json *row, const struct json *guesses, const char *key)
{
	double guess, container, vm;
	struct mc_err ignored = { 0 };
	if (!guesses || json_get_double(guesses, &guess, &ignored, "%s", key) <= 0 ||
		!compare_number(row, "container", &container) || !compare_number(row, "vm", &vm) ||
		container <= 0)
		return;
	double ratio = vm / container;
	bool near = guess > 0 && ratio > 0 && guess / ratio < 3 && ratio / guess < 3;
	fprintf(out, "  you guessed %.4g x, measured %.4g x: %s\n", guess, ratio,
		near            ? "well guessed"
		: guess < ratio ? "it is more than you thought"
				: "it is less than you thought");
}

static void print_row(FILE *out, const struct json *doc, const struct compare_row *r, const struct json *row,
	const struct json *guesses)
{
	double container = 0, vm = 0;
	bool terminal = isatty(fileno(out)) && !(getenv("NO_COLOR") && *getenv("NO_COLOR"));
	bool numbers = compare_number(row, "container", &container) | compare_number(row, "vm", &vm);
	_cleanup_free_ char *left = compare_cell(row, r, "container"), *right = compare_cell(row, r, "vm");
	fprintf(out, "\n%s%s%s%s\n", terminal ? "\033[1m" : "", r->title, terminal ? "\033[0m" : "",
		compare_unfair(doc, r) ? " *" : "");
	if (numbers) {
		double most = container > vm ? container : vm;
		print_bar(out, "container", container, most, left);
		print_bar(out, "vm", vm, most, right);
	} else {
		fprintf(out, "  container  %s\n  vm         %s\n", left, right);
	}
	print_guess(out, row, guesses, r->key);
	const char *note = json_text_of(json_member(row, "note"));
	print_wrapped(out, 2, r->sentence);
	if (note)
		print_wrapped(out, 2, note);
	if (r->published) {
		_cleanup_free_ char *line =
			xasprintf("Real hardware: %s (%s).", r->published, compare_source);
		print_wrapped(out, 2, line);
	}
}

void compare_print(FILE *out, const struct json *doc, const struct json *guesses)
{
	print_head(out, doc);
	print_table(out, doc);
	for (size_t i = 0; i < compare_rows_count; i++) {
		const struct json *row = compare_find(doc, compare_rows[i].key);
		if (row)
			print_row(out, doc, &compare_rows[i], row, guesses);
	}
}
