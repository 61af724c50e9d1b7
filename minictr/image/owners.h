/*
 * owners.h - owners on disk and owners in an archive, for containers with a user namespace of their own.
 */
#ifndef MC_IMAGE_OWNERS_H
#define MC_IMAGE_OWNERS_H

#include <sys/stat.h>
#include "runtime/userns.h"

enum { FILE_CAPS_V2 = 20 }; /* bytes of a security.capability that names no namespace */

/* uid and gid of *st: from those in an archive to those on disk, and back. An id without a place in the map
 * becomes 65534, the overflow id, when that has a place, and stays as it is otherwise. */
void owners_to_disk(const struct id_maps *ids, struct stat *st);
void owners_from_disk(const struct id_maps *ids, struct stat *st);

/* A security.capability of version 3 whose namespace is the container's, as version 2: true, and *ret
 * filled. */
bool owners_plain_caps(const struct id_maps *ids, const void *value, size_t len, uint8_t ret[FILE_CAPS_V2]);

#endif
