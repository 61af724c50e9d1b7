/*
 * spec/options_check.c - what cannot work is refused before anything is made: ranges, contradictions, spelling. docker's words
 * where docker has some, and a hint.
 */
#include <ctype.h>
#include <unistd.h>
#include "base/signals.h"
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
	char **lists[] = { o->command, o->env, o->labels, o->annotations, o->attach, o->log_opts, o->ulimits,
		o->cap_add, o->cap_drop, o->security_opt, o->devices, o->device_cgroup_rules, o->sysctls,
		o->group_add, o->volumes, o->mounts, o->tmpfs, o->volumes_from, o->publish, o->expose,
		o->add_host, o->dns, o->dns_search, o->dns_option, o->network_alias };
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
	if (o->memory_swappiness < -1 || o->memory_swappiness > 100)
		return err_set(err, EINVAL, "Invalid value: %lld, valid memory swappiness range is 0-100",
			(long long)o->memory_swappiness);
	return 0;
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
	if (o->cpu_quota > 0 && o->cpu_quota < 1000)
		return err_set(err, EINVAL, "CPU cfs quota can not be less than 1ms (i.e. 1000)");
	return 0;
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
	if (o->stop_signal && signal_parse(o->stop_signal, false, err) < 0)
		return -err->code;
	if (o->log_driver && !str_eq(o->log_driver, "json-file") && !str_eq(o->log_driver, "local") &&
		!str_eq(o->log_driver, "none")) {
		err_set(err, EINVAL, "logger: no log driver named '%s' is registered", o->log_driver);
		return err_hint(err, "json-file, local and none are there");
	}
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

static int check_security(const struct run_options *o, struct mc_err *err)
{
	static const char *const known[] = { "seccomp", "apparmor", "label", "no-new-privileges",
		"systempaths", "writable-cgroups", "mask", "unmask" };
	for (size_t i = 0; o->security_opt && o->security_opt[i]; i++) {
		const char *w = o->security_opt[i];
		_cleanup_free_ char *key = xstrndup(w, strcspn(w, "=:"));
		const char *near = nearest_word(key, known, ARRAY_LEN(known));
		bool found = false;
		for (size_t k = 0; k < ARRAY_LEN(known); k++)
			found |= str_eq(key, known[k]);
		if (!found) {
			err_set(err, EINVAL, "invalid --security-opt 2: \"%s\"", w);
			return near ? err_hint(err, "did you mean %s?", near) : -EINVAL;
		}
	}
	int rc = check_capabilities("CapAdd", o->cap_add, err);
	return rc < 0 ? rc : check_capabilities("CapDrop", o->cap_drop, err);
}

static int check_pairs(const char *flag, char *const list[], struct mc_err *err)
{
	for (size_t i = 0; list && list[i]; i++)
		if (!strchr(list[i], '=') || *list[i] == '=')
			return err_set(err, EINVAL,
				"invalid argument \"%s\" for \"%s\" flag: it must look like name=value",
				list[i], flag);
	return 0;
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
			continue; /* check_pairs() has refused it */
		*s++ = '\0';
		if (h)
			*h++ = '\0';
		for (size_t k = 0; k < ARRAY_LEN(known); k++)
			found |= str_eq(name, known[k]);
		if (!found)
			return err_set(err, EINVAL,
				"invalid argument \"%s\" for \"--ulimit\" flag: invalid ulimit type: %s",
				list[i], name);
		if (parse_i64(s, &soft) < 0 || parse_i64(h ? h : s, &hard) < 0)
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

/* A name or a port for a namespace that is another's. */
static int check_shared(const struct run_options *o, struct mc_err *err)
{
	bool joins = o->network && str_starts(o->network, "container:");
	if (o->hostname && *o->hostname && str_eq(o->uts, "host"))
		return err_set(err, EINVAL, "conflicting options: hostname and the UTS mode");
	if (o->hostname && *o->hostname && joins)
		return err_set(err, EINVAL, "conflicting options: hostname and the network mode");
	int rc = user_ids_check(o->userns, rootless_active(), err);
	if (rc < 0)
		return rc;
	if (joins && (strv_len(o->publish) || o->publish_all))
		return err_set(err, EINVAL,
			"conflicting options: port publishing and the container type network mode");
	return 0;
}

/* Is the target, up to the next colon, one or more slashes? */
static bool is_root(const char *target)
{
	size_t n = strspn(target, "/");
	return n && (!target[n] || target[n] == ':');
}

static int check_volumes(const struct run_options *o, struct mc_err *err)
{
	for (size_t i = 0; o->volumes && o->volumes[i]; i++) {
		const char *v = o->volumes[i], *colon = strchr(v, ':');
		if ((colon ? colon[1] : *v) != '/')
			return err_set(err, EINVAL,
				"invalid volume specification: '%s': invalid mount config for type "
				"\"bind\": invalid mount path: '%s' mount path must be absolute",
				v, colon ? colon + 1 : v);
		if (colon && is_root(colon + 1))
			return err_set(err, EINVAL,
				"invalid volume specification: '%s': invalid specification: "
				"destination can't be '/'",
				v);
		if (colon && *v != '/') {
			err_set(err, ENOSYS, "volume \"%.*s\": named volumes are not built yet",
				(int)(colon - v), v);
			return err_hint(err, "bind a directory of the host by its absolute path: -v /path:%s",
				colon + 1);
		}
	}
	return 0;
}

static int check_names(const struct run_options *o, struct mc_err *err)
{
	if (o->hostname && strlen(o->hostname) > 64)
		return err_set(err, EINVAL, "invalid hostname \"%s\": at most 64 bytes (sethostname(2))",
			o->hostname);
	if (o->workdir && *o->workdir && *o->workdir != '/')
		return err_set(err, EINVAL,
			"the working directory '%s' is invalid, it needs to be an absolute path", o->workdir);
	for (size_t i = 0; o->env && o->env[i]; i++)
		if (!*o->env[i] || *o->env[i] == '=')
			return err_set(err, EINVAL,
				"invalid argument \"%s\" for \"-e, --env\" flag: invalid environment "
				"variable: %s",
				o->env[i], o->env[i]);
	for (size_t i = 0; o->tmpfs && o->tmpfs[i]; i++)
		if (*o->tmpfs[i] != '/')
			return err_set(err, EINVAL, "invalid tmpfs path '%s': mount path must be absolute",
				o->tmpfs[i]);
	return 0;
}

static int check_network(const struct run_options *o, struct mc_err *err)
{
	const char *n = o->network;
	if (!n || !*n || str_eq(n, "none") || str_eq(n, "host") || str_eq(n, "private") ||
		str_eq(n, "bridge") || str_eq(n, "default") || str_starts(n, "container:"))
		return 0;
	if (usernet_is_mode(n) && rootless_active())
		return 0;
	if (usernet_is_mode(n)) {
		err_set(err, EINVAL,
			"--network %s is for ordinary users: it does what only root may do without it", n);
		return err_hint(err, "as root leave it out, or use --network host");
	}
	err_set(err, ENOENT, "network %s not found", n);
	return err_hint(
		err, "none, host, bridge and container:NAME are there; networks of your own come later");
}

int options_check(const struct run_options *o, struct mc_err *err)
{
	int rc = check_memory(o, err);
	if (rc >= 0)
		rc = check_cpu(o, err);
	if (rc >= 0)
		rc = check_life(o, err);
	if (rc >= 0)
		rc = check_security(o, err);
	if (rc >= 0)
		rc = check_pairs("--sysctl", o->sysctls, err);
	if (rc >= 0)
		rc = check_pairs("--ulimit", o->ulimits, err);
	if (rc >= 0)
		rc = check_ulimits(o->ulimits, err);
	if (rc >= 0)
		rc = check_shared(o, err);
	if (rc >= 0)
		rc = check_volumes(o, err);
	if (rc >= 0)
		rc = check_names(o, err);
	if (rc >= 0)
		rc = check_network(o, err);
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
	/* "linux" or "arm64" alone name a half of it; behind the architecture comes a variant: linux/arm64/v8 */
	if ((str_ends(o->platform, "x86_64") && str_eq(arch, "amd64")) ||
		(str_ends(o->platform, "aarch64") && str_eq(arch, "arm64")))
		return 0; /* uname's words for the same */
	if (str_eq(o->platform, os) || str_eq(o->platform, arch) ||
		(str_starts(o->platform, has) && (!o->platform[n] || o->platform[n] == '/')))
		return 0;
	err_set(err, EINVAL,
		"image with reference %s was found but does not match the specified platform: wanted %s, "
		"actual: %s",
		o->image, o->platform, has);
	return err_hint(err, "fetch the other one: minictr pull --platform %s %s", o->platform, o->image);
}
