/* mutant 04.1 M-OV-ORDER: the list reversed */
int overlay_mount(const struct layers *l, const char *target, struct mc_err *err)
{
	struct layers other = *l;
	size_t n = strv_len(l->lower);
	char **lower = xcalloc(n + 1, sizeof(char *));

	for (size_t i = 0; i < n; i++)
		lower[i] = l->lower[n - 1 - i];
	other.lower = lower;
	return TODO(04.1, overlay_mount, &other, target, err);
}
