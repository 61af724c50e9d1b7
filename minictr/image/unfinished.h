/*
 * unfinished.h - what is half-way into the store: downloads, uploads, blobs being written, layers being
 * unpacked.
 *
 *     images/ingest/<hex>.part    a download; locked while it grows; the next pull goes on with it
 *     images/ingest/upload-<id>   a push to our server; locked while it grows; its client may go on with it
 *     images/ingest/<24 hex>      a blob being written: of use to its writer only
 *     layers/tmp-<hex>            a layer being unpacked: of use to its writer only
 */
#ifndef MC_IMAGE_UNFINISHED_H
#define MC_IMAGE_UNFINISHED_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of all of it: a part of what `system df` calls reclaimable. */
uint64_t unfinished_size(int store);
/*
 * Deletes what has no writer any more and returns its bytes. Downloads and uploads, which could be gone on
 * with: those that were not touched for `seconds`. alone: the caller holds the exclusive lock of
 * store_busy(), so that what only its writer could use has no writer.
 */
enum { UNFINISHED_DAY = 24 * 3600, UNFINISHED_MINUTE = 60 };
uint64_t unfinished_clear(int store, unsigned seconds, bool alone);

#endif
