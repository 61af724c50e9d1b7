/*
 * spec/mount_entries.c - "mounts" of config.json: docker's defaults, what the user asked for, and three files of /etc.
 *
 * Interface: config.md "Mounts"; mount(8) for the words. Order and why: the user's mount over a default one (-v x:/dev/shm)
 * replaces it; parents come before children, whatever the order on the command line.
 * Left out: sharing /dev/shm with --ipc container:X (the mount lives in X's mount namespace, and a kernel before 6.15 clones
 * no mount of another one; System V objects and message queues are shared); named volumes (an anonymous one is a plain directory of the writable layer for now).
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "engine/spec/spec.h"
#include "runtime/rootfs.h"

static struct json *new_mount(const char *target, const char *type, const char *source, const char *words)
{
	struct json *m = json_new_object();
	_cleanup_strv_ char **options = NULL;
	_cleanup_free_ char *text = xstrdup(words);
	char *save = NULL;
	for (char *w = strtok_r(text, ",", &save); w; w = strtok_r(NULL, ",", &save))
		strv_push(&options, w);
	json_set_string(m, "destination", target);
	json_set_string(m, "type", type);
	json_set_string(m, "source", source);
	json_set(m, "options", json_new_strv(options));
	return m;
}

/* --- docker's defaults --- */

static void add_shm(const struct spec_input *in, struct json *list)
{
	const char *ipc = json_text_of(json_member(in->container->host, "IpcMode"));
	int64_t size = json_int_of(json_member(in->container->host, "ShmSize"));
	char words[96];
	snprintf(words, sizeof(words), "nosuid,noexec,nodev,mode=1777,size=%lld",
		(long long)(size ? size : 64 << 20));
	if (str_eq(ipc, "host")) {
		json_add(list, new_mount("/dev/shm", "bind", "/dev/shm", "rbind,nosuid,noexec,nodev"));
	} else if (!str_eq(ipc, "none")) {
		json_add(list, new_mount("/dev/shm", "tmpfs", "shm", words));
	}
}

static void add_defaults(const struct spec_input *in, bool privileged, struct json *list)
{
	const char *ro = privileged ? "nosuid,noexec,nodev" : "nosuid,noexec,nodev,ro";
	const char *net = json_text_of(json_member(in->container->host, "NetworkMode"));
	json_add(list, new_mount("/proc", "proc", "proc", "nosuid,noexec,nodev"));
	json_add(list, new_mount("/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k"));
	json_add(list, new_mount("/dev/pts", "devpts", "devpts",
			       "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5"));
	/* sysfs belongs to a network namespace; without rights over it (rootless, host network) only a bind works */
	if ((in->engine->rootless || in->ids->uids.n) && str_eq(net, "host"))
		json_add(list, new_mount("/sys", "bind", "/sys", "rbind,nosuid,noexec,nodev,ro"));
	else
		json_add(list, new_mount("/sys", "sysfs", "sysfs", ro));
	json_add(list, new_mount("/sys/fs/cgroup", "cgroup", "cgroup", ro));
	json_add(list, new_mount("/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev"));
	add_shm(in, list);
}

/* --- the user's --- */

static bool is_word(const char *w, const char *const words[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(w, words[i]))
			return true;
	return false;
}

/* "/src:/dst[:ro,rslave]" */
static int add_bind(const char *text, bool dry, struct json *list, struct mc_err *err)
{
	static const char *const keep[] = { "ro", "rw", "shared", "rshared", "slave", "rslave", "private",
		"rprivate" };
	static const char *const drop[] = { "z", "Z", "nocopy", "consistent", "cached", "delegated" };
	_cleanup_free_ char *source = xstrdup(text);
	_cleanup_buf_ struct buf words = { 0 };
	char *target = strchr(source, ':'), *rest, *save = NULL;
	if (!target)
		return err_set(err, EINVAL, "invalid volume specification: '%s'", text);
	*target++ = '\0';
	rest = strchr(target, ':');
	if (rest)
		*rest++ = '\0';
	buf_adds(&words, "rbind");
	for (char *w = rest ? strtok_r(rest, ",", &save) : NULL; w; w = strtok_r(NULL, ",", &save)) {
		if (is_word(w, keep, ARRAY_LEN(keep)))
			buf_addf(&words, ",%s", w);
		else if (!is_word(w, drop, ARRAY_LEN(drop)))
			return err_set(
				err, EINVAL, "invalid volume specification: '%s': invalid mode: %s", text, w);
	}
	if (!strstr(words.data, "shared") && !strstr(words.data, "slave") && !strstr(words.data, "private"))
		buf_adds(&words, ",rprivate");
	if (!dry && !path_exists(AT_FDCWD, source)) { /* docker makes it, with -v only */
		int rc = dir_make(AT_FDCWD, source, 0755, err);
		if (rc < 0)
			return rc;
	}
	json_add(list, new_mount(target, "bind", source, words.data));
	return 0;
}

static void add_tmpfs(const struct json *m, const char *target, bool read_only, struct json *list)
{
	const struct json *size = json_at(m, "TmpfsOptions.SizeBytes"),
			  *mode = json_at(m, "TmpfsOptions.Mode");
	_cleanup_buf_ struct buf words = { 0 };
	buf_addf(&words, "nosuid,noexec,nodev%s", read_only ? ",ro" : "");
	if (json_int_of(size))
		buf_addf(&words, ",size=%lld", (long long)json_int_of(size));
	if (mode)
		buf_addf(&words, ",mode=%llo", (unsigned long long)json_int_of(mode));
	json_add(list, new_mount(target, "tmpfs", "tmpfs", words.data));
}

/* "rbind,ro,rprivate" of a bind: docker's bind-recursive says how far "read-only" reaches below the top. */
static char *bind_words(const struct json *m, bool read_only)
{
	const char *propagation = json_text_of(json_at(m, "BindOptions.Propagation"));
	const char *recursive = json_text_of(json_at(m, "BindOptions.Recursive"));
	bool single = str_eq(recursive, "disabled");
	struct mc_err ignored = { 0 };
	json_get_bool(m, &single, &ignored, "BindOptions.NonRecursive");
	return xasprintf("%s%s,%s", single ? "bind" : "rbind",
		!read_only                      ? ""
		: str_eq(recursive, "readonly") ? ",rro"
						: ",ro",
		propagation ? propagation : "rprivate");
}

/* An entry of HostConfig.Mounts. */
static int add_mount(const struct json *m, struct json *list, struct mc_err *err)
{
	const char *type = json_text_of(json_member(m, "Type")),
		   *source = json_text_of(json_member(m, "Source"));
	const char *target = json_text_of(json_member(m, "Target"));
	bool read_only = false, make = false;
	if (!target || *target != '/')
		return err_set(err, EINVAL,
			"invalid mount config for type \"%s\": field Target must not be empty",
			type ? type : "volume");
	int rc = json_get_bool(m, &read_only, err, "ReadOnly");
	if (rc < 0)
		return rc;
	if (str_eq(type, "tmpfs")) {
		add_tmpfs(m, target, read_only, list);
		return 0;
	}
	if (!str_eq(type, "bind")) {
		err_set(err, ENOSYS, "mount type \"%s\": named volumes are not built yet", type);
		return err_hint(err, "type=bind and type=tmpfs are there");
	}
	json_get_bool(m, &make, err, "BindOptions.CreateMountpoint");
	if (source && make && !path_exists(AT_FDCWD, source) &&
		(rc = dir_make(AT_FDCWD, source, 0755, err)) < 0)
		return rc;
	if (!source || !path_exists(AT_FDCWD, source))
		return err_set(err, ENOENT,
			"invalid mount config for type \"bind\": bind source path does not exist: %s",
			source ? source : "");
	_cleanup_free_ char *words = bind_words(m, read_only);
	json_add(list, new_mount(target, "bind", source, words));
	return 0;
}

static int add_wanted(const struct spec_input *in, struct json *list, struct mc_err *err)
{
	const struct json *host = in->container->host, *binds = json_member(host, "Binds");
	const struct json *mounts = json_member(host, "Mounts");
	struct json_iter it = { 0 };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < json_len(binds); i++)
		rc = add_bind(json_text_of(json_item(binds, i)), in->dry, list, err);
	for (size_t i = 0; rc >= 0 && i < json_len(mounts); i++)
		rc = add_mount(json_item(mounts, i), list, err);
	while (rc >= 0 && json_next(json_member(host, "Tmpfs"), &it)) {
		_cleanup_free_ char *words = xasprintf("noexec,nosuid,nodev%s%s",
			*json_text_of(it.value) ? "," : "", json_text_of(it.value));
		json_add(list, new_mount(it.key, "tmpfs", "tmpfs", words));
	}
	it = (struct json_iter){ 0 };
	while (rc >= 0 && !in->dry && json_next(json_member(in->container->config, "Volumes"), &it)) {
		int fd = rootfs_target(in->rootfs, it.key, false, err);
		rc = fd < 0 ? err_wrap(err, "volume %s", it.key) : spec_own_new(in, fd, err);
		close_fd(fd);
	}
	return rc;
}

static void add_etc(const struct spec_input *in, struct json *list)
{
	static const char *const names[] = { "resolv.conf", "hostname", "hosts", "passwd", "group" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		_cleanup_free_ char *source = container_path(in->engine, in->container->id, names[i]);
		_cleanup_free_ char *target = xasprintf("/etc/%s", names[i]);
		if (i < 3 || path_exists(AT_FDCWD, source)) /* the last two with --userns keep-id only */
			json_add(list, new_mount(target, "bind", source, "rbind,rprivate"));
	}
}

/* --- together --- */

static const char *target_of(const struct json *list, size_t i)
{
	const char *t = json_text_of(json_member(json_item(list, i), "destination"));
	return t ? t : "/";
}

static bool has_target(const struct json *list, const char *target)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(target_of(list, i), target))
			return true;
	return false;
}

static int depth(const char *path)
{
	int n = 0;
	for (; *path; path++)
		n += *path == '/' && path[1] && path[1] != '/';
	return n;
}

int spec_mounts(const struct spec_input *in, struct json *mounts, struct mc_err *err)
{
	_cleanup_json_ struct json *defaults = json_new_array(), *etc = json_new_array(),
				   *wanted = json_new_array();
	bool privileged = false;
	int rc = json_get_bool(in->container->host, &privileged, err, "Privileged");
	if (rc >= 0)
		rc = add_wanted(in, wanted, err);
	if (rc < 0)
		return rc;
	add_defaults(in, privileged, defaults);
	add_etc(in, etc);
	const struct json *sources[] = { defaults, etc };
	for (size_t s = 0; s < ARRAY_LEN(sources); s++)
		for (size_t i = 0; i < json_len(sources[s]); i++)
			if (!has_target(wanted, target_of(sources[s], i)))
				json_add(mounts, json_copy(json_item(sources[s], i)));
	for (int d = 0, left = (int)json_len(wanted); left > 0; d++)
		for (size_t i = 0; i < json_len(wanted); i++)
			if (depth(target_of(wanted, i)) == d) {
				json_add(mounts, json_copy(json_item(wanted, i)));
				left--;
			}
	return 0;
}
