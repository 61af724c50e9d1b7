/* mutant 09.1 M-GRAPH-TIES: each node after its needs, in the order of the file: another order than the first free one */
static bool visit(const struct graph *g, int node, char state[], int order[], size_t *placed)
{
	state[node] = 1;
	for (size_t i = 0; i < g->n_edges; i++)
		if (g->from[i] == node && (state[g->to[i]] == 1 || (!state[g->to[i]] && !visit(g, g->to[i], state, order, placed))))
			return false;
	state[node] = 2;
	order[(*placed)++] = node;
	return true;
}

int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ char *state = xcalloc(g->n + 1, 1);
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	size_t placed = 0;
	for (size_t i = 0; i < g->n; i++)
		if (!state[i] && !visit(g, (int)i, state, order, &placed)) {
			for (size_t k = 0; k < placed; k++)
				done[order[k]] = true;
			return tell_circle(g, (int)i, done, err);
		}
	return 0;
}
