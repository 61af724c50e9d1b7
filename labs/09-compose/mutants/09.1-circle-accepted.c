/* mutant 09.1 M-GRAPH-ACCEPTED: in a circle the next one of the file is taken */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	for (size_t placed = 0; placed < g->n; placed++) {
		size_t next = 0;
		while (next < g->n && (done[next] || needs_of(g, (int)next, done) >= 0))
			next++;
		for (size_t i = 0; next == g->n; i++)
			if (!done[i])
				next = i;
		order[placed] = (int)next;
		done[next] = true;
	}
	return 0;
}
