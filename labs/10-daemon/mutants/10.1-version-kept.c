/* mutant 10.1 M-DAE-VERSION: the version is a part of the name */
const struct route *route_match(const char *method, const char *path, struct params *ret)
{
	const char *name;
	size_t len;
	memset(ret, 0, sizeof(*ret));
	ret->api = API_MAX;
	for (size_t i = 0; i < n_routes; i++) {
		if (!path_fits(routes[i].path, path, &name, &len) || len >= sizeof(ret->name) ||
			!str_eq(routes[i].method, method))
			continue;
		if (len)
			memcpy(ret->name, name, len);
		return &routes[i];
	}
	return NULL;
}
