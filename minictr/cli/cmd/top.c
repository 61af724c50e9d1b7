/*
 * cmd/top.c - `top`: the container's processes, with the host's numbers. ps(1) of the host looks, so it
 * works in an image that has no ps.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/format/table.h"
#include "cli/verbs.h"
#include "engine/events.h"
#include "engine/inspect.h"

static void add_line(char ***lines, const struct json *cells)
{
	_cleanup_buf_ struct buf b = { 0 };
	for (size_t i = 0; i < json_len(cells); i++) {
		const char *text = json_text_of(json_item(cells, i));
		buf_addf(&b, "%s%s", i ? "\t" : "", text ? text : "");
	}
	strv_push(lines, b.data ? b.data : "");
}

void top_print(const struct json *doc)
{
	_cleanup_strv_ char **lines = NULL;
	const struct json *rows = json_member(doc, "Processes");
	add_line(&lines, json_member(doc, "Titles"));
	for (size_t i = 0; i < json_len(rows); i++)
		add_line(&lines, json_item(rows, i));
	table_print_cells(stdout, lines, 20); /* as docker top */
}

static int top_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_top(&e, argv[0], argc > 1 ? argv + 1 : NULL, &doc, err);
	if (rc < 0)
		return rc;
	event_named(&e, argv[0], "top");
	top_print(doc);
	return 0;
}

const struct command cmd_top = {
	.name = "top",
	.aliases = "container top",
	.group = GROUP_LOOK,
	.usage = "CONTAINER [ps OPTIONS]",
	.summary = "Show the processes of a container",
	.example = "minictr top web\nminictr top web -o pid,rss,args",
	.takes = TAKES_RUNNING,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.run = top_run,
};
