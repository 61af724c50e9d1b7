/*
 * spec/user_ids.h - a user namespace of a container's own: `--userns keep-id`, `nomap`, `auto`.
 *
 * Maps are seen from the engine: "outside" is an id of the engine's own user namespace (the host's for
 * root, for an unprivileged user the one that rootless_enter() has made). A map is chosen when the container
 * is created and kept in HostConfig.IDMappings; files on disk have the outside ids.
 */
#ifndef MC_ENGINE_USER_IDS_H
#define MC_ENGINE_USER_IDS_H

#include "engine/container.h"
#include "runtime/userns.h"

/*
 * The mode of --userns as text: refuses what does not exist or is not for this caller. rootless: an
 * unprivileged user's engine.
 */
int user_ids_check(const char *mode, bool rootless, struct mc_err *err);

/*
 * The map for `mode`; empty for "" and "host". keep-id and nomap follow from the caller alone; for "auto" a
 * range is taken that no container of this engine has: the caller holds user_ids_lock() until the container
 * is recorded. Release *ret with id_maps_release().
 */
int user_ids_choose(struct engine *e, const char *mode, struct id_maps *ret, struct mc_err *err);
/* A descriptor to close. */
int user_ids_lock(struct engine *e, struct mc_err *err);

/* keep-id: who the caller is inside, "1000:1000"; NULL for other modes. Caller frees. */
char *user_ids_self(const char *mode);

/* Into and out of HostConfig. Loading one that has none gives an empty map. */
void user_ids_save(const struct id_maps *ids, struct json *host);
int user_ids_load(const struct json *host, struct id_maps *ret, struct mc_err *err);

/* Who root inside is on disk; the caller's own id without a map. */
uid_t user_ids_root_uid(const struct id_maps *ids);
gid_t user_ids_root_gid(const struct id_maps *ids);

#endif
