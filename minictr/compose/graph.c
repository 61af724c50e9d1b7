/*
 * graph.c - the order in which services can start: each one after all that it depends on.
 *
 * The algorithm is Kahn's: take what waits for nothing, strike it out, repeat. What is left at the end
 * stands in a circle or behind one; following the arrows from any of those leads into the circle, and the
 * way round it is the message.
 */
#include "compose/graph.h"

#include "base/buf.h"

static int needs_of(const struct graph *g, int node, const bool done[])
{
	for (size_t i = 0; i < g->n_edges; i++)
		if (g->from[i] == node && !done[g->to[i]])
			return g->to[i];
	return -1;
}

/* node is not done, so it needs something that is not done, and so on: after n steps we are in the circle. */
static int tell_circle(const struct graph *g, int node, const bool done[], struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	for (size_t i = 0; i < g->n; i++)
		node = needs_of(g, node, done);
	int start = node;
	do {
		buf_addf(&path, "%s -> ", g->names[node]);
		node = needs_of(g, node, done);
	} while (node != start);
	return err_set(err, ELOOP, "dependency cycle detected: %s%s", path.data, g->names[start]);
}

/*
 * Fills order[0..n-1] with the nodes of `g`, each one once, after all nodes that it needs; among those that
 * could come next, the one that stands first in the file comes first, so that the order is always the same.
 * A circle gives -ELOOP, and the message holds a circle that is really there, as "a -> b -> a": each arrow
 * is an edge, and what only leads to the circle is no part of it. An edge to itself is a circle. A node or
 * an edge may be looked at more than once, but the time must not grow with the number of paths: a hundred
 * nodes in ten layers take no time. Returns 0 or -errno.
 * Lab 09.1: "after" is what depends_on promises, and no more; "ready" is another question.
 */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	for (size_t placed = 0; placed < g->n; placed++) {
		size_t next = 0;
		while (next < g->n && (done[next] || needs_of(g, (int)next, done) >= 0))
			next++;
		if (next == g->n) {
			int stuck = 0;
			while (done[stuck])
				stuck++;
			return tell_circle(g, stuck, done, err);
		}
		order[placed] = (int)next;
		done[next] = true;
	}
	return 0;
}

void graph_of_project(const struct project *p, struct graph *g)
{
	const struct yaml *services = p->services;
	size_t edges = 0;
	for (size_t i = 0; i < services->n; i++) {
		const struct yaml *needs = ynode_get(services->items[i], "depends_on");
		edges += needs ? needs->n : 0;
	}
	int *from = xcalloc(edges + 1, sizeof(int)), *to = xcalloc(edges + 1, sizeof(int));
	*g = (struct graph){
		.n = services->n, .names = (const char *const *)services->keys, .from = from, .to = to
	};
	for (size_t i = 0; i < services->n; i++) {
		const struct yaml *needs = ynode_get(services->items[i], "depends_on");
		for (size_t k = 0; needs && k < needs->n; k++)
			for (size_t t = 0; t < services->n; t++)
				if (str_eq(services->keys[t], needs->keys[k])) {
					from[g->n_edges] = (int)i;
					to[g->n_edges++] = (int)t;
				}
	}
}

void graph_release(struct graph *g)
{
	free((int *)g->from);
	free((int *)g->to);
	*g = (struct graph){ 0 };
}

int graph_check(const struct project *p, struct mc_err *err)
{
	struct graph g;
	graph_of_project(p, &g);
	_cleanup_free_ int *order = xcalloc(g.n + 1, sizeof(int));
	int rc = graph_order(&g, order, err);
	graph_release(&g);
	return rc;
}
