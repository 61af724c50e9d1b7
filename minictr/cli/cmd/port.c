/*
 * cmd/port.c - `port`: which ports of a container are reached by which of the host's.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/container.h"

/* "80" asks for 80/tcp. */
static bool asked_for(const char *have, const char *want)
{
	size_t n = strlen(want);
	return !strncmp(have, want, n) && (!have[n] || (!strchr(want, '/') && str_eq(have + n, "/tcp")));
}

/* Numbers by value: 2/tcp before 10/tcp. */
static int by_number(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

int ports_print(const struct json *ports, const char *want)
{
	struct json_iter it = { 0 };
	_cleanup_strv_ char **lines = NULL;
	while (json_kind_of(ports) == JSON_OBJECT && json_next(ports, &it)) {
		if (want && !asked_for(it.key, want))
			continue;
		for (size_t i = 0; i < json_len(it.value); i++) {
			const struct json *one = json_item(it.value, i);
			const char *ip = json_text_of(json_member(one, "HostIp"));
			const char *port = json_text_of(json_member(one, "HostPort"));
			bool six = ip && strchr(ip, ':');
			strv_pushf(&lines, "%s%s%s%s%s:%s", want ? "" : it.key, want ? "" : " -> ",
				six ? "[" : "", ip && *ip ? ip : "0.0.0.0", six ? "]" : "", port ? port : "");
		}
	}
	size_t found = strv_len(lines);
	if (found)
		qsort(lines, found, sizeof(*lines), by_number);
	for (size_t i = 0; i < found; i++)
		puts(lines[i]);
	return (int)found;
}

static int port_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	_cleanup_engine_ struct engine e = { 0 };
	_cleanup_container_ struct container c = { 0 };
	int rc = use_engine(cli, &e, err);
	if (rc == 0)
		rc = container_find(&e, argv[0], &c, err);
	if (rc < 0)
		return rc;
	const char *want = argc > 1 ? argv[1] : NULL;
	if (!container_is_active(&c) && want)
		return err_set(err, EINVAL, "Container %s is not running", argv[0]);
	if (!ports_print(json_member(c.net, "Ports"), want) && want)
		return err_set(err, ENOENT, "No public port '%s' published for %s", want, argv[0]);
	return 0;
}

const struct command cmd_port = {
	.name = "port",
	.aliases = "container port",
	.group = GROUP_LOOK,
	.usage = "CONTAINER [PORT[/PROTO]]",
	.summary = "Show how ports of a container are reached",
	.example = "minictr port web 80",
	.takes = TAKES_CONTAINERS,
	.min_args = 1,
	.max_args = 2,
	.run = port_run,
};
