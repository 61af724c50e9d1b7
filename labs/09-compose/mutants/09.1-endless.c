/* mutant 09.1 M-GRAPH-ENDLESS: waits for a free node in a circle */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	for (size_t placed = 0, i = 0; placed < g->n; i = (i + 1) % g->n) {
		if (done[i] || needs_of(g, (int)i, done) >= 0)
			continue;
		order[placed++] = (int)i;
		done[i] = true;
		i = g->n - 1;
	}
	return 0;
}
