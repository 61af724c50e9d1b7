/* mutant 06.5 M-NEED-UNSET: only the needed ones are written */
int stages_needed(const struct dockerfile *d, const char *target, bool need[], struct mc_err *err)
{
	bool all[DOCKERFILE_MAX_STAGES] = { false };
	int last = target && *target ? stage_find(d, target, d->n_stages) : (int)d->n_stages - 1;
	if (last < 0)
		return stage_unknown(d, target, err);
	all[last] = true;
	for (int k = last; k >= 0; k--)
		if (all[k]) {
			stage_mark(d, (size_t)k, all);
			need[k] = true;
		}
	return 0;
}
