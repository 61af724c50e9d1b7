/* mutant 05.3 M-CHOOSE-LAST: off by one: the last entry is never looked at */
int manifest_choose(const struct index *i, const struct platform *p, struct digest *ret, struct mc_err *err)
{
	int best = 0;
	for (size_t n = 0; n + 1 < i->count; n++) {
		int r = platform_match(&i->entries[n].platform, p);
		if (r > best) {
			best = r;
			*ret = i->entries[n].digest;
		}
	}
	return best ? 0 : err_set(err, ENOENT, "no matching manifest");
}
