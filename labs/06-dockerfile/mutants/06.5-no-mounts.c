/* mutant 06.5 M-NEED-MOUNT: only COPY --from and FROM are looked at */
int stages_needed(const struct dockerfile *d, const char *target, bool need[], struct mc_err *err)
{
	int rc = TODO(06.5, stages_needed, d, target, need, err);
	for (size_t n = 0; rc == 0 && n + 1 < d->n_stages; n++) {
		bool found = false;
		for (size_t s = 0; s < d->n_stages; s++)
			for (size_t i = 0; i < d->stages[s].n; i++)
				found |= d->stages[s].base == (int)n || instruction_flag(&d->stages[s].list[i], "from");
		if (!found && !(target && *target))
			need[n] = false;
	}
	return rc;
}
