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

/* The ids of the named users and groups of a POSIX ACL; an attribute that is none is left alone. */
void owners_acl_to_disk(const struct id_maps *ids, const char *name, void *value, size_t len);
void owners_acl_from_disk(const struct id_maps *ids, const char *name, void *value, size_t len);

/*
 * lsetxattr(2) on file, or fsetxattr(2) on fd when file is NULL; result and errno are theirs. The kernel
 * refuses an ACL that names an id without a place in our user namespace: then it is set without such named
 * users and groups, else without any. The mask stays, so this takes access away and gives none.
 */
int owners_set_xattr(int fd, const char *file, const char *name, const void *value, size_t len);

#endif
