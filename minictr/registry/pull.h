/*
 * pull.h - lab 05: from a name to an image in the store.
 */
#ifndef MC_REGISTRY_PULL_H
#define MC_REGISTRY_PULL_H

#include "image/name.h"
#include "registry/login.h"
#include "registry/manifest.h"
#include "registry/remote.h"

/* Lab 05.2. *ret is the bare token; caller frees. */
int registry_token(const char *challenge, const struct login *who, char **ret, struct mc_err *err);
/* Lab 05.3. -ENOENT when nothing in the index runs there; the error lists what is offered. */
int manifest_choose(const struct index *i, const struct platform *p, struct digest *ret, struct mc_err *err);
/* Lab 05.4. Afterwards the store has the blob, verified; on failure it has not. */
int blob_fetch(const struct remote *r, const struct digest *d, int store, struct mc_err *err);
/* Lab 05.5. Afterwards the store knows the name, and every blob and layer behind it. The settings of the
 * process apply: settings.h. */
int image_pull(const struct image_name *n, int store, struct mc_err *err);

/* --- download.c: what image_pull() leaves to the tail --- */
/* Config and layers into the store, several at a time, each unpacked as soon as it is there. Calls
 * blob_fetch(). */
int pull_blobs(struct remote *r, const struct manifest *m, int store, struct mc_err *err);
/* Stores the manifest and makes the name point at it: the last act. asked: digest of what the registry
 * served for the name. */
int pull_record(const struct image_name *n, const struct manifest *m, const struct digest *asked, int store,
	struct mc_err *err);

/* --- token.c --- */
/* OAuth2 for logins that hold an identity token instead of a password (POST; distribution "oauth2 token
 * authentication"). */
int token_by_refresh(
	const char *realm, const char *query, const struct login *who, char **ret, struct mc_err *err);
/* "token" or "access_token" of a token server's reply; errors explained. */
int token_read(const struct http_reply *reply, const char *realm, char **ret, struct mc_err *err);

#endif
