/* right 09.3: number by number, from one up */
int reconcile(const struct model *want, const struct actual *have, struct actions *ret, struct mc_err *err)
{
	*ret = (struct actions){ 0 };
	for (size_t s = 0; s < want->n; s++) {
		const struct wanted_service *w = &want->services[s];
		size_t first = 0, n = reconcile_existing(have, w->name, &first), kept = 0;
		for (size_t i = 0; i < n; i++) {
			const struct actual_container *a = &have->items[first + i];
			const char *why = reconcile_difference(w, a);
			if (kept == (size_t)w->scale)
				actions_add(ret, ACTION_REMOVE, w->name, a->number, a->c, "too many");
			else if (why)
				actions_add(ret, ACTION_RECREATE, w->name, a->number, a->c, why);
			else
				actions_add(ret, container_is_active(a->c) ? ACTION_KEEP : ACTION_START, w->name, a->number, a->c, "fits");
			kept += kept < (size_t)w->scale;
		}
		for (int64_t number = 1; kept < (size_t)w->scale; number++) {
			bool taken = false;
			for (size_t i = 0; i < n; i++)
				taken = taken || have->items[first + i].number == number;
			if (taken)
				continue;
			actions_add(ret, ACTION_CREATE, w->name, number, NULL, "missing");
			kept++;
		}
	}
	return 0;
}
