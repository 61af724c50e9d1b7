/*
 * run_flags.c - docker's flags of run and create, each one the offset of a field of struct run_options; and,
 * at the end, the image that such a command names: fetched when it is not there yet.
 * To add one: a field in engine/run.h, a row here, its use in engine/.
 * Left out: what docker has and nothing here obeys. Such a flag is known and refused with the way that
 * works (refused[]).
 */
#include "cli/run_flags.h"

#include "cli/client_config.h"
#include "cli/env_file.h"
#include "engine/spec/options.h"
#include "engine/stop.h"

#define AT(field) offsetof(struct run_values, o.field)
#define REFUSED(field) offsetof(struct run_values, refused.field)

/* clang-format off */
const struct option_def run_flags[] = {
	{ 0, "add-host", OPT_LIST, AT(add_host), "list", "Add a host name (NAME:IP) to /etc/hosts" },
	{ 0, "annotation", OPT_LIST, AT(annotations), "map", "Add an annotation to config.json" },
	{ 'a', "attach", OPT_LIST, AT(attach), "list", "Attach to stdin, stdout or stderr" },
	{ 0, "blkio-weight", OPT_I64, AT(blkio_weight), "uint16", "Block I/O weight, 10 to 1000" },
	{ 0, "blkio-weight-device", OPT_LIST, AT(blkio_weight_device), "list", "Weight of one disk: /dev/sda:500" },
	{ 0, "cap-add", OPT_LIST, AT(cap_add), "list", "Add a capability" },
	{ 0, "cap-drop", OPT_LIST, AT(cap_drop), "list", "Drop a capability (ALL for all)" },
	{ 0, "cgroup-parent", OPT_STRING, AT(cgroup_parent), "string", "cgroup to hang the container's below" },
	{ 0, "cgroupns", OPT_STRING, AT(cgroupns), "string", "cgroup namespace: private (default) or host" },
	{ 0, "cidfile", OPT_STRING, AT(cidfile), "string", "Write the container's id to this file" },
	{ 0, "cpu-period", OPT_I64, AT(cpu_period), "int", "Length of a CPU period in microseconds" },
	{ 0, "cpu-quota", OPT_I64, AT(cpu_quota), "int", "CPU time per period in microseconds" },
	{ 0, "cpu-rt-period", OPT_I64, AT(cpu_rt_period), "int", "Real-time period in microseconds (v1 only)" },
	{ 0, "cpu-rt-runtime", OPT_I64, AT(cpu_rt_runtime), "int", "Real-time share of it in microseconds (v1 only)" },
	{ 'c', "cpu-shares", OPT_I64, AT(cpu_shares), "int", "CPU weight next to others (1024 is usual)" },
	{ 0, "cpus", OPT_CPUS, AT(nano_cpus), "decimal", "Number of CPUs, 0.5 is half of one" },
	{ 0, "cpuset-cpus", OPT_STRING, AT(cpuset_cpus), "string", "CPUs it may use: 0-2, 0,1" },
	{ 0, "cpuset-mems", OPT_STRING, AT(cpuset_mems), "string", "Memory nodes it may use" },
	{ 'd', "detach", OPT_FLAG, AT(detach), NULL, "Leave it running, print its id" },
	{ 0, "detach-keys", OPT_STRING, AT(detach_keys), "string", "Keys that detach (ctrl-p,ctrl-q)" },
	{ 0, "device", OPT_LIST, AT(devices), "list", "Let it use a device: /dev/x[:/dev/y[:rwm]]" },
	{ 0, "device-cgroup-rule", OPT_LIST, AT(device_cgroup_rules), "list", "Device rule: c 1:3 rwm" },
	{ 0, "device-read-bps", OPT_LIST, AT(device_read_bps), "list", "Bytes a second read from a disk: /dev/sda:10mb" },
	{ 0, "device-read-iops", OPT_LIST, AT(device_read_iops), "list", "Reads a second of a disk: /dev/sda:100" },
	{ 0, "device-write-bps", OPT_LIST, AT(device_write_bps), "list", "Bytes a second written to a disk" },
	{ 0, "device-write-iops", OPT_LIST, AT(device_write_iops), "list", "Writes a second to a disk" },
	{ 0, "disable-content-trust", OPT_FLAG, REFUSED(no_trust), NULL, NULL },
	{ 0, "dns", OPT_LIST, AT(dns), "list", "Name server to use" },
	{ 0, "dns-option", OPT_LIST, AT(dns_option), "list", "Option for resolv.conf" },
	{ 0, "dns-opt", OPT_LIST, AT(dns_option), "list", NULL },
	{ 0, "dns-search", OPT_LIST, AT(dns_search), "list", "Search domain" },
	{ 0, "domainname", OPT_STRING, AT(domainname), "string", "NIS domain name" },
	{ 0, "entrypoint", OPT_STRING, AT(entrypoint), "string", "Program to run instead of the image's" },
	{ 'e', "env", OPT_LIST, AT(env), "list", "Set a variable: NAME=value, or NAME for your own value" },
	{ 0, "env-file", OPT_LIST, offsetof(struct run_values, env_files), "list", "Read variables from a file" },
	{ 0, "expose", OPT_LIST, AT(expose), "list", "Note a port without publishing it" },
	{ 0, "gpus", OPT_STRING, AT(gpus), "gpu-request", "Graphics cards, as CDI files describe them: all, 2, device=0,1" },
	{ 0, "group-add", OPT_LIST, AT(group_add), "list", "Another group for the user" },
	{ 0, "health-cmd", OPT_STRING, AT(health.cmd), "string", "Command that tells whether it is well" },
	{ 0, "health-interval", OPT_DURATION, AT(health.interval), "duration", "Time between two checks (30s)" },
	{ 0, "health-retries", OPT_INT, AT(health.retries), "int", "Failures in a row that mean unhealthy (3)" },
	{ 0, "health-start-interval", OPT_DURATION, AT(health.start_interval), "duration", "Time between checks while starting" },
	{ 0, "health-start-period", OPT_DURATION, AT(health.start_period), "duration", "Time in which failures do not count" },
	{ 0, "health-timeout", OPT_DURATION, AT(health.timeout), "duration", "Longest time of one check (30s)" },
	{ 'h', "hostname", OPT_STRING, AT(hostname), "string", "Its host name" },
	{ 0, "init", OPT_YES_NO, AT(init), NULL, "Run a small init as process 1 that forwards signals and reaps" },
	{ 'i', "interactive", OPT_FLAG, AT(interactive), NULL, "Keep stdin open" },
	{ 0, "ip", OPT_STRING, AT(ip), "string", "IPv4 address" },
	{ 0, "ip6", OPT_STRING, AT(ip6), "string", "IPv6 address" },
	{ 0, "ipc", OPT_STRING, AT(ipc), "string", "IPC namespace: private, shareable, host, container:NAME, none" },
	{ 0, "isolation", OPT_STRING, REFUSED(isolation), "string", NULL },
	{ 0, "kernel-memory", OPT_STRING, REFUSED(kernel_memory), "bytes", NULL },
	{ 'l', "label", OPT_LIST, AT(labels), "list", "Note key=value on it" },
	{ 0, "label-file", OPT_LIST, offsetof(struct run_values, label_files), "list", "Read labels from a file" },
	{ 0, "link", OPT_LIST, AT(links), "list", "CONTAINER:ALIAS, a name for a neighbour that only this one knows" },
	{ 0, "link-local-ip", OPT_LIST, AT(link_local_ips), "list", "One more address on its link: 169.254.8.8" },
	{ 0, "log-driver", OPT_STRING, AT(log_driver), "string", "json-file (default), local, none" },
	{ 0, "log-opt", OPT_LIST, AT(log_opts), "list", "max-size=10m, max-file=3" },
	{ 0, "mac-address", OPT_STRING, AT(mac_address), "string", "MAC address" },
	{ 'm', "memory", OPT_BYTES, AT(memory), "bytes", "Most memory it may use: 64m, 1g" },
	{ 0, "memory-reservation", OPT_BYTES, AT(memory_reservation), "bytes", "Memory that is its own under pressure" },
	{ 0, "memory-swap", OPT_BYTES, AT(memory_swap), "bytes", "Memory plus swap; -1 for any" },
	{ 0, "memory-swappiness", OPT_I64, AT(memory_swappiness), "int", "0 to 100" },
	{ 0, "mount", OPT_LIST, AT(mounts), "mount", "type=bind,src=/a,dst=/b[,readonly]" },
	{ 0, "name", OPT_STRING, AT(name), "string", "A name of your own" },
	{ 0, "network", OPT_LIST, AT(networks), "network", "A network (several times for several), none, host, container:NAME" },
	{ 0, "net", OPT_LIST, AT(networks), "network", NULL },
	{ 0, "net-alias", OPT_LIST, AT(network_alias), "list", NULL },
	{ 0, "network-alias", OPT_LIST, AT(network_alias), "list", "Another name in the network" },
	{ 0, "no-healthcheck", OPT_FLAG, AT(health.disable), NULL, "No health checks" },
	{ 0, "oom-kill-disable", OPT_FLAG, AT(oom_kill_disable), NULL, "Do not kill when memory runs out (v1 only)" },
	{ 0, "oom-score-adj", OPT_INT, AT(oom_score_adj), "int", "How readily the kernel kills it, -1000 to 1000" },
	{ 0, "pid", OPT_STRING, AT(pid), "string", "PID namespace: host, container:NAME" },
	{ 0, "pids-limit", OPT_I64, AT(pids_limit), "int", "Most processes; -1 for any number" },
	{ 0, "platform", OPT_STRING, AT(platform), "string", "os/arch of the image" },
	{ 0, "privileged", OPT_FLAG, AT(privileged), NULL, "All capabilities and devices: no isolation from the host" },
	{ 'p', "publish", OPT_LIST, AT(publish), "list", "Reach its port from outside: [HOST:]CONTAINER" },
	{ 'P', "publish-all", OPT_FLAG, AT(publish_all), NULL, "Publish all exposed ports" },
	{ 0, "pull", OPT_STRING, offsetof(struct run_values, pull), "string", "Fetch the image: missing (default), always, never" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct run_values, quiet), NULL, "No pull output" },
	{ 0, "read-only", OPT_FLAG, AT(read_only), NULL, "Its root file system cannot be written" },
	{ 0, "replace", OPT_FLAG, offsetof(struct run_values, replace), NULL, "Remove a container of the same name first" },
	{ 0, "restart", OPT_STRING, AT(restart), "string", "no, on-failure[:N], always, unless-stopped" },
	{ 0, "rm", OPT_FLAG, AT(rm), NULL, "Remove it when it ends" },
	{ 0, "runtime", OPT_STRING, AT(runtime), "string", "Another OCI runtime: crun, runc" },
	{ 0, "security-opt", OPT_LIST, AT(security_opt), "list", "seccomp=unconfined, seccomp=FILE, no-new-privileges" },
	{ 0, "shm-size", OPT_BYTES, AT(shm_size), "bytes", "Size of /dev/shm (64m)" },
	{ 0, "sig-proxy", OPT_FLAG, AT(sig_proxy), NULL, "Pass signals on to the program (default true)" },
	{ 0, "stop-signal", OPT_STRING, AT(stop_signal), "string", "Signal that asks it to end" },
	{ 0, "stop-timeout", OPT_INT, AT(stop_timeout), "int", "Seconds until it is killed (10)" },
	{ 0, "storage-opt", OPT_LIST, REFUSED(storage_opt), "list", NULL },
	{ 0, "sysctl", OPT_LIST, AT(sysctls), "map", "Kernel setting of its namespaces: key=value" },
	{ 0, "timeout", OPT_INT, AT(timeout), "int", "Seconds after which it is killed (0: never)" },
	{ 0, "tmpfs", OPT_LIST, AT(tmpfs), "list", "Memory as a directory: /path[:options]" },
	{ 't', "tty", OPT_FLAG, AT(tty), NULL, "Give it a terminal" },
	{ 0, "ulimit", OPT_LIST, AT(ulimits), "ulimit", "Resource limit: nofile=1024:2048" },
	{ 'u', "user", OPT_STRING, AT(user), "string", "User: name or id[:group]" },
	{ 0, "userns", OPT_STRING, AT(userns), "string", "User namespace: host, keep-id, nomap, auto" },
	{ 0, "uts", OPT_STRING, AT(uts), "string", "UTS namespace: host" },
	{ 'v', "volume", OPT_LIST, AT(volumes), "list", "Let it see a directory: /host:/inside[:ro]" },
	{ 0, "volume-driver", OPT_STRING, REFUSED(volume_driver), "string", NULL },
	{ 0, "volumes-from", OPT_LIST, AT(volumes_from), "list", "Mounts of another container" },
	{ 'w', "workdir", OPT_STRING, AT(workdir), "string", "Directory the program starts in" },
	{ 0 },
};
/* clang-format on */

const struct run_values run_defaults = { .o = RUN_OPTIONS_DEFAULT, .refused = { .no_trust = true } };

/* --- flags of docker that are known and not obeyed --- */

/* The flag's words are in a list or in one text. accepted: a word that asks for what happens anyway. */
static const struct {
	size_t offset;
	bool list;
	const char *flag, *accepted, *why, *instead;
} refused[] = {
	{ REFUSED(isolation), false, "isolation", "default",
		"Windows has other kinds of isolation, Linux has not", "leave it out" },
	{ REFUSED(kernel_memory), false, "kernel-memory", NULL,
		"the kernel has no such limit any more (since Linux 5.16)",
		"--memory counts the kernel's memory too" },
	{ REFUSED(storage_opt), true, "storage-opt", NULL,
		"an overlay file system has no size of its own (docker has it on XFS with project quotas "
		"only)",
		"limit what is written: --read-only with --tmpfs /tmp:size=64m" },
	{ REFUSED(volume_driver), false, "volume-driver", "local", "the local driver is the only one",
		"leave it out" },
};

static int refuse_flag(
	const char *flag, const char *word, const char *why, const char *instead, struct mc_err *err)
{
	err_set(err, ENOTSUP, "--%s %s: %s", flag, word, why);
	err_hint(err, "%s", instead);
	return err_exit(err, 125);
}

static int check_refused(const struct run_values *v, struct mc_err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const char *field = (const char *)v + refused[i].offset;
		char *const *list = refused[i].list ? *(char **const *)field : NULL;
		const char *word = refused[i].list ? (list ? list[0] : NULL) : *(const char *const *)field;
		if (word && *word && !str_eq(word, refused[i].accepted))
			return refuse_flag(refused[i].flag, word, refused[i].why, refused[i].instead, err);
	}
	if (!v->refused.no_trust)
		return refuse_flag("disable-content-trust", "false",
			"signatures of docker's Notary are not checked",
			"name the image by its digest, NAME@sha256:...: then its content is checked", err);
	return 0;
}

static int below_zero(const char *flag, int64_t v, struct mc_err *err)
{
	if (v >= 0)
		return 0;
	err_set(err, EINVAL, "invalid argument \"%lld\" for \"--%s\" flag: it cannot be negative",
		(long long)v, flag);
	return err_exit(err, 125);
}

static int check_numbers(const struct run_options *o, struct mc_err *err)
{
	int rc = below_zero("memory", (int64_t)o->memory, err);
	if (rc == 0)
		rc = below_zero("memory-reservation", (int64_t)o->memory_reservation, err);
	if (rc == 0)
		rc = below_zero("cpu-shares", (int64_t)o->cpu_shares, err);
	if (rc == 0)
		rc = below_zero("cpu-period", (int64_t)o->cpu_period, err);
	if (rc == 0)
		rc = below_zero("shm-size", (int64_t)o->shm_size, err);
	if (rc == 0)
		rc = below_zero("blkio-weight", (int64_t)o->blkio_weight, err);
	if (rc == 0)
		rc = below_zero("cpu-rt-period", (int64_t)o->cpu_rt_period, err);
	if (rc == 0)
		rc = below_zero("cpu-rt-runtime", o->cpu_rt_runtime, err);
	if (rc == 0 && o->memory_swap < -1)
		rc = below_zero("memory-swap", o->memory_swap, err);
	return rc;
}

/* Env files come first, so that -e wins over them. */
static int merge_files(char *const files[], char ***list, struct mc_err *err)
{
	if (!files)
		return 0;
	char **all = NULL;
	int rc = read_env_files(files, &all, err);
	for (size_t i = 0; rc == 0 && *list && (*list)[i]; i++)
		strv_push(&all, (*list)[i]);
	if (rc < 0) {
		strv_free(all);
		return rc;
	}
	strv_free(*list);
	*list = all;
	return 0;
}

static void say_absent(const char *image);

int run_options_fill(struct run_values *v, int argc, char **argv, struct mc_err *err)
{
	int rc = check_refused(v, err);
	if (rc == 0)
		rc = check_numbers(&v->o, err);
	if (rc == 0)
		rc = merge_files(v->env_files, &v->o.env, err);
	if (rc == 0)
		rc = merge_files(v->label_files, &v->o.labels, err);
	if (rc < 0)
		return rc;
	if (v->pull && !str_eq(v->pull, "missing") && !str_eq(v->pull, "always") &&
		!str_eq(v->pull, "never")) {
		err_set(err, EINVAL,
			"invalid pull option: '%s': must be one of \"always\", \"missing\" or \"never\"",
			v->pull);
		return err_exit(err, 125);
	}
	if (v->o.rm && v->o.restart && !str_eq(v->o.restart, "no")) {
		err_set(err, EINVAL, "conflicting options: cannot specify both --restart and --rm");
		return err_exit(err, 125);
	}
	if (v->replace && !v->o.name) {
		err_set(err, EINVAL, "cannot replace container without --name being set");
		return err_exit(err, 125);
	}
	if (v->o.timeout < 0)
		return below_zero("timeout", v->o.timeout, err);
	v->o.pull = str_eq(v->pull, "always")  ? PULL_ALWAYS
		    : str_eq(v->pull, "never") ? PULL_NEVER
					       : PULL_MISSING;
	v->o.quiet_pull = v->quiet;
	v->o.image_absent = say_absent;
	if (!v->o.detach_keys && v->o.tty)
		v->own_keys = client_config("detachKeys");
	if (v->own_keys)
		v->o.detach_keys = v->own_keys;
	v->o.image = argv[0];
	v->o.command = argc > 1 ? argv + 1 : NULL;
	return 0;
}

/* --- images that are not there yet --- */

static void say_absent(const char *image)
{
	fprintf(stderr, "Unable to find image '%s%s' locally\n", image,
		image_word_has_tag(image) ? "" : ":latest");
}

int run_replace(struct engine *e, const struct run_values *v, struct mc_err *err)
{
	struct mc_err absent = { 0 };
	/* nothing is taken away for a command that is refused */
	if (!v->replace || options_check(&v->o, err) < 0)
		return v->replace ? -err->code : 0;
	int rc = container_remove(e, v->o.name, REMOVE_FORCE | REMOVE_VOLUMES, &absent);
	if (rc == 0 || rc == -ENOENT)
		return 0;
	*err = absent;
	return err_exit(err, 125);
}
