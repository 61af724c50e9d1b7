/*
 * template_typed.c - fields that docker's objects have and a JSON document leaves out, or has as null.
 *
 * `{{if .State.Health}}` and `{{.Config.Entrypoint}}` work on every container and image of docker's: its
 * program knows the fields whatever the document says. What Go prints for an empty one depends on its type: a
 * list is [], a map map[], a pointer <nil>.
 */
#include "cli/format/template.h"

/* Fields that may be absent, by the object above them. */
static const struct typed {
	const char *above, *name, *empty;
} absent[] = {
	{ "Config", "ArgsEscaped", "false" },
	{ "Config", "AttachStderr", "false" },
	{ "Config", "AttachStdin", "false" },
	{ "Config", "AttachStdout", "false" },
	{ "Config", "Cmd", "[]" },
	{ "Config", "Domainname", "" },
	{ "Config", "Entrypoint", "[]" },
	{ "Config", "Env", "[]" },
	{ "Config", "ExposedPorts", "map[]" },
	{ "Config", "Healthcheck", "<nil>" },
	{ "Config", "Hostname", "" },
	{ "Config", "Image", "" },
	{ "Config", "Labels", "map[]" },
	{ "Config", "MacAddress", "" },
	{ "Config", "NetworkDisabled", "false" },
	{ "Config", "OnBuild", "[]" },
	{ "Config", "OpenStdin", "false" },
	{ "Config", "Shell", "[]" },
	{ "Config", "StdinOnce", "false" },
	{ "Config", "StopSignal", "" },
	{ "Config", "StopTimeout", "<nil>" },
	{ "Config", "Tty", "false" },
	{ "Config", "User", "" },
	{ "Config", "Volumes", "map[]" },
	{ "Config", "WorkingDir", "" },
	{ "HostConfig", "Annotations", "map[]" },
	{ "HostConfig", "Init", "<nil>" },
	{ "HostConfig", "Mounts", "[]" },
	{ "HostConfig", "StorageOpt", "map[]" },
	{ "HostConfig", "Sysctls", "map[]" },
	{ "HostConfig", "Tmpfs", "map[]" },
	{ "State", "Health", "<nil>" },
	{ NULL, "OsVersion", "" },
	{ NULL, "SizeRootFs", "<nil>" },
	{ NULL, "SizeRw", "<nil>" },
	{ NULL, "Variant", "" },
};

static const char *const pointers[] = { "Health", "Healthcheck", "IPAMConfig", "Init", "MemorySwappiness",
	"OomKillDisable", "PidsLimit", "StopTimeout", NULL };
static const char *const maps[] = { "AuxiliaryAddresses", "DriverOpts", "ExposedPorts", "Labels", "Options",
	"PortBindings", "Ports", "Sysctls", "Tmpfs", "Volumes", NULL };
static const char *const lists[] = { "Aliases", "Args", "Binds", "BlkioDeviceReadBps", "BlkioDeviceReadIOps",
	"BlkioDeviceWriteBps", "BlkioDeviceWriteIOps", "BlkioWeightDevice", "CapAdd", "CapDrop", "Cmd",
	"DeviceCgroupRules", "DeviceRequests", "Devices", "DNSNames", "Dns", "DnsOptions", "DnsSearch",
	"Entrypoint", "Env", "ExecIDs", "ExtraHosts", "GroupAdd", "Links", "MaskedPaths", "Mounts", "OnBuild",
	"ReadonlyPaths", "RepoDigests", "RepoTags", "SecurityOpt", "Shell", "Ulimits", "VolumesFrom", NULL };

const char *template_absent(const char *above, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(absent); i++)
		if (str_eq(name, absent[i].name) &&
			(absent[i].above ? str_eq(above, absent[i].above) : !above))
			return absent[i].empty;
	return NULL;
}

const char *template_null(const char *name)
{
	return strv_has((char *const *)pointers, name) ? "<nil>"
	       : strv_has((char *const *)maps, name)   ? "map[]"
	       : strv_has((char *const *)lists, name)  ? "[]"
						       : NULL;
}
