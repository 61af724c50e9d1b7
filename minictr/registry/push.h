/*
 * push.h - the other verbs of a registry's client: push, search, login. Settings of the process apply
 * (settings.h).
 */
#ifndef MC_REGISTRY_PUSH_H
#define MC_REGISTRY_PUSH_H

#include "image/name.h"
#include "registry/login.h"

/*
 * Sends the image of that name as it stands in the store, byte for byte: blobs the registry lacks, then the
 * manifest. ret is the manifest's digest there. -ENOENT: no such image here.
 */
int image_push(const struct image_name *n, int store, struct digest *ret, struct mc_err *err);

struct search_hit {
	char *name;        /* owned */
	char *description; /* owned; "" from a catalog */
	int64_t stars;
	bool official, automated;
};
/*
 * TERM: the Hub's search. HOST/TERM: the names in that registry's catalog which contain TERM. At most limit
 * hits. Caller frees with search_free().
 */
int registry_search(
	const char *term, size_t limit, struct search_hit **ret, size_t *ret_n, struct mc_err *err);
void search_free(struct search_hit *hits, size_t n);

/* Every tag of a repository; caller strv_free()s *ret. */
int registry_tags(const struct image_name *n, char ***ret, struct mc_err *err);

/* Is who known there? GET /v2/ with the name and password. -EACCES: no. */
int registry_login(const char *host, const struct login *who, struct mc_err *err);

#endif
