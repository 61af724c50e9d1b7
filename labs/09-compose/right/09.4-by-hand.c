/* right 09.4: its own walk, one after the other, in the order of the graph turned round */
int project_down(struct engine *e, const struct project *p, const struct down_options *o, struct board *b, struct mc_err *err)
{
	struct actual have = { 0 };
	struct down_trip t = { .have = &have, .board = b, .timeout = o->timeout, .remove = true, .volumes = o->volumes };
	int worst = actual_read(e, p->name, &have, err), rc;
	struct graph g = { 0 };
	if (!p->services || o->remove_orphans)
		worst = down_unknown(e, p, &t, err);
	if (p->services) {
		graph_of_project(p, &g);
		_cleanup_free_ int *order = xcalloc(g.n + 1, sizeof(int));
		graph_order(&g, order, err);
		for (size_t i = g.n; i-- > 0;)
			if ((rc = down_service(e, p, g.names[order[i]], &t, err)) < 0)
				worst = rc;
		graph_release(&g);
	}
	actual_release(&have);
	if ((rc = networks_remove(e, p, b, err)) < 0)
		worst = rc;
	if (o->volumes && (rc = volumes_remove(e, p, b, err)) < 0)
		worst = rc;
	down_traces(e, p, o, b, err);
	return worst < 0 ? worst : 0;
}
