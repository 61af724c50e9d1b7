/* mutant 06.5 M-NEED-DIRECT: what the needed stage needs in turn is forgotten */
int stages_needed(const struct dockerfile *d, const char *target, bool need[], struct mc_err *err)
{
	int last = target && *target ? stage_find(d, target, d->n_stages) : (int)d->n_stages - 1;
	if (last < 0)
		return stage_unknown(d, target, err);
	for (size_t k = 0; k < d->n_stages; k++)
		need[k] = (int)k == last;
	stage_mark(d, (size_t)last, need);
	return 0;
}
