/* mutant 10.1 M-DAE-PREFIX: a path fits when it begins like the row */
const struct route *route_match(const char *method, const char *path, struct params *ret)
{
	memset(ret, 0, sizeof(*ret));
	const char *rest = skip_version(path, &ret->api);
	for (size_t i = 0; i < n_routes; i++) {
		const char *name;
		size_t len, n = strlen(rest);
		if (!str_eq(routes[i].method, method))
			continue;
		for (size_t cut = n; cut > n - (n > 2 ? 2 : 0); cut--) {
			_cleanup_free_ char *begin = xstrndup(rest, cut);
			if (!path_fits(routes[i].path, begin, &name, &len) || len >= sizeof(ret->name))
				continue;
			memcpy(ret->name, rest + (name ? name - begin : 0), len);
			return &routes[i];
		}
	}
	return NULL;
}
