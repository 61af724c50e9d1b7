/*
 * graph.h - who waits for whom.
 */
#ifndef MC_COMPOSE_GRAPH_H
#define MC_COMPOSE_GRAPH_H

#include "compose/project.h"

/* Nodes 0..n-1; edge from[i] needs to[i]. Names serve messages. All borrowed. */
struct graph {
	size_t n;
	const char *const *names;
	size_t n_edges;
	const int *from, *to;
};

/* Lab 09.1; the contract stands in graph.c. */
int graph_order(const struct graph *g, int order[], struct mc_err *err);

/* The services of a project as a graph, in the order of the file. Release with graph_release(). */
void graph_of_project(const struct project *p, struct graph *ret);
void graph_release(struct graph *g);
/* -ELOOP for a circle. */
int graph_check(const struct project *p, struct mc_err *err);

#endif
