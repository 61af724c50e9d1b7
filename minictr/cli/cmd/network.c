/*
 * cmd/network.c - `network create|ls|inspect|rm|connect|disconnect|prune|repair`.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/format.h"
#include "cli/format/table.h"
#include "cli/verbs.h"
#include "engine/container.h"
#include "engine/spec/option_words.h"
#include "engine/logs.h"
#include "engine/network_filters.h"
#include "engine/network_jobs.h"
#include "engine/spec/network_words.h"

/* --- create --- */

/* clang-format off */
static const struct option_def create_options[] = {
	{ 0, "attachable", OPT_FLAG, offsetof(struct network_create_values, attachable), NULL, NULL },
	{ 0, "aux-address", OPT_LIST, offsetof(struct network_create_values, kept), "map", "Address that no container gets: printer=10.99.0.5" },
	{ 'd', "driver", OPT_STRING, offsetof(struct network_create_values, driver), "string", "There is one: bridge" },
	{ 0, "gateway", OPT_LIST, offsetof(struct network_create_values, gateways), "strings", "Address of the bridge: the containers' gateway" },
	{ 0, "internal", OPT_FLAG, offsetof(struct network_create_values, internal), NULL, "No way out of it, and none in" },
	{ 0, "ip-range", OPT_LIST, offsetof(struct network_create_values, ranges), "strings", "Part of the subnet that addresses are taken from" },
	{ 0, "ipv6", OPT_FLAG, offsetof(struct network_create_values, ipv6), NULL, "IPv6 as well; a private subnet unless --subnet gives one" },
	{ 0, "label", OPT_LIST, offsetof(struct network_create_values, labels), "list", "Note something: KEY=VALUE" },
	{ 'o', "opt", OPT_LIST, offsetof(struct network_create_values, opts), "map", "com.docker.network.driver.mtu=1400, com.docker.network.bridge.name=br9" },
	{ 0, "subnet", OPT_LIST, offsetof(struct network_create_values, subnets), "strings", "Its addresses: 10.99.0.0/24 (default: a free one)" },
	{ 0 },
};
/* clang-format on */

static int network_cmd_create(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_create_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	char id[65];
	struct network_options o = { .name = argv[0],
		.driver = v->driver,
		.subnets = v->subnets,
		.gateways = v->gateways,
		.ranges = v->ranges,
		.kept = v->kept,
		.labels = v->labels,
		.opts = v->opts,
		.internal = v->internal,
		.ipv6 = v->ipv6,
		.attachable = v->attachable };
	int rc = option_labels_check(v->labels, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = engine_network_create(&e, &o, id, err);
	if (rc == 0)
		printf("%s\n", id);
	return rc;
}

/* --- ls --- */

static const struct option_def list_options[] = {
	{ 'f', "filter", OPT_LIST, offsetof(struct network_list_values, filters), "filter",
		"Only those with name=, id=, driver=, label=, type=custom|builtin, dangling=, scope=" },
	{ 0, "format", OPT_STRING, offsetof(struct network_list_values, format), "string",
		"'table', 'json' or a template" },
	{ 0, "no-trunc", OPT_FLAG, offsetof(struct network_list_values, no_trunc), NULL, "Whole ids" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct network_list_values, quiet), NULL, "Ids only" },
	{ 0 },
};

static void set_yes(struct json *row, const char *key, const struct json *doc, const char *member)
{
	bool value = false;
	struct mc_err ignored = { 0 };
	json_get_bool(doc, &value, &ignored, "%s", member);
	json_set_string(row, key, value ? "true" : "false");
}

/* "a=1,b=2", as docker joins labels. Caller frees. */
char *labels_join(const struct json *labels)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct json_iter it = { 0 };
	while (json_kind_of(labels) == JSON_OBJECT && json_next(labels, &it))
		buf_addf(&b, "%s%s=%s", b.len ? "," : "", it.key,
			json_text_of(it.value) ? json_text_of(it.value) : "");
	return buf_take(&b);
}

struct json *network_row(const struct json *doc, bool no_trunc)
{
	static const char *const copied[] = { "Driver", "Name", "Scope" };
	struct json *row = json_new_object();
	const char *whole = json_text_of(json_member(doc, "Id"));
	_cleanup_free_ char *id = no_trunc || !whole ? xstrdup(whole) : text_short_id(whole);
	_cleanup_free_ char *labels = labels_join(json_member(doc, "Labels"));
	json_set_string(row, "CreatedAt", json_text_of(json_member(doc, "Created")));
	json_set_string(row, "ID", id);
	for (size_t i = 0; i < ARRAY_LEN(copied); i++)
		json_set_string(row, copied[i], json_text_of(json_member(doc, copied[i])));
	set_yes(row, "IPv4", doc, "EnableIPv4");
	set_yes(row, "IPv6", doc, "EnableIPv6");
	set_yes(row, "Internal", doc, "Internal");
	json_set_string(row, "Labels", labels);
	return row;
}

int networks_print(const struct network_list_values *v, const struct json *rows, struct mc_err *err)
{
	static const struct format_title titles[] = { { "ID", "NETWORK ID" }, { "CreatedAt", "CREATED AT" },
		{ NULL, NULL } };
	return format_list(v->quiet ? "{{.ID}}" : v->format,
		"table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}", titles, rows, stdout, err);
}

static int network_cmd_ls(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_list_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_network_list_ struct network_list all = { 0 };
	_cleanup_json_ struct json *rows = json_new_array();
	int rc = network_filters_check(v->filters, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	struct net_home h = engine_networks(&e);
	if (rc == 0)
		rc = network_list(&h, &all, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < all.count; i++) {
		json_set_string(all.items[i].doc, "Id", all.items[i].id);
		if (network_passes(&e, &all.items[i], v->filters))
			json_add(rows, network_row(all.items[i].doc, v->no_trunc));
	}
	return networks_print(v, rows, err);
}

/* --- inspect --- */

static const struct option_def inspect_options[] = {
	{ 'f', "format", OPT_STRING, offsetof(struct network_inspect_values, format), "string",
		"'json' or a template" },
	{ 'v', "verbose", OPT_FLAG, offsetof(struct network_inspect_values, verbose), NULL, NULL },
	{ 0 },
};

static int network_cmd_inspect(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_inspect_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_json_ struct json *all = json_new_array();
	int status = 0, rc = use_engine(cli, &e, err);
	if (rc < 0)
		return rc;
	struct net_home h = engine_networks(&e);
	for (int i = 0; i < argc; i++) {
		_cleanup_network_ struct network n = { 0 };
		struct json *doc = NULL;
		struct mc_err one = { 0 };
		rc = network_find(&h, argv[i], &n, &one);
		if (rc == 0)
			rc = engine_network_document(&e, &n, &doc, &one);
		if (rc == 0)
			json_add(all, doc);
		else {
			err_print(&one, "minictr");
			status = 1;
		}
	}
	rc = format_inspect(v->format, all, stdout, err);
	return rc < 0 ? rc : status;
}

/* --- rm --- */

static const struct option_def rm_options[] = {
	{ 'f', "force", OPT_FLAG, offsetof(struct network_rm_values, force), NULL,
		"A network that is not there is no error" },
	{ 0 },
};

static int network_cmd_rm(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_rm_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	int status = 0, rc = use_engine(cli, &e, err);
	for (int i = 0; rc == 0 && i < argc; i++) {
		char name[256];
		struct mc_err one = { 0 };
		int got = engine_network_remove(&e, argv[i], name, &one);
		if (got == 0)
			printf("%s\n", name);
		else if (got != -ENOENT || !v->force) {
			err_print(&one, "minictr");
			status = 1;
		}
	}
	return rc < 0 ? rc : status;
}

/* --- connect, disconnect --- */

static const struct option_def connect_options[] = {
	{ 0, "alias", OPT_LIST, offsetof(struct network_connect_values, aliases), "strings",
		"Another name in this network" },
	{ 0, "driver-opt", OPT_LIST, offsetof(struct network_connect_values, driver_opts), "strings", NULL },
	{ 0, "gw-priority", OPT_I64, offsetof(struct network_connect_values, priority), "int",
		"Highest one has the default route" },
	{ 0, "ip", OPT_STRING, offsetof(struct network_connect_values, ip), "string", "IPv4 address" },
	{ 0, "ip6", OPT_STRING, offsetof(struct network_connect_values, ip6), "string", "IPv6 address" },
	{ 0, "link", OPT_LIST, offsetof(struct network_connect_values, links), "list",
		"CONTAINER:ALIAS, a name for a neighbour that only this one knows" },
	{ 0, "link-local-ip", OPT_LIST, offsetof(struct network_connect_values, link_local_ips), "strings",
		"One more address on its link" },
	{ 0, "mac-address", OPT_STRING, offsetof(struct network_connect_values, mac), "string",
		"MAC address" },
	{ 0 },
};

static int network_cmd_connect(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_connect_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_json_ struct json *wish = NULL;
	struct endpoint_words w = { argv[0], v->ip, v->ip6, v->mac, v->aliases, v->driver_opts, v->priority,
		v->links, v->link_local_ips };
	int rc = endpoint_words_wish(&w, &wish, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	return rc < 0 ? rc : engine_network_connect(&e, argv[1], wish, err);
}

static const struct option_def disconnect_options[] = {
	{ 'f', "force", OPT_FLAG, offsetof(struct network_disconnect_values, force), NULL,
		"Also a container that is gone" },
	{ 0 },
};

static int network_cmd_disconnect(
	struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_disconnect_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	int rc = use_engine(cli, &e, err);
	return rc < 0 ? rc : engine_network_disconnect(&e, argv[0], argv[1], v->force, err);
}

/* --- prune, repair --- */

static const struct option_def prune_options[] = {
	{ 0, "filter", OPT_LIST, offsetof(struct network_prune_values, filters), "filter",
		"Only those with until=TIME, label=KEY[=VALUE], label!=..." },
	{ 'f', "force", OPT_FLAG, offsetof(struct network_prune_values, force), NULL, "Do not ask" },
	{ 0 },
};

static void say_pruned(const char *name, void *data)
{
	bool *any = data;
	printf("%s%s\n", *any ? "" : "Deleted Networks:\n", name);
	*any = true;
}

int network_prune_all(struct engine *e, char *const filters[], struct mc_err *err)
{
	bool any = false;
	int rc = engine_networks_prune(e, filters, say_pruned, &any, err);
	if (any)
		putchar('\n');
	return rc;
}

static int network_cmd_prune(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct network_prune_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	int rc = network_prune_check(v->filters, err);
	if (rc < 0)
		return rc;
	if (!v->force && !ask_yes("WARNING! This will remove all custom networks not used by at least one "
				  "container.\nAre you sure you want to continue?"))
		return 0;
	rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = networks_allowed(&e, err);
	return rc < 0 ? rc : network_prune_all(&e, v->filters, err);
}

static int network_cmd_repair(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = networks_allowed(&e, err);
	return rc < 0 ? rc : engine_network_repair(&e, err);
}

const struct command cmd_network_create = {
	.name = "network create",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS] NETWORK",
	.summary = "Make a network",
	.example = "minictr network create --subnet 10.99.0.0/24 web\nminictr network create --internal "
		   "--ipv6 back",
	.options = create_options,
	.values_size = sizeof(struct network_create_values),
	.min_args = 1,
	.max_args = 1,
	.run = network_cmd_create,
};

const struct command cmd_network_ls = {
	.name = "network ls",
	.aliases = "network list",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS]",
	.summary = "List networks",
	.example = "minictr network ls --filter type=custom",
	.options = list_options,
	.values_size = sizeof(struct network_list_values),
	.run = network_cmd_ls,
};

const struct command cmd_network_inspect = {
	.name = "network inspect",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS] NETWORK [NETWORK...]",
	.summary = "Show everything about networks, with the containers in them",
	.example = "minictr network inspect -f '{{range .Containers}}{{.Name}} "
		   "{{.IPv4Address}}{{println}}{{end}}' web",
	.takes = TAKES_NETWORKS,
	.options = inspect_options,
	.values_size = sizeof(struct network_inspect_values),
	.min_args = 1,
	.max_args = ANY_ARGS,
	.run = network_cmd_inspect,
};

const struct command cmd_network_rm = {
	.name = "network rm",
	.aliases = "network remove",
	.group = GROUP_PARTS,
	.usage = "NETWORK [NETWORK...]",
	.summary = "Remove networks in which nothing runs",
	.example = "minictr network rm web",
	.takes = TAKES_NETWORKS,
	.options = rm_options,
	.values_size = sizeof(struct network_rm_values),
	.min_args = 1,
	.max_args = ANY_ARGS,
	.run = network_cmd_rm,
};

const struct command cmd_network_connect = {
	.name = "network connect",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS] NETWORK CONTAINER",
	.summary = "Plug a container into a network, also a running one",
	.example = "minictr network connect --alias db back web",
	.takes = TAKES_NETWORK_CONTAINER,
	.options = connect_options,
	.values_size = sizeof(struct network_connect_values),
	.min_args = 2,
	.max_args = 2,
	.run = network_cmd_connect,
};

const struct command cmd_network_disconnect = {
	.name = "network disconnect",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS] NETWORK CONTAINER",
	.summary = "Pull a container out of a network",
	.example = "minictr network disconnect back web",
	.takes = TAKES_NETWORK_CONTAINER,
	.options = disconnect_options,
	.values_size = sizeof(struct network_disconnect_values),
	.min_args = 2,
	.max_args = 2,
	.run = network_cmd_disconnect,
};

const struct command cmd_network_prune = {
	.name = "network prune",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS]",
	.summary = "Remove all networks that no container asks for",
	.example = "minictr network prune -f",
	.options = prune_options,
	.values_size = sizeof(struct network_prune_values),
	.run = network_cmd_prune,
};

const struct command cmd_network_repair = {
	.name = "network repair",
	.group = GROUP_PARTS,
	.usage = "",
	.summary = "Write all rules anew, and remove links that belong to nothing",
	.example = "minictr network repair",
	.run = network_cmd_repair,
};
