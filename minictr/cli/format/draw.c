/*
 * draw.c - prints trees of text: what is a picture in a book is a picture here.
 */
#include "cli/format/draw.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/wrap.h"
#include "cli/format/table.h"

static struct node *make(const char *fmt, va_list ap)
{
	struct node *node = xcalloc(1, sizeof(*node));
	_cleanup_free_ char *raw = NULL;
	if (vasprintf(&raw, fmt, ap) < 0)
		abort();
	node->text = text_visible(raw); /* names of images, containers and their files */
	return node;
}

struct node *node_new(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct node *node = make(fmt, ap);
	va_end(ap);
	return node;
}

struct node *node_add(struct node *parent, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct node *node = make(fmt, ap);
	va_end(ap);
	parent->below = xrealloc(parent->below, (parent->n + 1) * sizeof(*parent->below));
	parent->below[parent->n++] = node;
	return node;
}

void node_free(struct node *root)
{
	for (size_t i = 0; root && i < root->n; i++)
		node_free(root->below[i]);
	if (root) {
		free(root->below);
		free(root->text);
	}
	free(root);
}

struct style {
	const char *middle, *last, *line, *bold, *plain;
};

static void print_below(
	const struct node *node, FILE *out, const struct style *s, const char *before, bool top)
{
	for (size_t i = 0; i < node->n; i++) {
		bool last = i + 1 == node->n;
		fprintf(out, "%s%s%s%s%s\n", before, last ? s->last : s->middle, top ? s->bold : "",
			node->below[i]->text, top ? s->plain : "");
		_cleanup_free_ char *deeper = xasprintf("%s%s", before, last ? "   " : s->line);
		print_below(node->below[i], out, s, deeper, false);
	}
}

void node_print(const struct node *root, FILE *out)
{
	bool terminal = isatty(fileno(out)), no_color = getenv("NO_COLOR") && *getenv("NO_COLOR");
	const struct style ascii = { "|- ", "`- ", "|  ", "", "" };
	const struct style box = { "├─ ", "└─ ", "│  ", no_color ? "" : "\033[1m",
		no_color ? "" : "\033[0m" };
	const struct style *s = terminal && !text_is_plain() ? &box : &ascii;
	fprintf(out, "%s%s%s\n", s->bold, root->text, s->plain);
	print_below(root, out, s, "", true);
}
