/* mutant 09.1 M-GRAPH-PATHS: the depth of each node by walking all paths below it */
static size_t depth_of(const struct graph *g, int node, size_t depth)
{
	size_t deepest = depth;
	for (size_t i = 0; i < g->n_edges && depth <= g->n; i++) {
		size_t d = g->from[i] == node ? depth_of(g, g->to[i], depth + 1) : 0;
		deepest = d > deepest ? d : deepest;
	}
	return deepest;
}

int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	for (size_t i = 0; i < g->n; i++)
		if (depth_of(g, (int)i, 0) > g->n)
			return tell_circle(g, (int)i, done, err);
	for (size_t placed = 0; placed < g->n; placed++) {
		size_t next = 0;
		while (done[next] || needs_of(g, (int)next, done) >= 0)
			next++;
		order[placed] = (int)next;
		done[next] = true;
	}
	return 0;
}
