/* mutant 09.1 M-GRAPH-NEAR: what a node needs is put before it, what that needs is not looked at */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	size_t placed = 0;
	for (size_t node = 0; node < g->n; node++) {
		for (size_t i = 0; i < g->n_edges; i++)
			if (g->from[i] == (int)node && !done[g->to[i]]) {
				done[g->to[i]] = true;
				order[placed++] = g->to[i];
			}
		if (!done[node])
			order[placed++] = (int)node;
		done[node] = true;
	}
	return 0;
}
