/*
 * spec/options_check.c - what cannot work is refused before anything is made: ranges, contradictions,
 * spelling. docker's words where docker has some, and a hint.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <unistd.h>
#include "base/signals.h"
#include "engine/client_terminal.h"
#include "engine/spec/block_io.h"
#include "engine/spec/mount_option.h"
#include "engine/spec/option_words.h"
#include "engine/spec/network_words.h"
#include "engine/spec/options.h"
#include "engine/rootless.h"
#include "engine/stop.h"
#include "engine/spec/user_ids.h"
#include "network/usernet.h"

enum { MEMORY_MIN = 6 << 20 }; /* docker's own lower limit: less does not even start a shell */

static int refuse(struct mc_err *err, int code)
{
	err_exit(err, 125);
	return code;
}

void run_options_init(struct run_options *o) { *o = (struct run_options)RUN_OPTIONS_DEFAULT; }

void run_options_release(struct run_options *o)
{
	char *texts[] = { o->name, o->image, o->entrypoint, o->workdir, o->user, o->hostname, o->domainname,
		o->stop_signal, o->platform, o->detach_keys, o->cidfile, o->restart, o->runtime,
		o->health.cmd, o->log_driver, o->cpuset_cpus, o->cpuset_mems, o->cgroup_parent, o->network,
		o->pid, o->ipc, o->uts, o->userns, o->cgroupns, o->mac_address, o->ip, o->ip6 };
	char **lists[] = { o->command, o->env, o->env_removed, o->labels, o->annotations, o->attach,
		o->log_opts, o->ulimits, o->cap_add, o->cap_drop, o->security_opt, o->devices,
		o->device_cgroup_rules, o->sysctls, o->group_add, o->volumes, o->mounts, o->tmpfs,
		o->volumes_from, o->publish, o->expose, o->add_host, o->dns, o->dns_search, o->dns_option,
		o->network_alias, o->links, o->link_local_ips, o->networks, o->device_read_bps,
		o->device_write_bps, o->device_read_iops, o->device_write_iops, o->blkio_weight_device,
		o->masked_paths, o->read_only_paths };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		free(texts[i]);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		strv_free(lists[i]);
	*o = (struct run_options){ 0 };
}

static int check_memory(const struct run_options *o, struct mc_err *err)
{
	if (o->memory && o->memory < MEMORY_MIN)
		return err_set(err, EINVAL, "Minimum memory limit allowed is 6MB");
	if (o->memory_swap > 0 && !o->memory)
		return err_set(err, EINVAL,
			"You should always set the Memory limit when using Memoryswap limit, see usage");
	if (o->memory_swap > 0 && (uint64_t)o->memory_swap < o->memory)
		return err_set(err, EINVAL,
			"Minimum memoryswap limit should be larger than memory limit, see usage");
	if (o->memory_reservation && o->memory && o->memory_reservation > o->memory)
		return err_set(err, EINVAL,
			"Minimum memory limit can not be less than memory reservation limit, see usage");
	if (o->memory_reservation && o->memory_reservation < MEMORY_MIN)
		return err_set(err, EINVAL, "Minimum memory reservation allowed is 6MB");
	if (o->memory_swappiness < -1 || o->memory_swappiness > 100)
		return err_set(err, EINVAL, "Invalid value: %lld, valid memory swappiness range is 0-100",
			(long long)o->memory_swappiness);
	return 0;
}

static int check_set(const char *flag, const char *text, const char *file, struct mc_err *err)
{
	const char *wrong = text && *text ? option_set_wrong(text, file) : NULL;
	if (!wrong)
		return 0;
	return err_set(err, EINVAL, "invalid argument \"%s\" for \"--%s\" flag: %s", text, flag, wrong);
}

static int check_cpu(const struct run_options *o, struct mc_err *err)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	if (o->nano_cpus && (o->cpu_quota || o->cpu_period))
		return err_set(err, EINVAL, "Conflicting options: Nano CPUs and CPU %s cannot both be set",
			o->cpu_quota ? "Quota" : "Period");
	if (o->nano_cpus && (o->nano_cpus < 10000000 || o->nano_cpus > (uint64_t)cpus * 1000000000))
		return err_set(err, EINVAL,
			"Range of CPUs is from 0.01 to %ld.00, as there are only %ld CPUs available", cpus,
			cpus);
	if (o->cpu_period && (o->cpu_period < 1000 || o->cpu_period > 1000000))
		return err_set(err, EINVAL,
			"CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s "
			"(i.e. 1000000)");
	if ((o->cpu_quota > 0 && o->cpu_quota < 1000) || o->cpu_quota < -1)
		return err_set(err, EINVAL, "CPU cfs quota can not be less than 1ms (i.e. 1000)");
	return check_set("cpuset-cpus", o->cpuset_cpus, "/sys/devices/system/cpu/online", err);
}

static int check_numbers(const struct run_options *o, struct mc_err *err)
{
	if (o->pids_limit < -1)
		return err_set(err, EINVAL,
			"invalid argument \"%lld\" for \"--pids-limit\" flag: expected a number of "
			"processes, or -1 for no limit",
			(long long)o->pids_limit);
	if (o->blkio_weight && (o->blkio_weight < 10 || o->blkio_weight > 1000))
		return err_set(err, EINVAL, "Range of blkio weight is from 10 to 1000");
	if (o->stop_timeout < -1)
		return err_set(err, EINVAL,
			"invalid argument \"%d\" for \"--stop-timeout\" flag: expected a number of seconds",
			o->stop_timeout);
	return check_set("cpuset-mems", o->cpuset_mems, "/sys/devices/system/node/online", err);
}

/* docker's rules: a check switched off has no figures, and none is shorter than what a timer can keep. */
static int check_health(const struct run_health *h, struct mc_err *err)
{
	const struct {
		const char *name;
		int64_t ns;
	} times[] = { { "Interval", h->interval }, { "Timeout", h->timeout },
		{ "StartPeriod", h->start_period }, { "StartInterval", h->start_interval } };
	bool any = h->cmd || h->retries;
	if (h->retries < 0)
		return err_set(err, EINVAL, "--health-retries cannot be negative");
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		any |= times[i].ns != 0;
		if (times[i].ns && times[i].ns < 1000000)
			return err_set(
				err, EINVAL, "%s in Healthcheck cannot be less than 1ms", times[i].name);
	}
	if (h->disable && any)
		return err_set(err, EINVAL, "--no-healthcheck conflicts with --health-* options");
	return 0;
}

/* Only what is obeyed: an option that is misspelt would leave the log without an end. */
static int check_log_option(const char *driver, const char *word, struct mc_err *err)
{
	size_t n = strcspn(word, "=");
	const char *value = word[n] ? word + n + 1 : "";
	uint64_t number = 0;
	if (n == 8 && !strncmp(word, "max-size", n)) {
		if (str_eq(value, "-1") || (parse_bytes(value, &number) == 0 && number))
			return 0;
		return err_set(err, EINVAL,
			"invalid log opt '%s': max-size must be a size such as 10m, or -1", word);
	}
	if (n == 8 && !strncmp(word, "max-file", n)) {
		if (parse_u64(value, &number) == 0 && number >= 1 && number <= 1000)
			return 0;
		return err_set(
			err, EINVAL, "invalid log opt '%s': max-file must be a number from 1 to 1000", word);
	}
	err_set(err, EINVAL, "unknown log opt '%.*s' for %s log driver", (int)n, word, driver);
	return err_hint(err, "known options: max-size, max-file");
}

static int check_log(const struct run_options *o, struct mc_err *err)
{
	const char *driver = o->log_driver && *o->log_driver ? o->log_driver : "json-file";
	/* docker's sentence and no more: its clients compare it; --help has the three names */
	if (!str_eq(driver, "json-file") && !str_eq(driver, "local") && !str_eq(driver, "none"))
		return err_set(err, EINVAL, "logger: no log driver named '%s' is registered", o->log_driver);
	if (str_eq(driver, "none") && strv_len(o->log_opts))
		return err_set(err, EINVAL, "invalid logging opts for driver none");
	int rc = 0;
	for (size_t i = 0; rc >= 0 && o->log_opts && o->log_opts[i]; i++)
		rc = check_log_option(driver, o->log_opts[i], err);
	return rc;
}

static int check_life(const struct run_options *o, struct mc_err *err)
{
	struct json *restart = NULL;
	int rc = options_parse_restart(o->restart, &restart, err);
	json_free(restart);
	if (rc < 0)
		return rc;
	if (o->rm && o->restart && *o->restart && !str_eq(o->restart, "no"))
		return err_set(err, EINVAL, "conflicting options: cannot specify both --restart and --rm");
	if (o->stop_signal && *o->stop_signal && signal_parse(o->stop_signal, false, err) < 0)
		return -err->code;
	if (o->oom_score_adj < -1000 || o->oom_score_adj > 1000)
		return err_set(err, EINVAL, "Invalid value %d, range for oom score adj is [-1000, 1000]",
			o->oom_score_adj);
	return 0;
}

static int check_capabilities(const char *flag, char *const list[], struct mc_err *err)
{
	for (size_t i = 0; list && list[i]; i++) {
		_cleanup_free_ char *name = options_capability(list[i]);
		if (!name) {
			err_set(err, EINVAL, "invalid %s: unknown capability: \"%s\"", flag, list[i]);
			return err_hint(err, "capabilities(7) lists them: NET_ADMIN, SYS_PTRACE ...");
		}
	}
	return 0;
}

/* A profile is read when the container starts; one that is not there is refused now. */
static int check_security(const struct run_options *o, struct mc_err *err)
{
	for (size_t i = 0; o->security_opt && o->security_opt[i]; i++) {
		const char *w = o->security_opt[i];
		const char *file = str_starts(w, "seccomp=") || str_starts(w, "seccomp:") ? w + 8 : NULL;
		const char *profile = str_starts(w, "apparmor=") || str_starts(w, "apparmor:") ? w + 9 : NULL;
		if (file && !str_eq(file, "unconfined") && !str_eq(file, "builtin") && access(file, R_OK) < 0)
			return err_sys(err, "opening seccomp profile (%s)", file);
		if (profile && !str_eq(profile, "unconfined") &&
			access("/sys/kernel/security/apparmor", F_OK) < 0) {
			err_set(err, EINVAL, "invalid --security-opt 2: \"%s\": this kernel has no AppArmor",
				w);
			return err_hint(err, "leave it out, or say apparmor=unconfined");
		}
	}
	int rc = check_capabilities("CapAdd", o->cap_add, err);
	return rc < 0 ? rc : check_capabilities("CapDrop", o->cap_drop, err);
}

/* A number, or -1 and "unlimited" for none; soft at most hard (setrlimit(2)). */
static int check_ulimits(char *const list[], struct mc_err *err)
{
	static const char *const known[] = { "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue",
		"nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack" };
	for (size_t i = 0; list && list[i]; i++) {
		_cleanup_free_ char *name = xstrdup(list[i]);
		int64_t soft = 0, hard = 0;
		bool found = false;
		char *s = strchr(name, '='), *h = s ? strchr(s, ':') : NULL;
		if (!s)
			return err_set(err, EINVAL,
				"invalid argument \"%s\" for \"--ulimit\" flag: invalid ulimit argument: "
				"expected NAME=SOFT[:HARD]",
				list[i]);
		*s++ = '\0';
		if (h)
			*h++ = '\0';
		for (size_t k = 0; k < ARRAY_LEN(known); k++)
			found |= str_eq(name, known[k]);
		if (!found)
			return err_set(err, EINVAL,
				"invalid argument \"%s\" for \"--ulimit\" flag: invalid ulimit type: %s",
				list[i], name);
		if (parse_i64(s, &soft) < 0 || parse_i64(h ? h : s, &hard) < 0 || soft < -1 || hard < -1)
			return err_set(err, EINVAL,
				"invalid argument \"%s\" for \"--ulimit\" flag: limits are numbers: "
				"NAME=SOFT[:HARD]",
				list[i]);
		if (hard != -1 && (soft > hard || soft == -1))
			return err_set(err, EINVAL,
				"invalid argument \"%s\" for \"--ulimit\" flag: ulimit soft limit must be "
				"less "
				"than or equal to hard limit: %lld > %lld",
				list[i], (long long)soft, (long long)hard);
	}
	return 0;
}

/*
 * The words of --pid and its kin. A misspelt one would give the container a namespace of its own in
 * silence.
 */
static int check_mode(const char *flag, const char *kind, const char *text, const char *const words[],
	bool joins, struct mc_err *err)
{
	_cleanup_buf_ struct buf known = { 0 };
	if (!text || !*text || (joins && str_starts(text, "container:") && text[strlen("container:")]))
		return 0;
	for (size_t i = 0; words[i]; i++) {
		if (str_eq(text, words[i]))
			return 0;
		buf_addf(&known, "%s%s", i ? ", " : "", words[i]);
	}
	err_set(err, EINVAL, "--%s: invalid %s mode: '%s'", flag, kind, text);
	return err_hint(err, "it is %s%s", known.data, joins ? " or container:NAME" : "");
}

static int check_modes(const struct run_options *o, struct mc_err *err)
{
	static const char *const host[] = { "host", NULL }, *const own[] = { "host", "private", NULL },
				 *const ipc[] = { "none", "private", "shareable", "host", NULL };
	int rc = check_mode("pid", "PID", o->pid, host, true, err);
	if (rc == 0)
		rc = check_mode("ipc", "IPC", o->ipc, ipc, true, err);
	if (rc == 0)
		rc = check_mode("uts", "UTS", o->uts, host, false, err);
	if (rc == 0)
		rc = check_mode("cgroupns", "CGROUP", o->cgroupns, own, false, err);
	return rc < 0 ? rc : user_ids_check(o->userns, rootless_active(), err);
}

static bool wants_host_gateway(char *const add_host[])
{
	for (size_t i = 0; add_host && add_host[i]; i++)
		if (str_ends(add_host[i], "host-gateway"))
			return true;
	return false;
}

/* A name, an address or a port for a namespace that belongs to another container, or to the host. */
static int check_shared(const struct run_options *o, struct mc_err *err)
{
	bool joins = o->network && str_starts(o->network, "container:");
	bool host = str_eq(o->network, "host");
	const struct {
		bool conflict;
		const char *what;
	} rules[] = {
		{ o->hostname && *o->hostname && str_eq(o->uts, "host"), "hostname and the UTS mode" },
		{ o->hostname && *o->hostname && joins, "hostname and the network mode" },
		{ joins && (strv_len(o->publish) || o->publish_all),
			"port publishing and the container type network mode" },
		{ joins && strv_len(o->expose), "port exposing and the container type network mode" },
		{ joins && strv_len(o->dns), "dns and the network mode" },
		{ joins && strv_len(o->links), "container type network can't be used with links" },
		{ str_eq(o->network, "none") && wants_host_gateway(o->add_host),
			"host-gateway and --network none: there is no gateway to the host" },
		{ host && strv_len(o->links), "host type networking can't be used with links" },
		{ joins && strv_len(o->add_host), "custom host-to-IP mapping and the network mode" },
		{ (joins || host) && o->mac_address && *o->mac_address, "mac-address and the network mode" },
		{ strv_len(o->attach) && o->detach, "cannot specify both --attach and --detach" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].conflict)
			return err_set(err, EINVAL, "conflicting options: %s", rules[i].what);
	for (size_t i = 0; o->sysctls && o->sysctls[i]; i++) {
		bool net = str_starts(o->sysctls[i], "net.") && (host || joins);
		bool ipc = !str_starts(o->sysctls[i], "net.") && str_eq(o->ipc, "host");
		if (net || ipc)
			return err_set(err, EINVAL,
				"sysctl '%s' is not allowed: the %s namespace is not the container's own",
				o->sysctls[i], net ? "network" : "IPC");
	}
	return 0;
}

/* What the kernel takes for a host name, written into /etc/hosts: no blank, no line end, no slash. */
static bool is_name(const char *text)
{
	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p) && !((unsigned char)*p & 0x80))
			return false;
	return *text != '-' && strlen(text) <= 64;
}

/* NAME[:GROUP], each a name or a number of a user that the kernel can have. NULL when right. */
static const char *wrong_user(const char *text)
{
	size_t n = strcspn(text, ":");
	const char *parts[] = { text, text[n] ? text + n + 1 : "" };
	if (strchr(parts[1], ':'))
		return "it is USER or USER:GROUP";
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const char *number = parts[i] + (*parts[i] == '+');
		size_t len = strcspn(number, ":"), digits = strspn(number, "0123456789");
		if (digits && digits == len && (len > 10 || strtoull(number, NULL, 10) > INT32_MAX))
			return "uids and gids must be in range 0-2147483647";
		if (*parts[i] == '-' || strcspn(parts[i], " \t\n/") < len)
			return "a name has no blank and no slash, and begins with no hyphen";
	}
	return NULL;
}

static int check_names(const struct run_options *o, struct mc_err *err)
{
	if (o->hostname && !is_name(o->hostname))
		return err_set(err, EINVAL,
			"invalid hostname \"%s\": letters, digits, dots and hyphens, at most 64 bytes "
			"(sethostname(2))",
			o->hostname);
	if (o->domainname && !is_name(o->domainname))
		return err_set(err, EINVAL,
			"invalid domain name \"%s\": letters, digits, dots and hyphens, at most 64 bytes",
			o->domainname);
	if (o->user && wrong_user(o->user))
		return err_set(err, EINVAL, "invalid argument \"%s\" for \"-u, --user\" flag: %s", o->user,
			wrong_user(o->user));
	if (o->workdir && *o->workdir && *o->workdir != '/')
		return err_set(err, EINVAL,
			"the working directory '%s' is invalid, it needs to be an absolute path", o->workdir);
	for (const char *p = o->cgroup_parent; p && *p; p += strcspn(p, "/"), p += *p == '/')
		if (strcspn(p, "/") == 2 && !strncmp(p, "..", 2))
			return err_set(err, EINVAL,
				"invalid argument \"%s\" for \"--cgroup-parent\" flag: '..' would lead out "
				"of "
				"the tree of cgroups",
				o->cgroup_parent);
	struct detach_keys keys;
	return o->detach_keys ? detach_parse(&keys, o->detach_keys, err) : 0;
}

/* Six pairs of hex digits; the lowest bit of the first one means a group of machines (IEEE 802). */
static int check_mac(const char *text, struct mc_err *err)
{
	unsigned int b[6];
	int end = 0;
	bool right = sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
			     &end) == 6 &&
		     !text[end] && end == 17;
	if (!right)
		return err_set(err, EINVAL,
			"%s is not a valid mac address: expected one like 02:42:ac:11:00:02", text);
	if (b[0] & 1)
		return err_set(err, EINVAL, "%s is the mac address of a group of machines, not of one", text);
	return 0;
}

static int check_addresses(const struct run_options *o, struct mc_err *err)
{
	struct in6_addr room;
	if (o->ip && *o->ip && inet_pton(AF_INET, o->ip, &room) != 1)
		return err_set(err, EINVAL, "invalid IPv4 address: %s", o->ip);
	if (o->ip6 && *o->ip6 && inet_pton(AF_INET6, o->ip6, &room) != 1)
		return err_set(err, EINVAL, "invalid IPv6 address: %s", o->ip6);
	return o->mac_address && *o->mac_address ? check_mac(o->mac_address, err) : 0;
}

static int check_network(const struct run_options *o, struct mc_err *err)
{
	const char *n = o->network;
	int rc = network_words_check(o, err);
	if (rc < 0)
		return rc;
	if (str_eq(n, "container:"))
		return err_set(
			err, EINVAL, "Invalid network mode: invalid container format container:<name|id>");
	if (usernet_is_mode(n) && !rootless_active()) {
		err_set(err, EINVAL,
			"--network %s is for unprivileged users: it does what only root may do without it",
			n);
		return err_hint(err, "as root leave it out, or use --network host");
	}
	return 0;
}

/* An address and another name of one's own need a network of one's own. */
static int check_own_network(const struct run_options *o, struct mc_err *err)
{
	static const char *const built_in[] = { "none", "host", "private", "bridge", "default" };
	bool own = o->network && *o->network && !str_starts(o->network, "container:") &&
		   !usernet_is_mode(o->network);
	for (size_t i = 0; i < ARRAY_LEN(built_in); i++)
		own &= !str_eq(o->network, built_in[i]);
	if (!own && strv_len(o->network_alias))
		return err_set(
			err, EINVAL, "network-scoped aliases are only supported for user-defined networks");
	if (!own && ((o->ip && *o->ip) || (o->ip6 && *o->ip6)))
		return err_set(
			err, EINVAL, "user specified IP address is supported on user defined networks only");
	return 0;
}

static bool is_word(const char *text, size_t n, const char *const words[])
{
	for (size_t i = 0; words[i]; i++)
		if (strlen(words[i]) == n && !strncmp(words[i], text, n))
			return true;
	return false;
}

/* OS, ARCH, OS/ARCH or OS/ARCH/VARIANT, in Go's names. */
static int check_platform_words(const struct run_options *o, struct mc_err *err)
{
	const char *text = o->platform ? o->platform : "linux";
	static const char *const systems[] = { "linux", "windows", "darwin", "freebsd", NULL };
	static const char *const machines[] = { "amd64", "x86_64", "arm64", "aarch64", "arm", "386",
		"ppc64le", "ppc64", "s390x", "riscv64", "mips64le", "mips64", "mipsle", "mips", "loong64",
		NULL };
	size_t n = strcspn(text, "/");
	const char *arch = text[n] ? text + n + 1 : NULL, *variant = arch ? strchr(arch, '/') : NULL;
	bool right = arch ? is_word(text, n, systems) && is_word(arch, strcspn(arch, "/"), machines)
			  : is_word(text, n, systems) || is_word(text, n, machines);
	if (right && (!variant || (variant[1] && !strchr(variant + 1, '/'))))
		return 0;
	err_set(err, EINVAL, "invalid platform \"%s\": unknown operating system or architecture", text);
	return err_hint(err, "expected one like linux/amd64 or linux/arm64/v8");
}

static int check_ulimit_list(const struct run_options *o, struct mc_err *err)
{
	return check_ulimits(o->ulimits, err);
}

static int check_health_figures(const struct run_options *o, struct mc_err *err)
{
	return check_health(&o->health, err);
}

int options_check(const struct run_options *o, struct mc_err *err)
{
	static int (*const checks[])(const struct run_options *, struct mc_err *) = { option_words_check,
		mount_options_check, check_memory, check_cpu, check_numbers, check_life, check_log,
		check_health_figures, check_security, check_ulimit_list, check_modes, check_shared,
		check_names, check_addresses, check_network, check_own_network, block_options_check,
		check_platform_words };
	char mode[NETWORK_MODE_MAX];
	struct run_options resolved = *o;
	if (strv_len(o->networks)) /* the checks ask for one mode: the first network's name */
		resolved.network = (char *)network_words_mode(o, mode);
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(checks); i++)
		rc = checks[i](&resolved, err);
	return rc < 0 ? refuse(err, rc) : 0;
}

int options_check_platform(const struct run_options *o, const struct json *image, struct mc_err *err)
{
	const char *os = json_text_of(json_member(image, "os"));
	const char *arch = json_text_of(json_member(image, "architecture"));
	if (!o->platform || !*o->platform || !os || !arch)
		return 0;
	_cleanup_free_ char *has = xasprintf("%s/%s", os, arch);
	size_t n = strlen(has);
	/*
	 * "linux" or "arm64" alone name a half of it; behind the architecture comes a variant:
	 * linux/arm64/v8
	 */
	if ((str_ends(o->platform, "x86_64") && str_eq(arch, "amd64")) ||
		(str_ends(o->platform, "aarch64") && str_eq(arch, "arm64")))
		return 0; /* uname's words for the same */
	if (str_eq(o->platform, os) || str_eq(o->platform, arch) ||
		(str_starts(o->platform, has) && (!o->platform[n] || o->platform[n] == '/')))
		return 0;
	err_set(err, ENOENT,
		"image with reference %s was found but does not match the specified platform: wanted %s, "
		"actual: %s",
		o->image, o->platform, has);
	return err_hint(err, "fetch the other one: minictr pull --platform %s %s", o->platform, o->image);
}
