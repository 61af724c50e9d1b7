/*
 * spec/user_ids.c - which ids stand behind those of a container with a user namespace of its own.
 *
 * Kernel objects and man pages: user_namespaces(7), subuid(5). The words are podman's.
 *   keep-id[:uid=N,gid=N]  an unprivileged user keeps the same number inside, and with it the files that
 *                          belong to this user outside. All other ids, root's first, are subordinate ids
 *   nomap                  the other way round: no id inside is the user's own
 *   auto[:size=N]          root's containers each get ids that are used by no person and no other container
 * Order and why: for keep-id the user's own id (0 in the engine's namespace) is taken out of its place and
 * put at the user's number; the ids below it move up by one, the ids above stay.
 */
#include "engine/spec/user_ids.h"

#include <unistd.h>

#include "base/file.h"
#include "engine/rootless.h"

/* Ids that no person has: systemd keeps 0x80000 to 0x6fffffff for containers (systemd's UIDS-GIDS),
 * useradd(8) gives out subordinate ids from 100000 upwards, and learners' crash boxes are further up
 * (learn/box/box.c). */
enum { AUTO_FIRST = 0x40000000, AUTO_SIZE = 65536, AUTO_SLOTS = 4096 };

struct wish {
	enum { WISH_HOST, WISH_KEEP, WISH_NOMAP, WISH_AUTO } kind;
	uint32_t uid, gid; /* keep-id: the numbers inside */
	uint32_t size;     /* auto */
};

/* "uid=1,gid=2" behind the colon. */
static int parse_values(char *text, struct wish *w, struct mc_err *err)
{
	for (char *save = NULL, *pair = strtok_r(text, ",", &save); pair; pair = strtok_r(NULL, ",", &save)) {
		char *value = strchr(pair, '=');
		uint64_t n = 0;
		if (value)
			*value++ = '\0';
		uint32_t *to = w->kind == WISH_KEEP && str_eq(pair, "uid")    ? &w->uid
			       : w->kind == WISH_KEEP && str_eq(pair, "gid")  ? &w->gid
			       : w->kind == WISH_AUTO && str_eq(pair, "size") ? &w->size
									      : NULL;
		if (!to)
			return err_set(err, EINVAL, "--userns: there is no option \"%s\" in this mode", pair);
		if (!value || parse_u64(value, &n) < 0 || n > INT32_MAX || (to == &w->size && !n))
			return err_set(err, EINVAL, "--userns: %s=%s is no id", pair, value ? value : "");
		*to = (uint32_t)n;
	}
	return 0;
}

static int parse(const char *mode, struct wish *ret, struct mc_err *err)
{
	static const char *const names[] = { "host", "keep-id", "nomap", "auto" };
	_cleanup_free_ char *name = xstrdup(mode && *mode ? mode : "host");
	char *values = strchr(name, ':');
	*ret = (struct wish){ .uid = userns_host_uid(), .gid = userns_host_gid(), .size = AUTO_SIZE };
	if (values)
		*values++ = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(name, names[i])) {
			ret->kind = (int)i;
			return values ? parse_values(values, ret, err) : 0;
		}
	err_set(err, EINVAL, "--userns %s: no such mode", mode);
	const char *near = nearest_word(name, names, ARRAY_LEN(names));
	return err_hint(err,
		near ? "did you mean %s?"
		     : "known modes: host, keep-id, nomap (unprivileged users), auto (root)%s",
		near ? near : "");
}

int user_ids_check(const char *mode, bool rootless, struct mc_err *err)
{
	struct wish w;
	int rc = parse(mode, &w, err);
	if (rc < 0)
		return rc;
	if (!rootless && (w.kind == WISH_KEEP || w.kind == WISH_NOMAP)) {
		err_set(err, EINVAL, "--userns %s is for unprivileged users: root is the host's root already",
			mode);
		return err_hint(err, "--userns auto gives the container ids of its own");
	}
	if (rootless && w.kind == WISH_AUTO) {
		err_set(err, EINVAL,
			"--userns auto is for root: containers of an unprivileged user share that user's "
			"subordinate ids");
		return err_hint(err, "--userns nomap keeps your own id out of the container");
	}
	return 0;
}

/* --- the maps --- */

/* How many ids the engine's namespace has, counted from 0. */
static uint32_t count_ids(const struct id_map *own)
{
	uint32_t total = 0;
	for (size_t i = 0; i < own->n && own->range[i].inside == total; i++)
		total += own->range[i].count;
	return total;
}

/*
 * A range of a map must lie in one range of the parent's (user_namespaces(7)): it is cut where own's
 * ranges meet.
 */
static void add_cut(
	struct id_map *m, const struct id_map *own, uint32_t inside, uint32_t outside, uint32_t count)
{
	for (size_t i = 0; i < own->n && count; i++) {
		const struct id_range *r = &own->range[i];
		if (outside < r->inside || outside - r->inside >= r->count)
			continue;
		uint32_t left = r->count - (outside - r->inside), n = count < left ? count : left;
		id_map_add(m, inside, outside, n);
		inside += n;
		outside += n;
		count -= n;
	}
}

static void keep_one(struct id_map *m, const struct id_map *own, uint32_t self)
{
	uint32_t total = count_ids(own), others = total ? total - 1 : 0,
		 below = self < others ? self : others;
	add_cut(m, own, 0, 1, below);
	add_cut(m, own, self, 0, 1);
	add_cut(m, own, self + 1, below + 1, others - below);
}

static int keep_none(struct id_map *m, const struct id_map *own, struct mc_err *err)
{
	uint32_t total = count_ids(own);
	if (total < 2)
		return err_set(err, EPERM,
			"--userns nomap: you have no subordinate ids (/etc/subuid, /etc/subgid; package "
			"uidmap)");
	add_cut(m, own, 0, 1, total - 1);
	return 0;
}

static bool overlaps(const struct id_map *m, uint32_t first, uint32_t size)
{
	for (size_t i = 0; i < m->n; i++)
		if (first < m->range[i].outside + m->range[i].count && m->range[i].outside < first + size)
			return true;
	return false;
}

/* Maps of all containers together; broken ones count for nothing, since they cannot start. */
static void taken_ranges(struct engine *e, struct id_map *ret)
{
	_cleanup_container_list_ struct container_list all = { 0 };
	struct mc_err ignored = { 0 };
	if (container_list(e, &all, &ignored) < 0)
		return;
	for (size_t i = 0; i < all.count; i++) {
		_cleanup_id_maps_ struct id_maps one = { 0 };
		if (user_ids_load(all.items[i].host, &one, &ignored) < 0)
			continue;
		for (size_t r = 0; r < one.uids.n; r++)
			id_map_add(ret, 0, one.uids.range[r].outside, one.uids.range[r].count);
	}
}

/*
 * The first free range from this engine's own place on: two engines know nothing of each other's
 * containers, and begin apart. The range of a container that is gone is given again.
 */
static int take_range(struct engine *e, uint32_t size, struct id_maps *ret, struct mc_err *err)
{
	struct id_map taken = { 0 };
	uint32_t slots = (size + AUTO_SIZE - 1) / AUTO_SIZE;
	uint64_t place = fnv1a(e->key, strlen(e->key)) % AUTO_SLOTS;
	bool found = false;
	taken_ranges(e, &taken);
	for (uint32_t i = 0; i < AUTO_SLOTS && !found; i++) {
		uint32_t slot = (uint32_t)((place + i) % AUTO_SLOTS), first = AUTO_FIRST + slot * AUTO_SIZE;
		found = slots <= AUTO_SLOTS - slot && !overlaps(&taken, first, size);
		if (found) {
			id_map_add(&ret->uids, 0, first, size);
			id_map_add(&ret->gids, 0, first, size);
		}
	}
	id_map_release(&taken);
	return found ? 0
		     : err_set(err, ENOSPC, "--userns auto: no %u ids are left for another container", size);
}

int user_ids_choose(struct engine *e, const char *mode, struct id_maps *ret, struct mc_err *err)
{
	struct wish w;
	int rc = parse(mode, &w, err);
	_cleanup_id_maps_ struct id_maps own = { 0 };
	*ret = (struct id_maps){ 0 };
	if (rc < 0 || w.kind == WISH_HOST)
		return rc;
	if (w.kind == WISH_AUTO)
		return take_range(e, w.size, ret, err);
	userns_own_map("/proc/self/uid_map", &own.uids);
	userns_own_map("/proc/self/gid_map", &own.gids);
	if (w.kind == WISH_KEEP) {
		keep_one(&ret->uids, &own.uids, w.uid);
		keep_one(&ret->gids, &own.gids, w.gid);
		return 0;
	}
	rc = keep_none(&ret->uids, &own.uids, err);
	return rc < 0 ? rc : keep_none(&ret->gids, &own.gids, err);
}

int user_ids_lock(struct engine *e, struct mc_err *err) { return file_lock(e->dir, "ids.lock", true, err); }

char *user_ids_self(const char *mode)
{
	struct wish w;
	struct mc_err ignored = { 0 };
	return parse(mode, &w, &ignored) == 0 && w.kind == WISH_KEEP ? xasprintf("%u:%u", w.uid, w.gid)
								     : NULL;
}

/* --- in the record: "INSIDE:OUTSIDE:COUNT" each, as podman's inspect has it --- */

static struct json *to_json(const struct id_map *m)
{
	_cleanup_strv_ char **words = NULL;
	for (size_t i = 0; i < m->n; i++)
		strv_pushf(&words, "%u:%u:%u", m->range[i].inside, m->range[i].outside, m->range[i].count);
	return json_new_strv(words);
}

void user_ids_save(const struct id_maps *ids, struct json *host)
{
	if (!ids->uids.n)
		return;
	struct json *o = json_sub(host, "IDMappings");
	json_set(o, "UidMap", to_json(&ids->uids));
	json_set(o, "GidMap", to_json(&ids->gids));
}

static int from_json(const struct json *list, struct id_map *ret, struct mc_err *err)
{
	for (size_t i = 0; i < json_len(list); i++) {
		const char *word = json_text_of(json_item(list, i));
		unsigned inside, outside, count;
		if (!word || sscanf(word, "%u:%u:%u", &inside, &outside, &count) != 3)
			return err_set(err, EINVAL,
				"HostConfig.IDMappings: \"%s\" is no INSIDE:OUTSIDE:COUNT", word ? word : "");
		id_map_add(ret, inside, outside, count);
	}
	return 0;
}

int user_ids_load(const struct json *host, struct id_maps *ret, struct mc_err *err)
{
	const struct json *o = json_member(host, "IDMappings");
	*ret = (struct id_maps){ 0 };
	int rc = from_json(json_member(o, "UidMap"), &ret->uids, err);
	return rc < 0 ? rc : from_json(json_member(o, "GidMap"), &ret->gids, err);
}

uid_t user_ids_root_uid(const struct id_maps *ids)
{
	return ids->uids.n ? (uid_t)id_map_outside(&ids->uids, id_map_root(&ids->uids)) : geteuid();
}

gid_t user_ids_root_gid(const struct id_maps *ids)
{
	return ids->gids.n ? (gid_t)id_map_outside(&ids->gids, id_map_root(&ids->gids)) : getegid();
}
