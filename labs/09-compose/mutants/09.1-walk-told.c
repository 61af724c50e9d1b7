/* mutant 09.1 M-GRAPH-TAIL: tells the whole walk, its beginning too */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	for (size_t placed = 0; placed < g->n; placed++) {
		size_t next = 0;
		while (next < g->n && (done[next] || needs_of(g, (int)next, done) >= 0))
			next++;
		if (next == g->n) {
			_cleanup_buf_ struct buf path = { 0 };
			int node = 0;
			while (done[node])
				node++;
			for (size_t i = 0; i < g->n - placed; i++, node = needs_of(g, node, done))
				buf_addf(&path, "%s%s", i ? " to " : "", g->names[node]);
			return err_set(err, ELOOP, "circle: %s", path.data);
		}
		order[placed] = (int)next;
		done[next] = true;
	}
	return 0;
}
