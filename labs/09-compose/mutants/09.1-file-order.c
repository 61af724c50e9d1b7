/* mutant 09.1 M-GRAPH-FILE: the lines of the file are the order */
int graph_order(const struct graph *g, int order[], struct mc_err *err)
{
	for (size_t i = 0; i < g->n; i++)
		order[i] = (int)i;
	return 0;
}
