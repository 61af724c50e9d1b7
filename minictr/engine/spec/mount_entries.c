/*
 * spec/mount_entries.c - "mounts" of config.json: docker's defaults, what the user asked for, and three
 * files of /etc.
 *
 * Interface: config.md "Mounts"; mount(8) for the words. Order and why: the user's mount over a default one
 * (-v x:/dev/shm) replaces it; parents come before children, whatever the order on the command line.
 * Volumes and binds were decided when the container was made (spec/mount_points.h); here they become bind
 * mounts.
 * Left out: sharing /dev/shm with --ipc container:X (the mount lives in X's mount namespace, and a kernel
 * before 6.15 clones no mount of another one; System V objects and message queues are shared).
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/warn.h"
#include "engine/spec/spec.h"
#include "engine/volumes.h"

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
	/*
	 * sysfs belongs to a network namespace; without capabilities over it (rootless, host network) only a
	 * bind works
	 */
	if ((in->engine->rootless || in->ids->uids.n) && str_eq(net, "host"))
		json_add(list, new_mount("/sys", "bind", "/sys", "rbind,nosuid,noexec,nodev,ro"));
	else
		json_add(list, new_mount("/sys", "sysfs", "sysfs", ro));
	json_add(list, new_mount("/sys/fs/cgroup", "cgroup", "cgroup", ro));
	json_add(list, new_mount("/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev"));
	add_shm(in, list);
}

/* --- the user's: mount points and tmpfs --- */

static bool entries_flag(const struct json *p, const char *key)
{
	bool value = false;
	struct mc_err ignored = { 0 };
	json_get_bool(p, &value, &ignored, "%s", key);
	return value;
}

/* A missing source: -v makes a directory, --mount refuses. */
static int entries_check_source(const struct json *p, bool dry, struct mc_err *err)
{
	const char *source = json_text_at(p, "Source", "");
	if (path_exists(AT_FDCWD, source))
		return 0;
	if (!entries_flag(p, "CreateSource"))
		return err_set(err, ENOENT,
			"invalid mount config for type \"bind\": bind source path does not exist: %s",
			source);
	return dry ? 0 : dir_make(AT_FDCWD, source, 0755, err);
}

/*
 * A file cannot be mounted on a directory, nor the reverse; the kernel says ENOTDIR and not which is
 * which.
 */
static int entries_check_kinds(const struct spec_input *in, const struct json *p, struct mc_err *err)
{
	struct mc_err absent = { 0 };
	const char *source = json_text_at(p, "Source", ""), *target = json_text_at(p, "Destination", "");
	_cleanup_close_ int there = file_open_beneath(in->rootfs, target, O_PATH, 0, &absent);
	struct stat a, b;
	if (there < 0 || stat(source, &a) < 0 || fstat(there, &b) < 0 ||
		S_ISDIR(a.st_mode) == S_ISDIR(b.st_mode))
		return 0;
	err_set(err, ENOTDIR, "cannot mount %s on %s: %s is a %s, and %s in the image is a %s", source,
		target, source, S_ISDIR(a.st_mode) ? "directory" : "file", target,
		S_ISDIR(b.st_mode) ? "directory" : "file");
	return err_hint(err, S_ISDIR(a.st_mode)
				     ? "was the path mistyped? -v makes a missing source as a directory"
				     : "mount the file on a file, or its directory on this directory");
}

/*
 * Read-only reaches the mounts below as well where that is possible (docker since 25): "ro" is the top,
 * "rro" all.
 */
static char *entries_words(const struct json *p)
{
	const char *propagation = json_text_at(p, "Propagation", ""),
		   *mode = json_text_at(p, "ReadOnlyMode", "");
	bool below = !entries_flag(p, "NonRecursive") && !str_eq(mode, "writable") &&
		     (str_eq(mode, "readonly") || str_ends(propagation, "private") || !*propagation);
	return xasprintf("%s%s%s,%s", entries_flag(p, "NonRecursive") ? "bind" : "rbind",
		entries_flag(p, "RW") ? "" : ",ro", !entries_flag(p, "RW") && below ? ",rro" : "",
		*propagation ? propagation : "rprivate");
}

/*
 * A subpath is opened now and handed on as an open descriptor: it cannot be exchanged for a link
 * meanwhile.
 */
static int entries_hold_subpath(
	const struct spec_input *in, const struct json *p, char **ret, struct mc_err *err)
{
	if (!*json_text_at(p, "Subpath", "") || in->dry || !in->held) {
		*ret = xstrdup(json_text_at(p, "Source", ""));
		return 0;
	}
	int fd = volumes_open_subpath(in->engine, p, err);
	if (fd < 0)
		return fd;
	in->held->fds = xrealloc(in->held->fds, (in->held->n + 1) * sizeof(int));
	in->held->fds[in->held->n++] = fd;
	*ret = xasprintf("/proc/%d/fd/%d", (int)getpid(), fd);
	return 0;
}

static bool entries_find(const struct spec_input *in, const struct json *p, struct stat *ret)
{
	struct mc_err absent = { 0 };
	_cleanup_close_ int there =
		file_open_beneath(in->rootfs, json_text_at(p, "Destination", ""), O_PATH, 0, &absent);
	return there >= 0 && fstat(there, ret) == 0;
}

/*
 * A VOLUME of the image may name a directory by a link to it, and a person may mount their own volume on the
 * directory itself. Both mounts would lie on one place, and what is written would go to the upper one, which
 * is thrown away with the container (moby#40195). So of two names for one directory the anonymous volume, or
 * the later of two, is left out.
 */
static bool entries_is_other_name(const struct spec_input *in, const struct json *points, size_t i)
{
	const struct json *p = json_item(points, i);
	struct stat here, there;
	if (in->dry || !entries_flag(p, "Anonymous") || !entries_find(in, p, &here))
		return false;
	for (size_t k = 0; k < json_len(points); k++) {
		const struct json *other = json_item(points, k);
		if (k == i || (k > i && entries_flag(other, "Anonymous")) ||
			!entries_find(in, other, &there) || here.st_dev != there.st_dev ||
			here.st_ino != there.st_ino)
			continue;
		warn_user("the volume at %s is left out: in this image that is another name for %s, which "
			  "has one",
			json_text_at(p, "Destination", ""), json_text_at(other, "Destination", ""));
		return true;
	}
	return false;
}

static int add_point(const struct spec_input *in, const struct json *p, struct json *list, struct mc_err *err)
{
	_cleanup_free_ char *words = entries_words(p), *source = NULL;
	bool is_bind = str_eq(json_text_at(p, "Type", ""), "bind");
	int rc = is_bind ? entries_check_source(p, in->dry, err) : 0;
	if (rc >= 0 && is_bind)
		rc = spec_check_propagation(
			json_text_at(p, "Source", ""), json_text_at(p, "Propagation", ""), err);
	if (rc >= 0 && !in->dry)
		rc = entries_check_kinds(in, p, err);
	if (rc >= 0)
		rc = entries_hold_subpath(in, p, &source, err);
	/*
	 * A volume has the image's owners on disk, and every container with ids of its own sees them
	 * through its map.
	 */
	bool mapped = !is_bind && in->ids->uids.n && !in->engine->rootless;
	_cleanup_free_ char *all = xasprintf("%s%s", words, mapped ? ",idmap" : "");
	if (rc >= 0)
		json_add(list, new_mount(json_text_at(p, "Destination", ""), "bind", source, all));
	return rc < 0 ? rc : 0;
}

/* An entry of HostConfig.Mounts of the type tmpfs; the other types are mount points. */
static int add_tmpfs(const struct json *m, struct json *list, struct mc_err *err)
{
	int64_t size = 0, mode = 01777;
	bool read_only = false;
	char words[160];
	int rc = json_get_i64(m, &size, err, "TmpfsOptions.SizeBytes");
	if (rc >= 0)
		rc = json_get_i64(m, &mode, err, "TmpfsOptions.Mode");
	if (rc >= 0)
		rc = json_get_bool(m, &read_only, err, "ReadOnly");
	if (rc < 0)
		return rc;
	int n = snprintf(words, sizeof(words), "nosuid,noexec,nodev,mode=%llo%s", (unsigned long long)mode,
		read_only ? ",ro" : "");
	if (size)
		snprintf(words + n, sizeof(words) - (size_t)n, ",size=%lld", (long long)size);
	json_add(list, new_mount(json_text_at(m, "Target", ""), "tmpfs", "tmpfs", words));
	return 0;
}

static int add_wanted(const struct spec_input *in, struct json *list, struct mc_err *err)
{
	const struct json *host = in->container->host, *points = json_member(in->container->doc, "Mounts");
	const struct json *mounts = json_member(host, "Mounts");
	struct json_iter it = { 0 };
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < json_len(points); i++)
		if (!entries_is_other_name(in, points, i))
			rc = add_point(in, json_item(points, i), list, err);
	for (size_t i = 0; rc >= 0 && i < json_len(mounts); i++)
		if (str_eq(json_text_at(json_item(mounts, i), "Type", ""), "tmpfs"))
			rc = add_tmpfs(json_item(mounts, i), list, err);
	while (rc >= 0 && json_next(json_member(host, "Tmpfs"), &it)) {
		_cleanup_free_ char *words = xasprintf("noexec,nosuid,nodev%s%s",
			*json_text_of(it.value) ? "," : "", json_text_of(it.value));
		json_add(list, new_mount(it.key, "tmpfs", "tmpfs", words));
	}
	return rc < 0 ? rc : 0;
}

/*
 * Which container's /etc/hosts and resolv.conf are taken: with --network container:X those of X, because the
 * network namespace is that of X.
 */
static void etc_owner(const struct spec_input *in, char id[CONTAINER_ID_LEN + 1])
{
	const char *mode = json_text_at(in->container->host, "NetworkMode", "");
	_cleanup_container_ struct container other = { 0 };
	struct mc_err ignored = { 0 };
	bool shared = str_starts(mode, "container:") &&
		      container_find(in->engine, mode + strlen("container:"), &other, &ignored) == 0;
	snprintf(id, CONTAINER_ID_LEN + 1, "%s", shared ? other.id : in->container->id);
}

static void add_etc(const struct spec_input *in, struct json *list)
{
	char owner[CONTAINER_ID_LEN + 1];
	etc_owner(in, owner);
	static const char *const names[] = { "resolv.conf", "hostname", "hosts", "passwd", "group" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		_cleanup_free_ char *source =
			container_path(in->engine, i < 3 ? owner : in->container->id, names[i]);
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
