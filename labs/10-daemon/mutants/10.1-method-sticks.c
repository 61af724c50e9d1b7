/* mutant 10.1 M-DAE-STICKS: wrong_method stays when a later row fits */
const struct route *route_match(const char *method, const char *path, struct params *ret)
{
	const char *name;
	size_t len;
	memset(ret, 0, sizeof(*ret));
	const char *rest = skip_version(path, &ret->api);
	for (size_t i = 0; i < n_routes; i++) {
		if (!path_fits(routes[i].path, rest, &name, &len) || len >= sizeof(ret->name))
			continue;
		if (!str_eq(routes[i].method, method)) {
			ret->wrong_method = true;
			continue;
		}
		if (len)
			memcpy(ret->name, name, len);
		ret->name[len] = '\0';
		return &routes[i];
	}
	return NULL;
}
