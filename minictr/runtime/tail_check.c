/*
 * tail_check.c - a config.json that must be refused before anything is made.
 *
 * The worst mistakes are those that reach the host: a sysctl of a namespace that the container shares with the host
 * would change the host. So only sysctls of namespaces that are the container's own pass.
 */
#include "runtime/config_tail.h"

static bool starts_any(const char *key, const char *const *words)
{
	for (; *words; words++)
		if (str_starts(key, *words))
			return true;
	return false;
}

static int check_sysctl(const struct config *c, const char *key, struct mc_err *err)
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
		/* Joined by path is somebody else's, but chosen on purpose: pods share a network. */
		if (c->namespaces.ns[rules[i].kind].wanted)
			return 0;
		return err_set(err, EINVAL,
			"linux.sysctl: %s belongs to the %s namespace, which is the host's here", key,
			rules[i].name);
	}
	err_set(err, EINVAL, "linux.sysctl: %s is of the whole machine, not of a container", key);
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
		int rc = check_sysctl(c, key, err);
		if (rc < 0)
			return rc;
		if (!json_text_of(it.value))
			return err_set(err, EINVAL, "linux.sysctl: %s: expected a string", key);
		if (strstr(key, "..") || strstr(key, "//"))
			return err_set(err, EINVAL, "linux.sysctl: %s is no name", key);
	}
	return 0;
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

static int check_idmaps(const struct config *c, struct mc_err *err)
{
	for (size_t i = 0; i < c->n_mounts; i++) {
		const struct json *uids = json_member(c->mounts[i].json, "uidMappings");
		const struct json *gids = json_member(c->mounts[i].json, "gidMappings");
		if (!json_len(uids) != !json_len(gids))
			return err_set(err, EINVAL,
				"mounts[%zu]: uidMappings and gidMappings only come together", i);
	}
	return 0;
}

int tail_check(const struct config *c, struct mc_err *err)
{
	if (c->tail->intel_rdt) {
		err_set(err, EOPNOTSUPP, "linux.intelRdt: this runtime does not partition caches");
		return err_hint(err, "use crun or runc for this container, or leave intelRdt out");
	}
	if (c->tail->time_offsets && !config_has_new(c, NS_TIME))
		return err_set(err, EINVAL, "linux.timeOffsets need a new \"time\" in linux.namespaces");
	if (c->tail->listener_metadata && !c->tail->listener_path)
		return err_set(err, EINVAL, "linux.seccomp.listenerMetadata needs listenerPath beside it");
	int rc = check_sysctls(c, err);
	if (rc >= 0)
		rc = check_propagation(c, err);
	return rc < 0 ? rc : check_idmaps(c, err);
}
