/* mutant 10.1 M-DAE-404: a wrong method is told as a missing thing */
const struct route *route_match(const char *method, const char *path, struct params *ret)
{
	const char *name;
	size_t len;
	memset(ret, 0, sizeof(*ret));
	const char *rest = skip_version(path, &ret->api);
	for (size_t i = 0; i < n_routes; i++) {
		if (!str_eq(routes[i].method, method) || !path_fits(routes[i].path, rest, &name, &len) ||
			len >= sizeof(ret->name))
			continue;
		if (len)
			memcpy(ret->name, name, len);
		return &routes[i];
	}
	return NULL;
}
