/*
 * digest.h - content addresses: "sha256:" and 64 hex digits, or "sha512:" and 128 (OCI image-spec,
 * descriptor.md "Digests"). What this program makes is sha256; sha512 is accepted wherever a stranger names
 * a blob by it. digest.c is light (text only); hash.c computes, with OpenSSL, and is linked only where
 * something is hashed.
 */
#ifndef MC_IMAGE_DIGEST_H
#define MC_IMAGE_DIGEST_H

#include "base/err.h"

struct digest {
	char text[136]; /* "sha256:<64 hex>" or "sha512:<128 hex>", NUL-terminated; "" = none */
};

/* Accepts exactly these two, in lower case: the text becomes a file name, so nothing else may pass. */
int digest_parse(const char *text, struct digest *ret, struct mc_err *err);
const char *digest_hex(const struct digest *d); /* the digits, inside *d */
bool digest_is_sha512(const struct digest *d);
bool digest_eq(const struct digest *a, const struct digest *b);

/* --- hash.c --- */
struct hash; /* SHA-256 in progress, EVP_DigestInit(3) */
struct hash *hash_new(void);
struct hash *hash_new_like(const struct digest *d); /* in the algorithm of d; NULL or "": SHA-256 */
void hash_add(struct hash *h, const void *data, size_t len);
void hash_end(struct hash *h, struct digest *ret); /* frees h; ret may be NULL to give up; h too */
void digest_of(const void *data, size_t len, struct digest *ret);
void digest_of_like(const struct digest *like, const void *data, size_t len, struct digest *ret);
/* Hashes a whole file from its beginning. */
int digest_of_fd(int fd, struct digest *ret, struct mc_err *err);
int digest_of_fd_like(const struct digest *like, int fd, struct digest *ret, struct mc_err *err);

#endif
