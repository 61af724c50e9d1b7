/* mutant 09.1 M-GRAPH-ACCEPTED: an edge to itself is passed over */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	for (size_t placed = 0; placed < g->n; placed++) {
		size_t next = 0;
		while (next < g->n && (done[next] || (needs_of(g, (int)next, done) >= 0 && needs_of(g, (int)next, done) != (int)next)))
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
