/*
 * userns_ids.c - maps of ids: which ids a user may map (subuid(5)), look-ups, and a namespace that only holds
 * a map.
 *
 * Read by hand, not by getpwuid(3): the runtime is static, and NSS needs shared objects.
 */
#include "runtime/userns.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

void id_map_release(struct id_map *m)
{
	free(m->range);
	*m = (struct id_map){ 0 };
}

void id_maps_release(struct id_maps *m)
{
	id_map_release(&m->uids);
	id_map_release(&m->gids);
}

int64_t id_map_outside(const struct id_map *m, uint32_t inside)
{
	for (size_t i = 0; i < m->n; i++)
		if (inside >= m->range[i].inside && inside - m->range[i].inside < m->range[i].count)
			return (int64_t)m->range[i].outside + (inside - m->range[i].inside);
	return -1;
}

int64_t id_map_inside(const struct id_map *m, uint32_t outside)
{
	for (size_t i = 0; i < m->n; i++)
		if (outside >= m->range[i].outside && outside - m->range[i].outside < m->range[i].count)
			return (int64_t)m->range[i].inside + (outside - m->range[i].outside);
	return -1;
}

uint32_t id_map_root(const struct id_map *m)
{
	return !m->n || id_map_outside(m, 0) >= 0 ? 0 : m->range[0].inside;
}

void id_map_add(struct id_map *m, uint32_t inside, uint32_t outside, uint32_t count)
{
	m->range = xrealloc(m->range, (m->n + 1) * sizeof(*m->range));
	m->range[m->n++] = (struct id_range){ inside, outside, count };
}

/* Cuts "a:b:c..." in place; returns how many fields were found. */
static size_t fields(char *line, char *out[], size_t max)
{
	size_t n = 0;
	while (n < max && (out[n] = strsep(&line, ":")))
		n++;
	return n;
}

void userns_user_name(uid_t uid, char *out, size_t size)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	uint64_t id;
	char *f[4];
	out[0] = '\0';
	if (file_read(AT_FDCWD, "/etc/passwd", 16 << 20, &text, &ignored) < 0 || !text.len)
		return;
	for (char *rest = text.data, *line; (line = strsep(&rest, "\n"));)
		if (fields(line, f, 4) == 4 && parse_u64(f[2], &id) == 0 && id == uid) {
			snprintf(out, size, "%s", f[0]);
			return;
		}
}

int userns_subids(const char *file, uid_t uid, struct id_map *ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	char name[256], number[16], *f[3];
	uint64_t first, count, total = 0;
	int rc = file_read(AT_FDCWD, file, 16 << 20, &text, err);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	userns_user_name(uid, name, sizeof(name));
	snprintf(number, sizeof(number), "%u", uid);
	uint64_t next = ret->n ? ret->range[ret->n - 1].inside + (uint64_t)ret->range[ret->n - 1].count : 0;
	for (char *rest = text.data, *line; rest && (line = strsep(&rest, "\n"));) {
		if (fields(line, f, 3) != 3 || (!str_eq(f[0], number) && (!name[0] || !str_eq(f[0], name))))
			continue;
		if (parse_u64(f[1], &first) < 0 || parse_u64(f[2], &count) < 0 || !count ||
			first + count > UINT32_MAX)
			continue;
		id_map_add(ret, (uint32_t)(next + total), (uint32_t)first, (uint32_t)count);
		total += count;
	}
	return (int)(total < INT32_MAX ? total : INT32_MAX);
}

int userns_default_map(struct id_map *ret_uids, struct id_map *ret_gids, struct mc_err *err)
{
	id_map_add(ret_uids, 0, geteuid(), 1);
	id_map_add(ret_gids, 0, getegid(), 1);
	int uids = userns_subids("/etc/subuid", geteuid(), ret_uids, err);
	int gids = uids < 0 ? uids : userns_subids("/etc/subgid", geteuid(), ret_gids, err);
	if (gids < 0)
		return gids;
	/* Both are needed: without a map of groups a file of user 5 would have group 65534. */
	if (!uids || !gids || access("/usr/bin/newuidmap", X_OK) < 0)
		ret_uids->n = ret_gids->n = 1;
	return 0;
}

void userns_own_map(const char *file, struct id_map *ret)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	unsigned inside, outside, count;
	if (file_read(AT_FDCWD, file, 1 << 16, &text, &ignored) < 0)
		return;
	for (char *rest = text.data, *line; rest && (line = strsep(&rest, "\n"));)
		if (sscanf(line, "%u %u %u", &inside, &outside, &count) == 3)
			id_map_add(ret, inside, outside, count);
}

/* The number behind `own` one namespace further out. */
static uint32_t host_id(const char *file, uint32_t own)
{
	struct id_map m = { 0 };
	userns_own_map(file, &m);
	int64_t id = id_map_outside(&m, own);
	id_map_release(&m);
	return id < 0 ? own : (uint32_t)id;
}

uid_t userns_host_uid(void) { return host_id("/proc/self/uid_map", geteuid()); }
gid_t userns_host_gid(void) { return host_id("/proc/self/gid_map", getegid()); }

/*
 * It holds copies of all that its parent holds, locks too (flock(2)). A parent that is killed must not leave
 * it behind: every later command would wait for it.
 */
static int pause_child(void *parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == *(pid_t *)parent) /* else it was killed before the line above */
		pause();
	return 0;
}

int userns_open(const struct id_map *uids, const struct id_map *gids, struct mc_err *err)
{
	char path[64], stack[16384];
	pid_t self = getpid();
	pid_t pid = clone(pause_child, stack + sizeof(stack), CLONE_NEWUSER | SIGCHLD, &self);
	if (pid < 0) {
		err_sys(err, "clone(CLONE_NEWUSER) for an id-mapped mount");
		return err_hint(err, "are user namespaces switched off? sysctl user.max_user_namespaces");
	}
	int rc = userns_map(pid, uids, gids, err);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	if (rc >= 0)
		rc = sys_open(AT_FDCWD, path, O_RDONLY, 0, err);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return rc;
}
