/*
 * config.c - config.json to struct config: what is wanted, before anything is done.
 *
 * Reads the keys this floor teaches; tail_config() and tail_process() read all others from the same document.
 * No system call but reading the one file, so `explain --dry-run`, unit tests and the fuzzer can call it
 * freely. A wrong type is an error that names its place ("linux.resources.memory.limit: expected an
 * integer"); an unknown key is ignored, as the spec demands.
 * https://github.com/opencontainers/runtime-spec/blob/main/config.md
 */
#include "runtime/config.h"

#include <fcntl.h>

#include "base/file.h"
#include "runtime/config_mounts.h"
#include "runtime/tail.h"

/* Getters return 1 (there), 0 (absent) or an error: only the error ends the parsing. */
#define TRY(call)                                                                                            \
	do {                                                                                                 \
		int try_rc = (call);                                                                         \
		if (try_rc < 0)                                                                              \
			return try_rc;                                                                       \
	} while (0)

/* One of the five sets: names to bits. Unknown names (a newer kernel's) are left out, as runc does. */
static int parse_cap_set(
	const struct json *doc, const char *in, const char *set, uint64_t *ret, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	TRY(json_get_strv(doc, &names, err, "%scapabilities.%s", in, set));
	for (size_t i = 0; i < strv_len(names); i++) {
		int number = cap_number(names[i]);
		if (number >= 0)
			*ret |= UINT64_C(1) << number;
	}
	return 0;
}

static int parse_caps(const struct json *doc, const char *in, struct config_process *p, struct mc_err *err)
{
	p->has_caps = json_at(doc, "%scapabilities", in) != NULL;
	TRY(parse_cap_set(doc, in, "bounding", &p->caps.bounding, err));
	TRY(parse_cap_set(doc, in, "effective", &p->caps.effective, err));
	TRY(parse_cap_set(doc, in, "permitted", &p->caps.permitted, err));
	TRY(parse_cap_set(doc, in, "inheritable", &p->caps.inheritable, err));
	return parse_cap_set(doc, in, "ambient", &p->caps.ambient, err);
}

static int parse_user(const struct json *doc, const char *in, struct config_process *p, struct mc_err *err)
{
	size_t n = 0;
	uint32_t mask = 0;
	TRY(json_get_u32(doc, &p->user.uid, err, "%suser.uid", in));
	TRY(json_get_u32(doc, &p->user.gid, err, "%suser.gid", in));
	TRY(json_get_u32(doc, &mask, err, "%suser.umask", in));
	p->has_umask = json_at(doc, "%suser.umask", in) != NULL;
	p->umask = mask & 07777;
	TRY(json_get_array(doc, &n, err, "%suser.additionalGids", in));
	gid_t *groups = xcalloc(n + 1, sizeof(*groups));
	p->user.groups = groups;
	for (size_t i = 0; i < n; i++)
		TRY(json_get_u32(doc, &groups[i], err, "%suser.additionalGids[%zu]", in, i));
	p->user.n_groups = n;
	return 0;
}

int config_parse_process(
	const struct json *doc, const char *where, struct config_process *p, struct mc_err *err)
{
	char in[64]; /* "process." or "": paths start at the document, so messages are complete */
	snprintf(in, sizeof(in), "%s%s", where, *where ? "." : "");
	TRY(json_get_strv(doc, &p->args, err, "%sargs", in));
	TRY(json_get_strv(doc, &p->env, err, "%senv", in));
	TRY(json_get_string(doc, &p->cwd, err, "%scwd", in));
	TRY(json_get_bool(doc, &p->terminal, err, "%sterminal", in));
	TRY(json_get_u32(doc, &p->console_height, err, "%sconsoleSize.height", in));
	TRY(json_get_u32(doc, &p->console_width, err, "%sconsoleSize.width", in));
	TRY(json_get_bool(doc, &p->no_new_privs, err, "%snoNewPrivileges", in));
	TRY(parse_user(doc, in, p, err));
	TRY(parse_caps(doc, in, p, err));
	if (!p->cwd || p->cwd[0] != '/')
		return err_set(err, EINVAL, "config.json: %scwd: expected an absolute path, got %s", in,
			p->cwd ? p->cwd : "nothing");
	return tail_process(doc, in, p, err);
}

/* "network" to NS_NET; NS_KINDS when there is no such namespace. */
static enum namespace_kind namespace_kind_of(const char *word)
{
	static const char *const words[NS_KINDS] = { "user", "mount", "pid", "uts", "ipc", "network",
		"cgroup", "time" };
	enum namespace_kind kind = NS_USER;
	while (kind < NS_KINDS && !str_eq(words[kind], word))
		kind++;
	return kind;
}

static int parse_namespaces(const struct json *doc, struct namespace_plan *p, struct mc_err *err)
{
	size_t n = 0;
	TRY(json_get_array(doc, &n, err, "linux.namespaces"));
	for (size_t i = 0; i < n; i++) {
		const char *word = "", *path = NULL;
		TRY(json_get_string(doc, &word, err, "linux.namespaces[%zu].type", i));
		TRY(json_get_string(doc, &path, err, "linux.namespaces[%zu].path", i));
		enum namespace_kind kind = namespace_kind_of(word);
		if (kind == NS_KINDS)
			return err_set(err, EINVAL,
				"config.json: linux.namespaces[%zu].type: no namespace is called '%s'", i,
				word);
		if (p->ns[kind].wanted)
			return err_set(
				err, EINVAL, "config.json: linux.namespaces: '%s' is listed twice", word);
		p->ns[kind].wanted = true;
		p->ns[kind].path = path && *path ? path : NULL;
	}
	return 0;
}

static int parse_id_map(const struct json *doc, const char *key, struct id_map *m, struct mc_err *err)
{
	size_t n = 0;
	TRY(json_get_array(doc, &n, err, "linux.%s", key));
	m->range = xcalloc(n + 1, sizeof(*m->range));
	m->n = n;
	for (size_t i = 0; i < n; i++) {
		TRY(json_get_u32(doc, &m->range[i].inside, err, "linux.%s[%zu].containerID", key, i));
		TRY(json_get_u32(doc, &m->range[i].outside, err, "linux.%s[%zu].hostID", key, i));
		TRY(json_get_u32(doc, &m->range[i].count, err, "linux.%s[%zu].size", key, i));
	}
	return 0;
}

static int parse_limits(const struct json *doc, const char *in, struct config_limits *l, struct mc_err *err)
{
	TRY(json_get_i64(doc, &l->memory, err, "%smemory.limit", in));
	TRY(json_get_i64(doc, &l->memory_swap, err, "%smemory.swap", in));
	TRY(json_get_i64(doc, &l->memory_low, err, "%smemory.reservation", in));
	TRY(json_get_i64(doc, &l->cpu_quota, err, "%scpu.quota", in));
	TRY(json_get_u64(doc, &l->cpu_period, err, "%scpu.period", in));
	TRY(json_get_u64(doc, &l->cpu_shares, err, "%scpu.shares", in));
	return json_get_i64(doc, &l->pids, err, "%spids.limit", in);
}

int config_parse_limits(const struct json *resources, struct config_limits *ret, struct mc_err *err)
{
	int rc = parse_limits(resources, "", ret, err);
	return rc < 0 ? rc : 0;
}

static int parse_linux(struct config *c, struct mc_err *err)
{
	const struct json *doc = c->doc;
	TRY(parse_namespaces(doc, &c->namespaces, err));
	TRY(parse_id_map(doc, "uidMappings", &c->uids, err));
	TRY(parse_id_map(doc, "gidMappings", &c->gids, err));
	TRY(json_get_strv(doc, &c->masked_paths, err, "linux.maskedPaths"));
	TRY(json_get_strv(doc, &c->readonly_paths, err, "linux.readonlyPaths"));
	TRY(json_get_string(doc, &c->cgroups_path, err, "linux.cgroupsPath"));
	TRY(json_get_string(doc, &c->rootfs_propagation, err, "linux.rootfsPropagation"));
	TRY(json_get_object(doc, &c->resources, err, "linux.resources"));
	TRY(parse_limits(doc, "linux.resources.", &c->limits, err));
	TRY(json_get_object(doc, &c->seccomp, err, "linux.seccomp"));
	return 0;
}

/* Refuses what the spec calls invalid, and what would fail later with a worse message. */
static int check(const struct config *c, struct mc_err *err)
{
	if (!c->oci_version || !str_starts(c->oci_version, "1."))
		return err_set(err, EINVAL, "config.json: ociVersion: expected 1.x, got %s",
			c->oci_version ? c->oci_version : "nothing");
	if (c->has_process && !strv_len(c->process.args))
		return err_set(err, EINVAL, "config.json: process.args: a program to run is missing");
	if (!c->root_path)
		return err_set(err, EINVAL, "config.json: root.path: missing");
	if ((c->hostname || c->domainname) && !c->namespaces.ns[NS_UTS].wanted)
		return err_set(err, EINVAL,
			"config.json: a hostname needs a new \"uts\" in linux.namespaces, or the host would "
			"be renamed");
	if (!c->namespaces.ns[NS_MOUNT].wanted)
		return err_set(err, EINVAL,
			"config.json: linux.namespaces: without \"mount\" the root could not be changed");
	if (config_has_new(c, NS_USER) && (!c->uids.n || !c->gids.n))
		return err_set(err, EINVAL,
			"config.json: a new user namespace needs linux.uidMappings and linux.gidMappings");
	return 0;
}

int config_parse(struct json *doc, const char *bundle, struct config *c, struct mc_err *err)
{
	const char *root = NULL;
	c->doc = doc;
	c->bundle = xstrdup(bundle);
	TRY(json_get_string(doc, &c->oci_version, err, "ociVersion"));
	TRY(json_get_string(doc, &c->hostname, err, "hostname"));
	TRY(json_get_string(doc, &c->domainname, err, "domainname"));
	c->hostname = c->hostname && *c->hostname ? c->hostname : NULL; /* "": the same as not told */
	c->domainname = c->domainname && *c->domainname ? c->domainname : NULL;
	TRY(json_get_string(doc, &root, err, "root.path"));
	TRY(json_get_bool(doc, &c->root_readonly, err, "root.readonly"));
	TRY(json_get_object(doc, &c->annotations, err, "annotations"));
	c->root_path = !root || !*root  ? NULL
		       : root[0] == '/' ? xstrdup(root)
					: xasprintf("%s/%s", bundle, root);
	c->has_process = json_at(doc, "process") != NULL;
	if (c->has_process)
		TRY(config_parse_process(doc, "process", &c->process, err));
	TRY(config_parse_mounts(c, err));
	TRY(parse_linux(c, err));
	TRY(tail_config(doc, c, err));
	TRY(check(c, err));
	return tail_check(c, err);
}

int config_load(const char *bundle, struct config *c, struct mc_err *err)
{
	struct json *doc = NULL;
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_free_ char *absolute = realpath(bundle, NULL);
	if (!absolute)
		return err_sys(err, "bundle %s", bundle);
	_cleanup_free_ char *path = xasprintf("%s/config.json", absolute);
	int rc = file_read(AT_FDCWD, path, 16 << 20, &text, err);
	if (rc < 0)
		return err_wrap(err, "bundle %s", absolute);
	if ((rc = json_parse(text.data, text.len, "config.json", &doc, err)) < 0)
		return err_wrap(err, "bundle %s", absolute);
	c->text = buf_take(&text); /* JSON has no NUL, so its length is strlen() */
	return config_parse(doc, absolute, c, err);
}

int config_keep(const struct config *c, int dir, struct mc_err *err)
{
	return file_write_atomic(dir, "config.json", c->text, strlen(c->text), 0600, 0, err);
}

int config_load_kept(int dir, const char *bundle, struct config *c, struct mc_err *err)
{
	struct json *doc = NULL;
	int rc = json_parse_file(dir, "config.json", 16 << 20, &doc, err);
	return rc < 0 ? err_wrap(err, "the kept config.json") : config_parse(doc, bundle, c, err);
}

void config_release_process(struct config_process *p)
{
	strv_free(p->args);
	strv_free(p->env);
	free((void *)p->user.groups);
	tail_process_free(p->tail);
	*p = (struct config_process){ 0 };
}

void config_release(struct config *c)
{
	config_release_process(&c->process);
	config_release_mounts(c);
	strv_free(c->masked_paths);
	strv_free(c->readonly_paths);
	free(c->uids.range);
	free(c->gids.range);
	free(c->text);
	free(c->bundle);
	free(c->root_path);
	tail_config_free(c->tail);
	json_free(c->doc);
	*c = (struct config){ 0 };
}

const char *config_annotation(const struct config *c, const char *key)
{
	return c->annotations ? json_text_of(json_member(c->annotations, key)) : NULL;
}
