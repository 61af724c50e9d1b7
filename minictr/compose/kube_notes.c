/*
 * kube_notes.c - what a service says and Kubernetes has no word for.
 *
 * Two tables hold every key that a service may have: those that the other files translate, and those with a
 * sentence that says why not, and what to do instead. A key in neither gets a general sentence: a comment is
 * missing nowhere.
 */
#include "compose/kube.h"

/* Said here in full, or by the code that translates them. */
static const char *const notes_translated[] = { "annotations", "build", "cap_add", "cap_drop", "command",
	"configs", "cpus", "dns", "dns_opt", "dns_search", "entrypoint", "environment", "expose",
	"extra_hosts", "group_add", "healthcheck", "hostname", "image", "ipc", "labels", "mem_limit",
	"mem_reservation", "network_mode", "networks", "pid", "platform", "ports", "privileged",
	"pull_policy", "read_only", "restart", "runtime", "scale", "secrets", "security_opt", "shm_size",
	"stdin_open", "stop_grace_period", "sysctls", "tmpfs", "tty", "user", "volumes", "working_dir",
	"deploy", "depends_on",
	/* of compose itself: nothing of them reaches a container */
	"attach", "profiles", "extends", "env_file", "label_file" };

static const struct {
	const char *key, *why;
} notes_why[] = {
	{ "blkio_config", "Kubernetes limits no block I/O" },
	{ "cgroup", "the container runtime of the node decides it" },
	{ "cgroup_parent", "the kubelet decides the cgroup" },
	{ "container_name",
		"pods get their names from the cluster; the Service has the name that peers use" },
	{ "cpu_period", "say resources.limits.cpu" },
	{ "cpu_quota", "say resources.limits.cpu" },
	{ "cpu_shares", "say resources.requests.cpu" },
	{ "cpuset",
		"the kubelet's static CPU manager gives whole CPUs to pods with equal requests and limits" },
	{ "develop", "it is for the edit loop on one machine" },
	{ "device_cgroup_rules", "a device plugin hands devices out" },
	{ "devices", "a device plugin hands devices out, or privileged with a hostPath" },
	{ "domainname", "say subdomain of the pod, with a headless Service" },
	{ "gpus", "a device plugin hands them out: resources.limits \"nvidia.com/gpu\"" },
	{ "init", "put an init into the image (tini), or shareProcessNamespace: true" },
	{ "links", "every Service is found by its name" },
	{ "external_links", "every Service is found by its name" },
	{ "logging", "logs are the node's: `kubectl logs`" },
	{ "mac_address", "the network plugin gives addresses" },
	{ "memswap_limit", "swap is the node's: the kubelet's memorySwap" },
	{ "oom_score_adj", "the kubelet sets it from requests and limits" },
	{ "pids_limit", "the kubelet has one for all pods: podPidsLimit" },
	{ "stop_signal", "the image's STOPSIGNAL is sent; set it when the image is built" },
	{ "storage_opt", "say resources.limits.ephemeral-storage" },
	{ "ulimits", "the node's container runtime sets them for all pods" },
	{ "userns_mode", "hostUsers: false of the pod, where the cluster knows it" },
	{ "uts", "hostNetwork shares it, nothing else does" },
	{ "volumes_from", "mount the same claim in both pods, or put both containers into one pod" },
};

static const char *notes_reason(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(notes_why); i++)
		if (str_eq(notes_why[i].key, key))
			return notes_why[i].why;
	return "Kubernetes has nothing like it";
}

static void notes_depends(struct kube *k, const struct yaml *needs)
{
	for (size_t i = 0; needs && i < needs->n; i++)
		kube_note(k,
			"depends_on %s (%s) has no counterpart: all pods start at once, so the program must "
			"try "
			"again until %s answers; an initContainer can wait for it",
			needs->keys[i], ynode_text(ynode_get(needs->items[i], "condition")), needs->keys[i]);
}

static void notes_addresses(struct kube *k, const struct yaml *networks)
{
	static const char *const fixed[] = { "ipv4_address", "ipv6_address", "mac_address" };
	for (size_t i = 0; networks && networks->kind == YAML_MAP && i < networks->n; i++)
		for (size_t f = 0; f < ARRAY_LEN(fixed); f++)
			if (ynode_get(networks->items[i], fixed[f]))
				kube_note(k, "%s on network %s has no counterpart: use the Service's name",
					fixed[f], networks->keys[i]);
}

static void notes_deploy(struct kube *k, const struct yaml *deploy)
{
	static const char *const silent[] = { "mode", "replicas", "labels", "resources" };
	for (size_t i = 0; deploy && deploy->kind == YAML_MAP && i < deploy->n; i++) {
		bool said = false;
		for (size_t t = 0; t < ARRAY_LEN(silent); t++)
			said = said || str_eq(deploy->keys[i], silent[t]);
		if (!said)
			kube_note(k,
				"deploy.%s has no counterpart that is written here: see strategy and "
				"affinity of "
				"the workload",
				deploy->keys[i]);
	}
	if (ynode_get(ynode_get(ynode_get(deploy, "resources"), "limits"), "pids"))
		kube_note(
			k, "deploy.resources.limits.pids has no counterpart: %s", notes_reason("pids_limit"));
}

void kube_notes_of(struct kube *k, const struct yaml *service)
{
	for (size_t i = 0; i < service->n; i++) {
		bool known = str_starts(service->keys[i], "x-");
		for (size_t t = 0; t < ARRAY_LEN(notes_translated) && !known; t++)
			known = str_eq(service->keys[i], notes_translated[t]);
		if (!known)
			kube_note(k, "%s has no counterpart: %s", service->keys[i],
				notes_reason(service->keys[i]));
	}
	notes_depends(k, ynode_get(service, "depends_on"));
	notes_addresses(k, ynode_get(service, "networks"));
	notes_deploy(k, ynode_get(service, "deploy"));
}
