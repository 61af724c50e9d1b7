/* mutant 09.1 M-GRAPH-TIES: of two that are free the last one comes first */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	for (size_t placed = 0; placed < g->n; placed++) {
		int next = (int)g->n - 1;
		while (next >= 0 && (done[next] || needs_of(g, next, done) >= 0))
			next--;
		if (next < 0)
			return tell_circle(g, 0, done, err);
		order[placed] = next;
		done[next] = true;
	}
	return 0;
}
