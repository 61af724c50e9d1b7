/*
 * resources.c - networks and volumes by label.
 *
 * What has the project's label is the project's: it is used again by the next `up` and removed by `down`.
 * Something of the same name without the label belongs to another: it is used, with a warning, and never
 * removed.
 */
#include "compose/resources.h"

#include "base/warn.h"
#include "base/tool.h"
#include "engine/volumes.h"

/* --- networks --- */

static bool network_exists(const char *name, struct buf *ret_project)
{
	struct mc_err ignored = { 0 };
	char *const words[] = { (char *)"network", (char *)"inspect", (char *)"-f",
		(char *)"{{index .Labels \"com.docker.compose.project\"}}", (char *)name, NULL };
	return tool_run(words, ret_project, true, &ignored) == 0;
}

static void network_pools(const struct yaml *network, char ***words)
{
	static const struct {
		const char *key, *flag;
	} flags[] = { { "subnet", "--subnet" }, { "gateway", "--gateway" }, { "ip_range", "--ip-range" } };
	const struct yaml *pools = ynode_get(ynode_get(network, "ipam"), "config");
	for (size_t i = 0; pools && i < pools->n; i++)
		for (size_t k = 0; k < ARRAY_LEN(flags); k++)
			if (ynode_text(ynode_get(pools->items[i], flags[k].key))) {
				strv_push(words, flags[k].flag);
				strv_push(words, ynode_text(ynode_get(pools->items[i], flags[k].key)));
			}
}

static void network_pairs(const struct yaml *network, const char *key, const char *flag, char ***words)
{
	const struct yaml *pairs = ynode_get(network, key);
	for (size_t i = 0; pairs && i < pairs->n; i++) {
		strv_push(words, flag);
		strv_pushf(words, "%s=%s", pairs->keys[i],
			ynode_text(pairs->items[i]) ? ynode_text(pairs->items[i]) : "");
	}
}

static char **network_words(const struct project *p, const char *key, const char *name)
{
	const struct yaml *network = ynode_get(p->networks, key);
	const char *driver = ynode_text(ynode_get(network, "driver"));
	char **words = NULL;
	strv_push(&words, "network");
	strv_push(&words, "create");
	if (driver && !str_eq(driver, "default")) {
		strv_push(&words, "--driver");
		strv_push(&words, driver);
	}
	if (str_eq(ynode_text(ynode_get(network, "internal")), "true"))
		strv_push(&words, "--internal");
	if (str_eq(ynode_text(ynode_get(network, "enable_ipv6")), "true"))
		strv_push(&words, "--ipv6");
	network_pools(network, &words);
	network_pairs(network, "driver_opts", "--opt", &words);
	network_pairs(network, "labels", "--label", &words);
	strv_push(&words, "--label");
	strv_pushf(&words, "%s=%s", label_project, p->name);
	strv_push(&words, "--label");
	strv_pushf(&words, "%s=%s", label_network, key);
	strv_push(&words, name);
	return words;
}

static int network_make(const struct project *p, const char *key, struct board *b, struct mc_err *err)
{
	_cleanup_free_ char *name = project_resource_name(p, p->networks, key),
			    *what = xasprintf("Network %s", name);
	_cleanup_buf_ struct buf owner = { 0 };
	bool external = project_is_external(p->networks, key), there = network_exists(name, &owner);
	if (external && !there) {
		ynode_error(ynode_get(p->networks, key), err,
			"network %s declared as external, but could not be found", name);
		return err_hint(err, "`minictr network create %s` makes it", name);
	}
	if (there) {
		if (!external && owner.data && !str_starts(owner.data, p->name))
			warn_user("a network with name %s exists but was not created by compose: set "
				  "`external: true` to use it",
				name);
		return 0;
	}
	board_set(b, what, "Creating");
	_cleanup_strv_ char **words = network_words(p, key, name);
	_cleanup_buf_ struct buf id = { 0 };
	int rc = p->dry_run ? 0 : tool_run(words, &id, false, err);
	if (rc > 0)
		return err_set(err, EIO, "network %s could not be created", name);
	if (rc == 0)
		board_set(b, what, "Created");
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
			rc = network_make(p, p->networks->keys[i], b, err);
	return rc;
}

int networks_remove(struct engine *e, const struct project *p, struct board *b, struct mc_err *err)
{
	_cleanup_buf_ struct buf list = { 0 };
	_cleanup_free_ char *filter = xasprintf("label=%s=%s", label_project, p->name);
	char *const words[] = { (char *)"network", (char *)"ls", (char *)"--filter", filter,
		(char *)"--format", (char *)"{{.Name}}", NULL };
	int rc = tool_run(words, &list, false, err), worst = 0;
	char *save = NULL;
	for (char *name = rc == 0 && list.data ? strtok_r(list.data, "\n", &save) : NULL; name;
		name = strtok_r(NULL, "\n", &save)) {
		_cleanup_free_ char *what = xasprintf("Network %s", name);
		char *const remove[] = { (char *)"network", (char *)"rm", name, NULL };
		_cleanup_buf_ struct buf out = { 0 };
		board_set(b, what, "Removing");
		rc = p->dry_run ? 0 : tool_run(remove, &out, false, err);
		board_set(b, what, rc == 0 ? "Removed" : "Resource is still in use");
		worst = rc > 0 ? rc : worst;
	}
	return rc < 0  ? rc
	       : worst ? err_set(err, EBUSY, "a network of project %s is still in use", p->name)
		       : 0;
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
		worst = one < 0 ? one : worst;
	}
	return rc < 0 ? rc : worst;
}
