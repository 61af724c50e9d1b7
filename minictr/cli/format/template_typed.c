/*
 * template_typed.c - fields that docker's objects have and a JSON document leaves out, or has as null.
 *
 * `{{if .State.Health}}` and `{{.Config.Entrypoint}}` work on every container and image of docker's: its
 * program knows the fields whatever the document says. What Go prints for an empty one depends on its type: a
 * list is [], a map map[], a pointer <nil>.
 */
#include "cli/format/template.h"

/* Fields that may be absent, by the object above them; an item of a list has no name, and is known by a field
 * that only its kind has: "Propagation" is a mount point's. */
static const struct typed {
	const char *above, *name, *empty, *beside;
} absent[] = {
	{ "Config", "ArgsEscaped", "false", NULL },
	{ "Config", "AttachStderr", "false", NULL },
	{ "Config", "AttachStdin", "false", NULL },
	{ "Config", "AttachStdout", "false", NULL },
	{ "Config", "Cmd", "[]", NULL },
	{ "Config", "Domainname", "", NULL },
	{ "Config", "Entrypoint", "[]", NULL },
	{ "Config", "Env", "[]", NULL },
	{ "Config", "ExposedPorts", "map[]", NULL },
	{ "Config", "Healthcheck", "<nil>", NULL },
	{ "Config", "Hostname", "", NULL },
	{ "Config", "Image", "", NULL },
	{ "Config", "Labels", "map[]", NULL },
	{ "Config", "MacAddress", "", NULL },
	{ "Config", "NetworkDisabled", "false", NULL },
	{ "Config", "OnBuild", "[]", NULL },
	{ "Config", "OpenStdin", "false", NULL },
	{ "Config", "Shell", "[]", NULL },
	{ "Config", "StdinOnce", "false", NULL },
	{ "Config", "StopSignal", "", NULL },
	{ "Config", "StopTimeout", "<nil>", NULL },
	{ "Config", "Tty", "false", NULL },
	{ "Config", "User", "", NULL },
	{ "Config", "Volumes", "map[]", NULL },
	{ "Config", "WorkingDir", "", NULL },
	{ "Healthcheck", "Interval", "0s", NULL },
	{ "Healthcheck", "Retries", "0", NULL },
	{ "Healthcheck", "StartPeriod", "0s", NULL },
	{ "Healthcheck", "Timeout", "0s", NULL },
	{ "HostConfig", "Annotations", "map[]", NULL },
	{ "HostConfig", "Init", "<nil>", NULL },
	{ "HostConfig", "Mounts", "[]", NULL },
	{ "HostConfig", "StorageOpt", "map[]", NULL },
	{ "HostConfig", "Sysctls", "map[]", NULL },
	{ "HostConfig", "Tmpfs", "map[]", NULL },
	{ "State", "Health", "<nil>", NULL },
	{ NULL, "BindOptions", "<nil>", "Target" },
	{ NULL, "Driver", "", "Propagation" },
	{ NULL, "IPRange", "", "Subnet" },
	{ NULL, "Gateway", "", "Subnet" },
	{ NULL, "Name", "", "Propagation" },
	{ NULL, "OsVersion", "", NULL },
	{ NULL, "ReadOnly", "false", "Target" },
	{ NULL, "Source", "", "Target" },
	{ NULL, "Status", "map[]", "Mountpoint" },
	{ NULL, "TmpfsOptions", "<nil>", "Target" },
	{ NULL, "UsageData", "<nil>", "Mountpoint" },
	{ NULL, "VolumeOptions", "<nil>", "Target" },
	{ NULL, "SizeRootFs", "<nil>", NULL },
	{ NULL, "SizeRw", "<nil>", NULL },
	{ NULL, "Variant", "", NULL },
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

const char *template_absent(const struct json *v, const char *above, const char *name)
{
	for (const struct typed *one = absent; one < absent + ARRAY_LEN(absent); one++)
		if (str_eq(name, one->name) && (!one->beside || json_member(v, one->beside)) &&
			(one->above ? str_eq(above, one->above) : one->beside || !above))
			return one->empty;
	return NULL;
}

const char *template_null(const char *name)
{
	return strv_has((char *const *)pointers, name) ? "<nil>"
	       : strv_has((char *const *)maps, name)   ? "map[]"
	       : strv_has((char *const *)lists, name)  ? "[]"
						       : NULL;
}
