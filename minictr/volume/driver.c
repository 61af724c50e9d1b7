/*
 * driver.c - `volume create -o type=tmpfs -o o=size=64m -o device=tmpfs`: the driver "local" hands three
 * words to mount(2).
 *
 * Kernel objects and man pages: mount(2), mount(8) for the words of "o", umount2(2), statx(2)
 * STATX_ATTR_MOUNT_ROOT.
 * Order and why: mounted when the first container starts and unmounted after the last one, because a tmpfs
 * that two containers share must be one file system. It is the only thing of ours in the host's mount
 * table; it is private, so that no other mount namespace gets a copy that would keep it alive.
 * https://docs.docker.com/reference/cli/docker/volume/create/#driver-specific-options
 */
#include "volume/driver.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/sys.h"
#include "runtime/config_mounts.h"

static const char *driver_option(const struct json *options, const char *key)
{
	const char *text = json_text_of(json_member(options, key));
	return text && *text ? text : NULL;
}

/* An address in "addr=" that is a name: mount(2) does not ask a resolver, mount.nfs(8) would. */
static bool driver_addr_is_name(const char *words)
{
	unsigned char ip[16];
	const char *at = words ? strstr(words, "addr=") : NULL;
	if (!at || (at != words && at[-1] != ','))
		return false;
	_cleanup_free_ char *addr = xstrndup(at + 5, strcspn(at + 5, ","));
	return inet_pton(AF_INET, addr, ip) != 1 && inet_pton(AF_INET6, addr, ip) != 1;
}

int driver_check(const char *name, const struct json *options, struct mc_err *err)
{
	struct json_iter it = { 0 };
	while (json_next(options, &it))
		if (!str_eq(it.key, "type") && !str_eq(it.key, "o") && !str_eq(it.key, "device"))
			return err_set(err, EINVAL,
				"create %s: invalid option: \"%s\"; the driver local has type, o and device",
				name, it.key);
	const char *type = driver_option(options, "type"), *device = driver_option(options, "device");
	const char *words = driver_option(options, "o");
	for (it = (struct json_iter){ 0 }; json_next(options, &it);)
		if (!*json_text_of(it.value))
			return err_set(err, EINVAL, "create %s: option \"%s\" has no value", name, it.key);
	if (words && !device && !type)
		return err_set(err, EINVAL, "create %s: missing device in volume options", name);
	if (type && !device)
		return err_set(err, EINVAL, "create %s: missing required option: \"device\"", name);
	if (device && !type && !words)
		return err_set(err, EINVAL, "create %s: missing required option: \"type\"", name);
	if (type && str_starts(type, "nfs") && driver_addr_is_name(words)) {
		err_set(err, EINVAL,
			"create %s: addr= needs a number: the kernel's NFS client asks no name server", name);
		return err_hint(err, "`getent hosts NAME` says the number");
	}
	return 0;
}

bool driver_mounts(const struct volume *v)
{
	const struct json *options = json_member(v->record, "Options");
	return driver_option(options, "device") || driver_option(options, "type");
}

static bool driver_is_mounted(int store, const char *data)
{
	struct statx st;
	return statx(store, data, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* "size=64m,ro,bind" to mount(2)'s flags and what is left for the file system. */
static void driver_read_words(const char *words, struct config_mount *m)
{
	_cleanup_free_ char *text = xstrdup(words ? words : "");
	char *save = NULL;
	for (char *w = strtok_r(text, ",", &save); w; w = strtok_r(NULL, ",", &save))
		strv_push(&m->options, w);
	config_mount_options(m);
}

char *driver_shown_words(const char *words)
{
	struct buf shown = { 0 };
	_cleanup_free_ char *text = xstrdup(words ? words : "");
	char *save = NULL;
	for (char *w = strtok_r(text, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		bool secret = str_starts(w, "pass") && strchr(w, '=');
		int head = secret ? (int)strcspn(w, "=") + 1 : (int)strlen(w);
		buf_addf(&shown, "%s%.*s%s", shown.len ? "," : "", head, w, secret ? "****" : "");
	}
	return buf_take(&shown);
}

/* What was asked for and why it failed, without the passwords that sys_mount() quotes. */
static int driver_refused(const struct volume *v, const struct config_mount *m, const char *device,
	const char *words, int rc, struct mc_err *err)
{
	_cleanup_free_ char *shown = driver_shown_words(words);
	err_code(err, rc, "volume %s: mount type=%s,o=%s,device=%s", v->name, m->type, shown,
		device ? device : "");
	if (rc == -ENODEV)
		err_hint(err,
			"this kernel knows no file system %s: /proc/filesystems lists them; `modprobe %s` "
			"may help",
			m->type, m->type);
	if (rc == -ENOENT)
		err_hint(err, "the device is a path of this host, and is not made for you");
	return rc;
}

/*
 * The mount of a volume. The kernel ignores "ro" and its like while it makes a bind mount (mount(2)): a
 * second call sets them.
 */
static int driver_place(
	const char *device, const char *target, const struct config_mount *m, struct mc_err *err)
{
	unsigned long more = m->flags & ~(unsigned long)(MS_BIND | MS_REC);
	bool bind = m->flags & MS_BIND;
	struct mc_err ignored = { 0 };
	int rc = sys_mount(device, target, bind ? NULL : m->type, m->flags, m->data, err);
	if (rc < 0)
		return rc;
	if (bind && more)
		rc = sys_mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | more, NULL, err);
	if (rc >= 0)
		rc = sys_mount(NULL, target, NULL, MS_PRIVATE, NULL, err);
	if (rc < 0)
		sys_umount(target, MNT_DETACH, &ignored);
	return rc;
}

int driver_mount(int store, const struct volume *v, struct mc_err *err)
{
	const struct json *options = json_member(v->record, "Options");
	const char *type = driver_option(options, "type"), *device = driver_option(options, "device"),
		   *words = driver_option(options, "o");
	_cleanup_free_ char *data = xasprintf("%s/data", v->name), *dir = fd_path(store);
	_cleanup_free_ char *target = xasprintf("%s/%s", dir, data);
	struct config_mount m = { .type = (char *)(type ? type : "none") };
	if (driver_is_mounted(store, data))
		return 0;
	driver_read_words(words, &m);
	int rc = driver_place(device, target, &m, err);
	if (rc < 0)
		driver_refused(v, &m, device, words, rc, err);
	strv_free(m.options);
	free(m.data);
	return rc < 0 ? rc : 0;
}

void driver_unmount(int store, const char *name)
{
	struct mc_err ignored = { 0 };
	_cleanup_free_ char *data = xasprintf("%s/data", name), *dir = fd_path(store);
	_cleanup_free_ char *target = xasprintf("%s/%s", dir, data);
	if (driver_is_mounted(store, data))
		sys_umount(target, MNT_DETACH, &ignored);
}
