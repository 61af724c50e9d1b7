/*
 * server/repositories.h - the store as repositories: which manifest a name means there, and which digests
 * belong to it.
 */
#ifndef MC_REGISTRY_REPOSITORIES_H
#define MC_REGISTRY_REPOSITORIES_H

#include "registry/server/call.h"

/*
 * Finds a manifest of the repository: by tag, our own first, then docker.io's, then any; by digest, when an
 * entry of this repository has it or an index of it names it, at any depth. Fills *ret_type (may be NULL;
 * caller frees). -ENOENT.
 */
int repository_find(const struct server *s, const char *name, const char *reference, bool by_digest,
	struct digest *ret, char **ret_type, struct mc_err *err);
/* Whether a manifest of the repository names this digest: as configuration, layer, or entry of an index. */
bool repository_names(const struct server *s, const char *name, const struct digest *d);
/* All tags of a repository, or all repositories when name is NULL: sorted, each once; caller strv_free()s. */
int repository_list(const struct server *s, const char *name, char ***ret, struct mc_err *err);
/* Descriptors of all manifests of the repository, those inside indexes too, each once. Caller owns the
 * array. */
int repository_manifests(const struct server *s, const char *name, struct json **ret, struct mc_err *err);
/* Gives a manifest a name here: tag, or its digest when tag is NULL. */
int repository_put(const struct server *s, const char *name, const char *tag, const char *type,
	const struct digest *d, uint64_t size, struct mc_err *err);
/*
 * Takes names of ours away; a manifest deleted by digest is then unknown here even where an index names it.
 * Returns how many were taken away: 0 when there was none.
 */
int repository_delete(
	const struct server *s, const char *name, const char *reference, bool by_digest, struct mc_err *err);

/* --- what is written down for a repository, a file a digest (served_files.c) --- */
#define SERVED_GONE "gone-" /* prefix: a manifest that was deleted, unknown until it is put again */
/* Returns false when the file cannot be made. */
bool served_add(const struct server *s, const char *name, const char *prefix, const char *digest);
/* Returns false when there was none. */
bool served_remove(const struct server *s, const char *name, const char *prefix, const char *digest);
bool served_has(const struct server *s, const char *name, const char *prefix, const char *digest);

/* --- blobs of a repository (ledger.c) --- */
/*
 * A blob belongs to the repositories that it was pushed to, and to those whose manifests name it: a name
 * that never had it answers 404, as the specification wants ("pulling blobs"). The store keeps one copy for
 * all.
 */
bool ledger_has(const struct server *s, const char *name, const struct digest *d);
void ledger_add(const struct server *s, const char *name, const struct digest *d);
/* Returns false when the repository did not have it. The blob itself is garbage collection's. */
bool ledger_remove(const struct server *s, const char *name, const struct digest *d);
/* Drops the entries of blobs that are gone. */
void ledger_clean(const struct server *s);

#endif
