/*
 * spec/user.c - "-u name:group" becomes numbers, by the container's own /etc/passwd and /etc/group.
 *
 * Kernel objects and man pages: passwd(5), group(5), openat2(2).
 * Order and why: the host's getpwnam(3) would read the host's file (and load the host's nsswitch plug-ins).
 * The container's file was written by a stranger: it may be a link to the host's, a FIFO that never
 * answers, a device, a gigabyte of one line, or hold the number 4294967295 (which means "leave unchanged"
 * to chown(2) and setresuid(2)).
 * Left out: nsswitch, shadow, groups beyond 64.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include "base/file.h"
#include "engine/spec/spec.h"

enum { FILE_MAX_SIZE = 1 << 20 };

/* The whole file, or an empty text when there is none or it is no regular file. */
void spec_read_inside(int rootfs, const char *path, struct buf *ret)
{
	struct mc_err ignored = { 0 };
	struct statfs fs;
	_cleanup_close_ int fd = file_open_regular_beneath(rootfs, path, NULL, &ignored);
	buf_clear(ret);
	buf_adds(ret, "");
	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return;
	/* Regular, too, but reading some of these has effects. */
	if (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC)
		return;
	if (file_read_fd(fd, path, FILE_MAX_SIZE, ret, &ignored) < 0)
		buf_clear(ret);
}

/* Splits a line at colons, in place. Returns the number of fields. */
static size_t split(char *line, char *fields[], size_t max)
{
	size_t n = 0;
	for (char *p = line; p && n < max;) {
		fields[n++] = p;
		p = strchr(p, ':');
		if (p)
			*p++ = '\0';
	}
	return n;
}

static bool to_id(const char *text, uint32_t *ret)
{
	uint64_t n;
	if (parse_u64(text + (text[0] == '+' && text[1] != '+'), &n) < 0 || n > INT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

/* By name, or by number in the text. Fills what the entry says. */
static bool find_passwd(int rootfs, const char *who, struct spec_user *u, char *name, size_t size)
{
	_cleanup_buf_ struct buf b = { 0 };
	char *fields[7], *save = NULL;
	uint32_t want = 0, uid, gid;
	bool number = to_id(who, &want);
	spec_read_inside(rootfs, "/etc/passwd", &b);
	for (char *line = b.data ? strtok_r(b.data, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save)) {
		if (split(line, fields, 7) < 6 || !to_id(fields[2], &uid) || !to_id(fields[3], &gid))
			continue;
		if (strcmp(fields[0], who) && !(number && uid == want))
			continue;
		u->uid = uid;
		u->gid = gid;
		snprintf(u->home, sizeof(u->home), "%s", fields[5]);
		snprintf(name, size, "%s", fields[0]);
		return true;
	}
	return false;
}

static bool find_group(int rootfs, const char *who, uint32_t *ret)
{
	_cleanup_buf_ struct buf b = { 0 };
	char *fields[4], *save = NULL;
	spec_read_inside(rootfs, "/etc/group", &b);
	for (char *line = b.data ? strtok_r(b.data, "\n", &save) : NULL; line;
		line = strtok_r(NULL, "\n", &save))
		if (split(line, fields, 4) >= 3 && str_eq(fields[0], who) && to_id(fields[2], ret))
			return true;
	return to_id(who, ret);
}

static void add_group(struct spec_user *u, uint32_t gid)
{
	for (size_t i = 0; i < u->n_groups; i++)
		if (u->groups[i] == gid)
			return;
	if (u->n_groups < ARRAY_LEN(u->groups))
		u->groups[u->n_groups++] = gid;
}

/* The groups whose list of members names the user. */
static void add_member_groups(int rootfs, const char *name, struct spec_user *u)
{
	_cleanup_buf_ struct buf b = { 0 };
	char *fields[4], *lines = NULL, *members = NULL;
	uint32_t gid;
	spec_read_inside(rootfs, "/etc/group", &b);
	for (char *line = b.data ? strtok_r(b.data, "\n", &lines) : NULL; line;
		line = strtok_r(NULL, "\n", &lines)) {
		if (split(line, fields, 4) < 4 || !to_id(fields[2], &gid))
			continue;
		for (char *m = strtok_r(fields[3], ",", &members); m; m = strtok_r(NULL, ",", &members))
			if (str_eq(m, name))
				add_group(u, gid);
	}
}

/* Not in the user namespace of a user without subordinate ids (user_namespaces(7), /proc/PID/setgroups). */
static bool may_set_groups(void)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct mc_err ignored = { 0 };
	return file_read(AT_FDCWD, "/proc/self/setgroups", 16, &b, &ignored) < 0 || !b.data ||
	       !str_starts(b.data, "deny");
}

int spec_find_user(
	int rootfs, const char *text, char *const group_add[], struct spec_user *ret, struct mc_err *err)
{
	char name[256] = "";
	_cleanup_free_ char *who = xstrdup(*text ? text : "0");
	char *group = strchr(who, ':');
	*ret = (struct spec_user){ 0 };
	if (group)
		*group++ = '\0';
	/* "1234:" names no group, as docker reads it. */
	if (group && !*group)
		group = NULL;
	if (!find_passwd(rootfs, *who ? who : "0", ret, name, sizeof(name)) &&
		!to_id(*who ? who : "0", &ret->uid))
		return err_set(
			err, ENOENT, "unable to find user %s: no matching entries in passwd file", who);
	if (group && !find_group(rootfs, group, &ret->gid))
		return err_set(
			err, ENOENT, "unable to find group %s: no matching entries in group file", group);
	/*
	 * The primary group is one of the supplementary groups, too, as with login(1). Otherwise a program
	 * could leave its primary group (setgid(2) to another of its groups), and so escape from a file's
	 * "this group may not" (CVE-2022-36109).
	 */
	if (may_set_groups())
		add_group(ret, ret->gid);
	if (!group && *name)
		add_member_groups(rootfs, name, ret);
	for (size_t i = 0; group_add && group_add[i]; i++) {
		uint32_t gid;
		if (!find_group(rootfs, group_add[i], &gid))
			return err_set(err, ENOENT, "Unable to find group %s", group_add[i]);
		add_group(ret, gid);
	}
	return 0;
}

struct json *spec_user_json(const struct spec_user *u)
{
	struct json *o = json_new_object();
	json_set_u64(o, "uid", u->uid);
	json_set_u64(o, "gid", u->gid);
	struct json *groups = json_set(o, "additionalGids", json_new_array());
	for (size_t i = 0; i < u->n_groups; i++)
		json_add(groups, json_new_u64(u->groups[i]));
	return o;
}
