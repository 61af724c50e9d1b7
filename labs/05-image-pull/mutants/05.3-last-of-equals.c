/* mutant 05.3 M-CHOOSE-EQUAL: >=: of equals the last one wins */
int manifest_choose(const struct index *i, const struct platform *p, struct digest *ret, struct mc_err *err)
{
	int best = 1;
	bool found = false;
	for (size_t n = 0; n < i->count; n++) {
		int r = platform_match(&i->entries[n].platform, p);
		if (r >= best) {
			best = r;
			found = true;
			*ret = i->entries[n].digest;
		}
	}
	return found ? 0 : err_set(err, ENOENT, "no matching manifest");
}
