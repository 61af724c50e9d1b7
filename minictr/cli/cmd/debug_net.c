/*
 * cmd/debug_net.c - `debug net` finds out why a container is not reached; `network graph` draws what is
 * plugged into what.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/draw.h"
#include "engine/container.h"
#include "engine/net_check.h"
#include "engine/network_jobs.h"

/* --- debug net --- */

static void say_one(bool well, const char *what, const char *fix, void *data)
{
	printf("%s %s\n", well ? "ok   " : "FAULT", what);
	if (*fix)
		printf("      do: %s\n", fix);
}

/* "web:80": the port, cut off; 0 none. */
static int cut_port(char *text, uint16_t *ret, struct mc_err *err)
{
	char *colon = strrchr(text, ':');
	uint64_t n = 0;
	*ret = 0;
	if (!colon)
		return 0;
	*colon++ = '\0';
	if (parse_u64(colon, &n) < 0 || !n || n > 65535)
		return err_set(err, EINVAL, "invalid port \"%s\": expected a number from 1 to 65535", colon);
	*ret = (uint16_t)n;
	return 0;
}

static int debug_net_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_container_ struct container a = { 0 }, b = { 0 };
	uint16_t port = 0;
	int rc = argc > 1 ? cut_port(argv[1], &port, err) : 0;
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = networks_allowed(&e, err);
	if (rc == 0)
		rc = container_find(&e, argv[0], &a, err);
	if (rc == 0 && argc > 1)
		rc = container_find(&e, argv[1], &b, err);
	if (rc == 0)
		rc = net_check(&e, &a, argc > 1 ? &b : NULL, port, say_one, NULL, err);
	if (rc < 0)
		return rc;
	if (rc)
		printf("%d fault%s found\n", rc, rc == 1 ? "" : "s");
	else
		printf("no fault found on the way\n");
	return rc ? 1 : 0;
}

const struct command cmd_debug_net = {
	.name = "debug net",
	.group = GROUP_LOOK,
	.usage = "CONTAINER [OTHER[:PORT]]",
	.summary = "Find out why a container is not reached",
	.example = "minictr debug net web\nminictr debug net web db:6379",
	.takes = TAKES_CONTAINERS,
	.min_args = 1,
	.max_args = 2,
	.run = debug_net_run,
};

/* --- network graph --- */

static void draw_ports(struct node *parent, const struct container *c)
{
	const struct json *ports = json_member(c->net, "Ports");
	struct json_iter it = { 0 };
	while (json_kind_of(ports) == JSON_OBJECT && json_next(ports, &it))
		for (size_t i = 0; i < json_len(it.value); i++) {
			const struct json *one = json_item(it.value, i);
			const char *ip = json_text_of(json_member(one, "HostIp"));
			bool six = ip && strchr(ip, ':');
			node_add(parent, "host %s%s%s:%s leads to port %s", six ? "[" : "", ip,
				six ? "]" : "", json_text_of(json_member(one, "HostPort")), it.key);
		}
}

static void draw_container(struct node *bridge, const struct container *c, const struct network *n)
{
	const struct json *have = json_member(json_member(c->net, "Networks"), n->name);
	const char *six = json_text_of(json_member(have, "GlobalIPv6Address"));
	const char *ip = json_text_of(json_member(have, "IPAddress")),
		   *way = json_text_of(json_member(c->net, "Way4"));
	if (!have)
		return;
	struct node *at = node_add(bridge, "%s  %s%s%s  %s inside, cable %s%s", c->name, ip,
		six && *six ? " " : "", six ? six : "", json_text_of(json_member(have, "InterfaceName")),
		json_text_of(json_member(have, "HostLink")), str_eq(ip, way) ? ", default route" : "");
	if (str_eq(ip, way))
		draw_ports(at, c);
}

static int network_graph_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_network_list_ struct network_list all = { 0 };
	_cleanup_container_list_ struct container_list containers = { 0 };
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = networks_allowed(&e, err);
	struct net_home h = engine_networks(&e);
	if (rc == 0)
		rc = network_list(&h, &all, err);
	if (rc == 0)
		rc = container_list(&e, &containers, err);
	if (rc < 0)
		return rc;
	struct node *root = node_new("host");
	for (size_t i = 0; i < all.count; i++) {
		const struct network *n = &all.items[i];
		char four[ADDRESS_TEXT], six[ADDRESS_TEXT];
		if (!network_is_bridge(n) || !n->subnet4.address.family)
			continue;
		subnet_text(&n->subnet6, six);
		struct node *bridge = node_add(root, "network %s  bridge %s  %s%s%s  %s", n->name, n->bridge,
			subnet_text(&n->subnet4, four), *six ? " " : "", six,
			n->internal        ? "internal: no way out"
			: n->no_masquerade ? "routed"
					   : "masqueraded on the way out");
		for (size_t k = 0; k < containers.count; k++)
			draw_container(bridge, &containers.items[k], n);
	}
	node_print(root, stdout);
	node_free(root);
	return 0;
}

const struct command cmd_network_graph = {
	.name = "network graph",
	.group = GROUP_PARTS,
	.usage = "",
	.summary = "Draw networks, the containers in them, their ports",
	.example = "minictr network graph",
	.run = network_graph_run,
};
