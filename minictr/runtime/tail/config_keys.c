/*
 * tail/config_keys.c - parses hooks, devices, rlimits and the other parts of config.json that the core leaves
 * out.
 *
 * No system call. Wrong types and unknown words are errors that name the place; later code finds out what
 * this machine cannot do. https://github.com/opencontainers/runtime-spec/blob/main/config.md and
 * config-linux.md
 */
#include "runtime/tail/config_keys.h"

#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "runtime/tail.h"
#include "runtime/tail/config_shape.h"

#define TRY(call)                                                                                            \
	do {                                                                                                 \
		int try_rc = (call);                                                                         \
		if (try_rc < 0)                                                                              \
			return try_rc;                                                                       \
	} while (0)

static const char *const hook_names[HOOK_POINTS] = { "prestart", "createRuntime", "createContainer",
	"startContainer", "poststart", "poststop" };

static int parse_hook(const struct json *doc, const char *point, size_t i, struct hook *h, struct mc_err *err)
{
	TRY(json_get_string(doc, &h->path, err, "hooks.%s[%zu].path", point, i));
	TRY(json_get_strv(doc, &h->args, err, "hooks.%s[%zu].args", point, i));
	TRY(json_get_strv(doc, &h->env, err, "hooks.%s[%zu].env", point, i));
	TRY(json_get_i64(doc, &h->timeout, err, "hooks.%s[%zu].timeout", point, i));
	if (!h->path || h->path[0] != '/')
		return err_set(err, EINVAL,
			"config.json: hooks.%s[%zu].path: expected an absolute path, got %s", point, i,
			h->path ? h->path : "nothing");
	return 0;
}

static int parse_hooks(const struct json *doc, struct config_tail *t, struct mc_err *err)
{
	for (size_t p = 0; p < HOOK_POINTS; p++) {
		struct hooks *hooks = &t->hooks[p];
		size_t n = 0;
		TRY(json_get_array(doc, &n, err, "hooks.%s", hook_names[p]));
		hooks->hook = xcalloc(n + 1, sizeof(struct hook));
		for (size_t i = 0; i < n; i++) {
			hooks->n = i + 1;
			TRY(parse_hook(doc, hook_names[p], i, &hooks->hook[i], err));
		}
	}
	return 0;
}

static int parse_device(const struct json *doc, size_t i, struct device *d, struct mc_err *err)
{
	const char *type = "", *path = NULL;
	uint32_t mode = 0666;
	d->major = d->minor = -1;
	TRY(json_get_string(doc, &path, err, "linux.devices[%zu].path", i));
	TRY(json_get_string(doc, &type, err, "linux.devices[%zu].type", i));
	TRY(json_get_i64(doc, &d->major, err, "linux.devices[%zu].major", i));
	TRY(json_get_i64(doc, &d->minor, err, "linux.devices[%zu].minor", i));
	TRY(json_get_u32(doc, &mode, err, "linux.devices[%zu].fileMode", i));
	TRY(json_get_u32(doc, &d->uid, err, "linux.devices[%zu].uid", i));
	TRY(json_get_u32(doc, &d->gid, err, "linux.devices[%zu].gid", i));
	d->mode = mode & 07777;
	d->type = str_eq(type, "b") ? S_IFBLK : str_eq(type, "p") ? S_IFIFO : S_IFCHR;
	size_t len = path ? strlen(path) : 0;
	while (len > 1 && path[len - 1] == '/')
		len--;
	d->path = len ? xstrndup(path, len) : NULL;
	if (len < 2 || path[0] != '/')
		return err_set(
			err, EINVAL, "config.json: linux.devices[%zu].path: expected an absolute path", i);
	if (d->type != S_IFIFO && (d->major < 0 || d->minor < 0))
		return err_set(
			err, EINVAL, "config.json: linux.devices[%zu]: major and minor are missing", i);
	/* mknod(2) would truncate the number and make another device. */
	if (d->major >= 1 << 12 || d->minor >= 1 << 20)
		return err_set(err, EINVAL,
			"config.json: linux.devices[%zu]: no device is numbered %lld:%lld", i,
			(long long)d->major, (long long)d->minor);
	return 0;
}

static int parse_devices(const struct json *doc, struct config_tail *t, struct mc_err *err)
{
	size_t n = 0;
	TRY(json_get_array(doc, &n, err, "linux.devices"));
	t->devices = xcalloc(n + 1, sizeof(*t->devices));
	t->n_devices = n;
	for (size_t i = 0; i < n; i++) {
		TRY(parse_device(doc, i, &t->devices[i], err));
		for (size_t k = 0; k < i; k++)
			if (str_eq(t->devices[i].path, t->devices[k].path))
				return err_set(err, EINVAL, "config.json: linux.devices: %s is listed twice",
					t->devices[i].path);
	}
	return 0;
}

static int parse_personality(const struct json *doc, struct config_tail *t, struct mc_err *err)
{
	const char *domain = "";
	const struct json *there = NULL;
	TRY(json_get_object(doc, &there, err, "linux.personality"));
	TRY(json_get_string(doc, &domain, err, "linux.personality.domain"));
	if (!there)
		return 0;
	t->has_personality = true;
	if (str_eq(domain, "LINUX"))
		t->personality = PER_LINUX;
	else if (str_eq(domain, "LINUX32"))
		t->personality = PER_LINUX32;
	else
		return err_set(err, EINVAL,
			"config.json: linux.personality.domain: '%s' is neither LINUX nor LINUX32", domain);
	if (json_len(json_at(doc, "linux.personality.flags")))
		return err_set(err, EINVAL, "config.json: linux.personality.flags: none are defined");
	return 0;
}

int tail_config(const struct json *doc, struct config *c, struct mc_err *err)
{
	struct config_tail *t = c->tail = xcalloc(1, sizeof(*t));
	TRY(config_shape(doc, "", CONFIG_DOCUMENT, err));
	TRY(config_shape(doc, "linux.resources.", CONFIG_RESOURCES, err));
	TRY(parse_hooks(doc, t, err));
	TRY(parse_devices(doc, t, err));
	TRY(parse_personality(doc, t, err));
	TRY(json_get_object(doc, &t->sysctl, err, "linux.sysctl"));
	TRY(json_get_object(doc, &t->time_offsets, err, "linux.timeOffsets"));
	TRY(json_get_object(doc, &t->intel_rdt, err, "linux.intelRdt"));
	TRY(json_get_string(doc, &t->listener_path, err, "linux.seccomp.listenerPath"));
	TRY(json_get_string(doc, &t->listener_metadata, err, "linux.seccomp.listenerMetadata"));
	return json_get_string(doc, &t->mount_label, err, "linux.mountLabel");
}

void tail_config_free(struct config_tail *t)
{
	for (size_t p = 0; t && p < HOOK_POINTS; p++) {
		for (size_t i = 0; i < t->hooks[p].n; i++) {
			strv_free(t->hooks[p].hook[i].args);
			strv_free(t->hooks[p].hook[i].env);
		}
		free(t->hooks[p].hook);
	}
	for (size_t i = 0; t && i < t->n_devices; i++)
		free(t->devices[i].path);
	if (t)
		free(t->devices);
	free(t);
}

/* --- process --- */

static int rlimit_number(const char *name)
{
	static const struct {
		const char *name;
		int resource;
	} known[] = { { "RLIMIT_AS", RLIMIT_AS }, { "RLIMIT_CORE", RLIMIT_CORE },
		{ "RLIMIT_CPU", RLIMIT_CPU }, { "RLIMIT_DATA", RLIMIT_DATA },
		{ "RLIMIT_FSIZE", RLIMIT_FSIZE }, { "RLIMIT_LOCKS", RLIMIT_LOCKS },
		{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK }, { "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
		{ "RLIMIT_NICE", RLIMIT_NICE }, { "RLIMIT_NOFILE", RLIMIT_NOFILE },
		{ "RLIMIT_NPROC", RLIMIT_NPROC }, { "RLIMIT_RSS", RLIMIT_RSS },
		{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO }, { "RLIMIT_RTTIME", RLIMIT_RTTIME },
		{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING }, { "RLIMIT_STACK", RLIMIT_STACK } };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eq(name, known[i].name))
			return known[i].resource;
	return -1;
}

/* One entry of rlimits into the next free place. */
static int parse_rlimit(
	const struct json *doc, const char *in, size_t i, struct process_tail *t, struct mc_err *err)
{
	const char *type = "";
	uint64_t soft = 0, hard = 0;
	TRY(json_get_string(doc, &type, err, "%srlimits[%zu].type", in, i));
	int resource = rlimit_number(type), has_soft, has_hard;
	if (resource < 0)
		return err_set(err, EINVAL, "process.rlimits[%zu].type: no limit is called '%s'", i, type);
	TRY(has_soft = json_get_u64(doc, &soft, err, "%srlimits[%zu].soft", in, i));
	TRY(has_hard = json_get_u64(doc, &hard, err, "%srlimits[%zu].hard", in, i));
	if (!has_soft || !has_hard) /* taken as 0 a forgotten word would be "no files at all" */
		return err_set(err, EINVAL, "process.rlimits: %s: soft and hard are both needed", type);
	for (size_t k = 0; k < t->n_rlimits; k++)
		if (t->rlimits[k].resource == resource)
			return err_set(err, EINVAL, "process.rlimits: %s is listed twice", type);
	if (soft > hard)
		return err_set(err, EINVAL, "process.rlimits: %s: soft is above hard", type);
	t->rlimits[t->n_rlimits].resource = resource;
	t->rlimits[t->n_rlimits].name = type;
	t->rlimits[t->n_rlimits].soft = soft;
	t->rlimits[t->n_rlimits++].hard = hard;
	return 0;
}

static int parse_rlimits(const struct json *doc, const char *in, struct process_tail *t, struct mc_err *err)
{
	size_t n = 0;
	TRY(json_get_array(doc, &n, err, "%srlimits", in));
	for (size_t i = 0; i < n; i++)
		TRY(parse_rlimit(doc, in, i, t, err));
	return 0;
}

static int parse_io_priority(
	const struct json *doc, const char *in, struct process_tail *t, struct mc_err *err)
{
	static const char *const classes[] = { "", "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE",
		"IOPRIO_CLASS_IDLE" };
	const struct json *there = NULL;
	const char *class = "";
	int64_t level = 0;
	TRY(json_get_object(doc, &there, err, "%sioPriority", in));
	TRY(json_get_string(doc, &class, err, "%sioPriority.class", in));
	TRY(json_get_i64(doc, &level, err, "%sioPriority.priority", in));
	if (!there)
		return 0;
	for (size_t i = 1; i < ARRAY_LEN(classes); i++)
		if (str_eq(class, classes[i])) {
			t->has_io_priority = true;
			t->io_priority = (int)(i << 13) | (int)level; /* IOPRIO_PRIO_VALUE */
			return 0;
		}
	return err_set(err, EINVAL, "process.ioPriority.class: no class is called '%s'", class);
}

int tail_process(const struct json *doc, const char *in, struct config_process *process, struct mc_err *err)
{
	struct process_tail *t = process->tail = xcalloc(1, sizeof(*t));
	TRY(config_shape(doc, in, CONFIG_PROCESS, err));
	TRY(parse_rlimits(doc, in, t, err));
	int rc = json_get_i64(doc, &t->oom_score_adj, err, "%soomScoreAdj", in);
	if (rc < 0)
		return rc;
	t->has_oom_score_adj = rc;
	TRY(json_get_object(doc, &t->scheduler, err, "%sscheduler", in));
	TRY(parse_io_priority(doc, in, t, err));
	TRY(json_get_string(doc, &t->apparmor, err, "%sapparmorProfile", in));
	TRY(json_get_string(doc, &t->selinux, err, "%sselinuxLabel", in));
	TRY(json_get_string(doc, &t->cpu_initial, err, "%sexecCPUAffinity.initial", in));
	return json_get_string(doc, &t->cpu_final, err, "%sexecCPUAffinity.final", in);
}

void tail_process_free(struct process_tail *t) { free(t); }
