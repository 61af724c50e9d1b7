/* mutant 09.4 M-DOWN-FIRST: when a container stays, the volumes stay */
int project_down(struct engine *e, const struct project *p, const struct down_options *o, struct board *b,
	struct mc_err *err)
{
	struct actual have = { 0 };
	struct down_trip t = {
		.have = &have, .board = b, .timeout = o->timeout, .remove = true, .volumes = o->volumes
	};
	int rc = actual_read(e, p->name, &have, err), worst = 0;
	if (rc >= 0 && (!p->services || o->remove_orphans))
		worst = down_unknown(e, p, &t, err);
	if (rc >= 0 && p->services)
		rc = schedule_services(e, p, NULL, true, b, down_service, &t, err);
	worst = rc < 0 ? rc : worst;
	actual_release(&have);
	rc = networks_remove(e, p, b, err);
	worst = rc < 0 ? rc : worst;
	if (o->volumes && worst >= 0 && (rc = volumes_remove(e, p, b, err)) < 0)
		worst = rc;
	down_traces(e, p, o, b, err);
	return worst;
}
