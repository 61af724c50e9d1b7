/*
 * monitor_plan.c - what the monitor is told on its command line (struct monitor_options).
 *
 * The record is JSON, and the monitor is kept so small that it cannot read it; so whatever it needs to know
 * is looked up here, once, by the process that starts it.
 */
#include "engine/monitor_plan.h"

#include <fcntl.h>
#include <unistd.h>
#include "engine/monitor/monitor.h"
#include "runtime/cgroup.h"

/* The file in which the kernel counts processes it killed for want of memory. Caller frees. */
static char *oom_file(const char *cgroup)
{
	struct cgroup cg = { 0 };
	struct mc_err ignored = { 0 };
	if (cgroup_trees(&cg, cgroup, &ignored) < 0)
		return xstrdup("");
	for (size_t i = 0; i < cg.n; i++) {
		if (cg.v2)
			return xasprintf("%s%s/memory.events", cg.tree[i].mount, cgroup);
		if (str_eq(cg.tree[i].controllers, "memory"))
			return xasprintf("%s%s/memory.oom_control", cg.tree[i].mount, cgroup);
	}
	return xstrdup("");
}

static void add_log_words(const struct engine *e, const struct container *c, char ***argv)
{
	const struct json *log = json_member(c->host, "LogConfig"), *config = json_member(log, "Config");
	const char *size = json_text_of(json_member(config, "max-size"));
	const char *files = json_text_of(json_member(config, "max-file"));
	uint64_t max = e->config.log_max_size, count = e->config.log_max_files;
	if (size)
		parse_bytes(size, &max);
	if (files)
		parse_u64(files, &count);
	strv_pushf(argv, "log-max-size=%llu", (unsigned long long)max);
	strv_pushf(argv, "log-max-files=%llu", (unsigned long long)count);
	strv_pushf(argv, "no-log=%d", str_eq(json_text_of(json_member(log, "Type")), "none"));
}

static void add_health_words(const struct container *c, char ***argv)
{
	const struct json *check = json_member(c->config, "Healthcheck");
	const char *kind = json_text_of(json_at(check, "Test[0]"));
	int64_t interval = json_int_of(json_member(check, "Interval"));
	int64_t period = json_int_of(json_member(check, "StartPeriod"));
	int64_t start = json_int_of(json_member(check, "StartInterval"));
	if (!kind || str_eq(kind, "NONE"))
		return;
	strv_pushf(argv, "health-interval=%lld", (long long)(interval ? interval / 1000000 : 30000));
	strv_pushf(argv, "health-start-period=%lld", (long long)(period / 1000000));
	strv_pushf(argv, "health-start-interval=%lld", (long long)(start ? start / 1000000 : 5000));
}

/* Sockets of published ports are inherited, in this order. */
static void add_port_words(const struct container *c, const struct endpoints *net, char ***argv)
{
	const struct json *exposed = json_member(c->config, "ExposedPorts");
	bool is_server = json_member(exposed, "53/udp") || json_member(exposed, "53/tcp");
	_cleanup_buf_ struct buf b = { 0 };
	for (size_t i = 0; i < net->ports.count; i++)
		buf_addf(&b, "%s%s/%u", i ? "," : "", net->ports.items[i].protocol,
			net->ports.items[i].container_port);
	strv_pushf(argv, "ports=%s", b.data ? b.data : "");
	strv_pushf(argv, "dns=%d", net->count > 0);
	strv_pushf(argv, "dns-moved=%d", is_server);
}

/* Ports of an unprivileged user, for the program that relays for it: "t8080:80,u127.0.0.1/53:53". */
static void add_forward_words(const struct engine *e, const struct container *c, char ***argv)
{
	const struct json *ports = json_member(c->net, "Ports");
	_cleanup_buf_ struct buf b = { 0 };
	struct json_iter it = { 0 };
	while (e->rootless && json_kind_of(ports) == JSON_OBJECT && json_next(ports, &it))
		for (size_t i = 0; i < json_len(it.value); i++) {
			const char *ip = json_text_of(json_member(json_item(it.value, i), "HostIp"));
			const char *host = json_text_of(json_member(json_item(it.value, i), "HostPort"));
			bool all = str_eq(ip, "0.0.0.0");
			if (str_eq(ip, "::")) /* pasta takes both families at once */
				continue;
			buf_addf(&b, "%s%c%s%s%s:%d", b.len ? "," : "", str_ends(it.key, "/udp") ? 'u' : 't',
				all ? "" : ip, all ? "" : "/", host, atoi(it.key));
		}
	strv_pushf(argv, "forward=%s", b.data ? b.data : "");
}

char **monitor_words(const struct engine *e, const struct container *c, const struct oci *oci,
	const char *network, const struct endpoints *net, const char *monitor, const char *minictr)
{
	char **v = NULL;
	_cleanup_free_ char *cgroup = container_cgroup(e, c);
	_cleanup_free_ char *oom = oom_file(cgroup);
	_cleanup_free_ char *run = engine_run_path(e, c->id);
	strv_push(&v, monitor);
	strv_pushf(&v, "id=%s", c->id);
	strv_pushf(&v, "dir=%s/containers/%s", e->root, c->id);
	strv_pushf(&v, "run=%s", run);
	strv_pushf(&v, "root=%s", e->root);
	strv_pushf(&v, "runtime=%s", oci->path);
	strv_pushf(&v, "oci-root=%s", e->oci_root);
	strv_pushf(&v, "minictr=%s", minictr);
	strv_pushf(&v, "network=%s", network ? network : "");
	add_port_words(c, net, &v);
	add_forward_words(e, c, &v);
	strv_pushf(&v, "oom-file=%s", oom);
	strv_pushf(&v, "foreign=%d", oci->foreign);
	strv_pushf(&v, "hide-unified=%d", oci->foreign && oci_hybrid_cgroups());
	strv_pushf(&v, "systemd=%d", e->systemd);
	strv_pushf(&v, "tty=%d", container_flag(c->config, "Tty"));
	strv_pushf(&v, "open-stdin=%d", container_flag(c->config, "OpenStdin"));
	strv_pushf(&v, "stdin-once=%d", container_flag(c->config, "StdinOnce"));
	strv_pushf(&v, "timeout=%lld", (long long)json_int_of(json_member(c->config, "Timeout")));
	add_log_words(e, c, &v);
	add_health_words(c, &v);
	return v;
}

/* --- starting it --- */

/* The sockets of published ports, as descriptors MONITOR_PORTS and up. In the child. */
static bool give_ports(const struct endpoints *net)
{
	int above = MONITOR_PORTS + (int)net->ports.count;
	for (size_t i = 0; i < net->ports.count; i++) {
		/* first out of the way of all numbers that are given below */
		int fd = fcntl(net->ports.items[i].fd, F_DUPFD_CLOEXEC, above);
		if (fd < 0)
			return false;
		net->ports.items[i].fd = fd;
	}
	for (size_t i = 0; i < net->ports.count; i++)
		if (dup2(net->ports.items[i].fd, MONITOR_PORTS + (int)i) < 0)
			return false;
	return true;
}

/* Descriptors 3 and 4 of the monitor. Ours are numbers above them, so that dup2(2) hits neither. */
pid_t monitor_spawn(
	char *const argv[], int its_report, int its_rootfs, const struct endpoints *net, struct mc_err *err)
{
	int above = MONITOR_PORTS + (int)net->ports.count;
	int report = fcntl(its_report, F_DUPFD_CLOEXEC, above);
	int rootfs = fcntl(its_rootfs, F_DUPFD_CLOEXEC, above);
	pid_t pid = fork();
	if (pid < 0)
		return err_sys(err, "fork()");
	if (pid == 0) {
		if (dup2(report, MONITOR_REPORT) < 0 || dup2(rootfs, MONITOR_ROOTFS) < 0 || !give_ports(net))
			_exit(125);
		execv(argv[0], argv);
		_exit(127);
	}
	close(report);
	close(rootfs);
	return pid;
}
