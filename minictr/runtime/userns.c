/*
 * userns.c - maps the ids inside a user namespace to ids outside.
 *
 * Kernel objects: /proc/PID/uid_map, gid_map, setgroups (user_namespaces(7)); newuidmap(1) and
 * newgidmap(1), which are set-uid root and know /etc/subuid.
 *
 * Order and why: the parent writes, because the child has no privileges outside; each map can be written
 * once. The child must wait until both are there, or it runs as the overflow id 65534.
 *
 * Left out: which map an unprivileged user gets (userns_ids.c).
 */
#include "runtime/userns.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/explain.h"
#include "base/sys.h"
#include "runtime/caps.h"
#include "runtime/process.h"

enum { RANGES_MAX = 340 }; /* since Linux 4.15 */

/* "INSIDE OUTSIDE COUNT" per line, as the kernel wants the whole map in one write. */
static void map_text(const struct id_map *m, struct buf *text)
{
	for (size_t i = 0; i < m->n; i++)
		buf_addf(text, "%u %u %u\n", m->range[i].inside, m->range[i].outside, m->range[i].count);
}

/* One map by the set-uid helper: newuidmap PID INSIDE OUTSIDE COUNT ... */
static int map_by_helper(const char *helper, pid_t pid, const struct id_map *m, struct mc_err *err)
{
	_cleanup_strv_ char **argv = NULL;
	int status;
	pid_t child;
	strv_push(&argv, helper);
	strv_pushf(&argv, "%d", pid);
	for (size_t i = 0; i < m->n; i++) {
		strv_pushf(&argv, "%u", m->range[i].inside);
		strv_pushf(&argv, "%u", m->range[i].outside);
		strv_pushf(&argv, "%u", m->range[i].count);
	}
	struct process p = { .argv = argv, .stdio = { -1, -1, -1 } };
	int rc = process_spawn(&p, &child, err);
	if (rc < 0 || (rc = sys_wait(child, &status, err)) < 0)
		return rc;
	status = process_exit_code(status);
	if (!status)
		return 0;
	err_set(err, EPERM, "%s ended with status %d", helper, status);
	if (status == 127)
		return err_hint(err,
			"install the package uidmap: an unprivileged user needs its %s for more than one id",
			helper);
	return err_hint(err, "does /etc/sub%cid give you these ids?", helper[3]);
}

/* An unprivileged user may map one id, its own, to one id inside, and nothing else. */
static bool only_own(const struct id_map *m, uint32_t own)
{
	return m->n == 1 && m->range[0].count == 1 && m->range[0].outside == own;
}

/*
 * Gives the new user namespace of the process pid its maps. pid waits meanwhile.
 *
 * With CAP_SETUID and CAP_SETGID (caps_have()) any map may be written, and setgroups stays as it is. Without
 * them only the caller's own id: then "deny" must stand in /proc/PID/setgroups before gid_map can be written,
 * because leaving a group could open files whose mode excludes that group. map_by_helper() (given; not
 * checked) maps several ids for an unprivileged user. An empty map is left alone (not checked). All ranges of
 * a map go in one write.
 *
 * Lab 11.5: user 0 inside is no special user outside, and the map is how the kernel knows.
 */
int userns_map(pid_t pid, const struct id_map *uids, const struct id_map *gids, struct mc_err *err)
{
	_cleanup_buf_ struct buf uid_text = { 0 }, gid_text = { 0 };
	char uid_file[64], gid_file[64], setgroups[64];
	bool root = caps_have(CAP_SETUID) && caps_have(CAP_SETGID);
	if (uids->n > RANGES_MAX || gids->n > RANGES_MAX)
		return err_set(err, EINVAL, "a map of ids has at most %d ranges", RANGES_MAX);
	snprintf(uid_file, sizeof(uid_file), "/proc/%d/uid_map", pid);
	snprintf(gid_file, sizeof(gid_file), "/proc/%d/gid_map", pid);
	snprintf(setgroups, sizeof(setgroups), "/proc/%d/setgroups", pid);
	map_text(uids, &uid_text);
	map_text(gids, &gid_text);
	int rc = 0;
	if (gids->n && (root || only_own(gids, getegid()))) {
		if (!root) /* or the next write is EPERM */
			rc = sys_write_file(AT_FDCWD, setgroups, "deny", err);
		if (rc >= 0)
			rc = sys_write_file(AT_FDCWD, gid_file, gid_text.data, err);
	} else if (gids->n) {
		rc = map_by_helper("newgidmap", pid, gids, err);
	}
	if (rc < 0 || !uids->n)
		return rc;
	if (root || only_own(uids, geteuid()))
		return sys_write_file(AT_FDCWD, uid_file, uid_text.data, err);
	return map_by_helper("newuidmap", pid, uids, err);
}
