/* right 10.1: the version is read by sscanf(3), the rows are walked from the last to the first */
static bool fits(const char *row, const char *path, char *name)
{
	size_t before = strcspn(row, "{");
	const char *open = row + before, *after = strchr(row, '}');
	size_t n = strlen(path);
	*name = '\0';
	if (!after)
		return !strcmp(row, path);
	after++;
	if (n < before + 1 + strlen(after) || strncmp(row, path, before) || strcmp(path + n - strlen(after), after))
		return false;
	size_t len = n - before - strlen(after);
	if (len >= NAME_MAX_BYTES || (open[1] == '}' && memchr(path + before, '/', len)))
		return false;
	memcpy(name, path + before, len);
	name[len] = '\0';
	return true;
}

#include <stdio.h>
const struct route *route_match(const char *method, const char *path, struct params *ret)
{
	const struct route *found = NULL;
	char name[NAME_MAX_BYTES];
	int major, minor, used = 0;
	*ret = (struct params){ .api = API_MAX };
	if (sscanf(path, "/v%d.%d%n", &major, &minor, &used) == 2 && path[used] == '/') {
		ret->api = major < 1 ? API_TOO_OLD : major > 1 ? API_TOO_NEW : minor;
		path += used;
	}
	for (size_t i = n_routes; i-- > 0;)
		if (fits(routes[i].path, path, name)) {
			if (strcmp(routes[i].method, method)) {
				ret->wrong_method = true;
				continue;
			}
			found = &routes[i];
			strcpy(ret->name, name);
		}
	ret->wrong_method &= !found;
	return found;
}
