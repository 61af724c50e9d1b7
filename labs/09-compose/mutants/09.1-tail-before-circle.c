/* mutant 09.1 M-GRAPH-TAIL: the way into the circle is told, and then the circle */
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
			{
				_cleanup_buf_ struct buf path = { 0 };
				for (size_t k = 0; k < 2 * g->n; k++, stuck = needs_of(g, stuck, done))
					buf_addf(&path, "%s%s", k ? " -> " : "", g->names[stuck]);
				return err_set(err, ELOOP, "circle: %s", path.data);
			}
		}
		order[placed] = (int)next;
		done[next] = true;
	}
	return 0;
}
