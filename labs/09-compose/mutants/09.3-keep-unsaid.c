/* mutant 09.3 -: what fits gets no action at all */
int reconcile(const struct model *want, const struct actual *have, struct actions *ret, struct mc_err *err)
{
	*ret = (struct actions){ 0 };
	for (size_t s = 0; s < want->n; s++) {
		const struct wanted_service *w = &want->services[s];
		size_t first = 0, n = reconcile_existing(have, w->name, &first);
		size_t keep = n < (size_t)w->scale ? n : (size_t)w->scale;
		for (size_t i = n; i > keep; i--) {
			const struct actual_container *a = &have->items[first + i - 1];
			actions_add(ret, ACTION_REMOVE, w->name, a->number, a->c, "above the scale");
		}
		for (size_t i = 0; i < keep; i++) {
			const struct actual_container *a = &have->items[first + i];
			const char *why = reconcile_difference(w, a);
			enum action_kind kind = why                         ? ACTION_RECREATE
						: container_is_active(a->c) ? ACTION_KEEP
									    : ACTION_START;
			if (kind != ACTION_KEEP)
				actions_add(ret, kind, w->name, a->number, a->c, why ? why : "nothing changed");
		}
		int64_t number = 1;
		for (size_t missing = (size_t)w->scale - keep; missing; number++) {
			size_t i = 0;
			while (i < keep && have->items[first + i].number != number)
				i++;
			if (i < keep)
				continue;
			actions_add(ret, ACTION_CREATE, w->name, number, NULL, "it is not there");
			missing--;
		}
	}
	return 0;
}
