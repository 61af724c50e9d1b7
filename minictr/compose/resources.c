/*
 * resources.c - networks and volumes by label.
 *
 * What has the project's label is the project's: it is used again by the next `up` and removed by `down`.
 * Something of the same name without the label belongs to another: it is used, with a warning, and never
 * removed.
 */
#include "compose/resources.h"

#include "base/warn.h"
#include "engine/network_jobs.h"
#include "engine/volumes.h"

/* --- networks --- */

/* The record of a network, and the project whose label it has ("" none). 1 there, 0 not. */
static int network_look(struct engine *e, const char *name, char ret_project[256])
{
	struct mc_err absent = { 0 };
	struct net_home home = engine_networks(e);
	struct network n = { 0 };
	if (network_find(&home, name, &n, &absent) < 0)
		return 0;
	const char *owner = json_text_of(json_member(json_member(n.doc, "Labels"), label_project));
	/* a name can be the beginning of another one's id */
	int there = str_eq(n.name, name);
	snprintf(ret_project, 256, "%.255s", there && owner ? owner : "");
	network_release(&n);
	return there;
}

static void network_pairs(const struct yaml *network, const char *key, char ***ret)
{
	const struct yaml *pairs = ynode_get(network, key);
	for (size_t i = 0; pairs && pairs->kind == YAML_MAP && i < pairs->n; i++)
		strv_pushf(ret, "%s=%s", pairs->keys[i],
			ynode_text(pairs->items[i]) ? ynode_text(pairs->items[i]) : "");
}

static void network_pools(const struct yaml *network, const char *key, char ***ret)
{
	const struct yaml *pools = ynode_get(ynode_get(network, "ipam"), "config");
	for (size_t i = 0; pools && i < pools->n; i++)
		if (ynode_text(ynode_get(pools->items[i], key)))
			strv_push(ret, ynode_text(ynode_get(pools->items[i], key)));
}

static int network_create_of(
	struct engine *e, const struct project *p, const char *key, const char *name, struct mc_err *err)
{
	const struct yaml *network = ynode_get(p->networks, key);
	const char *driver = ynode_text(ynode_get(network, "driver"));
	_cleanup_strv_ char **subnets = NULL, **gateways = NULL, **ranges = NULL, **labels = NULL,
			    **opts = NULL;
	char id[65];
	network_pools(network, "subnet", &subnets);
	network_pools(network, "gateway", &gateways);
	network_pools(network, "ip_range", &ranges);
	network_pairs(network, "driver_opts", &opts);
	network_pairs(network, "labels", &labels);
	strv_pushf(&labels, "%s=%s", label_project, p->name);
	strv_pushf(&labels, "%s=%s", label_network, key);
	struct network_options o = { .name = name,
		.driver = str_eq(driver, "default") ? NULL : driver,
		.subnets = subnets,
		.gateways = gateways,
		.ranges = ranges,
		.labels = labels,
		.opts = opts,
		.internal = str_eq(ynode_text(ynode_get(network, "internal")), "true"),
		.ipv6 = str_eq(ynode_text(ynode_get(network, "enable_ipv6")), "true"),
		.attachable = str_eq(ynode_text(ynode_get(network, "attachable")), "true") };
	int rc = engine_network_create(e, &o, id, err);
	return rc < 0 ? err_wrap(err, "network %s", name) : 0;
}

static int network_make(
	struct engine *e, const struct project *p, const char *key, struct board *b, struct mc_err *err)
{
	_cleanup_free_ char *name = project_resource_name(p, p->networks, key),
			    *what = xasprintf("Network %s", name);
	char owner[256] = "";
	bool external = project_is_external(p->networks, key), there = network_look(e, name, owner);
	if (external && !there) {
		ynode_error(ynode_get(p->networks, key), err,
			"network %s declared as external, but could not be found", name);
		return err_hint(err, "`minictr network create %s` makes it", name);
	}
	if (there) {
		if (!external && !str_eq(owner, p->name))
			warn_user("a network with name %s exists but was not created by compose: set "
				  "`external: true` to use it",
				name);
		return 0;
	}
	board_set(b, what, "Creating");
	int rc = p->dry_run ? 0 : network_create_of(e, p, key, name, err);
	board_set(b, what, rc < 0 ? "Error" : "Created");
	return rc;
}

static bool is_used(const struct project *p, const char *section, const char *key)
{
	for (size_t i = 0; i < p->services->n; i++) {
		const struct yaml *all = ynode_get(p->services->items[i], section);
		if (all && all->kind == YAML_MAP && ynode_get(all, key))
			return true;
		for (size_t k = 0; all && all->kind == YAML_LIST && k < all->n; k++)
			if (str_eq(ynode_text(ynode_get(all->items[k], "source")), key) &&
				str_eq(ynode_text(ynode_get(all->items[k], "type")), "volume"))
				return true;
	}
	return false;
}

int networks_make(struct engine *e, const struct project *p, struct board *b, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < p->networks->n; i++)
		if (is_used(p, "networks", p->networks->keys[i]))
			rc = network_make(e, p, p->networks->keys[i], b, err);
	return rc;
}

int networks_remove(struct engine *e, const struct project *p, struct board *b, struct mc_err *err)
{
	struct net_home home = engine_networks(e);
	_cleanup_network_list_ struct network_list all = { 0 };
	int rc = network_list(&home, &all, err), worst = 0;
	for (size_t i = 0; rc >= 0 && i < all.count; i++) {
		const char *name = all.items[i].name;
		char gone[256];
		if (!str_eq(json_text_of(json_member(json_member(all.items[i].doc, "Labels"), label_project)),
			    p->name))
			continue;
		_cleanup_free_ char *what = xasprintf("Network %s", name);
		board_set(b, what, "Removing");
		int one = p->dry_run ? 0 : engine_network_remove(e, name, gone, err);
		board_set(b, what, one < 0 ? "Resource is still in use" : "Removed");
		/* a container of `compose run` or another project's is in it: said in the table, and no failure */
		worst = one < 0 && one != -EBUSY ? one : worst;
	}
	return rc < 0 ? rc : worst;
}

/* --- volumes --- */

static int volume_make(
	struct engine *e, const struct project *p, const char *key, struct board *b, struct mc_err *err)
{
	const struct yaml *volume = ynode_get(p->volumes, key), *options = ynode_get(volume, "driver_opts");
	const struct yaml *labels = ynode_get(volume, "labels");
	_cleanup_free_ char *name = project_resource_name(p, p->volumes, key),
			    *what = xasprintf("Volume %s", name), *made = NULL;
	_cleanup_strv_ char **opts = NULL, **notes = NULL;
	_cleanup_json_ struct json *have = NULL;
	struct mc_err absent = { 0 };
	bool external = project_is_external(p->volumes, key),
	     there = engine_volume_inspect(e, name, false, &have, &absent) == 0;
	if (external && !there) {
		ynode_error(volume, err, "external volume \"%s\" not found", name);
		return err_hint(err, "`minictr volume create %s` makes it", name);
	}
	if (there) {
		const char *owner = json_text_of(json_member(json_member(have, "Labels"), label_project));
		if (!external && !str_eq(owner, p->name))
			warn_user("volume \"%s\" already exists but was not created for project \"%s\": set "
				  "`external: true` to use it",
				name, p->name);
		return 0;
	}
	for (size_t i = 0; options && i < options->n; i++)
		strv_pushf(&opts, "%s=%s", options->keys[i],
			ynode_text(options->items[i]) ? ynode_text(options->items[i]) : "");
	for (size_t i = 0; labels && i < labels->n; i++)
		strv_pushf(&notes, "%s=%s", labels->keys[i],
			ynode_text(labels->items[i]) ? ynode_text(labels->items[i]) : "");
	strv_pushf(&notes, "%s=%s", label_project, p->name);
	strv_pushf(&notes, "%s=%s", label_volume, key);
	struct volume_options o = { .name = name,
		.driver = ynode_text(ynode_get(volume, "driver")),
		.options = opts,
		.labels = notes };
	board_set(b, what, "Creating");
	int rc = p->dry_run ? 0 : engine_volume_create(e, &o, &made, err);
	if (rc >= 0)
		board_set(b, what, "Created");
	return rc;
}

int volumes_make_all(struct engine *e, const struct project *p, struct board *b, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < p->volumes->n; i++)
		if (is_used(p, "volumes", p->volumes->keys[i]))
			rc = volume_make(e, p, p->volumes->keys[i], b, err);
	return rc;
}

int volumes_remove(struct engine *e, const struct project *p, struct board *b, struct mc_err *err)
{
	_cleanup_json_ struct json *all = NULL;
	int rc = engine_volume_list(e, false, &all, err), worst = 0;
	for (size_t i = 0; rc >= 0 && i < json_len(all); i++) {
		const struct json *v = json_item(all, i);
		const char *name = json_text_of(json_member(v, "Name"));
		if (!str_eq(json_text_of(json_member(json_member(v, "Labels"), label_project)), p->name))
			continue;
		_cleanup_free_ char *what = xasprintf("Volume %s", name);
		board_set(b, what, "Removing");
		int one = p->dry_run ? 0 : engine_volume_remove(e, name, true, err);
		board_set(b, what, one < 0 ? "Resource is still in use" : "Removed");
		worst = one < 0 && one != -EBUSY ? one : worst;
	}
	return rc < 0 ? rc : worst;
}
