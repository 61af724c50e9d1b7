/*
 * draw.h - trees as pictures: nodes with a line of text and children. Box characters and colour on a
 * terminal (NO_COLOR honoured), plain ASCII in a pipe.
 */
#ifndef MC_CLI_DRAW_H
#define MC_CLI_DRAW_H

#include "base/util.h"

struct node {
	char *text;          /* owned */
	struct node **below; /* owned */
	size_t n;
};

/* A new root. Free with node_free(). */
struct node *node_new(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* A new last child of parent; borrowed. */
struct node *node_add(struct node *parent, const char *fmt, ...) PRINTF_LIKE(2, 3);
void node_free(struct node *root);
/* Prints the tree; the first level below the root is bold on a terminal. */
void node_print(const struct node *root, FILE *out);

#endif
