/*
 * incoming.h - private to load.c, import.c, commit.c and layer_adopt.c: layers on their way into the store.
 */
#ifndef MC_IMAGE_INCOMING_H
#define MC_IMAGE_INCOMING_H

#include "image/store.h"

/* Stores what fd gives until its end as a layer blob; *ret_type its media type (static). source serves
 * messages. */
int incoming_layer(
	int store, int fd, const char *source, struct digest *ret, const char **ret_type, struct mc_err *err);
/* The media type of a stored layer by its first bytes; a blob in a compression that images do not know is
 * stored again as plain tar and *d changed. */
int incoming_type(int store, struct digest *d, const char **ret_type, struct mc_err *err);

struct id_maps;
/* Stores an overlay's upper directory as a plain tar: the digest is the diff id too. ids: its owners on
 * disk, NULL as they are. stop (may be NULL) is asked at every write: true ends it with -ECANCELED.
 * *ret_bytes (may be NULL): sum of the regular files' sizes. */
int incoming_diff(int store, int upper, const struct id_maps *ids, bool (*stop)(void), struct digest *ret,
	uint64_t *ret_bytes, struct mc_err *err);

#endif
