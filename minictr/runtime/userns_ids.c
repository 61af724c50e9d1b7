/*
 * userns_ids.c - which ids a user may map: the own one, and those of /etc/subuid and /etc/subgid (subuid(5)).
 *
 * Read by hand, not by getpwuid(3): the runtime is static, and NSS needs shared objects.
 */
#include "runtime/userns.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

void id_map_release(struct id_map *m)
{
	free(m->range);
	*m = (struct id_map){ 0 };
}

int64_t id_map_outside(const struct id_map *m, uint32_t inside)
{
	for (size_t i = 0; i < m->n; i++)
		if (inside >= m->range[i].inside && inside - m->range[i].inside < m->range[i].count)
			return (int64_t)m->range[i].outside + (inside - m->range[i].inside);
	return -1;
}

static void add_range(struct id_map *m, uint32_t inside, uint32_t outside, uint32_t count)
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

static void user_name(uid_t uid, char *out, size_t size)
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
	user_name(uid, name, sizeof(name));
	snprintf(number, sizeof(number), "%u", uid);
	uint64_t next = ret->n ? ret->range[ret->n - 1].inside + (uint64_t)ret->range[ret->n - 1].count : 0;
	for (char *rest = text.data, *line; rest && (line = strsep(&rest, "\n"));) {
		if (fields(line, f, 3) != 3 || (!str_eq(f[0], number) && (!name[0] || !str_eq(f[0], name))))
			continue;
		if (parse_u64(f[1], &first) < 0 || parse_u64(f[2], &count) < 0 || !count ||
			first + count > UINT32_MAX)
			continue;
		add_range(ret, (uint32_t)(next + total), (uint32_t)first, (uint32_t)count);
		total += count;
	}
	return (int)(total < INT32_MAX ? total : INT32_MAX);
}

int userns_default_map(struct id_map *ret_uids, struct id_map *ret_gids, struct mc_err *err)
{
	add_range(ret_uids, 0, geteuid(), 1);
	add_range(ret_gids, 0, getegid(), 1);
	int uids = userns_subids("/etc/subuid", geteuid(), ret_uids, err);
	int gids = uids < 0 ? uids : userns_subids("/etc/subgid", geteuid(), ret_gids, err);
	if (gids < 0)
		return gids;
	/* One without the other is of no use: a file of user 5 would have group 65534. */
	if (!uids || !gids || access("/usr/bin/newuidmap", X_OK) < 0)
		ret_uids->n = ret_gids->n = 1;
	return 0;
}

uid_t userns_host_uid(void)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct mc_err ignored = { 0 };
	uid_t own = geteuid();
	unsigned inside, outside, count;
	if (file_read(AT_FDCWD, "/proc/self/uid_map", 1 << 16, &text, &ignored) < 0)
		return own;
	for (char *rest = text.data, *line; rest && (line = strsep(&rest, "\n"));)
		if (sscanf(line, "%u %u %u", &inside, &outside, &count) == 3 && own >= inside &&
			own - inside < count)
			return outside + (own - inside);
	return own;
}
