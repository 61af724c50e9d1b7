/*
 * body_kinds.c - see body_kinds.h.
 *
 * Why before the operation: what reads a member takes a value of another kind for an absent one
 * ({"Volumes": ["/data"]}, {"Internal": "true"}), and the client gets a container or network that is not what
 * it asked for. Docker refuses these while it decodes the body.
 * A path is made of names, {} for every member of an object and [] for every item of a list.
 */
#include "daemon/body_kinds.h"

#include <strings.h>

enum kind {
	TEXT,
	TRUTH,
	WHOLE,
	COUNT,
	OBJECT,
	WORDS
}; /* COUNT: not below zero; WORDS: a text or a list of texts */

struct row {
	const char *path;
	enum kind kind;
};

/* A container's own part: the body of create, and of commit. */
static const struct row config[] = {
	{ "Hostname", TEXT },
	{ "Domainname", TEXT },
	{ "User", TEXT },
	{ "AttachStdin", TRUTH },
	{ "AttachStdout", TRUTH },
	{ "AttachStderr", TRUTH },
	{ "ExposedPorts.{}", OBJECT },
	{ "Tty", TRUTH },
	{ "OpenStdin", TRUTH },
	{ "StdinOnce", TRUTH },
	{ "Env.[]", TEXT },
	{ "Cmd", WORDS },
	{ "Entrypoint", WORDS },
	{ "Healthcheck.Test.[]", TEXT },
	{ "Healthcheck.Interval", WHOLE },
	{ "Healthcheck.Timeout", WHOLE },
	{ "Healthcheck.StartPeriod", WHOLE },
	{ "Healthcheck.StartInterval", WHOLE },
	{ "Healthcheck.Retries", WHOLE },
	{ "ArgsEscaped", TRUTH },
	{ "Image", TEXT },
	{ "Volumes.{}", OBJECT },
	{ "WorkingDir", TEXT },
	{ "NetworkDisabled", TRUTH },
	{ "MacAddress", TEXT },
	{ "OnBuild.[]", TEXT },
	{ "Labels.{}", TEXT },
	{ "StopSignal", TEXT },
	{ "StopTimeout", WHOLE },
	{ "Shell", WORDS },
	{ NULL, 0 },
};

/* What create_body.c does not look at itself. */
static const struct row host[] = {
	{ "ContainerIDFile", TEXT },
	{ "NetworkMode", TEXT },
	{ "PortBindings.{}.[].HostIp", TEXT },
	{ "PortBindings.{}.[].HostPort", TEXT },
	{ "RestartPolicy.Name", TEXT },
	{ "RestartPolicy.MaximumRetryCount", WHOLE },
	{ "LogConfig.Type", TEXT },
	{ "LogConfig.Config.{}", TEXT },
	{ "VolumeDriver", TEXT },
	{ "Mounts.[].Type", TEXT },
	{ "Mounts.[].Source", TEXT },
	{ "Mounts.[].Target", TEXT },
	{ "Mounts.[].ReadOnly", TRUTH },
	{ "Mounts.[].Consistency", TEXT },
	{ "Mounts.[].BindOptions.Propagation", TEXT },
	{ "Mounts.[].BindOptions.NonRecursive", TRUTH },
	{ "Mounts.[].BindOptions.ReadOnlyNonRecursive", TRUTH },
	{ "Mounts.[].BindOptions.ReadOnlyForceRecursive", TRUTH },
	{ "Mounts.[].VolumeOptions.NoCopy", TRUTH },
	{ "Mounts.[].VolumeOptions.Labels.{}", TEXT },
	{ "Mounts.[].VolumeOptions.DriverConfig.Name", TEXT },
	{ "Mounts.[].VolumeOptions.DriverConfig.Options.{}", TEXT },
	{ "Mounts.[].TmpfsOptions.SizeBytes", WHOLE },
	{ "Mounts.[].TmpfsOptions.Mode", WHOLE },
	{ "Cgroup", TEXT },
	{ "SecurityOpt.[]", TEXT },
	{ "StorageOpt.{}", TEXT },
	{ "Tmpfs.{}", TEXT },
	{ "Sysctls.{}", TEXT },
	{ "ConsoleSize.[]", COUNT },
	{ "Isolation", TEXT },
	{ "KernelMemory", COUNT },
	{ "KernelMemoryTCP", COUNT },
	{ "Devices.[].PathOnHost", TEXT },
	{ "Devices.[].PathInContainer", TEXT },
	{ "Devices.[].CgroupPermissions", TEXT },
	{ "DeviceRequests.[].Driver", TEXT },
	{ "DeviceRequests.[].Count", WHOLE },
	{ "DeviceRequests.[].DeviceIDs.[]", TEXT },
	{ "DeviceRequests.[].Capabilities.[].[]", TEXT },
	{ "DeviceRequests.[].Options.{}", TEXT },
	{ "BlkioWeightDevice.[].Path", TEXT },
	{ "BlkioWeightDevice.[].Weight", WHOLE },
	{ "BlkioDeviceReadBps.[].Path", TEXT },
	{ "BlkioDeviceReadBps.[].Rate", WHOLE },
	{ "BlkioDeviceWriteBps.[].Path", TEXT },
	{ "BlkioDeviceWriteBps.[].Rate", WHOLE },
	{ "BlkioDeviceReadIOps.[].Path", TEXT },
	{ "BlkioDeviceReadIOps.[].Rate", WHOLE },
	{ "BlkioDeviceWriteIOps.[].Path", TEXT },
	{ "BlkioDeviceWriteIOps.[].Rate", WHOLE },
	{ "Ulimits.[].Name", TEXT },
	{ "Ulimits.[].Soft", WHOLE },
	{ "Ulimits.[].Hard", WHOLE },
	{ "MaskedPaths.[]", TEXT },
	{ "ReadonlyPaths.[]", TEXT },
	{ NULL, 0 },
};

/* What update reads beside the restart policy. */
static const struct row resources[] = {
	{ "Memory", WHOLE },
	{ "MemoryReservation", WHOLE },
	{ "MemorySwap", WHOLE },
	{ "NanoCpus", WHOLE },
	{ "CpuShares", WHOLE },
	{ "CpuPeriod", WHOLE },
	{ "CpuQuota", WHOLE },
	{ "CpusetCpus", TEXT },
	{ "CpusetMems", TEXT },
	{ "PidsLimit", WHOLE },
	{ "BlkioWeight", WHOLE },
	{ NULL, 0 },
};

static const struct row endpoint[] = {
	{ "IPAMConfig.IPv4Address", TEXT },
	{ "IPAMConfig.IPv6Address", TEXT },
	{ "IPAMConfig.LinkLocalIPs.[]", TEXT },
	{ "Links.[]", TEXT },
	{ "Aliases.[]", TEXT },
	{ "MacAddress", TEXT },
	{ "DriverOpts.{}", TEXT },
	{ "GwPriority", WHOLE },
	{ NULL, 0 },
};

static const struct row network[] = {
	{ "Name", TEXT },
	{ "CheckDuplicate", TRUTH },
	{ "Driver", TEXT },
	{ "Scope", TEXT },
	{ "Internal", TRUTH },
	{ "Attachable", TRUTH },
	{ "Ingress", TRUTH },
	{ "ConfigOnly", TRUTH },
	{ "ConfigFrom.Network", TEXT },
	{ "EnableIPv4", TRUTH },
	{ "EnableIPv6", TRUTH },
	{ "IPAM.Driver", TEXT },
	{ "IPAM.Options.{}", TEXT },
	{ "IPAM.Config.[].Subnet", TEXT },
	{ "IPAM.Config.[].IPRange", TEXT },
	{ "IPAM.Config.[].Gateway", TEXT },
	{ "IPAM.Config.[].AuxiliaryAddresses.{}", TEXT },
	{ "Options.{}", TEXT },
	{ "Labels.{}", TEXT },
	{ NULL, 0 },
};

static const struct row volume[] = {
	{ "Name", TEXT },
	{ "Driver", TEXT },
	{ "DriverOpts.{}", TEXT },
	{ "Labels.{}", TEXT },
	{ NULL, 0 },
};

static const struct row member[] = {
	{ "Container", TEXT },
	{ "Force", TRUTH },
	{ NULL, 0 },
};

static const struct row exec[] = {
	{ "User", TEXT },
	{ "Privileged", TRUTH },
	{ "Tty", TRUTH },
	{ "AttachStdin", TRUTH },
	{ "AttachStdout", TRUTH },
	{ "AttachStderr", TRUTH },
	{ "Detach", TRUTH },
	{ "DetachKeys", TEXT },
	{ "ConsoleSize.[]", COUNT },
	{ "Env.[]", TEXT },
	{ "WorkingDir", TEXT },
	{ "Cmd", WORDS },
	{ NULL, 0 },
};

static const struct {
	const char *op, *below; /* where in the body the rows begin */
	const struct row *rows;
} table[] = {
	{ "containers.create", "", config },
	{ "containers.create", "HostConfig", host },
	{ "containers.create", "NetworkingConfig.EndpointsConfig.{}", endpoint },
	{ "containers.update", "", host },
	{ "containers.update", "", resources },
	{ "commit", "", config },
	{ "exec.create", "", exec },
	{ "exec.start", "", exec },
	{ "networks.create", "", network },
	{ "networks.connect", "", member },
	{ "networks.connect", "EndpointConfig", endpoint },
	{ "networks.disconnect", "", member },
	{ "volumes.create", "", volume },
};

/* --- a value and its kind --- */

static int check_kind(const struct json *v, enum kind kind, const char *whole, struct mc_err *err)
{
	static const char *const names[] = { [TEXT] = "a string",
		[TRUTH] = "true or false",
		[WHOLE] = "a whole number",
		[COUNT] = "a whole number that is not below zero",
		[OBJECT] = "an object",
		[WORDS] = "a string or a list of strings" };
	static const enum json_kind kinds[] = { [TEXT] = JSON_STRING,
		[TRUTH] = JSON_BOOL,
		[WHOLE] = JSON_INT,
		[COUNT] = JSON_INT,
		[OBJECT] = JSON_OBJECT,
		[WORDS] = JSON_STRING };
	bool right = json_kind_of(v) == kinds[kind];
	if (kind == COUNT && json_int_of(v) < 0)
		right = false;
	if (kind == WORDS && json_kind_of(v) == JSON_ARRAY) {
		right = true;
		for (size_t i = 0; i < json_len(v); i++)
			right &= json_kind_of(json_item(v, i)) == JSON_STRING;
	}
	return right ? 0 : err_set(err, EINVAL, "%s: expected %s", whole, names[kind]);
}

/* v stands at the place where what is left of the path begins. */
static int check_below(
	const struct json *v, const char *left, enum kind kind, const char *whole, struct mc_err *err)
{
	struct json_iter it = { 0 };
	size_t n = strcspn(left, ".");
	bool is_list = !strncmp(left, "[]", 2);
	int rc = 0;
	if (!v || json_kind_of(v) == JSON_NULL)
		return 0;
	if (!n)
		return check_kind(v, kind, whole, err);
	if (json_kind_of(v) != (is_list ? JSON_ARRAY : JSON_OBJECT))
		return err_set(err, EINVAL, "%.*s: expected %s", left > whole ? (int)(left - whole - 1) : 4,
			left > whole ? whole : "body", is_list ? "a list" : "an object");
	const char *next = left + n + (left[n] == '.');
	if (is_list) {
		for (size_t i = 0; rc == 0 && i < json_len(v); i++)
			rc = check_below(json_item(v, i), next, kind, whole, err);
	} else if (!strncmp(left, "{}", 2)) {
		while (rc == 0 && json_next(v, &it))
			rc = check_below(it.value, next, kind, whole, err);
	} else {
		_cleanup_free_ char *name = xstrndup(left, n);
		rc = check_below(json_member(v, name), next, kind, whole, err);
	}
	return rc;
}

/* A member whose name differs in case only is renamed as docker has it. One with the right case wins. */
static const struct json *named(struct json *v, const char *name)
{
	struct json_iter it = { 0 };
	const char *other = NULL;
	if (json_kind_of(v) != JSON_OBJECT || json_member(v, name))
		return json_member(v, name);
	while (!other && json_next(v, &it))
		other = it.value && !strcasecmp(it.key, name) ? it.key : NULL;
	if (!other)
		return NULL;
	_cleanup_free_ char *old = xstrdup(other);
	struct json *moved = json_copy(it.value);
	json_unset(v, old);
	return json_set(v, name, moved);
}

void body_set_names(struct json *v, const char *path)
{
	struct json_iter it = { 0 };
	size_t n = strcspn(path, ".");
	const char *next = path + n + (path[n] == '.');
	if (!n || !v)
		return;
	if (!strncmp(path, "[]", 2)) {
		for (size_t i = 0; i < json_len(v) && json_kind_of(v) == JSON_ARRAY; i++)
			body_set_names((struct json *)json_item(v, i), next);
	} else if (!strncmp(path, "{}", 2)) {
		while (*next && json_kind_of(v) == JSON_OBJECT && json_next(v, &it))
			body_set_names((struct json *)it.value, next);
	} else {
		_cleanup_free_ char *name = xstrndup(path, n);
		body_set_names((struct json *)named(v, name), next);
	}
}

int body_check_kinds(const char *op, struct json *body, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		for (const struct row *r = table[i].rows; rc == 0 && r->path && str_eq(op, table[i].op);
			r++) {
			_cleanup_free_ char *whole =
				xasprintf("%s%s%s", table[i].below, *table[i].below ? "." : "", r->path);
			body_set_names(body, whole);
			rc = check_below(body, whole, r->kind, whole, err);
		}
	return rc;
}
