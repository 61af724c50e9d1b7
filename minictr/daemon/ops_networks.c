/*
 * ops_networks.c - networks over the API.
 */
#include "daemon/ops_job.h"

#include "daemon/job.h"
#include "engine/network_filters.h"
#include "engine/spec/network_words.h"

int op_networks_list(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_strv_ char **filters = NULL;
	_cleanup_network_list_ struct network_list all = { 0 };
	_cleanup_json_ struct json *list = json_new_array();
	struct net_home h = engine_networks(e);
	struct mc_err ignored = { 0 };
	int rc = request_filters(q, &filters, err);
	if (rc >= 0)
		rc = network_filters_check(filters, err);
	if (rc >= 0)
		rc = network_list(&h, &all, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < all.count; i++) {
		struct json *doc = NULL;
		if (network_passes(e, &all.items[i], filters) &&
			engine_network_document(e, &all.items[i], &doc, &ignored) >= 0)
			json_add(list, doc);
	}
	reply_json(r, 200, list);
	return 0;
}

int op_network_inspect(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_network_ struct network n = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	struct net_home h = engine_networks(e);
	int rc = network_find(&h, request_name(q), &n, err);
	if (rc >= 0)
		rc = engine_network_document(e, &n, &doc, err);
	if (rc < 0)
		return rc;
	reply_json(r, 200, doc);
	return 0;
}

static void add_text(char ***v, const struct json *o, const char *key)
{
	const char *text = json_text_of(json_member(o, key));
	if (text && *text)
		strv_push(v, text);
}

/* What only a swarm has, and what we do not do, is refused: the network would be of another kind. */
static int check_wishes(const struct json *b, struct mc_err *err)
{
	const char *scope = json_text_at(b, "Scope", ""), *ipam = json_text_of(json_at(b, "IPAM.Driver"));
	const struct json *v4 = json_member(b, "EnableIPv4");
	if (ipam && *ipam && !str_eq(ipam, "default"))
		return err_set(err, ENOENT, "plugin \"%s\" not found", ipam);
	if ((*scope && !str_eq(scope, "local")) || container_flag(b, "Ingress"))
		return err_set(err, EPERM, "a network of this kind needs a swarm, and minictrd has none");
	if (container_flag(b, "ConfigOnly") || *json_text_at(json_member(b, "ConfigFrom"), "Network", ""))
		return err_set(err, EINVAL, "minictrd keeps no settings of networks apart from networks");
	if (json_kind_of(v4) == JSON_BOOL && !container_flag(b, "EnableIPv4"))
		return err_set(err, EINVAL, "a network without IPv4 is not supported");
	return 0;
}

int op_network_create(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const struct json *b = request_body(q), *pools = json_at(b, "IPAM.Config");
	const char *name = json_text_of(json_member(b, "Name")),
		   *driver = json_text_of(json_member(b, "Driver"));
	_cleanup_strv_ char **subnets = NULL, **gateways = NULL, **ranges = NULL, **kept = NULL;
	_cleanup_strv_ char **labels = job_pairs(json_member(b, "Labels")),
			    **options = job_pairs(json_member(b, "Options"));
	_cleanup_json_ struct json *doc = json_new_object();
	char id[65];
	if (json_kind_of(pools) != JSON_NULL && json_kind_of(pools) != JSON_ARRAY)
		return err_set(err, EINVAL, "IPAM.Config: expected a list");
	for (size_t i = 0; i < json_len(pools); i++) {
		add_text(&subnets, json_item(pools, i), "Subnet");
		add_text(&gateways, json_item(pools, i), "Gateway");
		add_text(&ranges, json_item(pools, i), "IPRange");
		_cleanup_strv_ char **aux = job_pairs(json_member(json_item(pools, i), "AuxiliaryAddresses"));
		for (size_t k = 0; aux && aux[k]; k++)
			strv_push(&kept, aux[k]);
	}
	struct network_options o = { .name = name,
		.driver = driver && *driver ? driver : NULL,
		.subnets = subnets,
		.gateways = gateways,
		.ranges = ranges,
		.kept = kept,
		.labels = labels,
		.opts = options,
		.internal = container_flag(b, "Internal"),
		.ipv6 = container_flag(b, "EnableIPv6"),
		.attachable = container_flag(b, "Attachable"),
		.plain_ipam = json_kind_of(json_at(b, "IPAM.Options")) == JSON_NULL };
	int rc = check_wishes(b, err);
	if (rc < 0)
		return rc;
	rc = name && *name ? engine_network_create(e, &o, id, err)
			   : err_set(err, EINVAL, "a network needs a name (Name)");
	if (rc < 0)
		return rc;
	json_set_string(doc, "Id", id);
	json_set_string(doc, "Warning", "");
	reply_json(r, 201, doc);
	return 0;
}

int op_network_remove(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	char name[256];
	int rc = engine_network_remove(e, request_name(q), name, err);
	if (rc < 0)
		return rc;
	reply_empty(r, 204);
	return 0;
}

int op_network_connect(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const struct json *b = request_body(q), *endpoint = json_member(b, "EndpointConfig");
	const struct json *ipam = json_member(endpoint, "IPAMConfig");
	const char *container = json_text_of(json_member(b, "Container"));
	_cleanup_strv_ char **aliases = NULL, **links = NULL, **local = NULL,
			    **options = job_pairs(json_member(endpoint, "DriverOpts"));
	_cleanup_json_ struct json *wish = NULL;
	const char *texts[3] = { json_text_of(json_member(ipam, "IPv4Address")),
		json_text_of(json_member(ipam, "IPv6Address")),
		json_text_of(json_member(endpoint, "MacAddress")) };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		texts[i] = texts[i] && *texts[i] ? texts[i] : NULL;
	int rc = json_get_strv(endpoint, &aliases, err, "Aliases");
	if (rc >= 0)
		rc = json_get_strv(endpoint, &links, err, "Links");
	if (rc >= 0)
		rc = json_get_strv(ipam, &local, err, "LinkLocalIPs");
	struct endpoint_words w = { request_name(q), texts[0], texts[1], texts[2], aliases, options,
		json_int_of(json_member(endpoint, "GwPriority")), links, local };
	if (rc >= 0 && (!container || !*container))
		rc = err_set(err, EINVAL, "which container? (Container is missing)");
	if (rc >= 0)
		rc = endpoint_words_wish(&w, &wish, err);
	if (rc >= 0)
		rc = engine_network_connect(e, container, wish, err);
	if (rc == -EEXIST) { /* docker's status for this one */
		reply_error(r, 403, "%s", err->what);
		return 0;
	}
	if (rc < 0)
		return rc;
	reply_empty(r, 200);
	return 0;
}

int op_network_disconnect(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const struct json *b = request_body(q);
	const char *container = json_text_of(json_member(b, "Container"));
	int rc = container && *container ? engine_network_disconnect(e, request_name(q), container,
						   container_flag(b, "Force"), err)
					 : err_set(err, EINVAL, "which container? (Container is missing)");
	if (rc < 0)
		return rc;
	reply_empty(r, 200);
	return 0;
}

static void add_name(const char *name, void *data) { json_add(data, json_new_string(name)); }

int op_networks_prune(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_strv_ char **filters = NULL;
	_cleanup_json_ struct json *doc = json_new_object();
	struct json *names = json_set(doc, "NetworksDeleted", json_new_array());
	int rc = request_filters(q, &filters, err);
	if (rc >= 0)
		rc = engine_networks_prune(e, filters, add_name, names, err);
	if (rc < 0)
		return rc;
	reply_json(r, 200, doc);
	return 0;
}
