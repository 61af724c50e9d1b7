/*
 * network_find.c - a network by its name, by its id, or by the beginning of its id.
 *
 * Order and why: names first, so that a network named "ab" is not taken for the beginning of an id. The
 * predefined networks need no link; "bridge" is made here when it is asked for the first time.
 */
#include "network/network_record.h"

#include "network/network_create.h"

/* The one id that begins with prefix: 1 found, 0 none, -EEXIST several. Names, too, are in the directory. */
static int find_by_prefix(const struct net_home *h, const char *prefix, char ret_id[65], struct mc_err *err)
{
	_cleanup_network_list_ struct network_list all = { 0 };
	int found = 0, rc = network_list(h, &all, err);
	for (size_t i = 0; rc >= 0 && i < all.count; i++)
		if (str_starts(all.items[i].id, prefix)) {
			snprintf(ret_id, 65, "%s", all.items[i].name);
			found++;
		}
	if (found > 1)
		return err_set(err, EEXIST, "network %s is ambiguous (%d matches found on id prefix)", prefix,
			found);
	return rc < 0 ? rc : found;
}

static int find_predefined(
	const struct net_home *h, const char *name, struct network *ret, struct mc_err *err)
{
	struct mc_err missing = { 0 };
	char id[65];
	network_fixed_id(h, name, id);
	if (str_eq(name, "bridge"))
		return network_load(h, id, ret, &missing) == 0 ? 0 : network_make_default(h, ret, err);
	network_predefined(h, name, ret);
	return 0;
}

static int find_by_name(const struct net_home *h, const char *name, struct network *ret, struct mc_err *err)
{
	return network_is_predefined(name) ? find_predefined(h, name, ret, err)
					   : network_load_named(h, name, ret, err);
}

int network_find(const struct net_home *h, const char *name, struct network *ret, struct mc_err *err)
{
	struct mc_err first = { 0 };
	char found[65];
	*ret = (struct network){ 0 };
	int rc = find_by_name(h, name, ret, &first);
	if (rc == 0)
		return 0;
	bool hex = *name && strlen(name) <= 64 && name[strspn(name, "0123456789abcdef")] == '\0';
	if (rc == -ENOENT && hex) {
		rc = find_by_prefix(h, name, found, err);
		if (rc < 0)
			return rc;
		if (rc > 0)
			return find_by_name(h, found, ret, err);
	}
	*err = first;
	if (first.code == ENOENT)
		err_hint(err, "`minictr network ls` lists them");
	return -first.code;
}
