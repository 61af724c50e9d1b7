/*
 * cmd/version.c - `version`: what runs here. The client is the engine: there is no daemon to ask.
 */
#include "cli/commands.h"

#include <sys/utsname.h>

#include "base/program.h"
#include "cli/format/format.h"
#include "cli/verbs.h"

static const struct option_def options[] = {
	{ 'f', "format", OPT_STRING, offsetof(struct version_values, format), "string",
		"Print by a template, or 'json'" },
	{ 0 },
};

static int version_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct version_values *v = values;
	struct utsname u;
	uname(&u);
	_cleanup_json_ struct json *doc = json_new_array();
	struct json *all = json_add(doc, json_new_object());
	struct json *client = json_sub(all, "Client"), *server = json_sub(all, "Server");
	json_set_string(client, "Version", MINICTR_VERSION);
	json_set_string(client, "Os", "linux");
	json_set_string(client, "Arch", str_eq(u.machine, "x86_64") ? "amd64" : "arm64");
	json_set_string(server, "Version", MINICTR_VERSION);
	json_set_string(server, "KernelVersion", u.release);
	json_set_string(server, "Os", "linux");
	json_set_string(server, "Arch", str_eq(u.machine, "x86_64") ? "amd64" : "arm64");
	if (v->format) {
		if (str_eq(v->format, "json"))
			return format_list("json", "", NULL, doc, stdout, err);
		return format_inspect(v->format, doc, stdout, err);
	}
	printf("minictr %s, client and engine in one (there is no daemon)\n Kernel: %s %s\n", MINICTR_VERSION,
		u.release, u.machine);
	if (program_mine[0])
		printf(" Mine:   %s (labs); all else is the reference\n", program_mine);
	return 0;
}

const struct command cmd_version = {
	.name = "version",
	.group = GROUP_SYSTEM,
	.usage = "[OPTIONS]",
	.summary = "Show the version",
	.example = "minictr version --format '{{.Client.Version}}'",
	.options = options,
	.values_size = sizeof(struct version_values),
	.run = version_run,
};
