/*
 * tail/config_check.c - a config.json that must be refused before anything is made.
 *
 * The worst mistakes are those that reach the host: a sysctl of a namespace that the container shares with
 * the host would change the host. So only sysctls of the container's own namespaces pass.
 */
#include "runtime/tail/config_keys.h"

#include <ctype.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "runtime/namespace.h"

static bool starts_any(const char *key, const char *const *words)
{
	for (; *words; words++)
		if (str_starts(key, *words))
			return true;
	return false;
}

/* Is the namespace joined by path the one that we are in? */
static bool is_ours(const char *path, enum namespace_kind kind)
{
	char own[64];
	struct stat theirs, ours;
	snprintf(own, sizeof(own), "/proc/self/ns/%s", namespace_name(kind));
	return stat(path, &theirs) == 0 && stat(own, &ours) == 0 && theirs.st_ino == ours.st_ino &&
	       theirs.st_dev == ours.st_dev;
}

static int check_sysctl(const struct config *c, const char *key, bool look, struct mc_err *err)
{
	static const char *const ipc[] = { "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
		"kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
		"kernel.msg_next_id", "kernel.sem_next_id", "kernel.shm_next_id", "kernel.auto_msgmni",
		"fs.mqueue.", NULL };
	static const char *const uts[] = { "kernel.domainname", "kernel.hostname", NULL };
	static const char *const net[] = { "net.", NULL };
	static const char *const user[] = { "user.", NULL };
	static const struct {
		const char *const *words;
		enum namespace_kind kind;
		const char *name;
	} rules[] = { { ipc, NS_IPC, "ipc" }, { uts, NS_UTS, "uts" }, { net, NS_NET, "network" },
		{ user, NS_USER, "user" } };
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (!starts_any(key, rules[i].words))
			continue;
		/*
		 * A namespace joined by path was chosen on purpose: pods share a network. The host's was not.
		 */
		const char *path = c->namespaces.ns[rules[i].kind].path;
		if (c->namespaces.ns[rules[i].kind].wanted && !(look && path && is_ours(path, rules[i].kind)))
			return 0;
		return err_set(err, EINVAL,
			"linux.sysctl: %s belongs to the %s namespace, which this container shares with the "
			"host",
			key, rules[i].name);
	}
	err_set(err, EINVAL, "linux.sysctl: %s is a setting of the whole machine, not of one container", key);
	return err_hint(err, "set it on the host with sysctl(8); containers have their own net.*, "
			     "fs.mqueue.*, kernel.shm*, "
			     "kernel.msg* and kernel.sem");
}

/* "net/ipv4/ip_forward" is the same as "net.ipv4.ip_forward"; the first separator decides (sysctl(8)). */
void sysctl_dotted(const char *key, char *out, size_t size)
{
	snprintf(out, size, "%s", key);
	char *first = strpbrk(out, "./");
	if (!first || *first == '.')
		return;
	for (char *p = out; *p; p++)
		*p = *p == '/' ? '.' : *p == '.' ? '/' : *p;
}

static int check_sysctls(const struct config *c, struct mc_err *err)
{
	struct json_iter it = { 0 };
	char key[256];
	while (c->tail->sysctl && json_next(c->tail->sysctl, &it)) {
		sysctl_dotted(it.key, key, sizeof(key));
		int rc = check_sysctl(c, key, false, err);
		if (rc < 0)
			return rc;
		if (strstr(key, "..") || strstr(key, "//"))
			return err_set(err, EINVAL, "linux.sysctl: %s is no name", key);
	}
	return 0;
}

int sysctls_look(const struct config *c, struct mc_err *err)
{
	struct json_iter it = { 0 };
	char key[256];
	int rc = 0;
	while (rc >= 0 && c->tail->sysctl && json_next(c->tail->sysctl, &it)) {
		sysctl_dotted(it.key, key, sizeof(key));
		rc = check_sysctl(c, key, true, err);
	}
	return rc;
}

static int check_propagation(const struct config *c, struct mc_err *err)
{
	static const char *const words[] = { "private", "rprivate", "slave", "rslave", "shared", "rshared",
		"unbindable", "runbindable" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!c->rootfs_propagation || !*c->rootfs_propagation ||
			str_eq(c->rootfs_propagation, words[i]))
			return 0;
	return err_set(err, EINVAL,
		"linux.rootfsPropagation: '%s' is none of private, slave, shared, unbindable",
		c->rootfs_propagation);
}

static int check_idmap(const struct config_mount *m, size_t i, struct mc_err *err)
{
	const struct json *uids = json_member(m->json, "uidMappings");
	const struct json *gids = json_member(m->json, "gidMappings");
	if (!json_len(uids) != !json_len(gids))
		return err_set(err, EINVAL,
			"mounts[%zu]: uidMappings and gidMappings must both be there, or neither", i);
	for (size_t o = 0; o < strv_len(m->options); o++)
		if (str_starts(m->options[o], "idmap=") || str_starts(m->options[o], "ridmap="))
			return err_set(err, EOPNOTSUPP,
				"mounts[%zu]: %s is an option of crun: use uidMappings and gidMappings", i,
				m->options[o]);
	bool wanted = json_len(uids) || strv_has(m->options, "idmap") || strv_has(m->options, "ridmap");
	if (wanted && !(m->flags & MS_BIND))
		return err_set(err, EOPNOTSUPP, "mounts[%zu]: only bind mounts can be id-mapped here", i);
	return 0;
}

static int check_idmaps(const struct config *c, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; i < c->n_mounts && rc >= 0; i++)
		rc = check_idmap(&c->mounts[i], i, err);
	return rc;
}

/*
 * A word that is none of mount(8)'s goes to the file system, which refuses what it does not know. A bind
 * mount and the tmpfs of cgroup v1 have no file system to ask: the kernel would drop "readonly", and the
 * mount would be writable.
 */
static int check_mount_words(const struct config *c, struct mc_err *err)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct config_mount *m = &c->mounts[i];
		if (!*m->data || !((m->flags & MS_BIND) || str_eq(m->type, "cgroup")))
			continue;
		err_set(err, EINVAL, "config.json: mounts[%zu].options: a %s mount has no option \"%s\"", i,
			(m->flags & MS_BIND) ? "bind" : "cgroup", m->data);
		return err_hint(err, "known options are those of mount(8), such as ro, and rro, idmap and "
				     "similar ones; options of a file system belong to a mount of that type");
	}
	return 0;
}

/* "1.2.0", "1.0.2-dev", "1.1.0+build": SemVer 2.0.0, as far as it can be a version of this spec. */
static int check_version(const char *v, struct mc_err *err)
{
	const char *p = v;
	for (int part = 0; part < 3; part++) {
		size_t digits = strspn(p, "0123456789");
		if (!digits || (digits > 1 && *p == '0') || (part < 2 && p[digits] != '.'))
			return err_set(
				err, EINVAL, "config.json: ociVersion: %s is no version like 1.2.0", v);
		p += digits + (part < 2);
	}
	bool more = (*p == '-' || *p == '+') && p[1];
	for (const char *c = p; *c && more; c++)
		more = isalnum((unsigned char)*c) || strchr("-+.", *c);
	return !*p || more ? 0
			   : err_set(err, EINVAL, "config.json: ociVersion: %s is no version like 1.2.0", v);
}

static int check_annotations(const struct config *c, struct mc_err *err)
{
	struct json_iter it = { 0 };
	while (c->annotations && json_next(c->annotations, &it))
		if (!*it.key)
			return err_set(err, EINVAL, "config.json: annotations: a key is empty");
	return 0;
}

static int check_absolute(char *const paths[], const char *key, struct mc_err *err)
{
	for (size_t i = 0; i < strv_len(paths); i++)
		if (paths[i][0] != '/')
			return err_set(err, EINVAL,
				"config.json: linux.%s[%zu]: expected an absolute path, got %s", key, i,
				*paths[i] ? paths[i] : "nothing");
	return 0;
}

static int check_paths(const struct config *c, struct mc_err *err)
{
	for (int kind = 0; kind < NS_KINDS; kind++) {
		const char *path = c->namespaces.ns[kind].path;
		if (path && path[0] != '/')
			return err_set(err, EINVAL,
				"config.json: linux.namespaces: path of %s: expected an absolute path, got "
				"%s",
				namespace_name((enum namespace_kind)kind), path);
	}
	int rc = check_absolute(c->masked_paths, "maskedPaths", err);
	return rc < 0 ? rc : check_absolute(c->readonly_paths, "readonlyPaths", err);
}

int tail_check(const struct config *c, struct mc_err *err)
{
	static int (*const checks[])(const struct config *, struct mc_err *) = { check_annotations,
		check_paths, check_sysctls, check_propagation, check_idmaps, check_mount_words };
	static const char *const newer[] = { "linux.memoryPolicy", "linux.netDevices" };
	if (c->tail->intel_rdt) {
		err_set(err, EOPNOTSUPP, "linux.intelRdt: this runtime does not partition caches");
		return err_hint(err, "use crun or runc for this container, or leave intelRdt out");
	}
	for (size_t i = 0; i < ARRAY_LEN(newer); i++)
		if (json_len(json_at(c->doc, newer[i]))) {
			err_set(err, EOPNOTSUPP, "%s (runtime-spec 1.3) is not supported by this runtime",
				newer[i]);
			return err_hint(err, "leave it out, or use crun or runc for this container");
		}
	if (c->tail->time_offsets && !config_has_new(c, NS_TIME))
		return err_set(err, EINVAL, "linux.timeOffsets need a new \"time\" in linux.namespaces");
	if (c->tail->listener_metadata && !c->tail->listener_path)
		return err_set(err, EINVAL, "linux.seccomp.listenerMetadata needs listenerPath beside it");
	int rc = check_version(c->oci_version, err);
	for (size_t i = 0; i < ARRAY_LEN(checks) && rc >= 0; i++)
		rc = checks[i](c, err);
	return rc;
}
