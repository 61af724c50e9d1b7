/* right 09.1: counts down what each one waits for, and scans for the first free one from a moving mark */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	_cleanup_free_ int *open_needs = xcalloc(g->n + 1, sizeof(int));
	_cleanup_free_ bool *done = xcalloc(g->n + 1, sizeof(*done));
	size_t placed = 0, mark = 0;
	for (size_t i = 0; i < g->n_edges; i++)
		open_needs[g->from[i]]++;
	while (mark < g->n) {
		if (done[mark] || open_needs[mark]) {
			mark++;
			continue;
		}
		size_t now = mark;
		order[placed++] = (int)now;
		done[now] = true;
		for (size_t i = 0; i < g->n_edges; i++)
			if (g->to[i] == (int)now && --open_needs[g->from[i]] == 0 && (size_t)g->from[i] < mark)
				mark = (size_t)g->from[i];
	}
	for (int i = 0; placed < g->n && i < (int)g->n; i++)
		if (!done[i])
			return tell_circle(g, i, done, err);
	return 0;
}
