/*
 * yaml_json.c - canonical trees written out: for `config`, and for hashes that do not depend on how a file
 * was written.
 */
#include "compose/yaml_json.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/buf.h"

/* Indexes of a map's keys, sorted. */
static size_t *sorted_keys(const struct yaml *y)
{
	size_t *order = xcalloc(y->n + 1, sizeof(*order));
	for (size_t i = 0; i < y->n; i++) {
		size_t at = i;
		for (; at > 0 && strcmp(y->keys[order[at - 1]], y->keys[i]) > 0; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	return order;
}

enum plain { PLAIN_TEXT, PLAIN_NULL, PLAIN_BOOL, PLAIN_INT, PLAIN_FLOAT };

/* What a plain scalar means in YAML 1.2's core schema. */
static enum plain plain_kind(const char *t)
{
	int64_t n;
	char *end;
	static const char *const words[] = { "true", "True", "TRUE", "false", "False", "FALSE" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(t, words[i]))
			return PLAIN_BOOL;
	if (!*t || str_eq(t, "~") || str_eq(t, "null") || str_eq(t, "Null") || str_eq(t, "NULL"))
		return PLAIN_NULL;
	if (parse_i64(t, &n) == 0)
		return PLAIN_INT;
	if ((isdigit((unsigned char)t[strspn(t, "+-.")]) || str_eq(t, ".inf") || str_eq(t, ".nan")) &&
		strtod(t, &end) == 0 && !*end)
		return PLAIN_FLOAT;
	if (isdigit((unsigned char)t[strspn(t, "+-.")])) {
		strtod(t, &end);
		return *end ? PLAIN_TEXT : PLAIN_FLOAT;
	}
	return PLAIN_TEXT;
}

static struct json *scalar_to_json(const struct yaml *y)
{
	int64_t n = 0;
	enum plain kind = y->quoted ? PLAIN_TEXT : plain_kind(y->text);
	if (kind == PLAIN_BOOL)
		return json_new_bool(tolower((unsigned char)*y->text) == 't');
	if (kind == PLAIN_INT && parse_i64(y->text, &n) == 0)
		return json_new_i64(n);
	if (kind == PLAIN_FLOAT)
		return json_new_double(strtod(y->text, NULL));
	return json_new_string(y->text);
}

struct json *ynode_to_json(const struct yaml *y)
{
	if (y->kind == YAML_SCALAR)
		return scalar_to_json(y);
	if (y->kind == YAML_NULL)
		return NULL;
	struct json *j = y->kind == YAML_LIST ? json_new_array() : json_new_object();
	_cleanup_free_ size_t *order = y->kind == YAML_MAP ? sorted_keys(y) : NULL;
	for (size_t i = 0; i < y->n; i++) {
		if (order)
			json_set(j, y->keys[order[i]], ynode_to_json(y->items[order[i]]));
		else
			json_add(j, ynode_to_json(y->items[i]));
	}
	return j;
}

void ynode_escape(struct yaml *y)
{
	for (size_t i = 0; i < y->n; i++)
		ynode_escape(y->items[i]);
	if (y->kind != YAML_SCALAR || !strchr(y->text, '$'))
		return;
	struct buf doubled = { 0 };
	for (const char *p = y->text; *p; p++)
		buf_addf(&doubled, *p == '$' ? "$$" : "%c", *p);
	free(y->text);
	y->text = buf_take(&doubled);
}

/* --- as YAML --- */

/* Would this text, written without quotes, come back as the same string? */
static bool is_safe_plain(const char *t)
{
	if (plain_kind(t) != PLAIN_TEXT || strchr("-?:,[]{}#&*!|>'\"%@`=<", *t) || isspace((unsigned char)*t))
		return false;
	static const char *const words[] = { "yes", "no", "on", "off", "y", "n", "Yes", "No", "On", "Off",
		"YES", "NO", "ON", "OFF" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++) /* for readers that follow YAML 1.1 */
		if (str_eq(t, words[i]))
			return false;
	for (const char *p = t; *p; p++)
		if ((unsigned char)*p < 32 || (*p == ':' && (!p[1] || isspace((unsigned char)p[1]))) ||
			(*p == '#' && p[-1] == ' '))
			return false;
	bool number_like = isdigit((unsigned char)*t) && !t[strspn(t, "0123456789.:_eExXo+-abcdefABCDEF")];
	return !number_like && !isspace((unsigned char)t[strlen(t) - 1]);
}

static void print_quoted(const char *t, FILE *out)
{
	static const char from[] = "\n\t\r\"\\", to[] = "ntr\"\\";
	putc('"', out);
	for (; *t; t++) {
		const char *escape = strchr(from, *t);
		if (escape && *escape)
			fprintf(out, "\\%c", to[escape - from]);
		else if ((unsigned char)*t < 32)
			fprintf(out, "\\x%02x", (unsigned char)*t);
		else
			putc(*t, out);
	}
	putc('"', out);
}

static void print_text(const char *t, FILE *out)
{
	if (*t && is_safe_plain(t))
		fputs(t, out);
	else
		print_quoted(t, out);
}

static void print_scalar(const struct yaml *y, FILE *out)
{
	if (y->kind == YAML_NULL)
		fputs("null", out);
	else if (y->quoted || plain_kind(y->text) == PLAIN_TEXT)
		print_text(y->text, out);
	else
		fputs(y->text, out);
}

static void print_node(const struct yaml *y, int indent, bool in_list, FILE *out);

static void print_value(const struct yaml *y, int indent, FILE *out)
{
	if ((y->kind == YAML_MAP || y->kind == YAML_LIST) && y->n) {
		putc('\n', out);
		print_node(y, y->kind == YAML_LIST ? indent + 2 : indent + 2, false, out);
		return;
	}
	putc(' ', out);
	if (y->kind == YAML_MAP)
		fputs("{}", out);
	else if (y->kind == YAML_LIST)
		fputs("[]", out);
	else
		print_scalar(y, out);
	putc('\n', out);
}

/* in_list: the first key stands behind the dash. */
static void print_node(const struct yaml *y, int indent, bool in_list, FILE *out)
{
	_cleanup_free_ size_t *order = y->kind == YAML_MAP ? sorted_keys(y) : NULL;
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *item = y->items[order ? order[i] : i];
		if (!in_list || i)
			fprintf(out, "%*s", indent, "");
		if (order) {
			print_text(y->keys[order[i]], out);
			putc(':', out);
			print_value(item, indent, out);
		} else if (item->kind == YAML_MAP && item->n) {
			fputs("- ", out);
			print_node(item, indent + 2, true, out);
		} else {
			fputs("-", out);
			print_value(item, indent, out);
		}
	}
}

void ynode_print(const struct yaml *y, FILE *out) { print_node(y, 0, false, out); }
