/*
 * cmd/update.c - `update`: other limits for a container, at once when it runs and for its next start.
 */
#include "cli/commands.h"
#include "cli/engine_use.h"
#include "cli/verbs.h"
#include "engine/stop.h"

#define AT(field) offsetof(struct update_options, field)

static const struct option_def options[] = {
	{ 0, "cpu-period", OPT_I64, AT(cpu_period), "int", "Length of a CPU period in microseconds" },
	{ 0, "cpu-quota", OPT_I64, AT(cpu_quota), "int", "CPU time per period in microseconds" },
	{ 'c', "cpu-shares", OPT_I64, AT(cpu_shares), "int", "CPU weight next to others" },
	{ 0, "cpus", OPT_CPUS, AT(nano_cpus), "decimal", "Number of CPUs" },
	{ 0, "cpuset-cpus", OPT_STRING, AT(cpuset_cpus), "string", "CPUs it may use: 0-2, 0,1" },
	{ 0, "cpuset-mems", OPT_STRING, AT(cpuset_mems), "string", "Memory nodes it may use" },
	{ 'm', "memory", OPT_BYTES, AT(memory), "bytes", "Most memory it may use" },
	{ 0, "memory-reservation", OPT_BYTES, AT(memory_reservation), "bytes",
		"Memory that is its own under pressure" },
	{ 0, "memory-swap", OPT_BYTES, AT(memory_swap), "bytes", "Memory plus swap; -1 for any" },
	{ 0, "pids-limit", OPT_I64, AT(pids_limit), "int", "Most processes; -1 for any number" },
	{ 0, "restart", OPT_STRING, AT(restart), "string", "no, on-failure[:N], always, unless-stopped" },
	{ 0 },
};

static int check_numbers(const struct update_options *o, struct mc_err *err)
{
	const struct {
		const char *flag;
		int64_t value;
	} numbers[] = { { "cpu-shares", (int64_t)o->cpu_shares }, { "cpu-period", (int64_t)o->cpu_period },
		{ "cpus", (int64_t)o->nano_cpus }, { "memory", (int64_t)o->memory },
		{ "memory-reservation", (int64_t)o->memory_reservation } };
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].value < 0) {
			err_set(err, EINVAL,
				"invalid argument \"%lld\" for \"--%s\" flag: it cannot be negative",
				(long long)numbers[i].value, numbers[i].flag);
			return err_exit(err, 125);
		}
	return 0;
}

static int update_one(struct engine *e, const char *name, const void *values, struct mc_err *err)
{
	return container_update(e, name, values, err);
}

int update_check(const struct update_options *o, struct mc_err *err)
{
	static const struct update_options none;
	if (!memcmp(o, &none, sizeof(none)))
		return err_set(err, EINVAL,
			"nothing to update: you must provide one or more flags, such as --memory 64m");
	return check_numbers(o, err);
}

static int update_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	int rc = update_check(values, err);
	return rc < 0 ? rc : each_name(cli, argc, argv, update_one, values, err);
}

const struct command cmd_update = {
	.name = "update",
	.aliases = "container update",
	.group = GROUP_LIFE,
	.usage = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = "Change limits and restart policy of containers",
	.example = "minictr update --memory 128m --restart always web",
	.takes = TAKES_CONTAINERS,
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = options,
	.values_size = sizeof(struct update_options),
	.run = update_run,
};
