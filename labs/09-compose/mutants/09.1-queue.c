/* mutant 09.1 M-GRAPH-TIES: those that are free go to the end of a queue */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done)), *old = xcalloc(g->n + 1, sizeof(*old));
	for (size_t placed = 0; placed < g->n;) {
		size_t before = placed;
		memcpy(old, done, g->n * sizeof(*old));
		for (size_t i = 0; i < g->n; i++)
			if (!old[i] && needs_of(g, (int)i, old) < 0) {
				order[placed++] = (int)i;
				done[i] = true;
			}
		if (placed == before) {
			int stuck = 0;
			while (done[stuck])
				stuck++;
			return tell_circle(g, stuck, done, err);
		}
	}
	return 0;
}
