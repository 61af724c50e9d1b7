/* right 06.5: marks again and again until nothing changes */
int stages_needed(const struct dockerfile *d, const char *target, bool need[], struct mc_err *err)
{
	int last = target && *target ? stage_find(d, target, d->n_stages) : (int)d->n_stages - 1;
	if (last < 0)
		return stage_unknown(d, target, err);
	memset(need, 0, d->n_stages * sizeof(*need));
	need[last] = true;
	for (size_t before = 0, now = 1; before != now;) {
		before = now;
		now = 0;
		for (size_t k = 0; k < d->n_stages; k++)
			if (need[k])
				stage_mark(d, k, need);
		for (size_t k = 0; k < d->n_stages; k++)
			now += need[k];
	}
	return 0;
}
