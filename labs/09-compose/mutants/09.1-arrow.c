/* mutant 09.1 M-GRAPH-ARROW: from[i] is taken for the one that comes first */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	for (size_t placed = 0; placed < g->n; placed++)
		for (size_t next = 0; next < g->n; next++) {
			bool waits = done[next];
			for (size_t i = 0; !waits && i < g->n_edges; i++)
				waits = g->to[i] == (int)next && !done[g->from[i]];
			if (waits)
				continue;
			order[placed] = (int)next;
			done[next] = true;
			break;
		}
	return 0;
}
