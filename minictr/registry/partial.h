/*
 * partial.h - a blob on its way into the store: ROOT/images/ingest/<hex>.part, locked while a pull writes
 * it.
 *
 * The name is the digest that is wanted, so a second pull of the same blob waits for the first (flock(2)),
 * and a pull that was killed leaves bytes that the next one goes on from. It is not read as a blob
 * before partial_keep() renames it.
 */
#ifndef MC_REGISTRY_PARTIAL_H
#define MC_REGISTRY_PARTIAL_H

#include "image/digest.h"
#include "image/store.h"
#include "registry/http.h"

struct progress; /* progress.h */

struct partial {
	int store;                 /* borrowed */
	int fd;                    /* locked; -1 = none */
	char path[BLOB_PATH];      /* relative to the store */
	struct hash *hash;         /* of the bytes so far */
	uint64_t size;             /* bytes so far */
	uint64_t resumed;          /* of them found on opening */
	uint64_t limit;            /* more than this is refused */
	struct progress *progress; /* hears of the bytes; NULL: none; borrowed */
	struct digest want;        /* the blob's digest */
};
#define PARTIAL_NONE                                                                                         \
	{                                                                                                    \
		.fd = -1                                                                                     \
	}

/* Opens and locks; waits while another pull has it. What is there already is hashed again. */
int partial_open(
	int store, const struct digest *want, uint64_t limit, struct partial *ret, struct mc_err *err);
/* An http_sink; ctx is the partial. 200 begins anew, 206 goes on. -EFBIG beyond the limit. */
http_sink partial_write;
/* Throws the bytes away and begins anew, still locked. */
int partial_restart(struct partial *p, struct mc_err *err);
/* Digest of the bytes so far; no more may be written afterwards. */
void partial_digest(struct partial *p, struct digest *ret);
/* The bytes are right: they become the blob `want`. */
int partial_keep(struct partial *p, struct mc_err *err);
/* The bytes are wrong: nothing stays. */
void partial_drop(struct partial *p);
/* Lets go; what was not kept or dropped stays for a later pull. */
void partial_close(struct partial *p);
#define _cleanup_partial_ __attribute__((cleanup(partial_close)))

#endif
