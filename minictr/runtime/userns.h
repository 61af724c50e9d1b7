/*
 * userns.h - user namespaces: other user ids inside than outside (user_namespaces(7)).
 */
#ifndef MC_RUNTIME_USERNS_H
#define MC_RUNTIME_USERNS_H

#include <sys/types.h>
#include "base/err.h"

struct id_range {
	uint32_t inside;  /* first id as seen in the namespace */
	uint32_t outside; /* first id as seen by the parent's namespace */
	uint32_t count;
};

struct id_map {
	size_t n;
	struct id_range *range; /* owned by the caller that fills it; the kernel takes at most 340 */
};

struct id_maps {
	struct id_map uids, gids;
};

/*
 * Writes the maps of the process pid, which has just been cloned into a new user namespace and waits. Called
 * by the parent. Unprivileged users: writes one id, their own, directly; more need newuidmap(1) and
 * subordinate ids (subuid(5)).
 */
int userns_map(pid_t pid, const struct id_map *uids, const struct id_map *gids, struct mc_err *err);

/* --- given (userns_ids.c) --- */

/* The caller's ranges of /etc/subuid or /etc/subgid. Appends to *ret as {inside = next, outside = range}.
 * Returns how many ids; 0 when the file names none. */
int userns_subids(const char *file, uid_t uid, struct id_map *ret, struct mc_err *err);
/* The map of an unprivileged user: 0 is the caller, 1... the subordinate ids. */
int userns_default_map(struct id_map *ret_uids, struct id_map *ret_gids, struct mc_err *err);
/* The name of a user of the host, by /etc/passwd; "" when it has none. */
void userns_user_name(uid_t uid, char *out, size_t size);
/* Who we are to the host: our uid and gid, or those behind them when we are inside a user namespace. */
uid_t userns_host_uid(void);
gid_t userns_host_gid(void);
/* The map of this process's own user namespace. file: "/proc/self/uid_map" or gid_map. */
void userns_own_map(const char *file, struct id_map *ret);

/* Returns a new, empty user namespace with these maps, for id-mapped mounts (mount_setattr(2)). */
int userns_open(const struct id_map *uids, const struct id_map *gids, struct mc_err *err);

void id_map_add(struct id_map *m, uint32_t inside, uint32_t outside, uint32_t count);
void id_map_release(struct id_map *m);
void id_maps_release(struct id_maps *m);
#define _cleanup_id_maps_ __attribute__((cleanup(id_maps_release)))
/* The same id seen from the parent's namespace, and from inside; -1 when it has none there. */
int64_t id_map_outside(const struct id_map *m, uint32_t inside);
int64_t id_map_inside(const struct id_map *m, uint32_t outside);
/* The id, seen from inside, that creates files in the namespace: 0, or the first mapped id. */
uint32_t id_map_root(const struct id_map *m);

#endif
