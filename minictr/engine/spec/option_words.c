/*
 * spec/option_words.c - each word of each list of `run` and `create`, by one table: a flag, its list, what
 * is wrong with a word.
 *
 * Order and why: a word is read wholly or refused, before anything is made. A newline in --add-host writes
 * a second line into /etc/hosts; a misspelt --log-opt leaves the log without a limit; a --dns that is no
 * address leaves a container without names. None of these gives an error when it runs.
 * To add a flag: a row in lists[] and a function that returns NULL or the reason.
 */
#include "engine/spec/option_words.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include "base/file.h"
#include "engine/spec/mount_option.h"
#include "engine/spec/spec.h"

/* --- pieces --- */

static bool has_blank(const char *s)
{
	for (; *s; s++)
		if (isspace((unsigned char)*s) || iscntrl((unsigned char)*s))
			return true;
	return false;
}

static bool is_ip(const char *text, bool six)
{
	struct in6_addr room;
	return inet_pton(six ? AF_INET6 : AF_INET, text, &room) == 1;
}

static bool any_ip(const char *text) { return is_ip(text, false) || is_ip(text, true); }

/* "80" or "80-90" of [1, 65535]; fills how many ports that is. */
static bool port_range(const char *text, size_t *ret_n)
{
	_cleanup_free_ char *first = xstrdup(text);
	char *last = strchr(first, '-');
	uint64_t a, b;
	if (last)
		*last++ = '\0';
	if (parse_u64(first, &a) < 0 || parse_u64(last ? last : first, &b) < 0)
		return false;
	*ret_n = (size_t)(b - a + 1);
	return a >= 1 && b >= a && b <= 65535;
}

/* Cuts "/tcp" off. */
static bool cut_protocol(char *text)
{
	char *slash = strchr(text, '/');
	if (!slash)
		return true;
	*slash = '\0';
	return !strcasecmp(slash + 1, "tcp") || !strcasecmp(slash + 1, "udp") ||
	       !strcasecmp(slash + 1, "sctp");
}

static bool is_host_name(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]) &&
			!((unsigned char)name[i] & 0x80))
			return false;
	return n > 0 && *name != '-' && *name != '.';
}

/* --- what is wrong with a word: NULL when nothing is --- */

static const char *wrong_host_pair(const char *w)
{
	size_t n = strcspn(w, "=:");
	_cleanup_free_ char *pair = option_host_pair(w);
	if (!w[n] || !n)
		return "bad format for add-host: it is NAME:ADDRESS";
	if (!is_host_name(w, n))
		return "the name holds a character that a host name has not";
	if (str_eq(pair + n + 1, "host-gateway") || any_ip(pair + n + 1))
		return NULL;
	return "invalid IP address in add-host: behind the name stands an address, or host-gateway";
}

static const char *wrong_dns(const char *w)
{
	return any_ip(w) ? NULL : "IP address is not correctly formatted: it is 10.0.0.1 or fd00::1";
}

/* Labels of letters, digits and inner hyphens, as hostname(7) has them; "." means no search list. */
static const char *wrong_domain(const char *w)
{
	size_t n = strlen(w);
	if (str_eq(w, "."))
		return NULL;
	if (!n || n > 253)
		return "it is not a valid domain";
	for (size_t i = 0; i < n; i++) {
		bool edge = !i || w[i - 1] == '.' || w[i + 1] == '.' || !w[i + 1];
		bool dot = w[i] == '.' && i && w[i - 1] != '.';
		if (!isalnum((unsigned char)w[i]) && !dot && (edge || !strchr("-_", w[i])))
			return "it is not a valid domain";
	}
	return NULL;
}

static const char *wrong_dns_option(const char *w)
{
	static const char *const words[] = { "debug", "rotate", "no-aaaa", "no-check-names", "inet6",
		"ip6-bytestring", "ip6-dotint", "no-ip6-dotint", "edns0", "single-request",
		"single-request-reopen", "no-tld-query", "use-vc", "no-reload", "trust-ad" };
	static const char *const numbers[] = { "ndots:", "timeout:", "attempts:" };
	uint64_t n;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq(w, words[i]))
			return NULL;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (str_starts(w, numbers[i]) && parse_u64(w + strlen(numbers[i]), &n) == 0 && n <= 255)
			return NULL;
	return "resolv.conf(5) has no such option: ndots:2, timeout:1, rotate ...";
}

static const char *wrong_expose(const char *w)
{
	_cleanup_free_ char *text = xstrdup(w);
	size_t n;
	if (!cut_protocol(text))
		return "invalid proto: it is tcp, udp or sctp";
	return port_range(text, &n) ? NULL : "invalid range format for --expose: it is 80, 80-90 or 53/udp";
}

/*
 * [[IP:]HOST:]CONTAINER[/PROTOCOL]; HOST may be missing ("127.0.0.1::80"), the address may stand in
 * brackets.
 */
static const char *wrong_publish(const char *w)
{
	_cleanup_free_ char *room = xstrdup(w);
	char *container, *host, *ip = NULL;
	size_t inside, outside = 0;
	if (!cut_protocol(room) || str_ends(w, "/sctp"))
		return "invalid proto: it is tcp or udp (sctp is reached from containers of the same network "
		       "only)";
	container = strrchr(room, ':');
	host = container ? room : NULL;
	if (container)
		*container++ = '\0';
	else
		container = room;
	char *colon = host ? strrchr(host, ':') : NULL;
	if (colon) {
		*colon++ = '\0';
		ip = host;
		host = colon;
	}
	if (!port_range(container, &inside))
		return "invalid containerPort: it is [[ADDRESS:]HOSTPORT:]PORT[/udp], ports from 1 to 65535";
	if (host && *host && !(str_eq(host, "0") || port_range(host, &outside)))
		return "invalid hostPort: it is [[ADDRESS:]HOSTPORT:]PORT[/udp], ports from 1 to 65535";
	size_t n = ip ? strlen(ip) : 0;
	if (n > 1 && *ip == '[' && ip[n - 1] == ']') {
		ip[n - 1] = '\0';
		ip++;
	}
	if (ip && *ip && !any_ip(ip))
		return "invalid IP address";
	if (outside && outside != inside && inside != 1)
		return "invalid ranges specified for container and host Ports: they have different lengths";
	return NULL;
}

static const char *wrong_label(const char *w)
{
	size_t n = strcspn(w, "=");
	_cleanup_free_ char *name = xstrndup(w, n);
	if (!n)
		return "empty name";
	return has_blank(name) ? "the name of a label contains whitespaces" : NULL;
}

static const char *wrong_env(const char *w)
{
	return !*w || *w == '=' ? "invalid environment variable: expected NAME=VALUE, or NAME for your own"
				: NULL;
}

static const char *wrong_pair(const char *w)
{
	return !strchr(w, '=') || *w == '=' ? "it must look like name=value" : NULL;
}

/* The settings that belong to a namespace; all others would change the host (docker's list). */
static const char *wrong_sysctl(const char *w)
{
	static const char *const known[] = { "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
		"kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced" };
	size_t n = strcspn(w, "=");
	if (wrong_pair(w))
		return wrong_pair(w);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strlen(known[i]) == n && !strncmp(known[i], w, n))
			return NULL;
	if (str_starts(w, "net.") || str_starts(w, "fs.mqueue."))
		return NULL;
	return "it is not allowed: net.*, fs.mqueue.* and kernel.{msg*,sem,shm*} alone belong to a container";
}

static bool is_access(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!strchr("rwm", *p) || strchr(p + 1, *p))
			return false;
	return *s && strlen(s) <= 3;
}

/* PATH[:PATH][:MODE] */
static const char *wrong_device(const char *w)
{
	if (spec_cdi_is_name(w))
		return NULL;
	_cleanup_free_ char *room = xstrdup(w);
	char *p = room, *host = strsep(&p, ":"), *inside = strsep(&p, ":"), *mode = strsep(&p, ":");
	if (p || !*host)
		return "bad format for path: it is /dev/x[:/dev/y[:rwm]]";
	if (!mode && inside && is_access(inside)) {
		mode = inside;
		inside = NULL;
	}
	if (*host != '/' || (inside && *inside != '/'))
		return "a device is named by an absolute path: /dev/x[:/dev/y[:rwm]]";
	return mode && !is_access(mode) ? "bad mode specified: it is made of r, w and m" : NULL;
}

static const char *wrong_device_rule(const char *w)
{
	size_t a, b;
	const char *why = "invalid device cgroup format: it looks like \"c 1:3 rwm\" or \"b 8:* r\"";
	if (!strchr("acb", *w) || !*w || w[1] != ' ')
		return why;
	a = w[2] == '*' ? 1 : strspn(w + 2, "0123456789");
	if (!a || w[2 + a] != ':')
		return why;
	const char *m = w + 2 + a + 1;
	b = *m == '*' ? 1 : strspn(m, "0123456789");
	return !b || m[b] != ' ' || !is_access(m + b + 1) ? why : NULL;
}

static const char *wrong_stream(const char *w)
{
	return strcasecmp(w, "stdin") && strcasecmp(w, "stdout") && strcasecmp(w, "stderr")
		       ? "valid streams are STDIN, STDOUT and STDERR"
		       : NULL;
}

static const char *wrong_group(const char *w)
{
	return !*w || strpbrk(w, ": \t\n") ? "it is the name or the number of one group" : NULL;
}

static const char *wrong_volumes_from(const char *w)
{
	const char *mode = strchr(w, ':');
	if (!*w || *w == ':')
		return "it names a container: NAME[:ro]";
	return mode && volume_mode_wrong(mode + 1) ? "invalid mode: behind the name stands ro or rw" : NULL;
}

static const char *wrong_alias(const char *w)
{
	return is_host_name(w, strlen(w)) ? NULL : "it is no host name";
}

/* One obeys, or is refused: what would be accepted and not done is no security. */
static const char *wrong_security(const char *w)
{
	size_t n = strcspn(w, "=:");
	const char *value = w[n] ? w + n + 1 : NULL;
	_cleanup_free_ char *key = xstrndup(w, n);
	bool yes_no = !value || str_eq(value, "true") || str_eq(value, "false");
	if (str_eq(key, "no-new-privileges"))
		return yes_no ? NULL : "it is no-new-privileges, with =true or =false";
	if (str_eq(key, "systempaths"))
		return str_eq(value, "unconfined") ? NULL : "it is systempaths=unconfined";
	if (str_eq(key, "seccomp"))
		return value && *value ? NULL : "it is seccomp=unconfined, or the path of a profile";
	if (str_eq(key, "apparmor"))
		return value && *value && !has_blank(value) ? NULL
							    : "it is apparmor=PROFILE or apparmor=unconfined";
	if (str_eq(key, "label") && str_eq(value, "disable"))
		return NULL;
	if (str_eq(key, "label") && value && strchr(value, ':') &&
		path_exists(AT_FDCWD, "/sys/fs/selinux/status"))
		return NULL;
	if (str_eq(key, "label"))
		return "it is label=disable, or label=type:TYPE on a kernel with SELinux";
	return "known are seccomp=, no-new-privileges, apparmor=, label= and systempaths=unconfined";
}

/* --- the table --- */

static const struct word_list {
	const char *flag;
	size_t offset;
	const char *(*wrong)(const char *word);
} lists[] = {
	{ "--add-host", offsetof(struct run_options, add_host), wrong_host_pair },
	{ "--annotation", offsetof(struct run_options, annotations), wrong_pair },
	{ "-a, --attach", offsetof(struct run_options, attach), wrong_stream },
	{ "--device", offsetof(struct run_options, devices), wrong_device },
	{ "--device-cgroup-rule", offsetof(struct run_options, device_cgroup_rules), wrong_device_rule },
	{ "--dns", offsetof(struct run_options, dns), wrong_dns },
	{ "--dns-option", offsetof(struct run_options, dns_option), wrong_dns_option },
	{ "--dns-search", offsetof(struct run_options, dns_search), wrong_domain },
	{ "-e, --env", offsetof(struct run_options, env), wrong_env },
	{ "--expose", offsetof(struct run_options, expose), wrong_expose },
	{ "--group-add", offsetof(struct run_options, group_add), wrong_group },
	{ "-l, --label", offsetof(struct run_options, labels), wrong_label },
	{ "--network-alias", offsetof(struct run_options, network_alias), wrong_alias },
	{ "-p, --publish", offsetof(struct run_options, publish), wrong_publish },
	{ "--security-opt", offsetof(struct run_options, security_opt), wrong_security },
	{ "--sysctl", offsetof(struct run_options, sysctls), wrong_sysctl },
	{ "--volumes-from", offsetof(struct run_options, volumes_from), wrong_volumes_from },
};

int option_words_check(const struct run_options *o, struct mc_err *err)
{
	const char *no_gpu = o->gpus ? spec_cdi_wrong_gpus(o->gpus) : NULL;
	if (no_gpu)
		return err_set(
			err, EINVAL, "invalid argument \"%s\" for \"--gpus\" flag: %s", o->gpus, no_gpu);
	for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
		char *const *list = *(char **const *)((const char *)o + lists[k].offset);
		for (size_t i = 0; list && list[i]; i++) {
			const char *why = lists[k].wrong(list[i]);
			if (why)
				return err_set(err, EINVAL, "invalid argument \"%s\" for \"%s\" flag: %s",
					list[i], lists[k].flag, why);
		}
	}
	return 0;
}

int option_labels_check(char *const labels[], struct mc_err *err)
{
	struct run_options o = RUN_OPTIONS_DEFAULT;
	o.labels = (char **)labels; /* only read */
	return option_words_check(&o, err) < 0 ? err_exit(err, 125) : 0;
}

char *option_host_pair(const char *text)
{
	size_t n = strcspn(text, "=:"), len = strlen(text);
	const char *ip = text[n] ? text + n + 1 : "";
	bool brackets = *ip == '[' && text[len - 1] == ']';
	return xasprintf("%.*s%s%.*s", (int)n, text, text[n] ? ":" : "",
		(int)(strlen(ip) - (brackets ? 2 : 0)), ip + (brackets ? 1 : 0));
}

/* --- sets of numbers: --cpuset-cpus, --cpuset-mems --- */

enum { SET_MAX = 8192 };

/* Marks the numbers of "0-2,4" in set; false when the text is none. */
static bool read_set(const char *text, bool set[SET_MAX])
{
	_cleanup_free_ char *room = xstrdup(text);
	for (char *p = room, *w; (w = strsep(&p, ","));) {
		char *last = strchr(w, '-');
		uint64_t a, b;
		if (last)
			*last++ = '\0';
		if (parse_u64(w, &a) < 0 || parse_u64(last ? last : w, &b) < 0 || b < a || b >= SET_MAX)
			return false;
		for (; a <= b; a++)
			set[a] = true;
	}
	return true;
}

const char *option_set_wrong(const char *text, const char *file)
{
	bool want[SET_MAX] = { false }, have[SET_MAX] = { false };
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	if (!read_set(text, want))
		return "it looks like 0-2 or 0,3";
	if (file_read(AT_FDCWD, file, 1 << 16, &b, &ignored) < 0 || !b.data)
		return NULL;
	b.data[strcspn(b.data, "\n")] = '\0';
	for (size_t i = 0; read_set(b.data, have) && i < SET_MAX; i++)
		if (want[i] && !have[i])
			return "this machine does not have all of these";
	return NULL;
}
