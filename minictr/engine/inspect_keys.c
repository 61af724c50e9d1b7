/*
 * inspect_keys.c - the keys that docker's `inspect` always has, also where this engine has nothing to say.
 *
 * Why: scripts read them, and a template that names a key which is not there fails. The record keeps what
 * was asked for only; the rest has docker's value for "not asked for".
 */
#include "engine/inspect.h"
#include "engine/spec/spec.h"

/* How docker writes "nothing" for a key. */
enum nothing { AS_NULL, AS_TEXT, AS_ZERO, AS_FALSE };

struct key {
	const char *name;
	enum nothing nothing;
};

static void fill(struct json *o, const struct key keys[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct json_iter it = { 0 };
		bool there = false;
		/* A key may be there and null. */
		while (!there && json_next(o, &it))
			there = str_eq(it.key, keys[i].name);
		if (there)
			continue;
		json_set(o, keys[i].name,
			keys[i].nothing == AS_TEXT    ? json_new_string("")
			: keys[i].nothing == AS_ZERO  ? json_new_i64(0)
			: keys[i].nothing == AS_FALSE ? json_new_bool(false)
						      : NULL);
	}
}

void inspect_fill_config(struct json *config)
{
	static const struct key keys[] = { { "Volumes", AS_NULL }, { "OnBuild", AS_NULL },
		{ "Domainname", AS_TEXT } };
	fill(config, keys, ARRAY_LEN(keys));
}

void inspect_fill_image(struct json *config)
{
	static const struct key keys[] = { { "Hostname", AS_TEXT }, { "Domainname", AS_TEXT },
		{ "User", AS_TEXT }, { "AttachStdin", AS_FALSE }, { "AttachStdout", AS_FALSE },
		{ "AttachStderr", AS_FALSE }, { "Tty", AS_FALSE }, { "OpenStdin", AS_FALSE },
		{ "StdinOnce", AS_FALSE }, { "Env", AS_NULL }, { "Cmd", AS_NULL }, { "Image", AS_TEXT },
		{ "Volumes", AS_NULL }, { "WorkingDir", AS_TEXT }, { "Entrypoint", AS_NULL },
		{ "OnBuild", AS_NULL }, { "Labels", AS_NULL } };
	fill(config, keys, ARRAY_LEN(keys));
}

void inspect_fill_host(struct json *host)
{
	static const struct key keys[] = { { "ContainerIDFile", AS_TEXT }, { "VolumeDriver", AS_TEXT },
		{ "Cgroup", AS_TEXT }, { "Links", AS_NULL }, { "Isolation", AS_TEXT },
		{ "DeviceRequests", AS_NULL }, { "CpuCount", AS_ZERO }, { "CpuPercent", AS_ZERO },
		{ "KernelMemory", AS_ZERO }, { "KernelMemoryTCP", AS_ZERO }, { "IOMaximumIOps", AS_ZERO },
		{ "IOMaximumBandwidth", AS_ZERO }, { "MaskedPaths", AS_NULL }, { "ReadonlyPaths", AS_NULL } };
	struct json *size = json_set(host, "ConsoleSize", json_new_array());
	for (int i = 0; i < 2; i++)
		json_add(size, json_new_i64(0));
	spec_set_paths(host, host, "MaskedPaths", "ReadonlyPaths");
	fill(host, keys, ARRAY_LEN(keys));
}
