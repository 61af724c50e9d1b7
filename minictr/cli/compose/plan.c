/*
 * compose/plan.c - what `up` would do, before it does it: the picture of services, the reason for every step.
 */
#include <stdio.h>

#include "cli/compose/compose.h"
#include "cli/format/draw.h"
#include "compose/graph.h"

static void graph_add(const struct project *p, const char *name, struct node *parent, int depth)
{
	const struct yaml *s = ynode_get(p->services, name), *needs = ynode_get(s, "depends_on");
	for (size_t i = 0; depth < 20 && needs && i < needs->n; i++) {
		const char *condition = ynode_text(ynode_get(needs->items[i], "condition"));
		struct node *n =
			node_add(parent, "needs %s (%s)", needs->keys[i], condition + strlen("service_"));
		graph_add(p, needs->keys[i], n, depth + 1);
	}
}

static void graph_parts(const struct project *p, const char *name, struct node *node)
{
	const struct yaml *s = ynode_get(p->services, name), *networks = ynode_get(s, "networks"),
			  *volumes = ynode_get(s, "volumes");
	const struct yaml *ports = ynode_get(s, "ports");
	for (size_t i = 0; networks && i < networks->n; i++)
		node_add(node, "network %s", networks->keys[i]);
	for (size_t i = 0; volumes && i < volumes->n; i++)
		node_add(node, "%s %s on %s", ynode_text(ynode_get(volumes->items[i], "type")),
			ynode_text(ynode_get(volumes->items[i], "source"))
				? ynode_text(ynode_get(volumes->items[i], "source"))
				: "(anonymous)",
			ynode_text(ynode_get(volumes->items[i], "target")));
	for (size_t i = 0; ports && i < ports->n; i++)
		node_add(node, "port %s -> %s/%s",
			ynode_text(ynode_get(ports->items[i], "published"))
				? ynode_text(ynode_get(ports->items[i], "published"))
				: "(any)",
			ynode_text(ynode_get(ports->items[i], "target")),
			ynode_text(ynode_get(ports->items[i], "protocol")));
}

static int compose_cmd_graph(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_project_ struct project p = { 0 };
	struct graph g;
	int rc = compose_load(cli, NULL, &p, err);
	if (rc < 0)
		return rc;
	graph_of_project(&p, &g);
	_cleanup_free_ int *order = xcalloc(g.n + 1, sizeof(int));
	rc = graph_order(&g, order, err);
	struct node *root = node_new("%s: %zu services, in the order in which they start", p.name, g.n);
	for (size_t i = 0; rc >= 0 && i < g.n; i++) {
		_cleanup_free_ char *image = service_image(&p, g.names[order[i]]);
		struct node *n = node_add(root, "%s (%s)", g.names[order[i]], image);
		graph_add(&p, g.names[order[i]], n, 0);
		graph_parts(&p, g.names[order[i]], n);
	}
	if (rc >= 0)
		node_print(root, stdout);
	node_free(root);
	graph_release(&g);
	return rc;
}

const struct command compose_graph = {
	.name = "graph",
	.group = GROUP_LOOK,
	.summary = "Draw services, what they need, networks and volumes",
	.usage = "",
	.example = "minictr compose graph",
	.run = compose_cmd_graph,
};

static int compose_cmd_explain(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	static const char *const verbs[] = { "keep", "start", "create", "recreate", "remove", "restart" };
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_project_ struct project p = { 0 };
	struct actual have = { 0 };
	struct actions actions = { 0 };
	struct up_options o = { .services = argc ? argv : NULL, .timeout = -1 };
	int rc = compose_open(cli, argv, &e, &p, err);
	if (rc >= 0)
		rc = actual_read(&e, p.name, &have, err);
	if (rc >= 0)
		rc = project_plan(&e, &p, &o, &have, &actions, err);
	for (size_t i = 0; rc >= 0 && i < actions.n; i++) {
		const struct action *a = &actions.items[i];
		const struct yaml *needs = ynode_get(ynode_get(p.services, a->service), "depends_on");
		_cleanup_free_ char *name = service_container_name(&p, a->service, a->number);
		printf("%-9s %s: %s\n", verbs[a->kind], a->c ? a->c->name : name, a->why);
		for (size_t k = 0;
			a->kind != ACTION_KEEP && a->kind != ACTION_REMOVE && needs && k < needs->n; k++)
			printf("          waits until %s is %s\n", needs->keys[k],
				ynode_text(ynode_get(needs->items[k], "condition")) + strlen("service_"));
	}
	actions_release(&actions);
	actual_release(&have);
	return rc;
}

const struct command compose_explain = {
	.name = "explain",
	.group = GROUP_LOOK,
	.usage = "[SERVICE...]",
	.summary = "Say what `up` would do, and why",
	.example = "minictr compose explain",
	.max_args = ANY_ARGS,
	.run = compose_cmd_explain,
};
