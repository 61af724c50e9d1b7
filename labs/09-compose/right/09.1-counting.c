/* right 09.1: how many needs of each node are open; nodes without any are taken off */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ int *open = xcalloc(g->n + 1, sizeof(int));
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(bool));
	size_t placed = 0;
	for (size_t i = 0; i < g->n_edges; i++)
		open[g->from[i]]++;
	for (size_t i = 0; i < g->n;) {
		if (done[i] || open[i]) {
			i++;
			continue;
		}
		order[placed++] = (int)i;
		done[i] = true;
		for (size_t k = 0; k < g->n_edges; k++)
			if (g->to[k] == (int)i)
				open[g->from[k]]--;
		i = 0;
	}
	for (size_t i = 0; i < g->n; i++)
		if (!done[i])
			return tell_circle(g, (int)i, done, err);
	return 0;
}
