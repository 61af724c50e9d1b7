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
	struct id_range *range; /* owned by whoever filled it; the kernel takes at most 340 */
};

/* Writes the maps of the process pid, which has just been cloned into a new user namespace and waits. Called by the
 * parent. Ordinary users: one own id is written directly, more need newuidmap(1) and subordinate ids (subuid(5)). */
int userns_map(pid_t pid, const struct id_map *uids, const struct id_map *gids, struct mc_err *err);

/* --- given (userns_ids.c) --- */

/* The caller's ranges of /etc/subuid or /etc/subgid. Appends to *ret as {inside = next, outside = range}. Returns how
 * many ids; 0 when the file names none. */
int userns_subids(const char *file, uid_t uid, struct id_map *ret, struct mc_err *err);
/* The map an ordinary user gets: 0 is the caller, 1... the subordinate ids. */
int userns_default_map(struct id_map *ret_uids, struct id_map *ret_gids, struct mc_err *err);
/* Who we are to the host: our uid, or the one behind it when we are inside a user namespace. */
uid_t userns_host_uid(void);
void id_map_release(struct id_map *m);
/* id seen from the parent's namespace; -1 when it has none. */
int64_t id_map_outside(const struct id_map *m, uint32_t inside);

#endif
