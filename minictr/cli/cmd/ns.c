/*
 * cmd/ns.c - `ns diff A B`: which namespaces two containers (or a container and the host) share.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/ns_links.h"
#include "cli/format/table.h"
#include "engine/container.h"

static int read_one(struct engine *e, const char *name, uint64_t ret[NS_KINDS], struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	if (str_eq(name, "host"))
		return ns_read(0, ret, err);
	int rc = container_find(e, name, &c, err);
	if (rc < 0)
		return rc;
	if (!container_is_active(&c) || !c.init.pid) {
		err_set(err, ESRCH, "container %s is not running: namespaces live with their processes",
			name);
		return err_hint(err, "minictr start %s", name);
	}
	return ns_read(c.init.pid, ret, err);
}

static int ns_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_strv_ char **lines = NULL;
	uint64_t a[NS_KINDS], b[NS_KINDS];
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = read_one(&e, argv[0], a, err);
	if (rc == 0)
		rc = read_one(&e, argv[1], b, err);
	if (rc < 0)
		return rc;
	strv_pushf(&lines, "NAMESPACE\t%s\t%s\t\tWHAT IT DIVIDES", argv[0], argv[1]);
	for (size_t i = 0; i < NS_KINDS; i++)
		strv_pushf(&lines, "%s\t%llu\t%llu\t%s\t%s", ns_kinds[i], (unsigned long long)a[i],
			(unsigned long long)b[i], a[i] == b[i] ? "shared" : "different", ns_meaning[i]);
	table_print(stdout, lines);
	return 0;
}

const struct command cmd_ns_diff = {
	.name = "ns diff",
	.group = GROUP_LOOK,
	.usage = "CONTAINER|host CONTAINER|host",
	.summary = "Show which namespaces two containers share",
	.example = "minictr ns diff web host",
	.takes = TAKES_RUNNING,
	.min_args = 2,
	.max_args = 2,
	.run = ns_run,
};
